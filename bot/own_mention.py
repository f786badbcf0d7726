"""What a mention of the bot does in a message: names whom it speaks to, or only speaks about the bot. Pure.

Platforms write the mention as `NAME` first, so that the rules are the same everywhere.
"""

import re

from bot.buttons.short_replies import GREETING

NAME = "@threadwork"
_NAME = rf"(?<![\w@]){NAME}(?![\w@-])"
_COMPANY = r"(?:,|and|or|und|oder|&|\+)\s+@(?!threadwork\b)"
_BEFORE = re.compile(rf"(?P<greeting>{GREETING})(?:{_NAME}(?!['’]\w|\s*{_COMPANY})(?P<mark>[\s,:;]*))+", re.IGNORECASE)
_AFTER = re.compile(rf"(?:[\s,(]*\bcc:?|\s*,)?\s*{_NAME}\s*\Z", re.IGNORECASE)
_CLOSING = re.compile(rf"(?:\s*,\s*{_NAME}(?=[.!?…]+\Z)|\s*{_NAME}(?=[.!…]+\Z))", re.IGNORECASE)
_CODE = re.compile(r"```.*?(?:```|\Z)|``.+?``|`[^`\n]+`", re.DOTALL)
_QUOTE = re.compile(r"^[ \t]*>(?![\d=])[^\n]*", re.MULTILINE)
_QUOTED_REST = re.compile(r"^\s*>>> .*", re.MULTILINE | re.DOTALL)
_ANYWHERE = re.compile(_NAME, re.IGNORECASE)


def without_address(text: str) -> str:
    """Returns the text without a mention that only says whom it speaks to, at its start or end; any other stays, so
    that the sentence keeps its words."""
    text = text.strip()
    while (found := _AFTER.search(text)) is not None:
        text = text[: found.start()]
    text = _CLOSING.sub("", text)
    if (found := _BEFORE.match(text)) is not None:
        greeting, mark = found["greeting"].rstrip(), found["mark"]
        gap = (mark.rstrip() + " " if mark.strip() else mark) if greeting else ""
        text = greeting + gap + text[found.end() :]
    return text.strip()


def speaks_to(text: str) -> bool:
    """Returns whether the mention stands in the message's own words, not only in a quote or in code."""
    return _ANYWHERE.search(_QUOTE.sub("", _QUOTED_REST.sub("", _CODE.sub("", text)))) is not None
