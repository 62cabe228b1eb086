"""Site files are taken whole or refused, each mistake with its place and a hint."""

from __future__ import annotations

import gc
from pathlib import Path

import pytest

from guardrail.errors import SiteFileError
from guardrail.model.action import Action
from guardrail.model.http import HttpRequest
from guardrail.recognise import load_sites

GOOD = """\
site: example
name: Example
hosts: [www.example.com]
recognisers:
  - id: search
    action: search
    when: { path: /search }
    take: { query: query q }
    examples: { match: ["/search?q=jane"], ignore: [/search] }
"""


def problems_of(folder: Path, *texts: str) -> list[str]:
    """Give the problems of site files with these texts, their folder left out."""
    for number, text in enumerate(texts):
        (folder / f"{number}.yaml").write_text(text)
    with pytest.raises(SiteFileError) as caught:
        load_sites([folder], ours=None)
    return [str(problem).removeprefix(f"{folder}/") for problem in caught.value.problems]


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("query q }", "quary q }", "0.yaml:8:13: `quary` is no source; did you mean `query`?"),
        ("/search }", "search }", "0.yaml:7:13: the path `search` must begin with `/`"),
        ("action: search", "acton: search", "0.yaml:6:5: unknown key `acton`; did you mean `action`?"),
        (
            "action: search",
            "route: query u\n    action: search",
            "0.yaml:5:5: `search` must have either `action` or `route`",
        ),
        (
            "action: search",
            "action: search\n    silence: bong",
            "0.yaml:7:5: `bong` is no format of silence; there are ",
        ),
        ("[www.example.com]", "[www.EXAMPLE.com]", "0.yaml:3:1: `www.EXAMPLE.com` is no host"),
        ("[www.example.com]", "[localhost]", "0.yaml:3:1: `localhost` has no registrable domain"),
        ("[www.example.com]", "[www.example.*]", "0.yaml:3:1: `www.example.*` needs a list of `suffixes`"),
        ("[www.example.com]", "[www.a.*]\nsuffixes: [example.com]", "0.yaml:3:1: `example.com` is no public suffix"),
        ("name: Example", "name: Example\ninclude: [nothing]", "0.yaml:3:"),
        (
            "{ path:",
            "{ host: other.com, path:",
            "0.yaml:7:13: `other.com` does not stand under the site's `hosts`",
        ),
        ("/search?q=jane", "/find?q=jane", "0.yaml:9:25: `search` does not match its example; it is nothing"),
        (
            "ignore: [/search]",
            'ignore: ["/search?q=x"]',
            "0.yaml:9:53: `search` matches an example that it must ignore",
        ),
        (
            '["/search?q=jane"]',
            '[{ url: "/search?q=jane", expect: { query: joan } }]',
            "0.yaml:9:25: `search` takes `jane` as query where `joan` is expected",
        ),
        ("ignore: [/search]", "ignore: []", "0.yaml:9:"),
        ("site: example", "site: example\nsite: other", "0.yaml:2:1: the key `site` stands twice; keep one of them"),
        ("name: Example", "- x", "0.yaml:2:1: "),
    ],
)
def test_a_mistake_is_named_with_its_place(tmp_path: Path, old: str, new: str, problem: str) -> None:
    """File, line, what is wrong, and what was meant."""
    found = problems_of(tmp_path, GOOD.replace(old, new, 1))
    assert any(one.startswith(problem) for one in found), found


def test_every_mistake_is_named_at_once(tmp_path: Path) -> None:
    """Nobody fixes one to be told of the next."""
    other = GOOD.replace("site: example", "site: other").replace("query q }", "quary q }")
    assert len(problems_of(tmp_path, GOOD.replace("/search }", "search }"), other)) >= 2


def test_two_files_of_one_site_are_refused(tmp_path: Path) -> None:
    """Which of the two would count is nobody's guess."""
    assert problems_of(tmp_path, GOOD, GOOD) == ["1.yaml:1:1: `example` stands in 0.yaml already"]


def test_the_collector_works_again_after_loading(tmp_path: Path) -> None:
    """It is kept away while site files are read, and not a moment longer, also where they are refused."""
    load_sites(ours=None)
    assert gc.isenabled()
    assert problems_of(tmp_path, "- a\n")
    assert gc.isenabled()


def test_what_is_no_site_file_is_refused(tmp_path: Path) -> None:
    """Lists, bytes that are no UTF-8, folders that are not there."""
    said = "0.yaml:1:1: the site file must be `key: value` lines; see docs/recognition.md"
    assert problems_of(tmp_path, "- a\n") == [said]
    (tmp_path / "0.yaml").write_bytes(b"\xff")
    with pytest.raises(SiteFileError, match="cannot read the site file: it is not UTF-8"):
        load_sites([tmp_path], ours=None)
    with pytest.raises(SiteFileError, match="no such file or folder"):
        load_sites([tmp_path / "none"], ours=None)


def test_the_clinic_replaces_a_site_and_comes_first(tmp_path: Path) -> None:
    """A later folder's file takes the place of ours, and is asked before the others on a shared host."""
    ours, theirs = tmp_path / "ours", tmp_path / "theirs"
    for folder in (ours, theirs):
        folder.mkdir()
    (ours / "a.yaml").write_text(GOOD)
    (ours / "b.yaml").write_text(GOOD.replace("site: example", "site: another"))
    (theirs / "c.yaml").write_text(GOOD.replace("site: example", "site: another").replace("id: search", "id: theirs"))
    request = HttpRequest("GET", "https", "www.example.com", 443, "/search", "q=jane")
    found = load_sites([ours, theirs], ours=None).recognise(request)
    assert isinstance(found, Action)
    assert (found.site, found.recogniser) == ("another", "theirs")


FRAGMENT = """\
fragment: shared
suffixes: [com, ca]
actor: [cookie me]
recognisers:
  - id: shared-search
    action: search
    when: { path: /find }
    take: { query: query q }
    examples: { match: ["/find?q=jane"], ignore: [/find] }
"""


def test_fragments_are_shared(tmp_path: Path) -> None:
    """Each site that includes a fragment has its recognisers, its actor and its suffixes."""
    (tmp_path / "f.yaml").write_text(FRAGMENT)
    for site in ("one", "two"):
        text = GOOD.replace("site: example", f"site: {site}").replace("[www.example.com]", f'["www.{site}.*"]')
        (tmp_path / f"{site}.yaml").write_text(text.replace("recognisers:", "include: [shared]\nrecognisers:"))
    index = load_sites([tmp_path], ours=None)
    request = HttpRequest("GET", "https", "www.two.ca", 443, "/find", "q=jane", ((b"cookie", b"me=7"),))
    found = index.recognise(request)
    assert isinstance(found, Action)
    assert (found.site, found.recogniser, found.actor_id) == ("two", "shared-search", "7")
    assert index.domains == ("one.ca", "one.com", "two.ca", "two.com")


def test_a_fragment_s_mistake_is_named_in_its_own_file(tmp_path: Path) -> None:
    """The place is the fragment's, not the including site's."""
    site = GOOD.replace("recognisers:", "include: [shared]\nrecognisers:")
    assert problems_of(tmp_path, site, FRAGMENT.replace("query q", "quary q"))[0].startswith("1.yaml:8:")
