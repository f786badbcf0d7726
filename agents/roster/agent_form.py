"""Turns an agent's file into the fields of a form and back. Pure.

A field has one or more texts. `family.NAME`: whether the tools of a family are in every prompt (`always`), open on
demand (`open`), or aren't there (empty).
"""

from collections.abc import Mapping, Sequence
from typing import Any, cast

import yaml

from agents.roster.agent_file import PROMPT
from agents.roster.tool_names_by_family import FAMILIES

Fields = Mapping[str, Sequence[str]]
ALWAYS, ON_DEMAND = "always", "open"
_TEXTS = ("name", "description", "model", "effort")
_LIMITS = {"turns": int, "cost": float, "tokens": int}
_SCOPES = ("teams", "channels", "people")
_VERDICTS = ("ask", "deny")


def fields_of(settings: Mapping[str, Any], prompt: str) -> dict[str, list[str]]:
    """Returns the fields of a file, also of one with mistakes."""
    fields = {key: [str(settings[key])] for key in _TEXTS if settings.get(key) is not None}
    tools, families = _names(settings.get("tools")), settings.get("families")
    for name in tools:
        if name in FAMILIES:
            fields[f"family.{name}"] = [ALWAYS]
    for name in [] if isinstance(families, dict) else _names(families):
        fields.setdefault(f"family.{name}", [ON_DEMAND])
    fields["tools"] = [", ".join(name for name in tools if name not in FAMILIES)]
    fields["skills"] = _names(settings.get("skills"))
    if "connectors" in settings:
        fields["connectors"] = _names(settings["connectors"])
    else:
        fields["every-connector"] = ["yes"]
    for key, names in (("limits", tuple(_LIMITS)), ("policy", _VERDICTS), ("for", _SCOPES)):
        rows = settings.get(key)
        for name in names if isinstance(rows, dict) else ():
            value = cast("dict[str, object]", rows).get(name)
            if value is not None:
                fields[name] = [", ".join(_names(value)) if key != "limits" else str(value)]
    fields[PROMPT] = [prompt]
    return fields


def settings_of(fields: Fields, old: Mapping[str, Any]) -> dict[str, Any]:
    """Returns the settings that the fields say. `old`: those of the file before, whose families that have tools of
    their own stay."""
    settings: dict[str, Any] = {"name": _one(fields, "name"), "description": _one(fields, "description")}
    settings["tools"] = [n for n in FAMILIES if _one(fields, f"family.{n}") == ALWAYS] + _listed(fields, "tools")
    on_demand = [name for name in FAMILIES if _one(fields, f"family.{name}") == ON_DEMAND]
    if isinstance(old.get("families"), dict):
        own = cast("dict[str, object]", old["families"])
        settings["families"] = {**own, **{name: [*FAMILIES[name]] for name in on_demand}}
    elif on_demand:
        settings["families"] = on_demand
    if not _one(fields, "every-connector"):
        settings["connectors"] = _listed(fields, "connectors")
    if skills := _listed(fields, "skills"):
        settings["skills"] = skills
    settings |= {key: _one(fields, key) for key in ("model", "effort") if _one(fields, key)}
    if limits := {key: _number(_one(fields, key), kind) for key, kind in _LIMITS.items() if _one(fields, key)}:
        settings["limits"] = limits
    if policy := {key: _listed(fields, key) for key in _VERDICTS if _listed(fields, key)}:
        settings["policy"] = policy
    if scope := {key: _listed(fields, key) for key in _SCOPES if _listed(fields, key)}:
        settings["for"] = scope
    return settings


def prompt_of(fields: Fields) -> str:
    """Returns the prompt that the fields say."""
    return "\n".join(fields.get(PROMPT, ())).replace("\r\n", "\n").strip()


def written(settings: Mapping[str, Any], prompt: str) -> bytes:
    """Returns the file."""
    head = yaml.safe_dump(dict(settings), sort_keys=False, allow_unicode=True, default_flow_style=None, width=110)
    return f"---\n{head}---\n{prompt}\n".encode()


def _one(fields: Fields, key: str) -> str:
    return " ".join(" ".join(fields.get(key, ())).split())


def _listed(fields: Fields, key: str) -> list[str]:
    """Returns the names in a field, each once, whether they are in one text or in several."""
    texts = [text.replace("\n", ",") for text in fields.get(key, ())]
    names = [part.strip() for text in texts for part in text.split(",")]
    return list(dict.fromkeys(name for name in names if name))


def _names(value: object) -> list[str]:
    if isinstance(value, str):
        return [part.strip() for part in value.split(",") if part.strip()]
    return [str(row) for row in cast("list[object]", value)] if isinstance(value, list) else []


def _number(text: str, kind: type[int] | type[float]) -> int | float | str:
    """Returns the number, or the text if it isn't one, which is then told as a mistake."""
    try:
        return kind(text.replace(",", "").removeprefix("$"))
    except ValueError:
        return text
