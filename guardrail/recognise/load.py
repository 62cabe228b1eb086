"""Reading site files: ours, then the clinic's; whole or not at all, with every problem named."""

from __future__ import annotations

import gc
import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import BaseModel, ValidationError

from guardrail.errors import Problem, SiteFileError
from guardrail.recognise.compile import CompiledSite, compile_site
from guardrail.recognise.examples import run_examples
from guardrail.recognise.index import SiteIndex
from guardrail.recognise.schema import FragmentSpec, SiteSpec, known_keys
from guardrail.strict_yaml import Document, problems_of, read_file

OUR_SITES = Path(__file__).parent / "sites"


@dataclass(slots=True)
class _Reading:
    """What has been read so far."""

    digest: hashlib._Hash = field(default_factory=hashlib.sha256)
    problems: list[Problem] = field(default_factory=list)
    sites: dict[str, tuple[SiteSpec, Document]] = field(default_factory=dict)
    fragments: dict[str, tuple[FragmentSpec, Document]] = field(default_factory=dict)


def load_sites(folders: Sequence[Path] = (), *, ours: Path | None = OUR_SITES) -> SiteIndex:
    """Load our site files and those in `folders` (or single files); raise SiteFileError with every problem.

    A file of a later folder replaces the site (or the fragment) of the same id. A clinic's sites are asked
    before ours where both are on one host.
    """
    with _uncollected():
        return _load([ours, *folders] if ours is not None else folders)


@contextmanager
def _uncollected() -> Iterator[None]:
    """Keep the collector away: all that is built stays, and to walk over it a hundred times is a third of the work."""
    collects = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collects:
            gc.enable()


def _load(folders: Sequence[Path]) -> SiteIndex:
    reading = _Reading()
    for folder in folders:
        before, reading.sites = reading.sites, {}
        seen: dict[str, Path] = {}
        for file in _files(folder, reading.problems):
            _read(file, reading, seen)
        reading.sites |= {name: site for name, site in before.items() if name not in reading.sites}
    compiled: list[CompiledSite] = []
    for spec, document in reading.sites.values():
        site, problems = compile_site(spec, document, reading.fragments)
        reading.problems.extend(problems)
        if site is not None:
            reading.problems.extend(run_examples(site))
            compiled.append(site)
    if reading.problems:
        raise SiteFileError(tuple(reading.problems))
    return SiteIndex(compiled, reading.digest.hexdigest())


def _files(folder: Path, problems: list[Problem]) -> Iterator[Path]:
    if folder.is_file():
        yield folder
        return
    if not folder.is_dir():
        problems.append(Problem(folder, None, None, "there is no such file or folder of site files", "check its path"))
        return
    yield from sorted(folder.rglob("*.yaml"))


def _read(file: Path, reading: _Reading, seen: dict[str, Path]) -> None:
    document = read_file(file, "the site file", "see docs/recognition.md")
    if isinstance(document, Problem):
        reading.problems.append(document)
        return
    reading.digest.update(document.text.encode())
    if "fragment" in document.data:
        fragment = _checked(FragmentSpec, document, reading.problems)
        if fragment is not None and _is_new("fragment", fragment.fragment, document, reading, seen):
            reading.fragments[fragment.fragment] = (fragment, document)
    else:
        site = _checked(SiteSpec, document, reading.problems)
        if site is not None and _is_new("site", site.site, document, reading, seen):
            reading.sites[site.site] = (site, document)


def _is_new(key: str, name: str, document: Document, reading: _Reading, seen: dict[str, Path]) -> bool:
    """Note the name that stands under `key`; say whether no other file of the folder has it."""
    if name in seen:
        reading.problems.append(document.problem((key,), f"`{name}` stands in {seen[name].name} already"))
        return False
    seen[name] = document.file
    return True


def _checked[T: BaseModel](model: type[T], document: Document, problems: list[Problem]) -> T | None:
    try:
        return model.model_validate(document.data)
    except ValidationError as error:
        problems.extend(problems_of(document, error, known_keys()))
        return None
