"""What a server offers, as people approve it: its hash, and the difference to what was approved. Pure."""

import json
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from typing import cast

from pydantic import JsonValue

from agents.explain_argument_errors import is_schema
from orchestrator.domain.base_value import Value
from orchestrator.domain.clean_outside_text import text as cleaned
from orchestrator.domain.ids import digest

MOST_TOOLS = 500
MOST_DESCRIPTION = 1_000
"""Characters of a description that a model reads."""
MOST_SCHEMA = 12_000
"""Characters of a schema; a larger one becomes an object without rules."""
_MOST_LEVELS = 12
_INVISIBLE = re.compile(
    "[\\u00ad\\u034f\\u061c\\u115f\\u1160\\u17b4\\u17b5\\u180b-\\u180f\\u200b-\\u200f\\u202a-\\u202e\\u2060-\\u206f\\u3164"
    "\\ufe00-\\ufe0f\\ufeff\\uffa0\\ufff9-\\ufffb\\U000e0000-\\U000e0fff]"
)
_SMUGGLED = re.compile("[\\U000e0000-\\U000e0fff]")
"""Characters that only carry hidden words; no script needs them."""
_LONGEST_NAME = 200
_LEFT_OUT = frozenset(
    {"$id", "$schema", "$anchor", "$dynamicRef", "$dynamicAnchor", "$vocabulary", "$comment", "pattern",
     "patternProperties", "format", "contentMediaType", "contentEncoding"}
)  # fmt: skip
"""What a schema loses: references to elsewhere, and patterns that could take forever."""
_NAMED = ("properties", "$defs", "definitions")


class OfferedTool(Value):
    """A tool as its server describes it. `hint`: the server says it only reads, which is no permission."""

    name: str
    description: str = ""
    parameters: dict[str, JsonValue] = {}
    hint: bool = False
    destructive: bool = False

    @property
    def digest(self) -> str:
        return digest("tool", self.model_dump_json(), length=32)


class ToolList(Value):
    """Everything that a server offers. `resources`, `prompts`: whether it had any, which may change at any time."""

    tools: tuple[OfferedTool, ...] = ()
    resources: bool = False
    prompts: bool = False

    @property
    def digest(self) -> str:
        """Returns the hash that an approval is bound to; the order of the tools doesn't matter."""
        return digest("tools", *sorted(tool.digest for tool in self.tools), length=32)


class ApprovedTools(Value):
    """The list that a person approved. `reads`: names of tools that run without asking for each call."""

    list: ToolList
    reads: frozenset[str] = frozenset()
    by: str = ""
    at: str = ""


class ListDifference(Value):
    """What a new list would change: names of tools, and for a changed one also what changed."""

    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    changed: Mapping[str, str] = {}

    @property
    def words(self) -> str:
        """Returns it in one sentence."""
        said = [f"added {', '.join(self.added)}"] if self.added else []
        said += [f"removed {', '.join(self.removed)}"] if self.removed else []
        said += [f"changed {', '.join(f'{name} ({what})' for name, what in self.changed.items())}"] * bool(self.changed)
        return "; ".join(said) or "nothing visible"


def difference(old: ToolList, new: ToolList) -> ListDifference:
    """Returns what a person has to look at."""
    before, after = _rows(old), _rows(new)
    return ListDifference(
        added=tuple(name for name in after if name not in before),
        removed=tuple(name for name in before if name not in after),
        changed={n: _changes(before[n], after[n]) for n in after if n in before and before[n] != after[n]},
    )


def details(old: ToolList, new: ToolList) -> dict[str, JsonValue]:
    """Returns the difference for an approval: the descriptions of added tools, and both versions of changed ones."""
    before, after, found = _rows(old), _rows(new), difference(old, new)
    rows: dict[str, JsonValue] = {f"added: {name}": _shown(after[name]) for name in found.added}
    rows |= {f"removed: {name}": _shown(before[name]) for name in found.removed}
    for name in found.changed:
        rows |= {f"changed: {name} (before)": _shown(before[name]), f"changed: {name} (now)": _shown(after[name])}
    return rows


def kept_reads(approved: ApprovedTools, new: ToolList) -> frozenset[str]:
    """Returns the reads whose tools didn't change; a changed tool has to be approved as a read once more."""
    before, after = _rows(approved.list), _rows(new)
    return frozenset(name for name in approved.reads if name in after and before.get(name) == after[name])


def proposed_reads(offered: ToolList) -> frozenset[str]:
    """Returns what a person could approve as reads: what the server says only reads."""
    return frozenset(name for name, tool in _rows(offered).items() if tool.hint and not tool.destructive)


def _rows(offered: ToolList) -> dict[str, OfferedTool]:
    rows = {tool.name: tool for tool in offered.tools}
    return rows | {tool.name: tool for tool in further(offered)}


def further(offered: ToolList) -> tuple[OfferedTool, ...]:
    """Returns the tools for a server's resources and prompts."""
    return (*(_RESOURCES if offered.resources else ()), *(_PROMPTS if offered.prompts else ()))


def _changes(old: OfferedTool, new: OfferedTool) -> str:
    what = (
        ("description", old.description != new.description),
        ("arguments", old.parameters != new.parameters),
        ("what it says about its effects", (old.hint, old.destructive) != (new.hint, new.destructive)),
    )
    return ", ".join(name for name, differs in what if differs)


