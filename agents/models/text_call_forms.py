"""The forms in which models are trained to write tool calls into text, each with the marks around it. Pure."""

import json
import re
import sys
from bisect import bisect_right
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, cast

_ARGUMENTS = ("arguments", "parameters", "args", "input", "action_input", "tool_input", "kwargs", "params")
_NAMES = ("name", "tool", "tool_name", "function_name", "action", "function", "recipient_name", "method")
_WRAPPERS = ("tool_calls", "function_call", "tool_call", "calls", "function_calls", "tool_uses", "actions", "command")
DECODER = json.JSONDecoder(strict=False)
WORD = r"[\w.:/-]+"
BROKEN = "the call in its text can't be read"


class Unclear(ValueError):
    """Text that looks like a call but can't be parsed. The message is for the model."""


class RawCall(NamedTuple):
    """A call as it was written: a name that may have additions, and arguments that may be JSON in a text."""

    tool: str
    args: object


Form = Callable[[str, re.Match[str]], tuple[list[RawCall], int]]
"""Reads the calls of an opening mark; returns them and where they end."""


# What stands between calls and around them.
FILLER = re.compile(
    r"(?:\s|,|</?tool_calls>|</?function_calls>|</minimax:tool_call>|<minimax:tool_call>|<\uff5ctool\u2581calls\u2581(?:begin|end)\uff5c>"
    r"|</?\uff5cDSML\uff5cfunction_calls>|<\|tool_calls_section_(?:begin|end)\|>|<\|(?:eom_id|eot_id|im_end|end|endoftext|call|/tool_call)\|>|</s>"
    r"|</tool_call>|</function>|<\uff5cend\u2581of\u2581sentence\uff5c>)+"
)


def json_at(text: str, at: int) -> tuple[Any, int]:
    at = _SPACE.match(text, at).end()  # pyright: ignore[reportOptionalMemberAccess]
    try:
        return DECODER.raw_decode(text, at)
    except ValueError as error:
        raise Unclear(f"the call in its text isn't valid JSON ({error})") from None
    except RecursionError:
        raise Unclear(BROKEN) from None


_SPACE = re.compile(r"\s*")


def json_in(text: str) -> Any:
    return json_at(text, 0)[0]


def _tagged(text: str, match: re.Match[str]) -> tuple[list[RawCall], int]:
    """Reads what follows an opening tag: JSON, or another form inside it."""
    at = _SPACE.match(text, match.end()).end()  # pyright: ignore[reportOptionalMemberAccess]
    if text[at : at + 1] in ("{", "["):
        value, at = json_at(text, at)
        rows = rows_of(value)
        if rows is None:
            raise Unclear(BROKEN)
        return rows, at
    if inner := _GLM.match(text, at):
        return _keyed(text, inner)
    for pattern, form in _INNER:
        if inner := pattern.match(text, at):
            return form(text, inner)
    raise Unclear(BROKEN)


def _named(text: str, match: re.Match[str]) -> tuple[list[RawCall], int]:
    """Reads a name in the opening, and arguments as JSON or as one tag each."""
    at = _SPACE.match(text, match.end()).end()  # pyright: ignore[reportOptionalMemberAccess]
    if text.startswith("```", at):
        at = text.index("\n", at) if "\n" in text[at:] else len(text)
        value, at = json_at(text, at)
        fence = re.compile(r"\s*```").match(text, at)
        at = fence.end() if fence else at
    elif text[at : at + 1] == "{":
        value, at = json_at(text, at)
    else:
        value = dict[str, str]()
        while parameter := _PARAMETER.match(text, at):
            value[parameter["name"]] = parameter["value"].removeprefix("\n").removesuffix("\n")
            at = _SPACE.match(text, parameter.end()).end()  # pyright: ignore[reportOptionalMemberAccess]
    if (end := _NAMED_END.match(text, at)) is None:
        raise Unclear(BROKEN)
    return [RawCall(match["tool"], value)], end.end()


_PARAMETER = re.compile(
    r"<(?:\uff5cDSML\uff5c)?parameter(?:=| name=)\"?(?P<name>[\w.-]+)\"?(?: string=\"\w+\")?>"
    r"(?P<value>.*?)</(?:\uff5cDSML\uff5c)?parameter>",
    re.DOTALL,
)
_NAMED_END = re.compile(
    r"\s*(?:</function>|</(?:\uff5cDSML\uff5c)?invoke>|<\|tool_call_end\|>|<\uff5ctool\u2581call\u2581end\uff5c>|<\|call\|>|<\|end\|>|(?=\[TOOL_CALLS\])"
    r"|(?=</tool_call>)|\Z)"
)


