import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinyagent.tools.html_text import without_markup


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>Hello <b>you</b> &amp; me</p><p>two", "Hello you & me\ntwo"),
        ("a<br>b<BR/>c", "a\nb\nc"),
        ("<head><title>t</title><style>b{}</style></head><body>x", "x"),
        ("x<script>evil('</p>')</script>y<!-- <p>no --> z", "xy z"),
        ("<!DOCTYPE html><?xml?><html>x</html>", "x"),
        ("1 < 2 <3 a<b>c", "1 < 2 <3 ac"),
        ("<td>a</td>\n\n  <td>b</td>", "a\nb"),
        ("ÄÖ<script>İ</script>İx", "ÄÖİx"),
        ("x<script>never ended", "x"),
        ("x<a href='", "x"),
        ("&lt;script&gt;", "<script>"),
        ("", ""),
    ],
)
def test_text(html, text):
    assert without_markup(html) == text


@given(st.text(alphabet="<>!-?/&#;[]abpscrit \n'\"=", max_size=200))
def test_nothing_stumbles(html):
    assert len(without_markup(html)) <= len(html)


@pytest.mark.parametrize(
    "piece", ["<!--", "<!", "<a ", "<a b='", "&#", "<![", "</", "<script>", "<?", "<title><", "<br>"]
)
def test_hostile_text_takes_no_longer(piece):
    html = piece * (400_000 // len(piece))
    started = time.monotonic()
    without_markup(html)
    assert time.monotonic() - started < 2
