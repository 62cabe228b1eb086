"""A data folder has one house of a name; who looks on makes nothing."""

from __future__ import annotations

import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from guardrail.errors import GuardrailError
from guardrail.tenancy import Tenancy, is_held

_HOLD = """
import sys
from pathlib import Path
from guardrail.tenancy import Tenancy
held = Tenancy(Path(sys.argv[1]), "front-desk")
print("held", flush=True)
sys.stdin.read()
"""


def test_one_house_of_a_name(tmp_path: Path) -> None:
    """Another name is another house; once it is given back, the next may have it."""
    assert not is_held(tmp_path, "front-desk")
    assert list(tmp_path.iterdir()) == []
    with closing(Tenancy(tmp_path, "front-desk")), closing(Tenancy(tmp_path, "back-room")):
        assert is_held(tmp_path, "front-desk")
        with pytest.raises(GuardrailError, match=r"another guardrail runs on .* as `front-desk`: end that one"):
            Tenancy(tmp_path, "front-desk")
        assert is_held(tmp_path, "front-desk")
    assert not is_held(tmp_path, "front-desk")
    Tenancy(tmp_path, "front-desk").close()


def test_it_ends_with_its_process(tmp_path: Path) -> None:
    """However that ends."""
    command = [sys.executable, "-c", _HOLD, str(tmp_path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"
        assert is_held(tmp_path, "front-desk")
        with pytest.raises(GuardrailError, match="another guardrail runs"):
            Tenancy(tmp_path, "front-desk")
        other.kill()
        other.wait(30)
        assert not is_held(tmp_path, "front-desk")


def test_a_folder_that_is_not_there_is_said(tmp_path: Path) -> None:
    """In one line."""
    with pytest.raises(GuardrailError, match=r"cannot write .*: check the folder's rights"):
        Tenancy(tmp_path / "nowhere", "front-desk")
