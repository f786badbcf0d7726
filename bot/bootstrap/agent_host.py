"""Configures and starts the agent host, and reports its restarts."""

import asyncio
import contextlib
import shutil
from pathlib import Path
from secrets import token_hex
from typing import NamedTuple

from agents.host.child_process_host import StdioHost
from agents.host.config import HostConfig
from agents.host.connection_keeper import Timing
from agents.host.host_policy import HostPolicy
from agents.host.hub_side_host_link import Watch
from bot.bootstrap.browser_login_key import login_key
from bot.config import hub_lock
from bot.config.settings import Settings, browser_names
from orchestrator.domain import events as e
from orchestrator.domain.ids import Key
from orchestrator.domain.policy import Verdict
from orchestrator.errors import HostLost, Refused
from orchestrator.ledger.file_shelf import FolderShelf
from orchestrator.task_event_logs import Logs, TaskLog

TRIAL_SECONDS = 45.0
"""The longest that a host on trial may take before it answers."""
MARGIN = 15.0
"""Time that starting and ending its child process takes: a timeout in the middle would leave the child behind."""
RESTARTED = "The agent host was restarted and is continuing its work."


def host_config(settings: Settings, toolsets: tuple[str, ...]) -> HostConfig:
    denied = tuple(rule for rule in settings.policy.rules if rule.verdict is Verdict.DENY)
    return HostConfig(
        home=str(settings.home / "host"),
        name=settings.host.name,
        policy=HostPolicy(rules=denied),
        browser=_browser(settings),
        scan_languages=settings.host.scan_languages,
        toolsets=toolsets,
        folders=settings.host.folders,
        near=settings.host.near,
        login_key=login_key(settings),
    )


def _browser(settings: Settings) -> str | None:
    """Returns the browser's program: the setting, else the first one installed; None: Playwright's own."""
    if settings.browser.path:
        return str(settings.browser.path)
    return next((found for name in browser_names() if (found := shutil.which(name))), None)


class Tried(NamedTuple):
    """A host that started: how many tools it has, and its notices for its owner."""

    tools: int
    notices: tuple[str, ...]


async def try_host(settings: Settings) -> Tried:
    """Starts the agent host as a hub does, asks for its tools and ends it. Raises HostLost with the reason.

    Call it only while no hub runs on this home. If the host's folder didn't exist before, it is removed afterward.
    """
    config = await asyncio.to_thread(host_config, settings, ())
    folder = Path(config.home)
    fresh = not await asyncio.to_thread(folder.exists)
    once = Timing(start=TRIAL_SECONDS, failures=1)
    host = StdioHost(config, FolderShelf(settings.home / "shelf"), timing=once)
    try:
        async with asyncio.timeout(TRIAL_SECONDS + MARGIN), host:
            return Tried(len(await host.tools()), host.notices)
    except TimeoutError as error:
        raise HostLost(
            f"The agent host {config.name!r} didn't start within {TRIAL_SECONDS + MARGIN:g} seconds."
        ) from error
    finally:
        if fresh:
            await asyncio.to_thread(_remove, settings, folder)


def _remove(settings: Settings, folder: Path) -> None:
    """Skips this if a hub has started in the meantime."""
    with contextlib.suppress(Refused), hub_lock.hub_lock(settings):
        shutil.rmtree(folder, ignore_errors=True)


class HostNews:
    """Notes in the running tasks that their host was restarted, or broke a rule and was cut off; once each."""

    def __init__(self, logs: Logs) -> None:
        self._logs = logs
        self._hub = token_hex(4)
        self._starts = 0
        self._breaches = 0
        self._news: asyncio.Queue[tuple[Key, str]] = asyncio.Queue()
        self.watch = Watch(change=self._changed, broke=self._broke)

    async def tell(self) -> None:
        """Runs until canceled."""
        while True:
            key, words = await self._news.get()
            for log in self._logs.held():
                if _at_work(log, words):
                    await log.record_patiently(key, e.Noted(text=words, level="warning"))

    def _changed(self, up: bool, _words: str) -> None:
        if up:
            self._starts += 1
            if self._starts > 1:
                self._news.put_nowait((Key(f"host:{self._hub}:{self._starts}"), RESTARTED))

    def _broke(self, words: str) -> None:
        self._breaches += 1
        self._news.put_nowait((Key(f"host:{self._hub}:broke:{self._breaches}"), words))


def _at_work(log: TaskLog, words: str) -> bool:
    """Returns whether an agent works there and people haven't just read the same note."""
    last = log.records[-1].event if log.records else None
    told = isinstance(last, e.Noted) and last.text == words
    return not told and any(s.status == "running" for s in log.state.subtasks.values())
