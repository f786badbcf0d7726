"""Runs a command: settings, a log file, one event loop, and signals that cancel instead of kill."""

import asyncio
import logging
import logging.handlers
import signal
import traceback
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

from bot.config.settings import Settings
from bot.platforms import load
from orchestrator import press_log
from orchestrator.private_files import passable_folder, private_file, private_folder

log = logging.getLogger(__name__)


def run(chosen: Mapping[str, Any], work: Callable[..., Awaitable[int]], *arguments: object, **more: Any) -> int:
    """Returns the exit code of `work(settings, …)`. Raises KeyboardInterrupt after SIGINT or SIGTERM, once everything
    is closed."""
    settings = load(chosen["config"], **{name: value for name, value in chosen.items() if name != "config"})
    write_log(settings)
    try:
        return asyncio.run(_cancelled_by_signals(work(settings, *arguments, **more)))
    except asyncio.CancelledError:
        raise KeyboardInterrupt from None


async def _cancelled_by_signals(work: Awaitable[int]) -> int:
    """SIGTERM ends a command as SIGINT does: by canceling it, so that what it opened is closed."""
    task = asyncio.ensure_future(work)
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    return await task


def write_log(settings: Settings) -> None:
    """Sends our log to `logs/threadwork.log` in home, and nothing to the terminal."""
    file = log_file(settings.home)
    root = logging.getLogger()
    logging.raiseExceptions = False  # else a full disk fills the terminal with tracebacks of the log
    try:
        passable_folder(settings.home)
        private_folder(file.parent)
        private_file(file)
        handler = logging.handlers.RotatingFileHandler(file, maxBytes=5_000_000, backupCount=3, encoding="utf-8")
    except OSError:
        root.addHandler(logging.NullHandler())
        return
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    root.addHandler(handler)
    root.setLevel(settings.log.level.upper())
    press_log.keep()


def log_file(home: Path) -> Path:
    return home / "logs" / "threadwork.log"


def keep_traceback() -> str:
    """Logs the current exception, and returns a sentence that says where it is."""
    if not (files := _log_files()):
        write_log(Settings())  # it failed before the settings were known
        files = _log_files()
    log.error("unexpected:\n%s", traceback.format_exc())
    return f"No recorded work was lost. For details, see {files[0]!r}." if files else "The log file isn't writable."


def _log_files() -> list[str]:
    return [h.baseFilename for h in logging.getLogger().handlers if isinstance(h, logging.FileHandler)]
