"""A house that tells others: its counts on loopback, its entries to a SIEM; and one that nobody asked to."""

from __future__ import annotations

import asyncio
import gc
import http.client
import shutil
import threading
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
import structlog
import trustme
from prometheus_client.parser import text_string_to_metric_families

from guardrail import wiring
from guardrail.errors import LedgerError
from guardrail.model.entry import Entry, EntryKind, Json
from guardrail.outlets import forwarder_of, metrics_of
from guardrail.settings import Settings
from tests.ledger.export.receiver import HOST, Server
from tests.ledger_keys import opened

ROOT = Path(__file__).parents[1]


@pytest.fixture(autouse=True)
def _own_process() -> Iterator[None]:
    """Leave logs and the collector as they were: a house sets them up for its process."""
    yield
    structlog.reset_defaults()
    gc.unfreeze()


def settings_in(folder: Path, **changes: object) -> Settings:
    """Give the settings of a workstation on free ports."""
    shutil.copy(ROOT / "rules.yaml", folder / "rules.yaml")
    whole: dict[str, object] = {
        "rules": folder / "rules.yaml", "data_dir": folder / "data", "pages_port": 0, "key_store": "file",
        "workstation": "front-desk",
    }  # fmt: skip
    return Settings.model_validate({**whole, **changes})


def ask(port: int, host: str | None = None) -> tuple[int, str]:
    """Ask for the counts as a program of this computer does."""
    with closing(http.client.HTTPConnection(HOST, port, timeout=30)) as connection:
        connection.request("GET", "/metrics", headers={"Host": host or f"{HOST}:{port}"})
        answer = connection.getresponse()
        return answer.status, answer.read().decode()


async def test_a_house_with_both(tmp_path: Path) -> None:
    """Prometheus reads what the ledger has, a page of the internet does not, and the SIEM gets the first entries."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    server = Server(authority)
    house = wiring.build(
        settings_in(tmp_path, metrics=True, syslog=f"{HOST}:{server.port}", syslog_ca=tmp_path / "ca.pem")
    )
    port = house.pages.address[1]
    tasks = house.open()
    try:
        await asyncio.to_thread(server.wait)
        status, text = await asyncio.to_thread(ask, port)
        assert status == 200
        found = {one.name: one for one in text_string_to_metric_families(text)}
        kinds = {sample.labels["kind"] for sample in found["guardrail_entries"].samples if "kind" in sample.labels}
        assert {"started", "policy_loaded", "roster_loaded"} <= kinds
        assert {sample.labels["to"] for sample in found["guardrail_backlog_entries"].samples} == {"siem"}
        assert "front-desk" not in text
        assert (await asyncio.to_thread(ask, port, "evil.example"))[0] == 404
        assert server.indexes[:3] == [0, 1, 2]
    finally:
        await house.close(tasks)
        server.close()


def test_a_house_that_nobody_asked(tmp_path: Path) -> None:
    """There are no counts, and nothing is sent."""
    settings = settings_in(tmp_path)
    with closing(opened(tmp_path / "ledger.sqlite3")) as ledger:
        assert forwarder_of(settings, ledger, untold) is None
        assert metrics_of(settings, ledger, None, None) is None


def test_a_wrong_address_does_not_start(tmp_path: Path) -> None:
    """The setting is named."""
    with closing(opened(tmp_path / "ledger.sqlite3")) as ledger, pytest.raises(LedgerError, match="change `syslog`"):
        forwarder_of(settings_in(tmp_path, syslog="siem.example"), ledger, untold)


def test_an_outage_of_the_siem_is_an_entry(tmp_path: Path) -> None:
    """One for each outage, with its cause as a code; what is not sent is counted."""
    told: list[dict[str, Json]] = []
    heard = threading.Event()

    def write(kind: EntryKind, details: dict[str, Json]) -> None:
        assert kind is EntryKind.FAILURE
        told.append(details)
        heard.set()

    server = Server(trustme.CA())
    with closing(opened(tmp_path / "ledger.sqlite3")) as ledger:
        (tmp_path / "data").mkdir()
        ledger.append(Entry(EntryKind.STOPPED, datetime(2026, 3, 2, tzinfo=UTC), "front-desk"))
        settings = settings_in(tmp_path, syslog=f"{HOST}:{server.port}", metrics=True)
        forwarder = forwarder_of(settings, ledger, write)
        metrics = metrics_of(settings, ledger, None, forwarder)
        assert forwarder is not None
        assert metrics is not None
        forwarder.start()
        assert heard.wait(30)
        forwarder.stop()
        assert 'guardrail_backlog_entries{to="siem"} 1.0' in metrics.text().decode()
    server.close()
    assert told == [{"where": "syslog", "cause": "not_trusted"}]


def untold(kind: EntryKind, details: dict[str, Json]) -> None:
    """Be told of nothing."""
    raise AssertionError(kind, details)
