"""Two sites on one host: none of their recognisers hides another."""

from __future__ import annotations

from pathlib import Path

from guardrail.model.action import Action
from guardrail.model.http import HttpRequest
from guardrail.recognise import load_sites

SITE = """\
site: {name}
name: {name}
hosts: [www.example.com]
recognisers:
"""
RECOGNISER = """\
  - id: r{number}
    action: view_profile
    when: {{ path: "/{name}/{number}" }}
    examples: {{ match: ["/{name}/{number}"], ignore: [/] }}
"""


def test_every_recogniser_of_both_sites_is_reached(tmp_path: Path) -> None:
    """Ranks are counted through all sites: each path of each site comes out as its own recogniser."""
    for name in ("first", "second"):
        text = SITE.format(name=name) + "".join(RECOGNISER.format(name=name, number=number) for number in range(5))
        (tmp_path / f"{name}.yaml").write_text(text)
    index = load_sites([tmp_path], ours=None)
    for name in ("first", "second"):
        for number in range(5):
            found = index.recognise(HttpRequest("GET", "https", "www.example.com", 443, f"/{name}/{number}", ""))
            assert isinstance(found, Action)
            assert (found.site, found.recogniser) == (name, f"r{number}")
