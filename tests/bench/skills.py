"""How often the right skill is among the first of 330, for requests in people's words: `python -m tests.bench skills`.

Collection and requests are ours, and so is the judgment of which skill is right.
"""

import time
from pathlib import Path
from typing import NamedTuple

from agents.skills.ranking import SkillRanking
from agents.skills.skill import Skill, SkillSheet

HERE = Path(__file__).parent
LEAST_AT_TEN = 0.93


class Recall(NamedTuple):
    """Shares of the requests whose skill is among the first one, five, ten. `missed`: those beyond."""

    at: dict[int, float]
    missed: list[str]


def collection() -> list[Skill]:
    return [
        Skill(SkillSheet(name, description, ""), "team", name, digest=f"{n:064x}")
        for n, (name, description) in enumerate(_pairs("skill_collection.txt"))
    ]


def recall() -> Recall:
    """Asks every request."""
    ranking = SkillRanking(collection())
    places: dict[str, int] = {}
    for name, words in _pairs("skill_queries.txt"):
        found = [one.name for one in ranking.best(words, 400)]
        places[words] = found.index(name) if name in found else 1_000
    at = {most: sum(place < most for place in places.values()) / len(places) for most in (1, 5, 10)}
    return Recall(at, [words for words, place in places.items() if place >= 10])


def report() -> None:
    """Prints the figures; fails below the limit."""
    began = time.perf_counter()
    ranking = SkillRanking(collection())
    built = time.perf_counter()
    for _, words in _pairs("skill_queries.txt"):
        ranking.best(words, 20)
    took = (built - began, (time.perf_counter() - built) / len(_pairs("skill_queries.txt")))
    found = recall()
    shares = ", ".join(f"@{most} {share:.2f}" for most, share in found.at.items())
    index, each = (seconds * 1000 for seconds in took)
    print(f"skills: recall {shares} among {len(collection())}; {index:.0f} ms to index, {each:.1f} ms each")
    for words in found.missed:
        print(f"  not among ten: {words}")
    assert found.at[10] >= LEAST_AT_TEN


def _pairs(file: str) -> list[tuple[str, str]]:
    lines = (HERE / file).read_text("utf-8").splitlines()
    return [(name.strip(), words.strip()) for name, _, words in (line.partition("|") for line in lines)]
