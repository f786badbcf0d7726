"""Decides what people may read of a reply while it is written: no thought, no call, no half of a mark. Pure."""

import json
import re
from collections.abc import Collection
from typing import NamedTuple

from agents.models.cut_at_end_of_turn import own_turn
from agents.models.match_tool_name import tool_named
from agents.models.text_call_forms import OPENERS, QUOTED, within
from agents.models.text_call_patterns import LABEL, patterns
from agents.models.text_calls_by_shape import may_become_calls
from agents.models.thinking_text import BARE, CHANNEL, CLOSERS, bare_channels, separated
from agents.models.thinking_text import OPENERS as THOUGHTS

_MARKS = (*OPENERS, *CLOSERS)
_MARK = re.compile("|".join(map(re.escape, _MARKS)))
_FENCE = "\n```"
_LINES = (_FENCE, "\nAction:")
_LONGEST = max(map(len, (*_MARKS, *THOUGHTS)))
_PREFIXES = frozenset(mark[:n] for mark in (*_MARKS, *THOUGHTS, *_LINES) for n in range(1, len(mark)))
_JSON = re.compile(r"\{|\[\s*(?:\{|\Z)")
_PYTHON = re.compile(r"\[?(?:print\()?(?P<tool>[\w.]+)(?P<more>\(?)")
_ACTION = re.compile(r"\nAction:(?P<tool>[^\n]*)")
_INPUT = "Action Input:"
_PRINT = tuple("print("[:n] for n in range(1, 7))


class OpenCall(NamedTuple):
    """The first call of a reply that isn't complete yet: its name and the beginning of its arguments."""

    tool: str
    arguments: str


def shown(text: str, tools: Collection[str] = (), *, thinks_aloud: bool = False) -> str:
    """Returns what people may read of an unfinished text: all that can't become a thought or a call any more.

    `tools`: names that would make a call of words. `thinks_aloud`: the model's thoughts come without an opening mark.
    """
    start = own_turn(_HALF_A_MARK.sub("", _after_thoughts(text, thinks_aloud=thinks_aloud)))
    if _may_be_a_call(start, tools):
        return ""
    lines = f"\n{start}"
    if mark := _MARK.search(lines):
        lines = lines[: mark.start()]
    if (at := _action_at(lines, tools)) is not None:
        lines = lines[:at]
    if tools:
        lines = _without_calls(lines, frozenset(tools))
    return _without_half_a_mark(_without_last_fence(lines, tools)).rstrip()[1:]


def argument_so_far(call: OpenCall | None, tool: str, argument: str) -> str:
    """Returns as much of one text argument of an unfinished call as has arrived; empty if it is another tool's."""
    if call is None or tool_named(call.tool, [tool]) != tool:
        return ""
    at = _SPACE.match(call.arguments, 0).end()  # pyright: ignore[reportOptionalMemberAccess]
    while (name := _NAME.match(call.arguments, at)) is not None:
        if name["name"] == argument:
            found = _TEXT.match(call.arguments, name.end())
            return json.loads(f'"{found["text"]}"', strict=False) if found else ""
        try:
            _, at = json.JSONDecoder(strict=False).raw_decode(call.arguments, name.end())
        except (ValueError, RecursionError):
            return ""
    return ""


_SPACE = re.compile(r"\s*")
_NAME = re.compile(r'[{,]?\s*"(?P<name>\w+)"\s*:\s*')
_TEXT = re.compile(r'"(?P<text>(?:[^"\\]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*)')


def _after_thoughts(text: str, *, thinks_aloud: bool) -> str:
    start = text.lstrip()
    ended = any(closer in start for closer in CLOSERS)
    if thinks_aloud and not ended:
        return ""
    if any(channel.startswith(start) for channel in BARE) or (bare_channels(start) and separated(text).text == text):
        return ""  # thoughts so far
    opens = any(opener.startswith(start[: len(opener)]) for opener in THOUGHTS) or start.startswith(CHANNEL[:2])
    opens = opens or bare_channels(start)
    if not opens and not ended:
        return start
    return separated(text).text.lstrip() if start[:_LONGEST] not in _PREFIXES else ""


def _without_calls(lines: str, tools: frozenset[str]) -> str:
    """Removes what may turn out to be calls, in any marks or none; quotes stay."""
    begun, _, last = lines.rpartition("\n")
    word, name = last.lstrip("*_#> -").lower(), _LEAD.sub("", last, count=1)
    begins = bool(last) and (not word or not name or any(label.startswith(word) for label in _LABELS))
    if begins or (name and any(tool.startswith(name) for tool in tools)):
        lines = f"{begun}\n"
    known = patterns(tools)
    quoted = [m.span() for m in QUOTED.finditer(lines)]
    starts = [m.end() - len(m[0].lstrip()) for m in known.start.finditer(lines)]
    rows = [at for at in starts if not within(at, quoted)][-_MOST_STARTS:]
    return lines[: next((at for at in rows if may_become_calls(lines, at, tools)), len(lines))]


_LABELS = (
    "tool",
    "tool call:",
    "function call:",
    "action:",
    "calling ",
    "call:",
    "to=functions.",
    "print(",
    "functools[",
)
_LEAD = re.compile(rf"(?:{LABEL})?[`\"'\[]*(?:print\(|await |functions\.|default_api\.|call:)*", re.IGNORECASE)
_HALF_A_MARK = re.compile(r"(?:<(?:[/|\w\uff5c][^<>\n]{0,60})?|\[/?[A-Z_]{0,30})\Z")
_MOST_STARTS = 50


def _may_be_a_call(start: str, tools: Collection[str]) -> bool:
    """Returns whether the text may still turn out to be nothing but calls of tools, in JSON or Python."""
    if _JSON.match(start):
        return True
    found = _PYTHON.match(start)
    if found is None or not tools:
        return False
    if start in _PRINT:
        return True
    if found["more"]:
        return tool_named(found["tool"], tools) in tools
    return found.end() == len(start) and any(tool.startswith(found["tool"]) for tool in tools)


def _action_at(lines: str, tools: Collection[str]) -> int | None:
    """Returns where an action and its input begin, or may begin."""
    for action in _ACTION.finditer(lines):
        named, more = action["tool"].strip(), lines[action.end() : action.end() + 1 + len(_INPUT)]
        begun = not more and any(tool.startswith(named) for tool in tools)
        if begun or (tool_named(named, tools) in tools and f"\n{_INPUT}".startswith(more)):
            return action.start()
    return None


def _without_last_fence(text: str, tools: Collection[str]) -> str:
    """Removes the last code block if it may turn out to be a call; one that words follow is none."""
    fences = [found.start() for found in re.finditer(_FENCE, text)]
    closed = len(fences) % 2 == 0
    if not fences or (closed and text[fences[-1] + len(_FENCE) :].strip()):
        return text
    start = fences[-2] if closed else fences[-1]
    _, begun, body = text[start + len(_FENCE) :].partition("\n")
    body = body.strip()
    return text if begun and body and not _may_be_a_call(body, tools) else text[:start]


def _without_half_a_mark(text: str) -> str:
    tail = text[-_LONGEST:]
    half = next((len(tail) - at for at in range(len(tail)) if tail[at:] in _PREFIXES), 0)
    return text[: len(text) - half]
