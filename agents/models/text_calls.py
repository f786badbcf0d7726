"""Reads tool calls that a server left in the text, in the forms that models are trained to write. Pure.

A call counts only where it can't be meant as an example: outside quotes and code, at the end of the reply.
"""

import re
from collections.abc import Collection, Iterator, Sequence
from typing import Any, NamedTuple

from agents.models.match_tool_name import tool_named
from agents.models.text_call_forms import (
    BROKEN,
    DECODER,
    FILLER,
    FORMS,
    MARKER,
    QUOTED,
    WORD,
    RawCall,
    Unclear,
    json_in,
    rows_of,
    within,
)
from agents.models.text_call_patterns import MARK, is_toolish, patterns, skipped
from agents.models.text_calls_by_shape import calls_from, ends_as_a_call, half_a_call, python_calls
from orchestrator.domain import clean_outside_text
from orchestrator.domain.ids import CallId
from orchestrator.domain.tool_calls import Call


class TextCalls(NamedTuple):
    """The text without its calls, and the calls."""

    text: str
    calls: tuple[Call, ...] = ()


def read(text: str, tools: Collection[str]) -> TextCalls:
    """Returns the calls of these tools in the text of a reply. Raises Unclear."""
    if not tools or not text.strip():
        return TextCalls(text)
    quoted = list(_quoted(text))
    start = next((m.start() for m in MARKER.finditer(text) if not within(m.start(), quoted)), None)
    try:
        found = _marked(text, start, tools) if start is not None else _unmarked(text, tools)
    except Unclear:
        shaped = calls_from(text, start, frozenset(tools)) if start is not None else None
        if start is None or shaped is None or not shaped.rows or shaped.end < len(text):
            raise
        return _checked(text, start, shaped.rows, tools)
    return found if found.calls else _shaped(text, quoted, frozenset(tools))


def _shaped(text: str, quoted: Sequence[tuple[int, int]], tools: frozenset[str]) -> TextCalls:
    """Reads calls whose marks aren't known, or that have none."""
    for at, fenced in _starts(text, quoted, tools):
        shape = calls_from(text, at, tools)
        if shape.rows and shape.end == len(text):
            return _checked(text, at, shape.rows, tools)
        begun = skipped(text, at)
        if is_toolish(text[at:begun]):
            raise Unclear(_AFTER if shape.rows else BROKEN)
        if fenced:
            continue
        if shape.rows and (_MARK.match(text, at) or text[at] in "[{"):
            raise Unclear(_AFTER)
        if any(half_a_call(text, one, tools) for one in {at, begun}) or _spoiled(text[begun:], tools):
            raise Unclear(BROKEN)
    inside = [m.start() for m in patterns(tools).inline.finditer(text)][-_MOST_STARTS:]
    if any(ends_as_a_call(text, at, tools) for at in inside if not within(at, quoted)):
        raise Unclear(_EXAMPLE)
    return TextCalls(text)


def _starts(text: str, quoted: Sequence[tuple[int, int]], tools: frozenset[str]) -> Iterator[tuple[int, bool]]:
    """Yields where calls may start: outside quotes, or at a code block that ends the text."""
    fences = [a for a, b in quoted[-1:] if _FENCE.match(text, a) and skipped(text, b) == len(text)]
    found = [m.end() - len(m[0].lstrip()) for m in patterns(tools).start.finditer(text)]
    rows = [(at, False) for at in found if not within(at, quoted)] + [(at, True) for at in fences]
    yield from sorted(rows)[-_MOST_STARTS:]


_FENCE = re.compile(r"```(?:json|python|py|plaintext|text|(?:tool|function|action)[\w-]*)?\s")


def _unmarked_end(before: str) -> str:
    """Returns the words in front of calls without the marks that open around those."""
    kept = before.rstrip()
    if (marks := _OPENING.search(kept[-200:])) is not None:
        kept = kept[: len(kept) - len(marks[0])]
    return kept.rstrip()


_OPENING = re.compile(rf"(?:\s|(?!</){MARK})+\Z")
_MOST_STARTS = 200
_MARK = re.compile(MARK)


def _checked(text: str, at: int, found: Sequence[RawCall], tools: Collection[str]) -> TextCalls:
    if (mark := next((m for m in _MARK.finditer(text[:at]) if is_toolish(m[0])), None)) is not None:
        at = mark.start()
    before, label = text[:at], text[at : at + 80].partition("\n")[0].partition("{")[0]
    if _an_example(before) or _an_example(label):
        raise Unclear(_EXAMPLE)
    return TextCalls(_unmarked_end(before), _calls(found, tools))


def _marked(text: str, start: int, tools: Collection[str]) -> TextCalls:
    before, at, found = text[:start], start, list[RawCall]()
    while at < len(text):
        if (hit := _form_at(text, at)) is not None:
            rows, at = hit
            found += rows
        elif match := FILLER.match(text, at):
            at = match.end()
        else:
            raise Unclear(_AFTER)
    if not found:
        raise Unclear(BROKEN)
    if _an_example(before):
        raise Unclear(_EXAMPLE)
    return TextCalls(_unmarked_end(before), _calls(found, tools))


def _form_at(text: str, at: int) -> tuple[list[RawCall], int] | None:
    for pattern, form in FORMS:
        if match := pattern.match(text, at):
            return form(text, match)
    return None


