"""The list of kinds that are tried with the real programs names tests that are there."""

import re
from pathlib import Path

LIST = Path(__file__).parents[1] / "scenarios" / "README.md"
_NAMED = re.compile(r"`([\w./]+\.py)::(\w+)`")


def test_every_test_of_the_list_is_there_and_there_are_many() -> None:
    rows = [line for line in LIST.read_text().splitlines() if line.startswith("|") and "`" in line]
    named = [_NAMED.search(row) for row in rows]
    assert all(named), [row for row, found in zip(rows, named, strict=True) if not found]
    missing = [found[0] for found in named if found and f"def {found[2]}(" not in (LIST.parent / found[1]).read_text()]
    assert missing == []
    assert len({found[2] for found in named if found}) >= 60
