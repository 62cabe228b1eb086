"""`guardrail sites`, as IT uses it."""

from __future__ import annotations

import json
from pathlib import Path

from guardrail.canary import write_tally
from guardrail.recognise.tally import SiteTally, Tally
from tests.cli.conftest import Run

HAR = {
    "log": {
        "version": "1.2",
        "entries": [
            {
                "request": {
                    "method": "POST",
                    "url": "https://www.example.com/web/friendships/4711/follow",
                    "headers": [],
                }
            }
        ],
    }
}


def test_every_site_is_listed(guardrail: Run) -> None:
    """Kind, hosts and recognisers."""
    lines = [json.loads(line) for line in guardrail("sites", "list", "--json").stdout.splitlines()]
    facebook = next(line for line in lines if line["site"] == "facebook")
    assert facebook["kind"] == "social"
    assert "www.facebook.com" in facebook["hosts"]
    assert "facebook" in guardrail("sites", "list").stdout


def test_a_draft_is_made_tried_and_used(guardrail: Run, tmp_path: Path) -> None:
    """From a recording to a file in the clinic's folder, which the next command reads."""
    recording = tmp_path / "day.har"
    recording.write_text(json.dumps(HAR), encoding="utf-8")
    made = guardrail("sites", "add", recording, "--site", "newsite", "--data-dir", "data")
    assert made.returncode == 0, made.stderr
    file = tmp_path / "data" / "sites" / "newsite.yaml"
    assert "4711" not in file.read_text(encoding="utf-8")
    assert guardrail("sites", "test", file).returncode == 0
    shown = guardrail("sites", "coverage", "--data-dir", "data", "--site", "newsite")
    assert "follow: web (low); 0 hits" in shown.stdout
    again = guardrail("sites", "add", recording, "--site", "newsite", "--data-dir", "data")
    assert (again.returncode, "is there already" in again.stderr) == (2, True)


def test_a_failing_example_is_named(guardrail: Run, tmp_path: Path) -> None:
    """Exit 1 and the place."""
    recording = tmp_path / "day.har"
    recording.write_text(json.dumps(HAR), encoding="utf-8")
    guardrail("sites", "add", recording, "--site", "newsite", "--to", "newsite.yaml")
    file = tmp_path / "newsite.yaml"
    file.write_text(file.read_text(encoding="utf-8").replace("GET /web", "POST /web"), encoding="utf-8")
    done = guardrail("sites", "test", file, "--alone")
    assert done.returncode == 1
    assert "newsite.yaml:" in done.stdout


def test_a_recording_of_nothing_and_no_such_site(guardrail: Run, tmp_path: Path) -> None:
    """One line and exit 2."""
    empty = tmp_path / "empty.har"
    empty.write_text('{"log": {}}', encoding="utf-8")
    for arguments in (
        ("add", str(empty), "--site", "x"),
        ("add", "nowhere.har", "--site", "x"),
        ("coverage", "--site", "nowhere"),
    ):
        done = guardrail("sites", *arguments)
        assert (done.returncode, done.stderr.count("\n")) == (2, 1), done.stderr


def test_counts_are_shown(guardrail: Run, tmp_path: Path) -> None:
    """Hits, what went silent, what was missed; the doctor says so too."""
    tally = Tally()
    missed = {"InviteUser": 3}
    tally.sites["google"] = SiteTally(9000, 2, {"web-search": 9}, {"web-search": 90}, missed)
    (tmp_path / "data").mkdir()
    write_tally(tally, tmp_path / "data")
    shown = guardrail("sites", "coverage", "--data-dir", "data", "--site", "google").stdout
    assert "SILENT  web-search: 8910 requests" in shown
    assert "MISSED  InviteUser: 3 times" in shown
    line = guardrail("sites", "coverage", "--data-dir", "data", "--site", "google", "--json").stdout
    assert json.loads(line)["silent"] == ["web-search"]
    assert "## Search engines" in guardrail("sites", "coverage", "--markdown").stdout
    doctor = guardrail("doctor", "--data-dir", "data").stdout
    assert "WRONG  recognition: google: silent for long: web-search" in doctor
