"""mitmproxy's options as the road needs them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from guardrail.errors import SettingsError
from guardrail.proxy.launch import make_master, road_options
from guardrail.settings import Settings


@pytest.mark.parametrize(
    ("settings", "mode"),
    [
        ({}, "regular"),
        ({"upstream": "http://10.0.0.1:3128"}, "upstream:http://10.0.0.1:3128"),
        ({"mode": "local:chrome,firefox"}, "local:chrome,firefox"),
    ],
)
async def test_modes(settings: dict[str, Any], mode: str, tmp_path: Path) -> None:
    """A clinic's own proxy is mitmproxy's `upstream:`; lazy connections and our own authority in every mode."""
    made = make_master(Settings(listen_port=0, **settings), tmp_path)
    assert made.options.mode == [mode]
    assert made.options.connection_strategy == "lazy"
    assert made.options.confdir == str(tmp_path)
    assert made.options.upstream_cert is False


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"mode": "sideways"}, "mode: .*`regular`"),
        ({"upstream": "http://a:1", "mode": "local"}, "`upstream` does not go with `mode: local`"),
        ({"upstream": "nonsense://a"}, "upstream: .*http://host:port"),
    ],
)
async def test_modes_that_cannot_be(settings: dict[str, Any], told: str, tmp_path: Path) -> None:
    """One line that names the setting."""
    with pytest.raises(SettingsError, match=told):
        make_master(Settings(listen_port=0, **settings), tmp_path)


def test_the_log_in_is_mitmproxys_own() -> None:
    """`proxy-auth` makes mitmproxy ask for the names in the htpasswd file."""
    settings = Settings(clinician_from="proxy-auth", proxy_auth_file=Path("/x/htpasswd"))
    assert road_options(Path("ca"), settings)["proxyauth"] == "@/x/htpasswd"
    assert "proxyauth" not in road_options(Path("ca"), Settings())


def test_a_proxy_that_opens_tls_is_trusted_by_its_own_authority(tmp_path: Path) -> None:
    """Certificates of sites stay checked, against the authority that is named."""
    ca = tmp_path / "clinic.pem"
    ca.touch()
    assert road_options(tmp_path, Settings(upstream_ca=ca))["ssl_verify_upstream_trusted_ca"] == str(ca)
    assert "ssl_verify_upstream_trusted_ca" not in road_options(tmp_path, Settings())
