"""On which surfaces a recogniser sees its action."""

from __future__ import annotations

from pathlib import Path

import pytest

from guardrail.recognise import load_sites
from guardrail.recognise.schema import Surface
from guardrail.recognise.surfaces import Surfaces

SITE = """\
site: example
name: Example
hosts: [www.example.com, m.example.com, api.example.com, graph.example.com, "*.example.net"]
surfaces: {{ app: ["api.example.com/v1/*", "i.example.net/v1/*"], web: ["i.example.net/v1/*"] }}
recognisers:
  - id: one
    action: follow
    when: {{ method: POST, {when} }}
    {take}
    examples: {{ match: [{match}], ignore: [GET /x] }}
"""


def surfaces_of(folder: Path, when: str, match: str, take: str) -> frozenset[Surface]:
    """Give the surfaces of a recogniser with this `when`, `match` and `take`."""
    file = folder / "example.yaml"
    file.write_text(SITE.format(when=when, match=match, take=take), encoding="utf-8")
    (site,) = load_sites((file,), ours=None).sites
    (spec, _, _) = site.specs["one"]
    return Surfaces(site).of(spec)


@pytest.mark.parametrize(
    ("when", "match", "take", "expected"),
    [
        ("path: /f", "/f", "", {"web", "mobile"}),
        ("path: /f, host: www.example.com", "/f", "", {"web"}),
        ("path: /f, host: api.example.com", "https://api.example.com/f", "", {"api"}),
        ("path: /f", "https://graph.example.com/f", "", {"web", "mobile", "api"}),
        ("path: /v1/f", "/v1/f", "", {"web", "mobile", "app"}),
        ("path: /v1/f, host: api.example.com", "https://api.example.com/v1/f", "", {"app"}),
        ("path: /v1/f, host: '*.example.net'", "https://i.example.net/v1/f", "", {"web", "app"}),
        ("path: /f", "{url: /f, json: {id: 1}}", "take: { id: body | events | at /id }", {"socket"}),
        ("path: /f", '{url: /f, body: "0\\x04\\0\\x02/t7"}', "take: { id: published | at /payload }", {"socket"}),
        ("path: /f, where: {header upgrade: w}", "{url: /f, headers: {upgrade: w}}", "", {"socket"}),
    ],
)
def test_hosts_paths_and_examples_say_where(
    tmp_path: Path, when: str, match: str, take: str, expected: set[str]
) -> None:
    """Every page for computers is one for phones; an interface only where a host, an example or the file says so."""
    assert surfaces_of(tmp_path, when, match, take) == {Surface(one) for one in expected}
