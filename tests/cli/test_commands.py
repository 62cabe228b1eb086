"""The command line: results on stdout, one line per error on stderr, documented exit codes."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from guardrail.settings import Settings
from tests.cli.conftest import Run
from tests.cli.document import FILE, document


def test_every_command_and_setting_is_documented() -> None:
    """docs/commands.md is what the program says of itself; `python -m tests.cli.document` renews it."""
    assert FILE.read_text(encoding="utf-8") == document()
    assert all(f"`{name}`" in document() for name in Settings.model_fields)


def test_the_help_names_every_command(guardrail: Run) -> None:
    """Groups stand in the list by their names too, not by what they do alone."""
    shown = {line.strip("│ ").split(" ")[0] for line in guardrail("--help").stdout.splitlines() if line.strip()}
    assert {line.split()[2] for line in document().splitlines() if line.startswith("## guardrail ")} <= shown


def test_recognise_prints_one_object_per_request(guardrail: Run, cases: Path) -> None:
    """The output has every key of the contract, absent values are null, and the table goes to stderr."""
    first = (cases / "search-reviews.jsonl").read_text(encoding="utf-8").splitlines()[0]
    done = guardrail("recognise", text=first)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {
        "id": "google-web-search-01",
        "site": "google",
        "action": "search",
        "recogniser": json.loads(done.stdout)["recogniser"],
        "query": "margit ollander",
        "target_id": None,
        "target_handle": None,
        "target_name": None,
        "actor_id": None,
        "identities": [],
    }
    assert "google" in done.stderr


def test_recognise_reads_a_har_file(guardrail: Run, tmp_path: Path) -> None:
    """What a browser saves can be checked as it is."""
    entry = {
        "request": {"method": "GET", "url": "https://www.bing.com/search?q=a+b", "headers": []},
        "response": {"status": 200, "headers": [], "content": {"text": ""}},
    }
    file = tmp_path / "saved.har"
    file.write_text(json.dumps({"log": {"version": "1.2", "entries": [entry]}}), encoding="utf-8")
    done = guardrail("recognise", file)
    assert json.loads(done.stdout)["query"] == "a b", done.stderr


def test_match_names_the_client_by_reference(guardrail: Run, sample: Path) -> None:
    """A text that names a client gives the clinic's reference, any other null."""
    done = guardrail("match", "--roster", sample, text="who is margit ollander ottawa\nparking near union station\n")
    assert [json.loads(line)["client_ref"] for line in done.stdout.splitlines()] == ["C-1001", None], done.stderr


def test_the_shipped_policy_is_good(guardrail: Run, rules: Path) -> None:
    """`rules check` and `rules test` pass on what we ship; `rules diff` finds nothing between equals."""
    assert guardrail("rules", "check", rules).returncode == 0
    assert guardrail("rules", "test", rules).returncode == 0
    assert guardrail("rules", "diff", rules, rules).stdout == "the two policies say the same\n"


def test_a_broken_policy_is_named_line_by_line(guardrail: Run, rules: Path, tmp_path: Path) -> None:
    """Exit 1, and each problem says file, line, what is wrong and what was meant."""
    broken = tmp_path / "broken.yaml"
    text = rules.read_text(encoding="utf-8")
    broken.write_text(text.replace("verdict: justify", "verdict: justfy", 1), encoding="utf-8")
    line = text[: text.index("verdict: justify")].count("\n") + 1
    done = guardrail("rules", "check", broken)
    assert done.returncode == 1
    assert f"{broken}:{line}:" in done.stdout
    assert "did you mean `justify`?" in done.stdout


def test_explain_names_the_rules_that_applied(guardrail: Run, rules: Path) -> None:
    """IT and supervisors see why."""
    done = guardrail("rules", "explain", rules, "--action", "search", "--site", "google", "--json")
    assert json.loads(done.stdout)["verdict"] == "justify", done.stderr


def test_init_makes_the_authority_once_and_doctor_says_what_is_missing(
    guardrail: Run, rules: Path, sample: Path, tmp_path: Path
) -> None:
    """A second `init` changes nothing; the doctor misses the ledger, and a secret that is still on this computer."""
    assert guardrail("init", "--data-dir", "data").returncode == 0
    authority = tmp_path / "data" / "ca" / "mitmproxy-ca.pem"
    before = authority.read_bytes()
    assert guardrail("init", "--data-dir", "data").returncode == 0
    assert authority.read_bytes() == before
    assert authority.stat().st_mode & 0o077 == 0
    done = guardrail("doctor", "--data-dir", "data", "--rules", rules, "--roster", sample, "--json")
    found = {one["check"]: one["good"] for one in map(json.loads, done.stdout.splitlines())}
    assert done.returncode == 1
    assert {name for name, good in found.items() if not good} == {"ledger", "who may read"}


