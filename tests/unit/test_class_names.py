"""A public class name means one thing in the whole tree, so that a reader who meets it knows which class it is."""

import ast
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

TOP = Path(__file__).parents[2]
FOLDERS = ("agents", "bot", "deploy", "orchestrator")


def classes() -> Iterator[tuple[str, str]]:
    """Every public class at the top of a module, and the module's path."""
    for folder in FOLDERS:
        for path in sorted((TOP / folder).rglob("*.py")):
            for node in ast.parse(path.read_text()).body:
                if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                    yield node.name, str(path.relative_to(TOP))


def test_no_two_modules_define_a_class_of_the_same_name() -> None:
    found: defaultdict[str, list[str]] = defaultdict(list)
    for name, path in classes():
        found[name].append(path)
    assert {name: paths for name, paths in found.items() if len(paths) > 1} == {}
