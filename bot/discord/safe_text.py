"""Shows text in Discord as it is: no Markdown, no mention, no link from a model. Pure."""

import re
from collections.abc import Callable
from datetime import datetime

_UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f\u200e\u200f\u202a-\u202e\u2066-\u2069]")
"""Control characters, and those that reverse the direction of the text after them."""
_SPECIAL = re.compile(r"[\\*_~|`\[\]<>#@]|:(?=//)")
_LIST = re.compile(r"^(\s*)(?:([-+])|(\d+)([.)]))(?=\s)", re.MULTILINE)


def units(text: str) -> int:
    """Returns how long Discord could count a text: UTF-16 units, the larger of the two counts."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def clean(text: str) -> str:
    """Removes what can't be sent or seen."""
    return _UNSEEN.sub("", text).encode("utf-8", "replace").decode()


def escape(text: str) -> str:
    """Escapes the text so that it reads as written and nothing in it is live. `https\\://…` shows as an address without
    a link."""
    text = _SPECIAL.sub(lambda m: "\\" + m[0], text)
    return _LIST.sub(lambda m: f"{m[1]}\\{m[2]}" if m[2] else f"{m[1]}{m[3]}\\{m[4]}", text)


def line(text: str, most: int) -> str:
    """Returns one escaped line of at most `most` units, with `…` if it was cut."""
    return _fit(" ".join(clean(text[: most * 8]).split()), most)


def paragraph(text: str, most: int) -> str:
    """Does the same, keeping line breaks."""
    return _fit(clean(text).strip(), most)


def fits(text: str, most: int) -> bool:
    """Returns whether `paragraph` would show all of it."""
    return units(escape(clean(text).strip())) <= most


def moment(at: datetime | None) -> str:
    """Returns ` · ` and a time in the reader's own zone; nothing without one."""
    return f" · <t:{int(at.timestamp())}:f>" if at else ""


def bare(text: str, most: int) -> str:
    """Returns one line, not escaped, for labels, options and titles, which don't render Markdown. Never empty."""
    found = " ".join(clean(text).split())
    if units(found) > most:
        kept = _longest(found, most - 1, str)
        found = kept.rstrip() + "…"
    return found or "–"


def file_name(name: str) -> str:
    """Returns a name that Discord doesn't change; attachment:// references use it."""
    stem, dot, suffix = name.rpartition(".")
    safe = [re.sub(r"[^A-Za-z0-9_-]+", "_", part)[:60].strip("_") for part in ((stem, suffix) if dot else (name, ""))]
    return f"{safe[0] or 'file'}.{safe[1]}" if safe[1] else safe[0] or "file"


def _fit(text: str, most: int) -> str:
    if len(text) <= most and units(whole := escape(text)) <= most:
        return whole
    return escape(_longest(text, most - 1, escape).rstrip()) + "…"


def _longest(text: str, most: int, shown: Callable[[str], str]) -> str:
    """Returns the longest beginning that takes at most `most` units."""
    low, high = 0, min(len(text), max(most, 0))
    while low < high:
        middle = (low + high + 1) // 2
        if units(shown(text[:middle])) <= most:
            low = middle
        else:
            high = middle - 1
    return text[:low]