def test_the_doctor_leaves_an_untouched_folder_untouched(guardrail: Run, sample: Path, tmp_path: Path) -> None:
    """It makes no key and no folder, and each thing that is not there yet is said with what makes it."""
    before = sorted(tmp_path.rglob("*"))
    done = guardrail("doctor", "--roster", sample, "--json")
    assert sorted(tmp_path.rglob("*")) == before
    found = {one["check"]: one for one in map(json.loads, done.stdout.splitlines())}
    assert (done.returncode, done.stderr) == (1, "")
    assert found["policy"]["says"].endswith("`guardrail init --rules rules.yaml` makes one")
    assert found["ledger"]["says"].endswith("`guardrail init`, then `guardrail run`")
    assert found["roster"]["good"]
    assert found["guardrail's own tasks"] == {
        "check": "guardrail's own tasks", "good": True, "says": "guardrail has not run here yet"
    }  # fmt: skip


def test_a_run_without_a_policy_says_who_makes_one_and_init_does(guardrail: Run, rules: Path, tmp_path: Path) -> None:
    """In one line; what is there already stays."""
    done = guardrail("run", "--listen", "0", "--pages-port", "0")
    [line] = done.stderr.splitlines()
    assert done.returncode == 2
    assert line == (
        "guardrail: rules.yaml: cannot read the policy: there is none yet; "
        "`guardrail init --rules rules.yaml` makes one"
    )
    assert not (tmp_path / ".guardrail").exists()
    assert guardrail("init").returncode == 0
    assert (tmp_path / "rules.yaml").read_bytes() == rules.read_bytes()
    (tmp_path / "rules.yaml").write_text("mine")
    assert guardrail("init").returncode == 0
    assert (tmp_path / "rules.yaml").read_text() == "mine"


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("ledger", "verify", "--data-dir", "nowhere"), "there is no ledger"),
        (("ledger", "list", "--data-dir", "nowhere"), "there is no ledger"),
        (("recognise", "nowhere.har"), "cannot read nowhere.har: No such file or directory"),
        (("match", "--roster", "nowhere.csv"), "nowhere.csv"),
        (("run", "--rules", "nowhere.yaml"), "nowhere.yaml: cannot read the policy"),
        (("run", "--listen", "here"), "`here` is no HOST:PORT"),
        (("run", "--settings", "nowhere.yaml"), "nowhere.yaml: cannot read the settings"),
        (("rules", "test", "nowhere.yaml"), "nowhere.yaml: cannot read the policy"),
    ],
)
def test_an_error_is_one_line_and_exit_code_2(guardrail: Run, arguments: tuple[str, ...], says: str) -> None:
    """Never a traceback: what happened, where, and what to do."""
    done = guardrail(*arguments)
    assert done.returncode == 2
    assert says in done.stderr
    assert "Traceback" not in done.stderr
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ("run --nosuch", "no such option: --nosuch: see `guardrail run --help`"),
        ("roster import", "missing argument 'file': see `guardrail roster import --help`"),
        ("ledgr", "no such command 'ledgr'. Did you mean 'ledger'?: see `guardrail --help`"),
        ("ledger database nosuch", "no such command 'nosuch': see `guardrail ledger database --help`"),
        ("run --json=3", "option '--json' does not take a value: see `guardrail --help`"),
        ("match --roster", "option '--roster' requires an argument: see `guardrail --help`"),
    ],
)
def test_a_slip_in_a_call_is_one_line_and_exit_code_2(in_process: Run, arguments: str, says: str) -> None:
    """Wherever the command stands: what is wrong, and whose help tells how it is meant."""
    done = in_process(*arguments.split())
    assert (done.returncode, done.stdout, done.stderr) == (2, "", f"guardrail: {says}\n")


@pytest.mark.parametrize("arguments", [(), ("roster",)])
def test_called_with_nothing_it_shows_its_help(in_process: Run, arguments: tuple[str, ...]) -> None:
    """And no error besides; it is exit code 2 all the same, for nothing was done."""
    done = in_process(*arguments)
    assert "Commands" in done.stdout + done.stderr
    assert "guardrail: " not in done.stderr
    assert done.returncode == 2


@pytest.mark.parametrize("arguments", ["--version", "--help", "match --roster {sample}"])
def test_a_reader_that_leaves_is_no_error(sample: Path, tmp_path: Path, arguments: str) -> None:
    """`guardrail … | head` is done, with 0, and says nothing."""
    reader, writer = os.pipe()
    os.close(reader)
    command = [sys.executable, "-m", "guardrail", *arguments.format(sample=sample).split()]
    done = subprocess.run(
        command,
        input=b"margit ollander\n",
        stdout=writer,
        stderr=subprocess.PIPE,
        cwd=tmp_path,
        check=False,
        timeout=60,
    )
    os.close(writer)
    assert (done.returncode, done.stderr) == (0, b"")
