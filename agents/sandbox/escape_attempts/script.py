"""Joins the whole battery into one text for an interpreter without our modules, and interprets its output."""

import json
from pathlib import Path
from types import ModuleType
from typing import Any

from agents.sandbox.escape_attempts import basics, files, kernel, limits, network, processes
from orchestrator.errors import ToolFailed

KINDS: dict[ModuleType, str] = {
    files: "Code that an agent runs could read or change files on this machine.",
    processes: "Code that an agent runs could inspect or stop other programs on this machine.",
    network: "Code that an agent runs could reach services and networks without asking.",
    kernel: "Code that an agent runs could use parts of the kernel that make it easier to break out of the sandbox.",
    limits: "Code that an agent runs could slow this machine down.",
}
"""The attempts by what the success of one would mean."""
ATTEMPTS = basics.ATTEMPTS
"""All of them, by name: importing the modules fills it."""
_MODULES = (basics, *KINDS)
_RUN = """
import sys, types
for name, text in SOURCES.items():
    sys.modules[name] = types.ModuleType(name)
    exec(compile(text, name, "exec"), vars(sys.modules[name]))
sys.modules["agents.sandbox.escape_attempts.basics"].make_all(FACTS)
"""


def script(facts: dict[str, Any], *, heavy: bool) -> str:
    """Returns Python text that makes all attempts on the bait described by `facts`. Blocks: reads our own files."""
    sources = {module.__name__: Path(str(module.__file__)).read_text() for module in _MODULES}
    return f"SOURCES = {sources!r}\nFACTS = {facts | {'heavy': heavy}!r}\n{_RUN}"


def successes(output: str) -> set[str]:
    """Returns the attempts that succeeded. Raises ToolFailed if the battery didn't finish."""
    line = next((row for row in output.splitlines() if row.startswith(basics.SIGN)), None)
    if line is None:
        raise ToolFailed(f"The escape attempts didn't finish: {output[-2000:]!r}.")
    return {name for name, worked in json.loads(line.removeprefix(basics.SIGN)).items() if worked}


def told(names: set[str]) -> str:
    """Returns what succeeded and what that means, as sentences."""
    listed = ", ".join(name.replace("_", " ") for name in ATTEMPTS if name in names)
    kinds = {ATTEMPTS[name].__module__ for name in names}
    return " ".join([f"{listed}.", *(words for module, words in KINDS.items() if module.__name__ in kinds)])
