"""Changes a settings file: some values of one section, and nothing else."""

import json
import os
import re
import tempfile
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from orchestrator.errors import Refused

HEAD = "# All settings: deploy/settings.md.\n"
Values = Mapping[str, str | int | None]


def changed(text: str, section: str, values: Values) -> str | None:
    """Returns the file's text with these values; None as a value removes it. Returns None if the file is written so
    that this can't be done without changing something else. Pure."""
    header = re.compile(rf"\s*\[\s*{section}\s*\]\s*(#.*)?")
    lines = text.splitlines()
    begin = next((n for n, line in enumerate(lines) if header.fullmatch(line)), None)
    if begin is None:
        lines += ["", f"[{section}]"] if lines else [f"[{section}]"]
        begin = len(lines) - 1
    end = next((n for n in range(begin + 1, len(lines)) if lines[n].lstrip().startswith("[")), len(lines))
    made = "\n".join([*lines[: begin + 1], *_body(lines[begin + 1 : end], values), *lines[end:]]) + "\n"
    wanted = _wanted(text, section, values)
    return made if wanted is not None and _read(made) == wanted else None


def change(file: Path, sections: Mapping[str, Values]) -> None:
    """Writes it atomically. Raises Refused with what to do instead."""
    try:
        text = file.read_text("utf-8") if file.exists() else HEAD
    except (OSError, UnicodeDecodeError) as error:
        raise Refused(f"{str(file)!r} can't be read: {error}.") from error
    for section, values in sections.items():
        made = changed(text, section, values)
        if made is None:
            names = ", ".join(f"THREADWORK_{section}__{name}".upper() for name in values)
            raise Refused(f"Edit the section [{section}] of {str(file)!r} by hand, or set {names} instead.")
        text = made
    write(file, text)


def write(file: Path, content: str) -> None:
    """Replaces the file atomically, readable only by its owner, because it may contain a key."""
    file = file.resolve()
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}-")
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as part:
                part.write(content)
                part.flush()
                os.fsync(part.fileno())
            Path(name).replace(file)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise Refused(f"{str(file)!r} isn't writable ({error.strerror}); choose another file with --file.") from error


def _body(lines: list[str], values: Values) -> list[str]:
    """Returns a section's lines with the values in their old places, new ones after its last setting."""
    said = {name: f"{name} = {json.dumps(value)}" for name, value in values.items() if value is not None}
    body: list[str] = []
    for line in lines:
        name = line.partition("=")[0].strip()
        if name not in values:
            body.append(line)
        elif name in said:
            body.append(said.pop(name))
    last = max((n for n, line in enumerate(body, 1) if line.strip()), default=0)
    return [*body[:last], *said.values(), *body[last:]]


def _read(text: str) -> dict[str, Any] | None:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return None


def _wanted(text: str, section: str, values: Values) -> dict[str, Any] | None:
    found = _read(text)
    if found is None or not isinstance(inner := found.setdefault(section, {}), dict):
        return None
    merged: dict[str, Any] = {**inner, **values}
    return {**found, section: {name: value for name, value in merged.items() if value is not None}}
