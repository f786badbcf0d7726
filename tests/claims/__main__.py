"""Prints how many of 60 wrong claims are caught, and how many of 60 right ones are blamed."""

import asyncio
import sys
import tempfile
from collections import Counter
from pathlib import Path

from tests.claims.board import all_boards, board
from tests.claims.build import refused
from tests.claims.cases import Case
from tests.claims.judge import against
from tests.claims.planted import CASES
from tests.claims.sentences import ROWS


async def one(case: Case) -> tuple[list[str], list[str]]:
    """What is said against the wrong file, and against the right one."""
    said: list[list[str]] = []
    for content in (case.wrong, case.right):
        with tempfile.TemporaryDirectory() as folder:
            said.append(await refused(Path(folder), case.suffix, content, board()))
    return said[0], said[1]


def sentences() -> tuple[int, int]:
    """Prints the sentences that are judged wrongly; returns how many wrong ones are caught, and right ones blamed."""
    boards = all_boards()
    missed = [r.wrong for r in ROWS if r.wrong and not against(r.wrong, r.cites, boards[r.about])]
    blamed = [r.right for r in ROWS if against(r.right, r.cites, boards[r.about])]
    for words in missed:
        print(f"missed  {words}")
    for words in blamed:
        print(f"blamed  {words}")
    return sum(bool(r.wrong) for r in ROWS) - len(missed), len(blamed)


async def main(suffixes: list[str]) -> int:
    cases = [c for c in CASES if not suffixes or c.suffix in suffixes]
    caught, blamed = Counter[str](), 0
    for case in cases:
        wrong, right = await one(case)
        caught[case.kind] += bool(wrong)
        blamed += bool(right)
        if not wrong:
            print(f"missed  {case.kind}, {case.suffix}: {case.wrong.text or case.wrong.title or case.wrong.rows[-1]}")
        for words in right:
            print(f"blamed  {case.kind}, {case.suffix}: {words}")
        if "-v" in sys.argv:
            print(f"{case.kind}, {case.suffix}: {' '.join(wrong)}")
    for kind in dict.fromkeys(c.kind for c in cases):
        print(f"{kind:<20} {caught[kind]} of {sum(c.kind == kind for c in cases)} caught")
    hit, hurt = sentences()
    print(f"sentences: {hit} of {sum(bool(r.wrong) for r in ROWS)} caught; right: {hurt} of {len(ROWS)} blamed")
    print(f"planted: {sum(caught.values())} of {len(cases)} caught; right: {blamed} of {len(cases)} blamed")
    return 0 if sum(caught.values()) * 60 >= 57 * len(cases) and blamed * 60 < 3 * len(cases) else 1


if __name__ == "__main__":
    sys.exit(asyncio.run(main([a for a in sys.argv[1:] if not a.startswith("-")])))
