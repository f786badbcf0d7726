"""The small job on SimCord, a Discord that others wrote: that ours is like Discord is not only our own belief."""

from pathlib import Path
from typing import Any

from tests.memory_hub import stage
from tests.scenarios.discord_under_stress import small_job
from tests.scenarios.simcord_fixtures import House, at_work, shown, simcord, text, until

DONE = "Done, 1 file: note.md."


async def finish(house: House, channel: Any, by: Any = None) -> None:
    """From the plan to the end, as the person presses it."""
    await house.press(channel, "start", by)
    await house.press(channel, "accept", by)
    await until(lambda: house.reads(channel, DONE))
    files = [m.attachments for m in house.ours(channel) if m.attachments]
    assert [[f.filename for f in each] for each in files] == [["note.md"]]


async def test_the_job_runs_from_mention_to_file_over_a_restart(tmp_path: Path) -> None:
    async with simcord() as world, stage(tmp_path, small_job(1)) as on:
        async with at_work(on.desk, world):
            house = House(world.env)
            root = await house.ada.send(house.room, f"{house.mention} write a note")
            (thread,) = await until(lambda: house.room.threads)
            form = await house.press(thread, "edit-plan")
            sent = await house.ada.submit_modal(form, shown(form) | {"steps": "write | Write it well | document"})
            assert sent.acknowledged
            await until(lambda: house.reads(thread, "Write it well"))
        async with at_work(on.desk, world):
            await finish(house, thread)
            await until(lambda: [str(r.emoji) for r in _again(house, root).reactions] == ["✅"])
        (state,) = await on.desk.states()
        assert [s.title for s in state.plan.subtasks] == ["Write it well"]


async def test_commands_and_the_menu_of_a_message_do_as_a_mention_does(tmp_path: Path) -> None:
    async with simcord() as world, stage(tmp_path, small_job(2)) as on, at_work(on.desk, world):
        house = House(world.env)
        await house.ada.slash(house.room, "threadwork", request="write a note")
        (first,) = await until(lambda: house.room.threads)
        await finish(house, first)
        said = await house.ada.send(house.room, "somebody should write a note")
        chosen = await house.ada.context_menu(house.room, "Work on this", said)
        assert chosen.ephemeral
        _, second = await until(lambda: len(house.room.threads) == 2 and house.room.threads)
        assert second.id == said.id
        await finish(house, second)
        mine = await house.ada.slash(house.room, "threadwork", request="tasks")
        assert mine.response.ephemeral
        assert text(mine.response.message).count("Done") == 2


async def test_a_direct_message_is_a_request_answered_there(tmp_path: Path) -> None:
    async with simcord() as world, stage(tmp_path, small_job(1)) as on, at_work(on.desk, world):
        house = House(world.env)
        await house.user.send_dm("write a note")
        await finish(house, house.user.dm_channel, house.user)


def _again(house: House, message: Any) -> Any:
    return next(m for m in house.room.history() if m.id == message.id)
