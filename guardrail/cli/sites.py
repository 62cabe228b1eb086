"""`guardrail sites`: what the site files recognise, whether they still do, and how to write a further one."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from guardrail.canary import read_tally
from guardrail.cli.terminal import ExitCode, err, out, print_json, stop
from guardrail.errors import SiteFileError
from guardrail.model.action import ActionKind
from guardrail.recognise.coverage import coverage as coverage_of
from guardrail.recognise.coverage import guesses
from guardrail.recognise.coverage_page import page
from guardrail.recognise.index import SiteIndex
from guardrail.recognise.lines import UnreadableSampleError, read_samples
from guardrail.recognise.load import load_sites
from guardrail.recognise.propose import propose
from guardrail.recognise.tally import SiteTally
from guardrail.settings import Settings, read_settings, site_folders

_HOSTS_SHOWN = 3

app = typer.Typer(
    help="What the site files recognise, whether they still do, and a draft for a further site.",
    no_args_is_help=True,
    add_completion=False,
)

SettingsFile = Annotated[Path | None, typer.Option("--settings", help="A settings file (YAML).")]
DataDir = Annotated[Path | None, typer.Option(help="Where the clinic's own `sites` and the counts live.")]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object a line.")]


@app.command("list")
def list_sites(settings: SettingsFile = None, data_dir: DataDir = None, *, as_json: AsJson = False) -> None:
    """Name every site: its kind, its hosts, and how many recognisers it has, low confidence apart."""
    _, index = _read(settings, data_dir)
    table = Table("site", "kind", "hosts", "recognisers", "low", box=None, header_style="bold")
    for site in index.sites:
        low = guesses(site)
        if as_json:
            print_json(
                {"site": site.id, "name": site.name, "kind": site.kind, "hosts": list(site.hosts)}
                | {"recognisers": [one.id for one in site.recognisers], "low": list(low)}
            )
        more = len(site.hosts) - _HOSTS_SHOWN
        shown = ", ".join(site.hosts[:_HOSTS_SHOWN]) + (f" and {more} more" if more > 0 else "")
        table.add_row(site.id, site.kind, shown, str(len(site.recognisers)), str(len(low)))
    if not as_json:
        out.print(table)


@app.command("test")
def run_examples(
    paths: Annotated[list[Path], typer.Argument(help="Site files, or folders of them.")],
    *,
    alone: Annotated[bool, typer.Option("--alone", help="Without ours: no fragment of ours can be included.")] = False,
) -> None:
    """Load site files as the proxy would and run their examples; exit 1 and name each place where one fails."""
    try:
        index = load_sites(paths, ours=None) if alone else load_sites(paths)
    except SiteFileError as error:
        for problem in error.problems:
            out.print(str(problem), markup=False)
        raise typer.Exit(ExitCode.FOUND) from None
    examples = [spec.examples for site in index.sites for spec, _, _ in site.specs.values()]
    count = sum(len(one.match) + len(one.ignore) for one in examples)
    out.print(f"{len(index.sites)} sites, {len(examples)} recognisers, {count} examples: good")


@app.command()
def coverage(
    settings: SettingsFile = None,
    data_dir: DataDir = None,
    *,
    site: Annotated[str | None, typer.Option(help="This site only.")] = None,
    as_markdown: Annotated[bool, typer.Option("--markdown", help="The table of docs/coverage.md.")] = False,
    as_json: AsJson = False,
) -> None:
    """Say per site and action how it is seen and how often it was, what went silent, and what was missed."""
    read, index = _read(settings, data_dir)
    chosen = [one for one in index.sites if site in (None, one.id)]
    if not chosen:
        raise stop(f"there is no site `{site}`; `guardrail sites list` names them")
    if as_markdown:
        for line in page(chosen):
            typer.echo(line)
        return
    tallies = read_tally(read.data_dir).sites
    for one in chosen:
        tally = tallies.get(one.id, SiteTally())
        said = coverage_of(one)
        seen = {str(action): words for action in ActionKind if (words := said.words(action)) is not None}
        silent = sorted(tally.silent())
        if as_json:
            print_json(
                {"site": one.id, "actions": seen, "low": list(guesses(one)), "requests": tally.requests}
                | {"unread": tally.unread, "hits": tally.hits, "silent": silent, "missed": tally.missed}
            )
            continue
        out.print(f"[bold]{one.id}[/bold] ({one.kind}), {tally.requests} requests seen, {tally.unread} unread")
        for kind, words in seen.items():
            hits = sum(tally.hits.get(spec.id, 0) for spec, _, _ in one.specs.values() if str(spec.action) == kind)
            out.print(f"  {kind}: {words}; {hits} hits", markup=False)
        for name in silent:
            out.print(
                f"  SILENT  {name}: {tally.requests - tally.last[name]} requests since its last hit", markup=False
            )
        for name, count in sorted(tally.missed.items(), key=lambda item: -item[1]):
            out.print(f"  MISSED  {name}: {count} times; looks like an action and is none", markup=False)


@app.command()
def add(
    recording: Annotated[Path, typer.Argument(help="A HAR file, as a browser's developer tools save it.")],
    *,
    site: Annotated[str, typer.Option(help="The new site's word: lower case, hyphens.")],
    settings: SettingsFile = None,
    data_dir: DataDir = None,
    to: Annotated[Path | None, typer.Option(help="The file to write; default: in the clinic's folder.")] = None,
) -> None:
    """Draft a site file from a recording: recognisers are guessed, examples are made without the recorded values."""
    read = read_settings(settings, {"data_dir": data_dir})
    target = to or (read.sites_dir or read.data_dir / "sites") / f"{site}.yaml"
    if target.exists():
        raise stop(f"{target} is there already: name another file with --to")
    try:
        made = propose(site, [sample.request for sample in read_samples(recording.read_bytes())])
        _check(site, made.text)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(made.text, encoding="utf-8")
    except UnreadableSampleError as error:
        raise stop(f"{recording}: {error}") from None
    except OSError as error:
        raise stop(f"{error.filename}: {error.strerror}") from None
    except ValueError as error:
        raise stop(str(error)) from None
    out.print(f"{target}: {made.recognisers} recognisers, all of low confidence", markup=False)
    err.print(f"check it, then try it with `guardrail sites test {target}`", markup=False)


def _check(site: str, text: str) -> None:
    """Load the draft by itself: what does not load is not written."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / f"{site}.yaml"
        file.write_text(text, encoding="utf-8")
        load_sites((file,), ours=None)


def _read(settings: Path | None, data_dir: Path | None) -> tuple[Settings, SiteIndex]:
    read = read_settings(settings, {"data_dir": data_dir})
    return read, load_sites(site_folders(read))
