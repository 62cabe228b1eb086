"""Who may read: a line says whose key it is and what it opens; what a line does not say plainly is refused."""

from __future__ import annotations

import re
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyrage import x25519

from guardrail.errors import LedgerError
from guardrail.ledger.recipients import ROLES, Recipient, read_line, read_recipients, write_recipients
from guardrail.ledger.seal import Seal, open_sealed

OFFICER, SEL, OTT = (x25519.Identity.generate() for _ in range(3))
KEYS = [str(one.to_public()) for one in (OFFICER, SEL, OTT)]


@given(
    role=st.sampled_from((None, *ROLES)),
    clinicians=st.lists(st.from_regex(r"[a-z0-9.@_-]{1,12}", fullmatch=True), max_size=3, unique=True),
    words=st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Z")), max_size=20),
)
def test_a_line_says_what_it_was_made_of(role: str | None, clinicians: list[str], words: str) -> None:
    """Whatever is written can be read again."""
    one = Recipient(KEYS[0], role, tuple(clinicians), words)
    assert read_line(str(one)) == one


@given(st.text(max_size=80))
def test_any_line_is_read_or_refused(line: str) -> None:
    """With the one error; only a line that begins with a public key says who may read."""
    with suppress(LedgerError):
        assert read_line(line) is None


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        pytest.param(["{0} role=boss"], ":1: the role `boss` is not known", id="role"),
        pytest.param(["{0} read=all"], ":1: after a recipient's key stand", id="unknown-fact"),
        pytest.param(["{0} Dr Sel"], ":1: after a recipient's key stand", id="bare-words"),
        pytest.param(["{0} role=supervisor role=supervisor"], "once each", id="fact-twice"),
        pytest.param(["{0}", "{1} clinicians="], ":2: `` is no clinician's id", id="no-clinician"),
        pytest.param(["{0}", "{1} clinicians=a,,b"], "no clinician's id", id="gap-in-list"),
        pytest.param(["# who", "{0}", "{0} # again"], ":3: this key stands there twice", id="key-twice"),
        pytest.param(["{0} clinicians=a"], "name one recipient without `clinicians=`", id="nobody-for-the-rest"),
        pytest.param(["# nobody"], "name a recipient", id="nobody"),
        pytest.param(["AGE-SECRET-KEY-1SECRET"], "must begin with `age1`", id="the-secret-half"),
    ],
)
def test_what_is_wrong_is_named_with_its_line(tmp_path: Path, lines: list[str], words: str) -> None:
    """Before anything is closed that the wrong people, or nobody, could open."""
    file = tmp_path / "recipients.txt"
    file.write_text("\n".join(lines).format(*KEYS))
    with pytest.raises(LedgerError, match=re.escape(words)) as error:
        read_recipients(file)
    assert "1SECRET" not in str(error.value)


@pytest.mark.parametrize(
    ("clinician", "readers"),
    [
        pytest.param("dr-wren", [OFFICER, SEL], id="own-supervisor"),
        pytest.param("dr-hale", [OFFICER, OTT], id="other-supervisor"),
        pytest.param("dr-new", [OFFICER], id="nobody-named"),
        pytest.param(None, [OFFICER], id="the-house"),
    ],
)
def test_a_text_opens_for_those_who_may_read_that_clinician(
    clinician: str | None, readers: list[x25519.Identity]
) -> None:
    """A supervisor sees the own supervisees only; the privacy officer everything."""
    seal = Seal(
        [Recipient(KEYS[0]), Recipient(KEYS[1], clinicians=("dr-wren",)), Recipient(KEYS[2], None, ("dr-hale",))]
    )
    payload = seal.close({"query": "margit"}, clinician)
    for identity in (OFFICER, SEL, OTT):
        if identity in readers:
            assert open_sealed(payload, [identity]) == {"query": "margit"}
        else:
            with pytest.raises(LedgerError, match="sealed to another key"):
                open_sealed(payload, [identity])


def test_the_file_is_replaced_whole_and_keeps_its_head(tmp_path: Path) -> None:
    """What somebody wrote above stays, and a list that leaves a gap is never written."""
    file = tmp_path / "recipients.txt"
    file.write_text(f"# our readers\n{KEYS[0]} # Ms Quist\n")
    both = [*read_recipients(file), Recipient(KEYS[1], "supervisor", ("dr-wren",), "Dr Sel")]
    write_recipients(file, both)
    assert file.read_text().startswith("# our readers\n")
    assert list(read_recipients(file)) == both
    with pytest.raises(LedgerError, match="without `clinicians=`"):
        write_recipients(file, both[1:])
    assert list(read_recipients(file)) == both
    assert [one.name for one in tmp_path.iterdir()] == ["recipients.txt"]
