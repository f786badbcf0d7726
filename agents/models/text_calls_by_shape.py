"""Reads calls of offered tools by their shape, whatever marks are around them: JSON, Python, tags, or a name with JSON.
Pure."""

import ast
import re
from collections.abc import Collection
from typing import Any, NamedTuple, cast

from agents.models.loose_json import value_at
from agents.models.match_tool_name import tool_named
from agents.models.text_call_forms import FORMS, RawCall, Unclear, rows_of
from agents.models.text_call_patterns import BEFORE_JSON, MARK, ONE_MARK, CallPatterns, is_toolish, patterns, skipped

_CHILD = re.compile(
    r"\s*<(?P<tag>[A-Za-z_][\w.-]*)(?:\s+(?:name|key)=[\"']?(?P<named>[\w.-]+)[\"']?[^<>]*|=(?P<set>[\w.-]+))?>"
    r"(?P<value>.*?)</(?P=tag)>",
    re.DOTALL,
)
_ATTRIBUTE = re.compile(r"([\w-]+)=(?:\"([^\"]*)\"|'([^']*)')")
_BRACKETS = re.compile(
    r"\"\"\".*?\"\"\"|'''.*?'''|\"(?:[^\"\\]|\\.)*+\"|'(?:[^'\\]|\\.)*+'|(?P<open>[(\[{])|(?P<close>[)\]}])", re.DOTALL
)


class CallsFound(NamedTuple):
    """Calls, and where they end."""

    rows: list[RawCall]
    end: int


def calls_from(text: str, at: int, tools: frozenset[str]) -> CallsFound:
    """Returns the calls that start here, one after the other with marks between them, and where they end."""
    found, marked = list[RawCall](), ""
    while at < len(text):
        if (shape := _call_at(text, at, tools, marked)) is not None:
            found, at = found + shape.rows, shape.end
            continue
        step = ONE_MARK.match(text, at) or (None if found else BEFORE_JSON.match(text, at))
        if step is None:
            break
        marked, at = marked + step[0], step.end()
    return CallsFound(found, at)


def _call_at(text: str, at: int, tools: frozenset[str], marked: str) -> CallsFound | None:
    for pattern, form in FORMS:
        if match := pattern.match(text, at):
            try:
                rows, end = form(text, match)
            except Unclear:
                break
            return CallsFound(rows, end)
    p = patterns(tools)
    if text[at] == "<":
        named = p.tag.match(text, at)
        named = named if named and ("_" in named["tool"] or is_toolish(marked)) else None
        return _tagged(text, named or p.attribute.match(text, at) or p.pair.match(text, at))
    if text[at] in "[{" and (json := _json(text, at, tools, marked)) is not None:
        return json
    if text[at] == "[" or p.python.match(text, at):
        return _python_at(text, at, tools, p)
    match = p.labelled.match(text, at) or p.bare.match(text, at)
    value = value_at(text, match.end()) if match and text[match.end() : match.end() + 1] == "{" else None
    if match is None or value is None or (fields := _fields(value.value)) is None:
        return None
    return CallsFound([RawCall(match["tool"], fields)], value.end)


def _fields(value: Any) -> dict[str, Any] | None:
    return cast("dict[str, Any]", value) if isinstance(value, dict) else None


def _json(text: str, at: int, tools: frozenset[str], marked: str) -> CallsFound | None:
    if (value := value_at(text, at)) is None:
        return None
    by_mark = bool(re.search(MARK, marked))
    rows = rows_of(value.value) or (_by_key(value.value, tools) if by_mark else None)
    if not rows:
        return None
    known = all(tool_named(row.tool, tools) in tools for row in rows)
    return CallsFound(rows, value.end) if known or is_toolish(marked) else None


def _by_key(value: Any, tools: frozenset[str]) -> list[RawCall] | None:
    """Reads `{"tool": {arguments}}`, one or a list of them."""
    rows: list[RawCall] = []
    for one in cast("list[Any]", value) if isinstance(value, list) else [value]:
        if (fields := _fields(one)) is None or len(fields) != 1:
            return None
        ((name, args),) = fields.items()
        if tool_named(name, tools) not in tools or not isinstance(args, dict):
            return None
        rows.append(RawCall(name, cast("dict[str, Any]", args)))
    return rows


def _tagged(text: str, match: re.Match[str] | None) -> CallsFound | None:
    """Reads arguments as JSON, as one tag each, or as attributes."""
    if match is None:
        return None
    groups = match.groupdict()
    args = {a[0]: a[1] or a[2] for a in _ATTRIBUTE.findall(groups.get("more") or "")}
    if groups.get("closed"):
        return CallsFound([RawCall(match["tool"], args)], match.end())
    tag = groups.get("tag") or match["tool"]
    end = text.find(f"</{tag}>", match.end())
    if end < 0:
        return None
    body, after = text[match.end() : end], end + len(tag) + 3
    if body.strip()[:1] == "{":
        value = value_at(body.strip(), 0)
        given = _fields(value.value) if value is not None and value.end == len(body.strip()) else None
        return CallsFound([RawCall(match["tool"], given)], after) if given is not None else None
    at = 0
    while child := _CHILD.match(body, at):
        name = child["named"] or child["set"] or child["tag"]
        args[name] = child["value"].removeprefix("\n").removesuffix("\n")
        at = child.end()
    return None if body[at:].strip() else CallsFound([RawCall(match["tool"], args)], after)


