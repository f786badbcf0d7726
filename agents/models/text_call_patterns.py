"""The patterns of marks, labels and names by which calls are found in a text. Pure.

Vendors invent a mark for each new model. So a mark is anything that looks like one: a special token, a tag, a word in
square brackets, a code fence, or a label such as `Tool call:`.
"""

import re
from functools import lru_cache
from typing import NamedTuple

TOKEN = r"<\|[^|<>\n]{1,40}\|?>|</?[\w/]{1,40}\|>|<\uff5c[^\uff5c<>\n]{1,60}\uff5c>"
_UPPER = r"\[/?[A-Z][A-Z_]{2,30}\]"
_TAG = r"</?[A-Za-z][\w:.-]{0,40}(?:\s[^<>\n]{0,80})?/?>"
MARK = rf"(?:{TOKEN}|{_UPPER}|{_TAG})"
_ABOUT = r"(?:tools?|functions?|action|call(?:ing)?|invok(?:e|ing)|using|use|run(?:ning)?)"
_FIRST = r"(?:(?:I(?:'ll| will| now| am)?|let me|now|next,?)[\w' ]{0,20}[ ])?"
_MORE = r"(?:[ _-](?:tools?|functions?|calls?|names?|used?|to|the)){0,4}"
LABEL = rf"[*_#> -]{{0,9}}(?:{_FIRST}{_ABOUT}{_MORE}[*_ ]{{0,4}}:?[*_ ]{{0,4}}|(?:\w{{1,20}}[ ])?to=)"
BEFORE_JSON = re.compile(rf"{LABEL}:?[*_]*\s*(?=```|[\[{{])|\w{{3,20}}(?=\[\s*\{{)|\w+\s*=\s*(?=[\[{{])", re.IGNORECASE)
_SKIPPED = re.compile(rf"(?:\s|[,;]|```[\w-]*|{MARK})*+")
ONE_MARK = re.compile(rf"[\s,;]++|```[\w-]*|{MARK}")
_TOOLISH = re.compile(
    r"(?:tool|function|plugin|action)s?[_ -]?(?:call|code|use|request|invo|start|begin|prefix)|\|plugin", re.IGNORECASE
)
_ARGUMENT_WORDS = r"(?:action[ _]input|arguments?|parameters?|args|input|params|kwargs)"
_BETWEEN = (
    rf"(?:{TOKEN}|{_UPPER}|[\s*_`\"']|:\d*|\b(?:json|with|code|commentary)\b|```(?:json)?|\(?{_ARGUMENT_WORDS}\)?)*+"
)
_ATTRIBUTES = r"(?P<more>(?:\s+[\w-]+=(?:\"[^\"]*\"|'[^']*'))*)\s*(?P<closed>/)?>"


class CallPatterns(NamedTuple):
    """What a call of these tools looks like."""

    start: re.Pattern[str]
    python: re.Pattern[str]
    labelled: re.Pattern[str]
    bare: re.Pattern[str]
    unread: re.Pattern[str]
    tag: re.Pattern[str]
    attribute: re.Pattern[str]
    pair: re.Pattern[str]
    shape: re.Pattern[str]
    inline: re.Pattern[str]


@lru_cache(maxsize=64)
def patterns(tools: frozenset[str]) -> CallPatterns:
    """Returns the patterns for these tools."""
    names = "|".join(re.escape(tool).replace("_", "[_-]?") for tool in sorted(tools, key=len, reverse=True))
    name = rf"(?P<tool>(?:[\w-]{{1,40}}[./:]){{0,3}}(?:{names}))(?![\w])"
    calls = r"(?:\w{1,40}[ ]*=[ ]*)?(?P<print>(?:print\(|await\s)\s{0,9}){0,3}"
    keys = "name|tool_name|tool|function_name|function|action"
    given = "arguments|parameters|args|input|params|tool_input|action_input"
    plain = name.replace("(?P<tool>", "(?:")
    line = rf"[\[{{]|{calls}{plain}|(?:call:|to=){plain}|\w{{3,20}}(?=\[\s*\{{)|\w[\w ]{{0,20}}[:=]\s*(?=[\[{{])"
    sources = (
        rf"{MARK}|^[ \t]{{0,40}}(?:{line}|{LABEL}[`\"']*(?:{plain}|\s*[\[{{`]))",
        rf"{calls}(?={name}\s*\()",
        rf"(?P<label>{LABEL})[`\"']*{name}{_BETWEEN}",
        rf"(?:call:\s*)?(?-i:{name})(?!`)(?:{TOKEN}|{_UPPER}|:\d+|\s+json\b|\s*```(?:json)?|\s*{_ARGUMENT_WORDS}:|\s)*+",
        rf"(?:{LABEL}|name:\s*){name}[`\"'*]*\s*\n[*_ ]*{_ARGUMENT_WORDS}[*_]*\s*:|{plain}\s+[\w-]+=[\"']",
        rf"<{name}{_ATTRIBUTES}",
        rf"<(?P<tag>[\w:.-]+)\s+(?:name|tool|function)=[\"']{name}[\"']{_ATTRIBUTES}",
        rf"<(?P<n>{keys})>\s*{name}\s*</(?P=n)>\s*<(?P<tag>{given})>",
        rf"{calls}{plain}(?P<bracket>[(\{{])|<{name}[\s/>]",
        rf"(?<![\w.\"'\u201c\u00ab])(?:\{{(?=\s*\")|(?:[\w-]{{1,40}}\.){{0,3}}(?:{names})\()",
    )
    flags = re.IGNORECASE | re.MULTILINE
    return CallPatterns(*(re.compile(source, flags) for source in sources))


def skipped(text: str, at: int) -> int:
    """Returns where the marks that start here end."""
    return _SKIPPED.match(text, at).end()  # pyright: ignore[reportOptionalMemberAccess]


def is_toolish(mark: str) -> bool:
    """Returns whether a mark can only announce a call."""
    return _TOOLISH.search(mark) is not None
