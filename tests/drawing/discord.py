"""Discord messages as a page to look at: the components that we use and Discord's own Markdown, drawn plainly."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from html import escape
from pathlib import Path
from typing import Any

from bot.discord.components import DiscordMessage

_STYLE = Path(__file__).with_suffix(".css").read_text()
_MARKS = ((r"\*\*(.+?)\*\*", "b"), (r"\*(.+?)\*", "em"), (r"~~(.+?)~~", "s"))


def page(messages: Sequence[DiscordMessage], *, dark: bool = True) -> str:
    drawn = "".join(
        '<div class="message"><div class="face"></div><div class="said"><div><span class="who">threadwork</span>'
        f' <span class="app">APP</span></div>{"".join(_part(p) for p in message.components)}</div></div>'
        for message in messages
    )
    look = ' class="dark"' if dark else ""
    return f"<!doctype html><meta charset=utf-8><style>{_STYLE}</style><body{look}>{drawn}</body>"


def _part(part: dict[str, Any]) -> str:
    inside = "".join(_part(p) for p in part.get("components", []))
    match part["type"]:
        case 1:
            return f'<div class="row">{inside}</div>'
        case 2:
            return (
                f'<button class="s{part["style"]}">{escape(part["label"])}{" ↗" if part["style"] == 5 else ""}</button>'
            )
        case 3:
            return f'<div class="select">{escape(part["placeholder"])} ▾</div>'
        case 10:
            return f'<div class="text">{markdown(part["content"])}</div>'
        case 12:
            return "".join(f'<div class="page">{escape(i["description"])}</div>' for i in part["items"])
        case 13:
            return f'<div class="file">📄 <b>{escape(part["file"]["url"].removeprefix("attachment://"))}</b></div>'
        case 14:
            return "<hr>"
        case 17:
            return f'<div class="box" style="border-left-color:#{part["accent_color"]:06x}">{inside}</div>'
        case kind:
            raise AssertionError(f"nobody draws {kind!r} yet")


def markdown(text: str) -> str:
    """Discord's dialect as HTML, as far as we write it."""
    pieces = re.split(r"(?s)```\n(.*?)\n```\n?", text)
    return "".join(f"<pre>{escape(p)}</pre>" if n % 2 else _lines(p) for n, p in enumerate(pieces))


def _lines(text: str) -> str:
    made: list[str] = []
    for line in text.split("\n"):
        for start, tag in (("### ", "h3"), ("## ", "h2"), ("-# ", "small"), ("> ", "blockquote")):
            if line.startswith(start):
                made.append(f"<{tag}>{_inline(line.removeprefix(start))}</{tag}>")
                break
        else:
            if found := re.match(r"(\s*)(-|\d+\.) (.*)", line):
                depth, mark, rest = found.groups()
                mark = "•" if mark == "-" else mark
                made.append(f'<span class="li" style="margin-left:{len(depth) * 8}px">{mark} {_inline(rest)}</span>')
            else:
                made.append(_inline(line) + "\n")
    return "".join(made).rstrip("\n")


def _inline(line: str) -> str:
    kept: list[str] = []

    def keep(html: str) -> str:
        kept.append(html)
        return f"\x01{len(kept) - 1}\x02"

    line = re.sub(r"\\([\\*_~|`\[\]<>#@:.)+-])", lambda m: keep(escape(m[1])), line)
    line = re.sub(r"`([^`]+)`", lambda m: keep(f"<code>{escape(m[1])}</code>"), line)
    line = re.sub(r"<t:(\d+):f>", lambda m: f"{datetime.fromtimestamp(int(m[1]), UTC):%d %B %Y %H:%M}", line)
    line = escape(re.sub(r"<t:\d+:R>", "2 minutes ago", line))
    for pattern, tag in _MARKS:
        line = re.sub(pattern, rf"<{tag}>\1</{tag}>", line)
    while "\x01" in line:
        line = re.sub("\x01(\\d+)\x02", lambda m: kept[int(m[1])], line)
    return line
