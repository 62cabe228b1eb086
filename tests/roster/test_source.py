"""Which client list counts, and that one which cannot be trusted is never taken for an empty one."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from guardrail.errors import RosterError
from guardrail.roster.build import Making
from guardrail.roster.exports import Reading, read_export
from guardrail.roster.importing import Terms, import_export
from guardrail.roster.known import KNOWN_FILE, Came, known
from guardrail.roster.source import Clients, roster_file
from guardrail.roster.versions import Versions
from guardrail.settings import ROSTER_FOLDER, Settings
from tests.roster.scene import KEY


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Give settings without a CSV."""
    return Settings(data_dir=tmp_path / "data")


def take_in(settings: Settings, *names: str) -> Versions:
    """Import people, as another process does."""
    versions = Versions(settings.data_dir / ROSTER_FOLDER, KEY)
    file = settings.data_dir.parent / "clients.csv"
    rows = "".join(f"C-{at},{name},Quill\n" for at, name in enumerate(names))
    file.write_text(f"client_ref,given_name,family_name\n{rows}", encoding="utf-8")
    terms = Terms(datetime.now(UTC), Making(), accept_loss=True)
    import_export(versions, file, read_export(file, KEY, Reading()), terms)
    file.unlink()
    return versions


def test_an_imported_list_counts_and_going_back_too(settings: Settings) -> None:
    """Nobody at first; then each version as it is put in force, also after a restart."""
    clients = Clients(settings, KEY)
    assert len(clients.roster()) == 0
    versions = take_in(settings, "Ada", "Bea")
    clients.reload()
    take_in(settings, "Cleo")
    clients.reload()
    assert clients.about()["roster_version"] == 2
    assert clients.roster().match_text("cleo quill")
    versions.put_in_force(1)
    clients.reload()
    assert clients.about() == {
        "clients": 2,
        "rejected_rows": 0,
        "roster_revision": clients.roster().revision,
        "roster_version": 1,
    }
    assert len(Clients(settings, KEY).roster()) == 2
    assert roster_file(settings) == versions.pointer


def test_a_csv_that_is_set_comes_before_what_was_imported(settings: Settings, tmp_path: Path) -> None:
    """As it always was; and the clinic's own names are nobody's."""
    take_in(settings, "Ada")
    file = tmp_path / "set.csv"
    file.write_text("client_ref,given_name,family_name\nR-1,Zoe,Roe\nR-2,Wren,Hale\n", encoding="utf-8")
    own = ("Wren Hale",)
    clients = Clients(settings.model_copy(update={"roster": file, "own_names": own}), KEY)
    found = [bool(clients.roster().match_text(text)) for text in ("zoe roe", "ada quill", "wren hale")]
    assert found == [True, False, False]
    assert "roster_version" not in clients.about()
    took = Clients(settings.model_copy(update={"own_names": ("Ada Quill",)}), KEY)
    assert not took.roster().match_text("ada quill")


@pytest.mark.parametrize("what", ["pointer", "index", "all"])
def test_a_house_does_not_start_on_a_list_that_cannot_be_trusted(settings: Settings, what: str) -> None:
    """Damaged, or without its pointer: a house that would guard nobody does not start; a running one keeps its list."""
    take_in(settings, "Ada")
    clients = Clients(settings, KEY)
    versions = take_in(settings, "Ada", "Bea")
    if what == "pointer":
        versions.pointer.unlink()
    elif what == "index":
        versions.index_file(2).write_bytes(versions.index_file(2).read_bytes()[:-1] + b"?")
    else:
        shutil.rmtree(versions.folder)
    with pytest.raises(RosterError, match=r"roster import`|import the client list again"):
        clients.reload()
    assert not clients.is_closed
    assert clients.roster().match_text("ada quill")
    with pytest.raises(RosterError):
        Clients(settings, KEY)


def test_a_house_that_lost_its_list_does_not_start_without_one(settings: Settings) -> None:
    """Not even with a new key; a list that is taken in, or leave to have none, lets it start again."""
    versions = take_in(settings, "Ada")
    (settings.data_dir / KNOWN_FILE).unlink()  # an import of before there was such a file: a start notes it
    Clients(settings, KEY)
    shutil.rmtree(versions.folder)
    for key in (KEY, bytes(32)):
        with pytest.raises(RosterError, match=r"client list is gone.*roster import.*roster forget"):
            Clients(settings, key)
    take_in(settings, "Ada", "Bea")
    assert len(Clients(settings, KEY).roster()) == 2
    assert versions.forget() == 1
    assert list(versions.folder.iterdir()) == []
    assert len(Clients(settings, KEY).roster()) == 0


def test_a_list_that_no_setting_names_any_more_is_missed(settings: Settings, tmp_path: Path) -> None:
    """A settings file that was not found names no CSV; what was taken in meanwhile counts."""
    file = tmp_path / "set.csv"
    file.write_text("client_ref,given_name,family_name\nR-1,Zoe,Roe\n", encoding="utf-8")
    Clients(settings.model_copy(update={"roster": file}), KEY)
    with pytest.raises(RosterError, match=r"no import gives one now.*--roster FILE.*roster forget"):
        Clients(settings, KEY)
    assert Versions(settings.data_dir / ROSTER_FOLDER, KEY).load() is None
    take_in(settings, "Ada")
    Clients(settings.model_copy(update={"roster": file}), KEY)
    assert known(settings.data_dir) is Came.IMPORTED
    assert len(Clients(settings, KEY).roster()) == 1


def test_another_key_starts_no_house(settings: Settings) -> None:
    """The list is there and cannot be read."""
    take_in(settings, "Ada")
    with pytest.raises(RosterError, match="another key"):
        Clients(settings, bytes(32))


def test_nothing_passes_once_the_list_in_use_was_changed_under_us(settings: Settings) -> None:
    """Somebody wrote into the very file that is mapped: every look at the roster fails, until it is mended."""
    versions = take_in(settings, "Ada")
    clients = Clients(settings, KEY)
    assert not clients.is_changed()
    size = versions.index_file(1).stat().st_size
    with versions.index_file(1).open("r+b") as file:
        file.seek(size // 2)
        file.write(b"?")
    assert clients.is_changed()
    with pytest.raises(RosterError, match="damaged"):
        clients.reload()
    with pytest.raises(RosterError, match="changed on disk"):
        clients.roster()
    take_in(settings, "Ada")
    clients.reload()
    assert clients.roster().match_text("ada quill")
    versions.index_file(2).unlink()  # what is removed stays mapped, and whole
    assert not clients.is_changed()
