"""All our site files together: their examples hold on the full index, and what they name exists."""

from __future__ import annotations

from guardrail.model.action import Action, ActionKind
from guardrail.recognise import SiteIndex
from guardrail.recognise.examples import request_of
from guardrail.recognise.load import OUR_SITES
from guardrail.recognise.schema import KINDS
from guardrail.recognise.silence import FORMATS


def test_examples_hold_beside_all_other_sites(index: SiteIndex) -> None:
    """No site takes another's example away, and the oracle agrees."""
    for site in index.sites:
        for spec, _, _ in site.specs.values():
            for example in spec.examples.match:
                request = request_of(example, spec, site.hosts)
                found = index.recognise(request)
                assert isinstance(found, Action), (site.id, spec.id, example.url)
                assert found.site == site.id, (site.id, spec.id, example.url)
                assert index.scan_all(request) == found


def test_every_suggestion_can_be_silenced(index: SiteIndex) -> None:
    """A recogniser of suggestions names the format of an empty answer."""
    suggesting = [one for site in index.sites for one in site.recognisers if one.kind is ActionKind.SUGGEST]
    assert suggesting
    assert {f"{one.site}/{one.id}" for one in suggesting if one.silence not in FORMATS} == set()


def test_every_file_lies_in_a_folder_of_its_kind() -> None:
    """Folders are the kinds of sites, and one for fragments."""
    assert {file.parent.name for file in OUR_SITES.rglob("*.yaml")} <= {*KINDS, "fragments"}
