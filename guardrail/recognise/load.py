"""Reading site files: ours, then the clinic's; whole or not at all, with every problem named."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import BaseModel, ValidationError

from guardrail.errors import Problem, SiteFileError
from guardrail.recognise.compile import CompiledSite, compile_site
from guardrail.recognise.examples import run_examples
from guardrail.recognise.index import SiteIndex
from guardrail.recognise.schema import FragmentSpec, SiteSpec, known_keys
from guardrail.strict_yaml import Document, problems_of, read_yaml

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
    reading = _Reading()
    for folder in ([ours] if ours is not None else []) + list(folders):
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
        problems.append(Problem(folder, None, None, "there is no such folder of site files", "make it"))
        return
    yield from sorted(folder.rglob("*.yaml"))


def _read(file: Path, reading: _Reading, seen: dict[str, Path]) -> None:
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8"
        reading.problems.append(Problem(file, None, None, f"cannot read the site file: {reason}"))
        return
    reading.digest.update(text.encode())
    document = read_yaml(file, text)
    if isinstance(document, Problem):
        reading.problems.append(document)
        return
    if not isinstance(document.data, dict):
        reading.problems.append(document.problem((), "a site file must be `key: value` lines"))
        return
    fragment = "fragment" in document.data
    spec: FragmentSpec | SiteSpec | None
    if fragment:
        spec = _checked(FragmentSpec, document, reading.problems)
    else:
        spec = _checked(SiteSpec, document, reading.problems)
    if spec is None:
        return
    name = spec.fragment if isinstance(spec, FragmentSpec) else spec.site
    if name in seen:
        key = "fragment" if fragment else "site"
        reading.problems.append(document.problem((key,), f"`{name}` stands in {seen[name].name} already"))
        return
    seen[name] = file
    if isinstance(spec, FragmentSpec):
        reading.fragments[name] = (spec, document)
    else:
        reading.sites[name] = (spec, document)


def _checked[T: BaseModel](model: type[T], document: Document, problems: list[Problem]) -> T | None:
    try:
        return model.model_validate(document.data)
    except ValidationError as error:
        problems.extend(problems_of(document, error, known_keys()))
        return None
