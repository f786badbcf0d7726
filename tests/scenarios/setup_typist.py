"""A person who sets a platform up: what they type, what they read, and no secret in it."""

import asyncio
import logging
import sys
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import click
import pytest

from bot.terminal.setup_walk import Options
from orchestrator.errors import ThreadworkError

MINE = '# mine\n[web]\nport = 0   # any\n\n[policy]\ndomains = ["a.example"]\n'
Answer = str | Callable[[], None]
"""A line, or something that the person does on the platform before they press Enter."""


class Typist:
    """An input that is no terminal: gives the next answer whenever a line is read."""

    def __init__(self, answers: Sequence[Answer]) -> None:
        self._answers = list(answers)

    def isatty(self) -> bool:
        return False

    def readline(self) -> str:
        if not self._answers:
            return ""
        answer = self._answers.pop(0)
        if isinstance(answer, str):
            return f"{answer}\n"
        answer()
        return "\n"


@dataclass
class Desk:
    """A folder with a settings file, and whoever types there. `secrets`: what must never be shown."""

    file: Path
    secrets: Sequence[str]
    capsys: pytest.CaptureFixture[str]
    caplog: pytest.LogCaptureFixture
    monkeypatch: pytest.MonkeyPatch

    def __post_init__(self) -> None:
        self.file.write_text(MINE)
        self.monkeypatch.chdir(self.file.parent)
        self.caplog.set_level(logging.DEBUG)
        for name in ("SLACK_BOT_TOKEN", "SLACK_APP_TOKEN", "DISCORD_TOKEN"):
            self.monkeypatch.delenv(name, raising=False)

    async def types(self, setup: Callable[[Options], None], *answers: Answer, write: bool = True) -> str:
        """All that was said, the ending sentence included."""
        self.monkeypatch.setattr(sys, "stdin", Typist(answers))
        try:
            await asyncio.to_thread(setup, Options(None, self.file, write))
            end = ""
        except (click.UsageError, ThreadworkError) as error:
            end = f"[{type(error).__name__}] {error}"
        return self.read() + end

    async def sees(self, looking: Awaitable[object]) -> str:
        found = await looking
        return self.read() + repr(found)

    def read(self) -> str:
        """What was said since the last time; no secret stands there, nor in the log."""
        said = "".join(self.capsys.readouterr())
        for secret in self.secrets:
            assert secret not in said
            assert secret not in self.caplog.text
        return said


@pytest.fixture
def desk(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
    secrets: Sequence[str],
) -> Desk:
    """Wants a fixture `secrets`: the platform's tokens, right and wrong ones."""
    return Desk(tmp_path / "threadwork.toml", secrets, capsys, caplog, monkeypatch)
