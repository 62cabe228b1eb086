"""The clinician is whom the chosen way names, or nobody."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from guardrail.model.people import Clinician
from guardrail.proxy.who import Who
from guardrail.settings import Settings

MAP = {"10.0.0.5": "dr-wren", "fd00::0:7": "dr-lark"}


@pytest.mark.parametrize(
    ("settings", "login", "address", "expected"),
    [
        ({"clinician_from": "os-user", "clinician_id": "dr-wren"}, None, "127.0.0.1", "dr-wren"),
        ({"clinician_from": "os-user", "clinician_id": "dr-wren"}, "mallory", "127.0.0.1", "dr-wren"),
        ({"clinician_from": "os-user", "clinician_id": ""}, None, "127.0.0.1", None),
        ({"clinician_from": "proxy-auth", "proxy_auth_file": Path("x")}, "dr-wren", "10.0.0.5", "dr-wren"),
        ({"clinician_from": "proxy-auth", "proxy_auth_file": Path("x")}, None, "10.0.0.5", None),
        ({"clinician_from": "addresses", "clinician_addresses": MAP}, None, "10.0.0.5", "dr-wren"),
        ({"clinician_from": "addresses", "clinician_addresses": MAP}, None, "::ffff:10.0.0.5", "dr-wren"),
        ({"clinician_from": "addresses", "clinician_addresses": MAP}, None, "fd00::7%eth0", "dr-lark"),
        ({"clinician_from": "addresses", "clinician_addresses": MAP}, "dr-wren", "10.0.0.6", None),
        ({"clinician_from": "addresses", "clinician_addresses": MAP}, None, None, None),
    ],
)
def test_who_acts(settings: dict[str, Any], login: str | None, address: str | None, expected: str | None) -> None:
    """One way only: a log-in means nothing where addresses decide."""
    found = Who(Settings(**settings)).clinician(login, address)
    assert found == (None if expected is None else Clinician(expected, settings["clinician_from"]))
