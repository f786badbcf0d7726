"""The table of habits is complete: every habit on every platform, or the reason why people can't do it there."""

from tests.world.chats.habits import PLATFORMS, collected

KINDS = {
    "the thread so far", "quoted and forwarded", "words outside the text", "links", "files", "names of files",
    "typed answers", "edits, deletions, reactions", "never silent", "finding out",
}  # fmt: skip


def test_every_habit_has_a_kind_and_a_reason_for_each_platform_it_misses() -> None:
    habits = collected()
    assert {one.kind for one in habits} <= KINDS
    assert len({one.name for one in habits}) == len(habits)
    assert [one.name for one in habits for p in PLATFORMS if p in one.unsaid and not one.unsaid[p].strip()] == []