def _keyed(text: str, match: re.Match[str]) -> tuple[list[RawCall], int]:
    at, args = match.end(), dict[str, str]()
    while pair := _PAIR.match(text, at):
        args[pair["name"].strip()] = pair["value"]
        at = pair.end()
    end = re.compile(r"\s*(?:</tool_call>|\Z)").match(text, at)
    if end is None:
        raise Unclear(BROKEN)
    return [RawCall(match["tool"], args)], end.end()


_PAIR = re.compile(r"\s*<arg_key>(?P<name>.*?)</arg_key>\s*<arg_value>(?P<value>.*?)</arg_value>", re.DOTALL)
_GLM = re.compile(rf"(?P<tool>{WORD})\s*(?=<arg_key>|</tool_call>|\Z)")

_INNER: tuple[tuple[re.Pattern[str], Form], ...] = (
    (re.compile(rf"<function(?:=| name=)\"?(?P<tool>{WORD})\"?>"), _named),
    (re.compile(rf"<(?:\uff5cDSML\uff5c)?invoke name=\"(?P<tool>{WORD})\">"), _named),
)
FORMS: tuple[tuple[re.Pattern[str], Form], ...] = (
    (
        re.compile(r"<tool_call>|<tool_calls>(?=\s*[\[{])|<\|tool_call\|>|<\|python_tag\|>|\[TOOL_CALLS\](?=\s*[\[{])"),
        _tagged,
    ),
    *_INNER,
    (re.compile(rf"\[TOOL_CALLS\]\s*(?P<tool>{WORD})\s*(?:\[CALL_ID\]\w*)?(?:\[ARGS\])?(?=\s*\{{)"), _named),
    (
        re.compile(
            rf"<\uff5ctool\u2581call\u2581begin\uff5c>(?:function<\uff5ctool\u2581sep\uff5c>)?(?P<tool>{WORD})(?:<\uff5ctool\u2581sep\uff5c>)?"
        ),
        _named,
    ),
    (re.compile(rf"<\|tool_call_begin\|>\s*(?P<tool>{WORD})\s*<\|tool_call_argument_begin\|>"), _named),
    (
        re.compile(
            rf"<\|channel\|>\w+ to=(?P<tool>{WORD})\s*(?:<\|channel\|>\w+\s*)?(?:<\|constrain\|>\w+\s*)?<\|message\|>"
        ),
        _named,
    ),
)
OPENERS = (
    "<tool_call>", "<tool_calls>", "<function=", "<function name=", "<function_calls>", "<invoke name=",
    "<minimax:tool_call>", "<|tool_call|>", "<|python_tag|>", "[TOOL_CALLS]",
    "<\uff5ctool\u2581calls\u2581begin\uff5c>", "<\uff5ctool\u2581call\u2581begin\uff5c>",
    "<\uff5cDSML\uff5c", "<|tool_calls_section_begin|>", "<|tool_call_begin|>", "<|channel|>",
)  # fmt: skip
"""How the forms begin; none of this belongs into a text for people."""

QUOTED = re.compile(
    r"```.*?(?:```|\Z)|`[^`\n]+`|^[ \t]*>[^\n]*|[\"\u201c\u00ab][^\"\u201d\u00bb\n{}]*<[^\"\n{}]*[\"\u201d\u00bb]",
    re.DOTALL | re.MULTILINE,
)
"""Code blocks, code in a line, lines that quote, and marks in quotation marks."""


def within(at: int, spans: Sequence[tuple[int, int]]) -> bool:
    """Returns whether this place is in one of the spans, which are in order."""
    number = bisect_right(spans, (at, sys.maxsize)) - 1
    return number >= 0 and spans[number][0] <= at < spans[number][1]


MARKER = re.compile("|".join(map(re.escape, OPENERS)))


def rows_of(value: Any) -> list[RawCall] | None:
    """Returns the calls in a JSON value; None if it isn't one, or has anything else in it."""
    if isinstance(value, list):
        many = [rows_of(one) for one in cast("list[Any]", value)]
        return [row for rows in many if rows is not None for row in rows] if many and None not in many else None
    if not isinstance(value, dict):
        return None
    fields = cast("dict[str, Any]", value)
    for wrapper in _WRAPPERS:
        if wrapper in fields and isinstance(fields[wrapper], (list, dict)):
            return rows_of(fields[wrapper])
    if isinstance(fields.get("function"), dict):
        return rows_of(fields["function"])
    tool = next((fields[name] for name in _NAMES if isinstance(fields.get(name), str)), None)
    key = next((name for name in _ARGUMENTS if name in fields), None)
    if tool is None or key is None:
        return None
    return [RawCall(tool, fields[key])]
