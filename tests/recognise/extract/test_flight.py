"""React's rows: alone, and as strings in a page's scripts."""

from __future__ import annotations

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from guardrail.recognise.extract.flight import in_script, rows
from guardrail.recognise.extract.pages import embedded

ROW = '1f:["$","div",null,{"a":1}]\n'


@pytest.mark.parametrize(
    ("text", "values"),
    [
        (ROW, [["$", "div", None, {"a": 1}]]),
        ('0:{"b":2}\n2:I["x",[]]\n:HL["y"]\n3:T4,\n[9]\na:[3]', [{"b": 2}, [3]]),
        ('1:"$Sreact.suspense"\n2:[1\n3:[4]\n', [[4]]),
        ("x:[1]\n123456789:[1]\n{}", []),
    ],
)
def test_objects_and_lists_are_read(text: str, values: list[object]) -> None:
    """Modules, texts and broken rows are left out, and the rest is still read."""
    assert list(rows(text)) == values


@pytest.mark.parametrize("cut", [1, 5, 12, len(ROW)])
@pytest.mark.parametrize(
    "script", ["window.__como_rehydration__ = [{0},{1}];", "self.__next_f.push([1,{0}]);self.__next_f.push([1,{1}])"]
)
def test_rows_in_scripts_are_put_together(cut: int, script: str) -> None:
    """Wherever the strings are cut, the rows come out whole; among other scripts and in their order."""
    parts = [orjson.dumps(part).decode() for part in (ROW[:cut], ROW[cut:])]
    page = f"<script>{{}}</script><script>{script.format(*parts)}</script>"
    assert list(embedded(page)) == [{}, ["$", "div", None, {"a": 1}]]


@given(st.lists(st.sampled_from(["__next_f.push(", "[", '"1:', "]", "\\n", '"', "{", "1:[", "\n", ")"]), max_size=60))
def test_no_text_raises(parts: list[str]) -> None:
    """Any order of the marks gives values or nothing."""
    text = "".join(parts)
    list(rows(text))
    list(in_script(text))
