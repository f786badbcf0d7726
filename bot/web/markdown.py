"""Renders what models wrote as HTML that is safe in our pages: a few plain elements, nothing that loads or links. Pure.

Links stay text with their address visible, because a model may have read it on an untrusted page.
"""

from collections.abc import Sequence
from functools import lru_cache
from html import escape

from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup

MOST = 40_000
"""Longer texts are shown as they are."""
_PARSER = MarkdownIt("commonmark", {"html": False, "maxNesting": 12}).enable(["table", "strikethrough"])
_TAGS = frozenset(["p", "strong", "em", "s", "ul", "ol", "li", "blockquote", "hr", "thead", "tbody", "tr", "th", "td"])


def drafted(text: str) -> Markup:
    """Returns an unfinished text as HTML. Finished blocks are rendered once, so that a long text costs little."""
    done, _, last = _blocks(text).rpartition(_BREAK)
    return Markup("").join([*map(rendered, done.split(_BREAK)), Markup(_html(_PARSER.parse(last)))])


_BREAK = "\0"


def _blocks(text: str) -> str:
    """Returns the text with a mark between blocks: at empty lines outside of code."""
    made: list[str] = []
    for number, part in enumerate(text.replace(_BREAK, "").split("```")):
        made.append(part.replace("\n\n", f"\n{_BREAK}\n") if number % 2 == 0 else part)
    return "```".join(made)


@lru_cache(maxsize=512)
def rendered(text: str) -> Markup:
    """Returns the text as HTML: paragraphs, emphasis, code, lists, quotes, tables, small headings; everything else is
    escaped."""
    if len(text) > MOST:
        return Markup(f"<p>{escape(text)}</p>")
    return Markup(_html(_PARSER.parse(text)))


def _html(tokens: Sequence[Token]) -> str:
    made: list[str] = []
    hrefs: list[tuple[str, int]] = []
    for token in tokens:
        match token.type:
            case "inline":
                made.append(_html(token.children or ()))
            case "link_open":
                hrefs.append((str(token.attrs.get("href", "")), len(made)))
            case "link_close":
                href, start = hrefs.pop()
                made.append(_address(href, "".join(made[start:])))
            case _:
                made.append(_one(token))
    return "".join(made)


def _one(token: Token) -> str:
    match token.type:
        case "text" | "text_special" | "html_inline" | "html_block":
            return escape(token.content)
        case "softbreak" | "hardbreak":
            return "<br>"
        case "code_inline":
            return f"<code>{escape(token.content)}</code>"
        case "code_block" | "fence":
            return f"<pre><code>{escape(token.content)}</code></pre>"
        case "image":
            words = escape(token.content)
            return words + _address(str(token.attrs.get("src", "")), words)
        case "heading_open":
            return '<p class="heading">'
        case "heading_close":
            return "</p>"
        case "table_open":
            return '<div class="wide"><table>'
        case "table_close":
            return "</table></div>"
        case _:
            return "" if token.hidden or token.tag not in _TAGS else _tag(token)


def _tag(token: Token) -> str:
    if token.nesting < 0:
        return f"</{token.tag}>"
    start = token.attrs.get("start")
    return f'<{token.tag} start="{start}">' if isinstance(start, int) else f"<{token.tag}>"


def _address(href: str, words: str) -> str:
    """Returns the address behind a link's text, unless the text is the address."""
    shown = escape(href)
    return "" if not href or shown == words else f' <span class="url">({shown})</span>'
