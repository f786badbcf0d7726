"""The table of habits is complete: every habit on every platform, or the reason why people can't do it there."""

import importlib
from pathlib import Path

from tests.world.chats.habits import HABITS, PLATFORMS, collected

KINDS = {
    "the thread so far", "quoted and forwarded", "words outside the text", "names people see", "links", "files",
    "names of files", "mentions", "typed answers", "edits, deletions, reactions", "never silent", "finding out",
    "secrets",
}  # fmt: skip


def test_every_habit_has_a_kind_and_a_reason_for_each_platform_it_misses() -> None:
    habits = collected()
    assert {one.kind for one in habits} <= KINDS
    assert len({one.name for one in habits}) == len(habits)
    assert len(habits) >= 40
    assert [one.name for one in habits for p in PLATFORMS if p in one.unsaid and not one.unsaid[p].strip()] == []


def test_every_test_with_a_room_is_a_habit_that_runs_on_each_platform_it_doesnt_miss() -> None:
    collected()
    for file in Path(__file__).parent.glob("test_*.py"):
        module = importlib.import_module(f"tests.world.chats.{file.stem}")
        for name, story in vars(module).items():
            if not name.startswith("test_") or story.__module__ != module.__name__ or module.__name__ == __name__:
                continue
            unsaid = HABITS[f"{module.__name__}.{name}"].unsaid
            rooms = [mark.args[1] for mark in story.pytestmark if mark.args[0] == "room"]
            assert [set(found) | set(unsaid) for found in rooms] == [set(PLATFORMS)], name