def _python_at(text: str, at: int, tools: frozenset[str], p: CallPatterns) -> CallsFound | None:
    start = at
    if text[at] != "[":
        begun = p.python.match(text, at)
        start = begun.end() if begun else at
    if (end := closing(text, start)) is None or (rows := python_calls(text[start:end], tools)) is None:
        return None
    if "print(" in text[at:start]:
        after = re.compile(r"\s*\)").match(text, end)
        return CallsFound(rows, after.end()) if after else None
    return CallsFound(rows, end)


def python_calls(body: str, tools: Collection[str]) -> list[RawCall] | None:
    """Returns the calls if this is Python, all of it calls of tools that exist, with literal named arguments."""
    try:
        tree = ast.parse(body.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    rows: list[RawCall] = []
    for node in tree.elts if isinstance(tree, ast.List) else [tree]:
        if not isinstance(node, ast.Call) or (node.args and node.keywords):
            return None
        name = ast.unparse(node.func)
        if tool_named(name, tools) not in tools:
            return None
        try:
            args: Any = {k.arg: ast.literal_eval(k.value) for k in node.keywords if k.arg}
            if node.args:
                (args,) = map(ast.literal_eval, node.args)
        except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
            return None
        if not isinstance(args, dict):
            return None
        rows.append(RawCall(name, args))
    return rows or None


def closing(text: str, at: int) -> int | None:
    """Returns where the first bracket that opens from here on is closed; None if it isn't."""
    depth = 0
    for piece in _BRACKETS.finditer(text, at):
        depth += bool(piece["open"]) - bool(piece["close"])
        if depth > _MOST_DEPTH:
            return None
        if depth <= 0 and (piece["open"] or piece["close"]):
            return piece.end() if piece["close"] else None
    return None


_MOST_DEPTH = 200


def half_a_call(text: str, at: int, tools: frozenset[str]) -> bool:
    """Returns whether a call of an offered tool starts here that can't be read, with nothing after it but marks."""
    p = patterns(tools)
    if p.unread.match(text, at) or _spoken_of(text, at, tools):
        return True
    match = p.shape.match(text, at)
    if match is None:
        return False
    if match["bracket"]:
        end = closing(text, match.end() - 1)
    elif "_" not in match["tool"] or text[:at].rpartition("\n")[2].strip():
        return False  # a word of another kind of document, or of a sentence
    else:
        close = text.find(f"</{match['tool']}>", match.end())
        end = close + len(match["tool"]) + 3 if close >= 0 else None
    return end is None or skipped(text, end) == len(text)


def _spoken_of(text: str, at: int, tools: frozenset[str]) -> bool:
    """Returns whether this is an object, to the end of the text, that names a tool as its own, but no arguments."""
    value = value_at(text, at) if text[at : at + 1] == "{" else None
    fields = _fields(value.value) if value is not None and skipped(text, value.end) == len(text) else None
    if fields is None:
        return False
    named = any(fields.get(key) in tools for key in ("tool", "tool_name", "function_name"))
    return named or (len(fields) == 1 and any("_" in name and name in tools for name in fields))


def may_become_calls(text: str, at: int, tools: frozenset[str]) -> bool:
    """Returns whether an unfinished text may, from here to its end, turn out to be nothing but calls and marks."""
    text = text.rstrip("`")
    end = calls_from(text, at, tools).end
    if end >= len(text) or is_toolish(text[at : skipped(text, at)]):
        return True
    if half_a_call(text, at, tools) or half_a_call(text, end, tools):
        return True
    named = patterns(tools).labelled.match(text, at) or patterns(tools).bare.match(text, at)
    rest = named.end() if named else end
    if rest == len(text) or (text[rest] in "{[" and closing(text, rest) is None):
        return True
    word = text[rest:].removeprefix("print(").removeprefix("call:")
    return bool(named and ":" not in word and len(word.split()) <= 2) or any(tool.startswith(word) for tool in tools)


def ends_as_a_call(text: str, at: int, tools: frozenset[str]) -> bool:
    """Returns whether a call in the middle of a line, as JSON or Python, starts here and ends the text."""
    if text[at] == "{":
        value = value_at(text, at)
        rows = rows_of(value.value) if value else None
        end = value.end if value and rows and all(tool_named(row.tool, tools) in tools for row in rows) else None
    else:
        end = closing(text, at)
        rows = python_calls(text[at:end], tools) if end else None
        end = end if rows and rows[0].args else None
    return end is not None and not _WORDS.search(text, end) and len(text) - end < 40


_WORDS = re.compile(r"\w\s+\w")
