"""Settings: the strongest source wins, and what is wrong is named with its place."""

from pathlib import Path

import pytest

from guardrail.errors import SettingsError
from guardrail.settings import Settings, read_settings


def test_every_setting_has_a_default_and_a_help_text() -> None:
    """`guardrail run` works with no file at all, and `--help` has something to say on each."""
    read_settings(environment={})
    assert all(field.description and not field.is_required() for field in Settings.model_fields.values())


def test_the_command_line_beats_the_environment_beats_the_file(tmp_path: Path) -> None:
    """Three sources for one setting: the strongest wins, the others keep what it leaves out."""
    file = tmp_path / "settings.yaml"
    file.write_text("listen_port: 1001\nworkstation: from-file\nhold_minutes: 5\n", encoding="utf-8")
    settings = read_settings(
        file,
        {"listen_port": 1003, "upstream": None},
        {"GUARDRAIL_LISTEN_PORT": "1002", "GUARDRAIL_WORKSTATION": "from-env", "OTHER": "x"},
    )
    assert (settings.listen_port, settings.workstation, settings.hold_minutes) == (1003, "from-env", 5)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("listen_prt: 1", "settings.yaml:1:1: unknown key `listen_prt`; did you mean `listen_port`?"),
        ("listen_port: 99999", "settings.yaml:1:1: `listen_port`: input should be less than or equal to 65535"),
        ("clinician_from: proxy-auth",
         "settings.yaml:1:1: `proxy-auth` needs `proxy_auth_file`; name an htpasswd file"),
        ("- a", "settings.yaml:1:1: the settings must be `key: value` lines; see docs/commands.md"),
        ("", "settings.yaml:1:1: the file is empty"),
    ],
)  # fmt: skip
def test_a_wrong_setting_is_named_with_its_place(tmp_path: Path, text: str, message: str) -> None:
    """IT reads one line and knows what to change."""
    file = tmp_path / "settings.yaml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(SettingsError) as caught:
        read_settings(file, environment={})
    assert str(caught.value) == f"{tmp_path}/{message}"


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("GUARDRAIL_UPSTEAM", "did you mean `GUARDRAIL_UPSTREAM`?"),
        ("GUARDRAIL_LISTENPORT", "did you mean `GUARDRAIL_LISTEN_PORT`?"),
        ("GUARDRAIL_XYZ", "take it away, or see docs/commands.md"),
        ("GUARDRAIL_", "take it away, or see docs/commands.md"),
    ],
)
def test_a_slip_in_the_environment_is_refused_as_in_a_file(name: str, hint: str) -> None:
    """What was meant to be set would not be in force, and nobody would know; what was set to is not quoted."""
    with pytest.raises(SettingsError) as caught:
        read_settings(environment={"GUARDRAIL_LISTEN_PORT": "1002", name: "postgresql://wren:secret@db/clinic"})
    assert str(caught.value) == f"the environment: `{name}` is no setting; {hint}"


@pytest.mark.parametrize("content", [None, b"\xff\xfe\x00"])
def test_an_unreadable_file_is_one_line(tmp_path: Path, content: bytes | None) -> None:
    """A file that is missing or not text is said so."""
    file = tmp_path / "settings.yaml"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(SettingsError, match="cannot read the settings"):
        read_settings(file, environment={})
