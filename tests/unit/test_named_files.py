"""Documentation names only files that exist."""

import re
import subprocess
from pathlib import Path

TOP = Path(__file__).parents[2]
OTHER = frozenset({"CHANGELOG.md"})
"""A changelog names files as they were."""
_NAME = re.compile(r"(?<![\w.*<{-])([a-z_0-9]+\.py)\b")


def _tracked() -> list[str]:
    listed = subprocess.run(["git", "ls-files"], cwd=TOP, capture_output=True, text=True, check=False).stdout.split()
    return listed or [str(p.relative_to(TOP)) for p in TOP.rglob("*") if ".venv" not in p.parts and p.is_file()]


def missing(text: str, names: set[str]) -> list[str]:
    """Returns the Python files that a text names and nobody has."""
    return sorted({name for name in _NAME.findall(text) if name not in names})


def test_a_file_that_was_renamed_is_found() -> None:
    assert missing("`desired.py` and `bot/cards/card.py`", {"card.py"}) == ["desired.py"]


def test_every_module_that_the_documentation_names_is_there() -> None:
    tracked = _tracked()
    names = {file.rsplit("/", 1)[-1] for file in tracked}
    wrong = {
        file: gone
        for file in tracked
        if file.endswith(".md") and file not in OTHER and (gone := missing((TOP / file).read_text(), names))
    }
    assert wrong == {}
