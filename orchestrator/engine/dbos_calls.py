"""Everything we ask of DBOS. Import this lazily and in a thread, because DBOS takes more than half a second to import.

A process has one DBOS. Of its many parts we use: start by id, recovery, cancel, delete.
"""

import asyncio
import contextlib
import logging
import sqlite3
from collections.abc import Awaitable, Callable, Generator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import sqlalchemy.exc
from dbos import DBOS, DBOSConfig, SetWorkflowID
from dbos import _dbos as dbos_module  # pyright: ignore[reportPrivateUsage]
from dbos import _serialization as serialization  # pyright: ignore[reportPrivateUsage]
from dbos._core import WorkflowHandleAsyncTask
from dbos._utils import INTERNAL_QUEUE_NAME

from orchestrator.errors import LedgerFailed

APPLICATION_VERSION = "threadwork-1"
"""Pinned: an upgrade continues what an older version started. DBOS would take a hash of the source."""
THREADS = 32
RECOVERIES = 1_000_000
"""Restarts that one flow may survive: practically unlimited, because nobody would notice a flow that DBOS gives up."""
EAGER, PATIENT = 0.1, 5.0
"""Seconds between two checks for recovered flows, right after the launch and later."""
ENDED = ["SUCCESS", "ERROR", "CANCELLED", "MAX_RECOVERY_ATTEMPTS_EXCEEDED"]
PAGE = 500

Durable = Callable[[str, dict[str, str | int]], Awaitable[None]]


def refuse_pickle(cls: object, serialized_data: str) -> Any:
    """A row names its own format, and unpickling one would run whatever its writer likes."""
    raise ValueError("A pickled row was refused; threadwork stores JSON only.")


serialization.DefaultSerializer.deserialize = refuse_pickle


class Quiet(logging.Filter):
    """Drops DBOS's messages about flows that we stop on purpose. Tracebacks go only to the log file."""

    def filter(self, record: logging.LogRecord) -> bool:
        return not record.getMessage().startswith(("Asyncio task cancelled", "Exception encountered in asynchronous"))


class WalConnection(sqlite3.Connection):
    """DBOS sets no journal mode, which costs milliseconds per write."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.execute("pragma busy_timeout = 30000")
        self.execute("pragma journal_mode = wal")
        self.execute("pragma synchronous = normal")


class Vendor:
    """A launched DBOS."""

    _launched = False

    def __init__(self, url: str, executor: str, flows: Mapping[str, Durable], loop: asyncio.AbstractEventLoop) -> None:
        """Launches; blocks, so call it in a thread. Recovered flows start on `loop`."""
        if Vendor._launched:
            raise RuntimeError("Only one engine can run per process; close the other one first.")
        _quieten()
        self._loop = loop
        self._sqlite = url.startswith("sqlite")
        with database_errors():
            instance = DBOS(config=_config(url, executor))
            Vendor._launched = True
            self._flows = {n: DBOS.workflow(name=n, max_recovery_attempts=RECOVERIES)(f) for n, f in flows.items()}
            self._instance = cast(Any, instance)
            # Launched in a thread, DBOS would run recovered flows on its own loop.
            self._instance._background_event_loop._main_loop = loop
            registry = cast(Any, dbos_module)._get_or_create_dbos_registry()
            self._recovered = registry._register_internal_queue(INTERNAL_QUEUE_NAME, polling_interval_sec=EAGER)
            try:
                DBOS.launch()
            except BaseException:
                self.destroy()
                raise

    def be_patient(self) -> None:
        """Everything unfinished at the launch has started: check less often."""
        self._recovered._polling_interval_sec = PATIENT if self._sqlite else 1.0

    async def start(self, flow: str, key: str, arguments: dict[str, str | int]) -> bool:
        """Returns whether the flow starts here and now. Call it from an empty context."""
        with database_errors(), SetWorkflowID(key):
            handle = await DBOS.start_workflow_async(cast(Any, self._flows[flow]), key, arguments)
        return isinstance(handle, WorkflowHandleAsyncTask)

    async def cancel(self, key: str) -> None:
        with database_errors():
            await DBOS.cancel_workflow_async(key)

    async def recover(self, executor: str) -> int:
        """Takes over what a dead process left unfinished; returns how many flows."""
        with database_errors():
            recover = DBOS._recover_pending_workflows  # pyright: ignore[reportPrivateUsage]
            return len(await asyncio.to_thread(recover, [executor]))

    async def sweep(self, days: float) -> int:
        """Deletes flows that ended longer ago; returns how many."""
        before = (datetime.now(UTC) - timedelta(days=days)).isoformat()
        swept = 0
        with database_errors():
            while page := await DBOS.list_workflows_async(
                status=ENDED, completed_before=before, limit=PAGE, load_input=False, load_output=False
            ):
                await DBOS.delete_workflows_async([row.workflow_id for row in page])
                swept += len(page)
        return swept

    async def close(self) -> None:
        """Leaves unfinished flows to the next launch. All flows were interrupted before."""
        for event in self._instance.background_thread_stop_events:
            event.set()
        if tasks := cast("Sequence[asyncio.Task[None]]", list(self._instance._workflow_tasks)):
            await asyncio.wait(tasks, timeout=5)
        # DBOS made its own pool the loop's default one, and now ends it.
        self._loop.set_default_executor(ThreadPoolExecutor(THREADS, thread_name_prefix="threadwork"))
        await asyncio.to_thread(self.destroy)

    def destroy(self) -> None:
        try:
            DBOS.destroy(destroy_registry=True)
        finally:
            Vendor._launched = False


@contextlib.contextmanager
def database_errors() -> Generator[None]:
    """Translates the database's errors into ours, without the address, which may contain a password."""
    try:
        yield
    except sqlalchemy.exc.SQLAlchemyError as error:
        cause = getattr(error, "orig", None) or error
        raise LedgerFailed(f"The engine's database can't be used: {' '.join(str(cause).split())}.") from error


def _config(url: str, executor: str) -> DBOSConfig:
    config = DBOSConfig(
        name="threadwork",
        system_database_url=url,
        application_version=APPLICATION_VERSION,
        executor_id=executor,
        serializer=serialization.DBOSPortableJSONSerializer(),
        max_executor_threads=THREADS,
        notification_listener_polling_interval_sec=0.25,
        scheduler_polling_interval_sec=30,
        log_level="WARNING",
    )
    if url.startswith("sqlite"):
        config["db_engine_kwargs"] = {"connect_args": {"factory": WalConnection}}
    return config


def _quieten() -> None:
    logger = logging.getLogger("dbos")
    if not logger.handlers:
        logger.addHandler(logging.NullHandler())  # otherwise DBOS adds a handler that writes to the terminal
    if not any(isinstance(f, Quiet) for f in logger.filters):
        logger.addFilter(Quiet())