_AFTER = (
    "it contains text after a call; end the reply after the call and wait for the result, or put the call in "
    "backticks if you're only quoting it"
)
_EXAMPLE = (
    "it isn't clear whether the call in its text is an example; call the tool without explaining it, or describe it "
    "in words"
)


def _unmarked(text: str, tools: Collection[str]) -> TextCalls:
    """Reads a reply that is, or ends with, nothing but a call as JSON or Python, with or without a code fence."""
    fence = _LAST_FENCE.search(text)
    before, body = (text[: fence.start()], fence["body"]) if fence else ("", text)
    if _spoiled(body.strip(), tools):
        raise Unclear(BROKEN)
    found = _wholejson_in(body.strip(), tools)
    if found is None and "(" in body:
        found = python_calls(body, tools)
    if found is None and not fence and (react := _REACT.search(text)):
        before, found = text[: react.start()], [RawCall(react["tool"], json_in(react["args"]))]
        found = found if tool_named(react["tool"], tools) in tools else None
    if found is None:
        if any(_wholejson_in(body, tools) and _announced(text, at) for body, at in _fenced(text)):
            raise Unclear(_AFTER)
        return TextCalls(text)
    if _an_example(before):
        raise Unclear(_EXAMPLE)
    return TextCalls(_unmarked_end(before), _calls(found, tools))


def _calls(found: Sequence[RawCall], tools: Collection[str]) -> tuple[Call, ...]:
    rows: list[Call] = []
    for number, raw in enumerate(found):
        name = clean_outside_text.text(tool_named(raw.tool, tools))
        try:
            args = clean_outside_text.data(raw.args if raw.args is not None else {})
            if isinstance(args, str):
                args = clean_outside_text.parsed(args or "{}")
        except clean_outside_text.Unfit as error:
            raise Unclear(f"the arguments to {name!r} are {error}") from None
        if not isinstance(args, dict):
            raise Unclear(f"the arguments to {name!r} are not a JSON object")
        rows.append(Call(id=CallId(f"call-{number}"), tool=name, args=args))
    return tuple(rows)


def _an_example(before: str) -> bool:
    """Returns whether the words in front of a call present it as an example, or as something read elsewhere."""
    return _EXAMPLES.search(before.rstrip().rpartition("\n\n")[2][-300:]) is not None


_EXAMPLES = re.compile(
    r"\b(?:examples?|e\.g\.|for instance|such as|would|could|format|syntax|looks? like|how to|says?|said|contains?"
    r"|quot\w*|the (?:page|file|text|e-?mail|document|message) reads|instructs?|told me|(?:do|did|will) not|don'?t"
    r"|didn'?t|won'?t|never)\b",
    re.IGNORECASE,
)


def _quoted(text: str) -> Iterator[tuple[int, int]]:
    for match in QUOTED.finditer(text):
        yield match.span()


_LAST_FENCE = re.compile(r"(?:^|\n)[ \t]*```[\w-]*[ \t]*\n(?P<body>(?:(?!```).)*?)\n?[ \t]*```\s*\Z", re.DOTALL)
_REACT = re.compile(
    rf"(?:^|\n)Action:[ \t]*(?P<tool>{WORD})[ \t]*\nAction Input:[ \t]*(?P<args>\{{.*\}})\s*\Z", re.DOTALL
)


def _wholejson_in(body: str, tools: Collection[str]) -> list[RawCall] | None:
    """Returns the calls if this is JSON, all of it a call, or calls, of tools that exist."""
    if body[:1] not in ("{", "["):
        return None
    values: list[Any] = []
    at = 0
    while at < len(body):
        try:
            value, at = DECODER.raw_decode(body, at)
        except (ValueError, RecursionError):
            return None
        values.append(value)
        at = re.compile(r"[\s,;]*").match(body, at).end()  # pyright: ignore[reportOptionalMemberAccess]
    rows = rows_of(values[0] if len(values) == 1 else values)
    return rows if rows and all(tool_named(row.tool, tools) in tools for row in rows) else None


def _spoiled(body: str, tools: Collection[str]) -> bool:
    """Returns whether this starts as the JSON of a call to one of the tools, and isn't one."""
    named = _NAMED_JSON.match(body)
    return bool(named) and tool_named(named["tool"], tools) in tools and _wholejson_in(body, tools) is None


_NAMED_JSON = re.compile(
    r"\[?\s*\{\s*\"(?:name|tool|tool_name|function_name|action|function)\"\s*:\s*\"(?P<tool>[^\"]+)\"\s*(?:[,}]|\Z)"
    r"(?=\s*\"(?:arguments|parameters|args|input|action_input|tool_input)\"|\s*\Z)"
)


def _fenced(text: str) -> Iterator[tuple[str, int]]:
    """Yields what is between code fences, and where it ends."""
    for match in re.finditer(r"```[\w-]*\s*\n(.*?)```", text, re.DOTALL):
        yield match[1].strip(), match.end()


def _announced(text: str, at: int) -> bool:
    """Returns whether the words after a call wait for its result, instead of explaining it."""
    return re.search(r"\b(?:wait\w*|result|I will|I'll|let me|calling|next)\b", text[at:], re.IGNORECASE) is not None
