"""The Markdown files name only modules and documents that exist."""

import re
from pathlib import Path

import pytest

TOP = Path(__file__).parents[2]
FOLDERS = ("agents", "bot", "deploy", "orchestrator", "skills", "tests")
LIBRARIES = {"discord.py"}
NAMED = re.compile(r"(?<![\w/.<-])(?:\.\./)*[\w-]+(?:/[\w-]+)*\.(?:py|sql|sh|js)\b")


def documents() -> list[Path]:
    return [*TOP.glob("*.md"), *(path for folder in FOLDERS for path in (TOP / folder).rglob("*.md"))]


def exists(name: str, document: Path) -> bool:
    """Whether `name` is a path from the top, from the document's folder, or the end of a path below that folder."""
    if (TOP / name).is_file() or (document.parent / name).resolve().is_file():
        return True
    roots = [TOP / folder for folder in FOLDERS] if document.parent == TOP else [document.parent]
    return any(path.is_file() for root in roots for path in root.rglob(name) if ".." not in name)


@pytest.mark.parametrize("document", documents(), ids=lambda path: str(path.relative_to(TOP)))
def test_every_module_that_a_document_names_exists(document: Path) -> None:
    named = sorted(set(NAMED.findall(document.read_text())) - LIBRARIES)
    assert [name for name in named if not exists(name, document)] == []
