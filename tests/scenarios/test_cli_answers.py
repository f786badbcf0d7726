"""What agents write, in the terminal: while they write it, and in full at the end."""

from pathlib import Path

from orchestrator.domain import events as e
from tests.scenarios.test_cli import DIG, opened


async def test_words_are_read_under_the_live_card_while_they_are_written(tmp_path: Path) -> None:
    async with opened(tmp_path) as it:
        await it.desk.fact(it.task, e.PlanStarted(version=1))
        await it.desk.fact(it.task, e.SubtaskStarted(subtask=DIG, attempt=1, leg=1, host="h"))
        following = it.follow(live="xterm")
        await it.sees("Dig a hole")
        with it.desk.writes(it.task, step=DIG) as says:
            says("The hole is **two** met")
            await it.sees("Writing: Dig a hole")
            await it.sees("The hole is two met")
        long = "The hole is two metres deep.\n\n- dug on Monday\n- by **hand**"
        await it.desk.fact(it.task, e.SubtaskFinished(subtask=DIG, attempt=1, leg=1, summary=long))
        await it.ends()
        assert await following == 0
    rest = it.shown.getvalue().rpartition("Done.")[2]
    assert "The hole is two metres deep.\n\n- dug on Monday\n- by hand" in rest
    assert "Writing" not in rest


async def test_a_long_answer_is_printed_in_full_without_a_terminal_too(tmp_path: Path) -> None:
    async with opened(tmp_path) as it:
        await it.desk.fact(it.task, e.PlanStarted(version=1))
        await it.desk.fact(it.task, e.SubtaskStarted(subtask=DIG, attempt=1, leg=1, host="h"))
        following = it.follow(yes=True, interactive=False)
        await it.desk.fact(it.task, e.SubtaskFinished(subtask=DIG, attempt=1, leg=1, summary="Two metres.\n\nDry."))
        await it.ends()
        assert await following == 0
    assert "Two metres.\n\nDry." in it.shown.getvalue()


async def test_a_terminal_that_cannot_redraw_gets_lines_at_once(tmp_path: Path) -> None:
    """Emacs' shell is one. It showed nothing until the task had ended."""
    async with opened(tmp_path) as it:
        await it.desk.fact(it.task, e.PlanStarted(version=1))
        following = it.follow(live="dumb")
        await it.desk.fact(it.task, e.SubtaskStarted(subtask=DIG, attempt=1, leg=1, host="h"))
        await it.sees("running: Dig a hole")
        await it.desk.fact(it.task, e.SubtaskFinished(subtask=DIG, attempt=1, leg=1, summary="Dug."))
        await it.ends()
        assert await following == 0
    assert "\x1b[" not in it.shown.getvalue()
