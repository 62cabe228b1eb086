"""Empty answers are well-formed in every format."""

from __future__ import annotations

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from guardrail.recognise.extract.jsontext import parse_text
from guardrail.recognise.silence import FORMATS, empty_answer


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_is_well_formed_and_keeps_quiet(name: str) -> None:
    """JSON parses after its prefix, and no suggestion is in it."""
    kind, body = empty_answer(name, 'jane "d"')
    assert "charset=utf-8" in kind
    text = body.decode()
    if "json" in kind:
        assert parse_text(text) is not None
    assert "suggestion" not in text.replace('"suggestions":[]', "")


def test_opensearch_echoes_the_query() -> None:
    """OpenSearch Suggestions: the query and an empty list."""
    assert orjson.loads(empty_answer("opensearch", "jane d")[1]) == ["jane d", []]
    assert empty_answer("google_omnibox", "j")[1].startswith(b")]}'\n")


def test_engines_get_the_shapes_that_their_pages_read() -> None:
    """Baidu's script calls a function; Qwant and Naver keep their lists inside objects."""
    assert empty_answer("baidu_su", "j")[1] == b'window.baidu.sug({"q":"j","p":false,"s":[]});'
    assert orjson.loads(empty_answer("baidu_sugrec", "j")[1])["g"] == []
    assert orjson.loads(empty_answer("qwant", "j")[1])["data"]["items"] == []
    assert orjson.loads(empty_answer("naver", "j")[1]) == {"query": ["j"], "items": [[]]}


@given(st.text(), st.sampled_from([*FORMATS, "unknown"]))
def test_no_query_raises(query: str, name: str) -> None:
    """Any text is echoed somehow, also a lone surrogate; an unknown format gives an empty object."""
    assert isinstance(empty_answer(name, query + "\ud800")[1], bytes)
