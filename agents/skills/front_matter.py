"""Splits a SKILL.md into settings and instructions, as leniently as clients do that people already use. Pure.

Everything that had to be repaired is reported; only what nobody could use is refused.
"""

import json
import re
from collections.abc import Mapping
from typing import Any, NamedTuple, cast

import yaml

MOST_SETTINGS = 16_000
"""Characters between the two `---` lines."""
_LOADER = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
"""Leaves every scalar a string: `name: 2026-01-01` is a name, not a date."""
_MOST_NESTED = 100
_RULE = re.compile(r"^(---|\.\.\.)[ \t]*$")
_LINE = re.compile(r"^(?P<key>[A-Za-z][\w-]*)[ \t]*:(?:[ \t]+(?P<value>.*))?$")
_PLAIN = re.compile(r"""^[^"'|>\s]""")


class SplitSkill(NamedTuple):
    """The settings by lowercase name, the instructions, and what had to be repaired."""

    settings: Mapping[str, Any]
    body: str
    repairs: tuple[str, ...]


def decoded(content: bytes) -> tuple[str, tuple[str, ...]]:
    """Returns the text with `\\n` as its line ends, and what was wrong with it. Raises ValueError if it isn't text."""
    repairs: list[str] = []
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        text = content.decode("utf-16", errors="replace")
        repairs.append("it's UTF-16 instead of UTF-8")
    else:
        try:
            text = content.decode()
        except UnicodeDecodeError:
            text = content.decode("cp1252", errors="replace")
            repairs.append("it isn't UTF-8")
    if "\0" in text:
        raise ValueError("it isn't text")
    if text.startswith("\ufeff"):
        text = text.removeprefix("\ufeff")
        repairs.append("it starts with a byte order mark")
    return text.replace("\r\n", "\n").replace("\r", "\n"), tuple(repairs)


def split(text: str) -> SplitSkill:
    """Splits decoded text. Never raises: without readable settings, all of it is instructions."""
    lines = text.lstrip("\n \t").split("\n")
    if not _RULE.match(lines[0]):
        return SplitSkill({}, text.strip(), ("it has no settings between two --- lines",))
    end = next((n for n, line in enumerate(lines[1:], 1) if _RULE.match(line)), None)
    repairs: list[str] = []
    if end is None:
        end = next((n for n, line in enumerate(lines[1:], 1) if not line.strip() or line.startswith("#")), len(lines))
        body = lines[end:]
        repairs.append("its settings don't end with a --- line")
    else:
        body = lines[end + 1 :]
    settings, more = _settings("\n".join(lines[1:end])[:MOST_SETTINGS])
    return SplitSkill(settings, "\n".join(body).strip(), (*repairs, *more))


def _settings(text: str) -> tuple[Mapping[str, Any], tuple[str, ...]]:
    """Returns the settings, by YAML if it can be read, else line by line."""
    keys = [found["key"].lower() for line in text.split("\n") if (found := _LINE.match(line))]
    twice = sorted({key for key in keys if keys.count(key) > 1})
    repairs = [f"it sets {', '.join(twice)} more than once"] if twice else []
    repairs += ["its settings contain tabs"] if "\t" in text else []
    for attempt, repair in ((text, ""), (_quoted(text), "its settings need quotes around text with a colon")):
        if (found := _read(attempt)) is not None:
            return found, (*repairs, *([repair] if repair else []))
    return _by_line(text), (*repairs, "its settings aren't valid YAML")


def _read(text: str) -> Mapping[str, Any] | None:
    if text.count("[") + text.count("{") > _MOST_NESTED:  # a parser that nests too deep ends the process
        return None
    try:
        found = yaml.load(text.expandtabs(2), Loader=_LOADER)
    except (yaml.YAMLError, ValueError, RecursionError):
        return None
    if not isinstance(found, dict):
        return None
    pairs = cast(dict[Any, Any], found)
    return {str(key).strip().lower(): value for key, value in pairs.items() if isinstance(key, str)}


def _quoted(text: str) -> str:
    """Returns the settings with every plain scalar at the top level in quotes, its continuation lines joined."""
    done: list[str] = []
    open_ = False
    for line in text.split("\n"):
        found = _LINE.match(line)
        if found and found["value"] and _PLAIN.match(found["value"]):
            done.append(f"{found['key']}: {json.dumps(found['value'].strip(), ensure_ascii=False)}")
            open_ = True
        elif open_ and line[:1] in (" ", "\t") and line.strip():
            done[-1] = f"{done[-1][:-1]} {json.dumps(line.strip(), ensure_ascii=False)[1:]}"
        elif not line.strip() or line.lstrip().startswith("#"):
            continue
        else:
            done.append(line)
            open_ = False
    return "\n".join(done)


def _by_line(text: str) -> Mapping[str, Any]:
    """Returns `key: value` lines with the indented lines that follow each."""
    found: dict[str, Any] = {}
    key = ""
    for line in text.split("\n"):
        pair = _LINE.match(line)
        if pair:
            key = pair["key"].lower()
            value = (pair["value"] or "").strip()
            found[key] = "" if value.rstrip("+-") in ("|", ">") else value.strip("\"'")
        elif key and line[:1] in (" ", "\t", "-"):
            found[key] = f"{found[key]} {line.strip()}".strip().strip("\"'")
    return found