def _shown(tool: OfferedTool) -> str:
    """Returns all that models read of the tool, in one line, so that nothing can pass for a line of ours."""
    about = " ".join(tool.description.split())
    said = f"{about} [arguments: {' '.join(', '.join(_told(tool.parameters)).split()) or 'none'}]"
    return f"{said} [declared read-only]" if tool.hint else said


def _told(schema: JsonValue) -> Iterator[str]:
    """Yields the names in a schema with their descriptions, and every other text in it."""
    if isinstance(schema, list):
        for one in schema:
            yield from (one,) if isinstance(one, str) else _told(one)
    if not isinstance(schema, dict):
        return
    for key, value in schema.items():
        if key in _NAMED and isinstance(value, dict):
            for name, inner in value.items():
                row = inner if isinstance(inner, dict) else {}
                about = row.get("description")
                yield f"{name} ({about})" if isinstance(about, str) and about else name
                yield from _told({key: one for key, one in row.items() if key != "description"})
        elif isinstance(value, str) and key not in ("type", "$ref"):
            yield value
        elif key not in ("type", "required"):
            yield from _told(value)


def visible(name: str) -> bool:
    """Returns whether a name is what a person sees of it."""
    hidden = _INVISIBLE.search(name) or any(unicodedata.category(c)[0] in "CZ" and c != " " for c in name)
    return bool(name.strip()) and len(name) <= _LONGEST_NAME and not hidden


def readable(words: str) -> str:
    """Returns an answer's text without words that no person can see."""
    return _SMUGGLED.sub("", cleaned(words))


def described(words: object, most: int = MOST_DESCRIPTION) -> str:
    """Returns a server's words without what people can't see, on few lines."""
    found = _INVISIBLE.sub("", cleaned(words)) if isinstance(words, str) else ""
    plain = "".join(c for c in found if c == "\n" or unicodedata.category(c) != "Cc").strip()
    return plain if len(plain) <= most else f"{plain[:most]}…"


def usable_schema(schema: object) -> dict[str, JsonValue]:
    """Returns the schema as models and validators may have it: an object, no references outside, no patterns."""
    found = _cleaned(schema, _MOST_LEVELS)
    if not isinstance(found, dict) or found.get("type", "object") != "object":
        return {"type": "object"}
    whole = {**found, "type": "object"}
    if len(json.dumps(whole)) > MOST_SCHEMA or not _resolves(whole) or not is_schema(whole):
        return {"type": "object"}
    return whole


def _cleaned(value: object, levels: int, *, named: bool = False) -> JsonValue:
    """`named`: the keys are names of fields, not words of JSON Schema."""
    if isinstance(value, dict):
        if not levels:
            return {}
        rows = cast("dict[str, object]", value)
        return {
            (cleaned(key) if named else key): described(one) if key == "description" and not named
            else _cleaned(one, levels - 1, named=key in _NAMED and not named)
            for key, one in rows.items()
            if named or key not in _LEFT_OUT
        }  # fmt: skip
    if isinstance(value, list):
        return [_cleaned(one, levels - 1) for one in cast("list[object]", value)] if levels else []
    if isinstance(value, str):
        return described(value)
    return value if value is None or isinstance(value, bool | int | float) else None


def _references(value: JsonValue) -> Iterator[JsonValue]:
    if isinstance(value, dict):
        if "$ref" in value:
            yield value["$ref"]
        for one in value.values():
            yield from _references(one)
    elif isinstance(value, list):
        for one in value:
            yield from _references(one)


def _resolves(schema: Mapping[str, JsonValue]) -> bool:
    """Returns whether every reference leads to a definition in this schema that refers to nothing else itself."""
    for reference in _references(dict(schema)):
        _, section, name = [*str(reference).split("/"), "", "", ""][:3]
        held = schema.get(section)
        if not str(reference).startswith("#/") or section not in _NAMED or not isinstance(held, dict):
            return False
        if name not in held or any(True for _ in _references(held[name])):
            return False
    return True


def _tool(name: str, description: str, required: Sequence[str], fields: dict[str, JsonValue]) -> OfferedTool:
    schema: dict[str, JsonValue] = {"type": "object", "properties": fields, "required": list(required)}
    return OfferedTool(name=name, description=description, parameters=schema, hint=True)


LIST_RESOURCES, READ_RESOURCE = "list_resources", "read_resource"
LIST_PROMPTS, GET_PROMPT = "list_prompts", "get_prompt"
_WORDS: JsonValue = {"type": "string"}
_TABLE: JsonValue = {"type": "object", "additionalProperties": {"type": "string"}}
_RESOURCES: tuple[OfferedTool, ...] = (
    _tool(LIST_RESOURCES, "List this connector's resources and their URIs.", (), {}),
    _tool(READ_RESOURCE, "Read one resource of this connector.", ("uri",), {"uri": _WORDS}),
)
_PROMPTS: tuple[OfferedTool, ...] = (
    _tool(LIST_PROMPTS, "List this connector's prompt templates and their arguments.", (), {}),
    _tool(GET_PROMPT, "Get one of this connector's prompt templates, filled in.", ("name",),
          {"name": _WORDS, "arguments": _TABLE}),
)  # fmt: skip
FURTHER = frozenset(tool.name for tool in (*_RESOURCES, *_PROMPTS))
