"""Runs the host's end of one connection to the hub: reads requests, passes them to the worker, answers."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence

from agents.host import wire
from agents.host.channel import Channel, IncomingFiles
from agents.host.takeover_link import Ask, answered
from agents.host.tool_call_worker import Worker
from orchestrator.domain import clean_outside_text
from orchestrator.domain.ids import CallId, Sha
from orchestrator.domain.people import FileRef
from orchestrator.domain.tool_calls import HostCall
from orchestrator.errors import HostFailed, HostRefused, OutOfSpace, ThreadworkError

log = logging.getLogger(__name__)


class Session:
    """One connection, from `welcome` until the hub closes it."""

    def __init__(self, channel: Channel, worker: Worker) -> None:
        self._channel = channel
        self._worker = worker
        self._arrivals = IncomingFiles(worker.store.half)
        self._wanted: dict[Sha, asyncio.Future[None]] = {}
        self._doing: set[asyncio.Task[None]] = set()
        self._closing = False

    async def serve(self) -> None:
        """Answers until the hub disconnects, then cancels what runs for it. Raises HostFailed for a bad frame."""
        try:
            while frame := await self._channel.receive():
                await self._take(frame)
        finally:
            self._closing = True
            doing = tuple(self._doing)
            for task in doing:
                task.cancel()
            if doing:
                await asyncio.wait(doing)
            await self._arrivals.drop()

    async def _take(self, frame: wire.Frame) -> None:
        match frame.message:
            case wire.Ping():
                self._channel.post(wire.Pong())
            case wire.Run(call=call):
                self._start(self._run(call))
            case wire.Cancel(id=call):
                self._start(self._worker.cancel(call))
            case wire.Give() as give:
                self._start(self._request(give.n, lambda: self._give(give)))
            case wire.Lend() as lend:
                self._start(self._request(lend.n, lambda: self._lend(lend)))
            case wire.Take() as take:
                self._start(self._request(take.n, lambda: self._bring(take)))
            case wire.Leave() as leave:
                self._start(self._request(leave.n, lambda: self._leave(leave)))
            case wire.TakeOver() | wire.See() | wire.Do() | wire.LetGo() as ask:
                self._start(self._takeover(ask))
            case wire.Put() as put:
                await self._arrived(put, frame.payload)
            case other:
                raise HostFailed(f"The hub sent {other.type!r}, which only a host may send. The connection was closed.")

    def _start(self, work: Awaitable[None]) -> None:
        task = asyncio.ensure_future(work)
        self._doing.add(task)
        task.add_done_callback(self._doing.discard)

    async def _run(self, call: HostCall) -> None:
        loop = asyncio.get_running_loop()
        lines, ended = 0, False

        def report(words: str) -> None:
            nonlocal lines
            if not ended and lines < wire.MOST_LINES:
                lines += 1
                self._channel.post(wire.Progress(id=call.id, words=words[: wire.MOST_LINE]))

        def progress(words: str) -> None:
            loop.call_soon_threadsafe(report, words)  # tools may report from their threads

        async def run() -> None:
            nonlocal ended
            try:
                result = await self._worker.run(call, progress)
                await self._send(call.id, result.carried)
            finally:
                ended = True
            await self._channel.send(wire.Result(id=call.id, result=result))

        await self._answering(
            run,
            lambda error: wire.NotDone(id=call.id, words=_words(error), refused=isinstance(error, HostRefused)),
        )

    async def _send(self, key: CallId | int, files: Sequence[FileRef]) -> None:
        # what isn't in the store came to the hub before this host: a tool may name such a file
        ours = await asyncio.to_thread(lambda: [f for f in files if self._worker.store.has(f.sha)])
        if ours:
            await self._channel.send(wire.Offer(key=key, files=tuple(ours)))
        for file in ours:
            await self._channel.send_file(self._worker.store.path(file.sha), file.sha, file.name)

    async def _request(self, n: int, work: Callable[[], Awaitable[FileRef | None]]) -> None:
        async def run() -> None:
            await self._channel.send(wire.Done(n=n, file=await work()))

        await self._answering(run, lambda error: _failed(n, error))

    async def _takeover(self, ask: Ask) -> None:
        """Sends a picture only on request, so pictures never queue with results."""

        async def run() -> None:
            match await answered(await self._worker.pages(), ask):
                case (view, picture):
                    await self._channel.send(wire.Seen(n=ask.n, view=view), picture)
                case None:
                    await self._channel.send(wire.Done(n=ask.n))

        await self._answering(run, lambda error: _failed(ask.n, error))

    async def _answering(
        self, work: Callable[[], Awaitable[None]], failed: Callable[[Exception], wire.Message]
    ) -> None:
        """Does what the hub asked for. Any exception becomes the answer, so the hub always gets one."""
        try:
            try:
                await work()
            except ConnectionError:
                log.info("the hub disconnected before it could be answered; it will ask again")
            except ThreadworkError as error:
                self._channel.post(failed(error))
            except asyncio.CancelledError:
                if self._closing:
                    raise
                self._channel.post(failed(HostFailed("The call was canceled.")))
        except Exception as error:
            log.exception("a request from the hub failed")
            words = f"The host had an internal error ({type(error).__name__}). See its log, or try another way."
            self._channel.post(failed(HostFailed(words)))

    async def _give(self, give: wire.Give) -> None:
        if not await asyncio.to_thread(self._worker.store.has, give.file.sha):
            await self._arrival(give.n, give.file.sha)
        await asyncio.to_thread(self._place, give)

    async def _lend(self, lend: wire.Lend) -> None:
        skills = self._worker.skills
        if not await asyncio.to_thread(skills.has, lend.digest):
            for one in await asyncio.to_thread(skills.missing, lend.files):
                await self._arrival(lend.n, one.file.sha)
            await asyncio.to_thread(skills.place, lend.digest, lend.files)

    async def _arrival(self, n: int, sha: Sha) -> None:
        """Asks for a content and waits until it's stored. Raises HostFailed, OutOfSpace."""
        arrived = self._wanted.setdefault(sha, asyncio.get_running_loop().create_future())
        await self._channel.send(wire.Want(n=n, sha=sha))
        await asyncio.shield(arrived)

    def _place(self, give: wire.Give) -> None:
        content = self._worker.store.path(give.file.sha).read_bytes()
        self._worker.workspace(give.task).write(give.path, content)

    async def _bring(self, take: wire.Take) -> FileRef:
        file = await asyncio.to_thread(self._kept, take)
        await self._send(take.n, (file,))
        return file

    def _kept(self, take: wire.Take) -> FileRef:
        content = self._worker.workspace(take.task).read(take.path, most=wire.MOST_FILE)
        return FileRef(name=take.path.rsplit("/", 1)[-1], sha=self._worker.store.keep(content), size=len(content))

    async def _leave(self, leave: wire.Leave) -> None:
        await self._worker.leave(leave.task, leave.subtask)

    async def _arrived(self, put: wire.Put, piece: bytes) -> None:
        try:
            whole = await self._arrivals.add(put, piece)
            if whole is None:
                return
            await asyncio.to_thread(self._worker.store.adopt, whole, put.sha)
        except (HostFailed, OutOfSpace) as error:
            if waiting := self._wanted.pop(put.sha, None):
                waiting.set_exception(error)
            return
        if waiting := self._wanted.pop(put.sha, None):
            waiting.set_result(None)


def _failed(n: int, error: Exception) -> wire.Failed:
    return wire.Failed(n=n, words=_words(error), full=isinstance(error, OutOfSpace))


def _words(error: Exception) -> str:
    return clean_outside_text.text(str(error))[: wire.MOST_SENTENCE]
