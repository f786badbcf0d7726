"""Finds the tool that a model means by a name with a vendor's additions. Pure."""

import re
from collections.abc import Collection


def tool_named(name: str, tools: Collection[str]) -> str:
    """Returns the tool's own name if only one can be meant (`functions.read_file:0`, `Read-File`), else the name."""
    if name in tools:
        return name
    bare = re.sub(r"<\|.*", "", name).strip().strip("\"'`")
    parts = [bare, re.sub(r":\d+$", "", bare)]
    parts += [part.rpartition(mark)[2] for part in tuple(parts) for mark in (".", "/", ":")]
    for part in parts:
        if part in tools:
            return part
    plain = {_plain(part) for part in parts}
    near = [tool for tool in tools if _plain(tool) in plain]
    return near[0] if len(near) == 1 else name


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())
