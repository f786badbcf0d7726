"""Lays out the strings of a package, file by file."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path

from tests.wording import pages, python
from tests.wording.row import Row

TOP = Path(__file__).parents[2]
PACKAGES = ("agents", "bot", "deploy", "orchestrator", "skills")
"""The folders with a snapshot; `run` counts as part of deploy."""

_READERS: Mapping[str, Callable[[str], Iterator[Row]]] = {
    ".py": python.rows,
    "": python.rows,  # ./run
    ".html": pages.html_rows,
    ".js": pages.script_rows,
    ".md": pages.prompt_rows,
    ".yaml": pages.yaml_rows,
}
_CONTENT = ("agents/models/rehearsal/sites/",)
"""Pages of invented companies."""


@cache
def rows(package: str) -> Sequence[tuple[str, Row]]:
    """Returns every string of the package with the path of its file."""
    return [
        (str(path.relative_to(TOP)), row)
        for path in _files(package)
        for row in dict.fromkeys(_READERS[path.suffix](path.read_text()))
    ]


def text(package: str) -> str:
    """Returns the table of the package as its snapshot holds it."""
    lines: list[str] = []
    last = ""
    for path, row in rows(package):
        if path != last:
            lines.append(f"\n## {path}")
            last = path
        lines.append(f"{row.kind:<9} {row.text}")
    return "\n".join([*lines, ""]).lstrip("\n")


def snapshot(package: str) -> Path:
    """Returns the path of the package's snapshot."""
    return TOP / "tests/wording" / f"{package}.txt"


def docstrings(package: str) -> Iterator[tuple[str, str]]:
    """Yields every docstring of the package with its path and line."""
    for path in _files(package):
        if path.suffix in (".py", ""):
            for line, text in python.docstrings(path.read_text()):
                yield f"{path.relative_to(TOP)}:{line}", text


def _files(package: str) -> list[Path]:
    extra = [TOP / "run"] if package == "deploy" else []
    found = (p for p in sorted((TOP / package).rglob("*")) if p.is_file() and p.suffix in _READERS and p.suffix)
    return [p for p in found if p.name != "README.md" and not str(p.relative_to(TOP)).startswith(_CONTENT)] + extra
