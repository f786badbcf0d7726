"""The detector of blocking code, seen to fail on code that blocks and to let the rest be."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from tests import blocking_calls

BLOCKS = "async def blocks(does):\n    does()\n"


def ours(file: str) -> Callable[..., object]:
    """A coroutine function that calls what it is given, as if it stood in that file."""
    space: dict[str, Callable[..., object]] = {}
    exec(compile(BLOCKS, str(blocking_calls.TOP / file), "exec"), space)
    return space["blocks"]


async def blocked(file: str, does: Callable[[], object]) -> list[str]:
    """What is found when a coroutine of that file does it."""
    with suppress(blocking_calls.Blocked):
        await ours(file)(does)  # pyright: ignore
    seen = list(blocking_calls.found)
    blocking_calls.found.clear()
    return seen


async def test_a_coroutine_of_ours_that_opens_a_file_is_found_with_its_line(tmp_path: Path) -> None:
    for file in ("agents/a.py", "bot/a.py", "orchestrator/a.py"):
        (seen,) = await blocked(file, (tmp_path / "a").touch)
        assert seen.startswith(f"{file}:2 blocks blocks the event loop with open")
    assert await blocked("agents/a.py", lambda: None) == []
    assert not (tmp_path / "a").exists()


async def test_other_code_and_threads_may_block(tmp_path: Path) -> None:
    assert await blocked("tests/a.py", (tmp_path / "a").touch) == []
    assert await blocked("deploy/a.py", (tmp_path / "a").touch) == []
    await asyncio.to_thread((tmp_path / "b").touch)
    assert blocking_calls.found == []


async def test_what_somebody_swallows_fails_the_test_all_the_same(tmp_path: Path) -> None:
    with pytest.raises(blocking_calls.Blocked), blocking_calls.refused(), suppress(Exception):  # as the agent host does
        await ours("agents/a.py")((tmp_path / "a").touch)  # pyright: ignore
