"""What models wrote, in the page and in plain lines."""

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.cards.tool_call_wording import plain
from bot.web.markdown import MOST, rendered

_TAG = re.compile(
    r"</?(?:p|strong|em|s|ul|ol|li|blockquote|table|thead|tbody|tr|th|td|code|pre)>|<(?:br|hr)>|</(?:div|span)>"
    r'|<p class="heading">|<div class="wide">|<span class="url">|<ol start="\d+">'
)


def _only_our_tags(html: str) -> bool:
    return not set("<>\"'") & set(_TAG.sub("", html))


def test_what_people_expect_of_markdown_is_drawn() -> None:
    html = rendered("# Top\n**bold** `a<b`\n\n> said\n\n3. x\n\n|a|b|\n|-|-:|\n|1|2|\n\n```\n**raw**\n```")
    for part in ('<p class="heading">Top</p>', "<strong>bold</strong>", "<code>a&lt;b</code>", "<blockquote><p>said",
                 '<ol start="3"><li>x', "<td>2</td>", "<pre><code>**raw**"):  # fmt: skip
        assert part in html


ATTACKS = (
    "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "a <b onclick=x>b</b>", "<!-- x --><svg onload=x>",
    "[x](javascript:alert(1))", "[x](JaVaScRiPt&colon;alert(1))", "[x](data:text/html,<script>)", "[x](vbscript:x)",
    '[x](https://e.example "\\" onmouseover=x")', "![x](https://e.example/p.png)", '![" onerror="x](x)',
    "[a]: https://e.example\n\n[a]", "<https://e.example/'onx=>", "```\" onx=\"\n<x>\n```", "<a href=//e.example>x</a>",
    "|<script>|\n|-|\n|<img src=x>|", "&lt;script&gt;", "&#60;script&#62;", "[![x](https://a.example)](https://b.example)",
)  # fmt: skip


@pytest.mark.parametrize("text", ATTACKS)
def test_nothing_a_model_writes_becomes_a_tag_of_its_own_a_picture_or_a_link(text: str) -> None:
    html = str(rendered(text))
    assert _only_our_tags(html), html
    assert "<a" not in html
    assert "<img" not in html


@given(st.text(alphabet="ab *_`#>[]()<>!|-~\n\"'&:/=1.\\", max_size=120))
def test_any_text_becomes_only_our_tags(text: str) -> None:
    assert _only_our_tags(str(rendered(text)))


def test_the_address_of_a_link_is_in_sight() -> None:
    assert 'your bank <span class="url">(https://evil.example/?a=1&amp;b)</span>' in rendered(
        "[your bank](https://evil.example/?a=1&b)"
    )
    assert rendered("<https://e.example/>") == "<p>https://e.example/</p>"


def _work(text: str) -> float:
    """Returns the seconds of CPU that this thread needs for the text, in the best of three tries."""
    tries: list[float] = []
    for _ in range(3):
        begun = time.thread_time()
        rendered(text)
        plain(text)
        tries.append(time.thread_time() - begun)
    return min(tries)


@pytest.mark.parametrize("piece", ["**a", "[", "[a](", "> ", "`", "*a _b ", "<", "|-", "- "])
def test_no_text_makes_the_page_slow(piece: str) -> None:
    """Four times the text takes about four times the work, not sixteen."""
    many = MOST // len(piece)
    assert _work(piece * many) < 10 * _work(piece * (many // 4))


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("**Done**: see `a_b.md`", "Done: see a_b.md"),
        ("## Result\n> _quoted_ ~~gone~~", "Result\nquoted gone"),
        ("[site](https://e.example/x_y_z)", "site (https://e.example/x_y_z)"),
        ("```python\nx = 1\n```", "x = 1"),
        ("2 * 3 * 4, snake_case_name, __init__.py, *args, a > b, #tag", None),
        ("`**kwargs`", "**kwargs"),
        ("- one\n- **two**", "- one\n- two"),
    ],
)
def test_a_line_loses_its_marks_and_nothing_else(text: str, shown: str | None) -> None:
    assert plain(text) == (shown if shown is not None else text)
