"""JSON that stands in the scripts of a page."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guardrail.recognise.extract.pages import embedded


@pytest.mark.parametrize(
    ("page", "values"),
    [
        ('<script type="application/json">{"a":1}</script>', [{"a": 1}]),
        ("<script>\n [1] </script><script>var x = 1;</script><script>{}</script>", [[1], {}]),
        ('<script>F({key:1, data:[1,2], s:{}}); G({data: {"a":3}})</script>', [[1, 2], {"a": 3}]),
        ("<script>F({data:[1, data:[2]})</script><script>[3]</script>", [[2], [3]]),
        ('<script>{"open": 1', []),
        ("<script>[4]", [[4]]),
        ("<script" * 5 + ">[5]</script>", [[5]]),
        ("<p>no script</p>", []),
        ('<script>var a = {"x":[1]}; window.b={"y":2}</script>', [{"x": [1]}, {"y": 2}]),
        ("<script>a={'x':1}; if (b=={}) c = {}; d={\"z\":{}}</script>", [{"z": {}}]),
        ('<script>a={"x":oops, b={"y":"={"}</script>', [{"y": "={"}]),
        (
            '<code style="display: none" id="bpr-guid-1">{&quot;a&quot;:&quot;x &amp;amp; y&quot;}</code>',
            [{"a": "x &amp; y"}],
        ),
        ('<code id="bpr-guid-2"><!--{"a":[6]}--></code><script>[7]</script>', [{"a": [6]}, [7]]),
        ("<p>Use <code>a[0]</code> or <code>{broken</code></p>", []),
    ],
)
def test_scripts_of_json_and_callbacks_are_read(page: str, values: list[object]) -> None:
    """Whole scripts, `data:` of Google's callbacks; what is broken is left and the rest still read."""
    assert list(embedded(page)) == values


@given(
    st.lists(
        st.sampled_from(
            ["<script", ">", "</script", "<code>", "</code>", "data:", '={"', '":', "[1", "]", "{", "}", " ", "x"]
        ),
        max_size=60,
    )
)
def test_no_page_raises(parts: list[str]) -> None:
    """Any order of the marks gives values or nothing."""
    list(embedded("".join(parts)))
