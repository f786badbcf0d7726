"""Implements the hub's end of a host: HostLink over connections from `dial`.

A child process, a host in this process and any other way differ only in `dial`.
"""

import asyncio
import itertools
import logging
import secrets
import tempfile
from collections.abc import Callable, Collection, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Self
from uuid import uuid4

from agents.host import wire
from agents.host.channel import Channel, IncomingFiles
from agents.host.config import HostConfig
from agents.host.connection_keeper import ConnectionCallbacks, ConnectionKeeper, Dial, Timing
from agents.host.frame_checks import FrameChecks
from agents.host.pending_requests import Answer, Requests
from agents.host.takeover_link import TakeoverLink, held
from agents.host.wire import HubRequest, RequestKey
from orchestrator.domain import clean_outside_text
from orchestrator.domain.ids import CallId, Sha, SubtaskId, TaskId
from orchestrator.domain.people import FileRef
from orchestrator.domain.skill_content import SkillFile
from orchestrator.domain.tool_calls import CallResult, HostCall, ToolSpec
from orchestrator.errors import HostFailed, HostLost, HostRefused, OutOfSpace, ThreadworkError, ToolFailed
from orchestrator.ports import Shelf, Takeover

log = logging.getLogger(__name__)


def of_this_life(config: HostConfig) -> HostConfig:
    """Returns the same for a newly started hub, with a random key for logins where there is none."""
    key = config.login_key or secrets.token_hex(32)
    return config.model_copy(update={"hub": secrets.token_hex(8), "login_key": key})


@dataclass(frozen=True)
class Watch:
    """Callbacks of the hub: `change(up, sentence)`, `broke(sentence)` when the host broke a rule of the link and was
    cut off, and `progress(call, words)` of running tools."""

    change: Callable[[bool, str], None] = lambda up, words: None
    broke: Callable[[str], None] = lambda words: None
    progress: Callable[[CallId, str], None] = lambda call, words: None


class LinkedHost:
    """Connects on first use. Use it as a context, or `close` it, which ends the host completely."""

    def __init__(
        self, name: str, dial: Dial, shelf: Shelf, *, timing: Timing | None = None, watch: Watch | None = None
    ) -> None:
        self._name = name
        self._shelf = shelf
        self._watch = watch or Watch()
        self._requests = Requests()
        self._numbers = itertools.count(1)
        self._channel: Channel | None = None
        self._checks = FrameChecks(_now)
        self._arrivals = IncomingFiles(lambda: Path(tempfile.gettempdir()) / f"threadwork-{uuid4().hex}")
        self._broken: dict[Sha, ThreadworkError] = {}
        self._sending: set[asyncio.Task[None]] = set()
        self._notices: tuple[str, ...] = ()
        self._closed = False
        listener = ConnectionCallbacks(
            up=self._up, frame=self._heard, down=self._down, broke=self._broke, lost=self._lost
        )
        self._keeper = ConnectionKeeper(name, dial, timing or Timing(), listener)

    @property
    def name(self) -> str:
        return self._name

    @property
    def notices(self) -> tuple[str, ...]:
        """Returns the host's notices for its owner, such as why nothing can be executed; empty until it is up."""
        return self._notices

    def begin(self) -> None:
        """Starts the host without waiting for it."""
        self._keeper.wake()

    async def ready(self) -> None:
        """Waits until the host is up. Raises HostLost if it can't be started."""
        await self._keeper.ready()

    async def __aenter__(self) -> Self:
        """Waits until the host is up. Raises HostLost if it can't be started."""
        try:
            await self.ready()
        except BaseException:
            await self.close()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Ends the host. Pending requests fail with HostLost; their outcome is in the host's journal."""
        self._closed = True
        await self._keeper.close()
        for task in tuple(self._sending):
            task.cancel()
        self._requests.fail_all(HostLost(f"The host {self._name!r} was closed."))

    async def tools(self) -> Sequence[ToolSpec]:
        return (await self._keeper.ready()).tools

    async def call(self, call: HostCall) -> CallResult:
        answer = await self._ask(call.id, wire.Run(call=call))
        assert isinstance(answer, CallResult)
        return answer

    async def give(self, task: TaskId, file: FileRef, path: str) -> None:
        n = next(self._numbers)
        await self._ask(n, wire.Give(n=n, task=task, file=file, path=path))

    async def take(self, task: TaskId, path: str) -> FileRef:
        n = next(self._numbers)
        answer = await self._ask(n, wire.Take(n=n, task=task, path=path))
        assert isinstance(answer, FileRef)
        return answer

    async def lend(self, digest: str, files: Sequence[SkillFile]) -> None:
        n = next(self._numbers)
        await self._ask(n, wire.Lend(n=n, digest=digest, files=tuple(files)))

    async def leave(self, task: TaskId, subtask: str | None = None) -> None:
        n = next(self._numbers)
        await self._ask(n, wire.Leave(n=n, task=task, subtask=subtask))

    def take_over(
        self, task: TaskId, subtask: SubtaskId, domains: Collection[str]
    ) -> AbstractAsyncContextManager[Takeover]:
        link = TakeoverLink(task, subtask, lambda: next(self._numbers), lambda ask: self._ask(ask.n, ask))
        return held(link, domains)

    async def _ask(self, key: RequestKey, message: HubRequest) -> Answer:
        _refuse_what_cannot_be_sent(message)  # once it is among the requests, every new connection begins with it
        if self._requests.add(key, message):
            self._keeper.wake()
            if self._channel is not None:  # otherwise the next connection begins with it
                self._begin(self._channel, message)
        try:
            return await self._requests.wait(key)
        except asyncio.CancelledError:
            channel = self._channel if self._requests.message(key) is None else None  # others may still wait for it
            if isinstance(message, wire.Run) and channel is not None:
                channel.post(wire.Cancel(id=message.call.id))
            raise

    def _begin(self, channel: Channel, message: HubRequest) -> None:
        self._checks.ask(message)
        channel.post(message)

    def _up(self, channel: Channel, welcome: wire.Welcome) -> None:
        self._channel, self._checks = channel, FrameChecks(_now)
        self._notices = welcome.notices
        for message in self._requests.open():
            self._begin(channel, message)
        self._watch.change(True, f"The host {self._name!r} is up.")

    async def _down(self, words: str) -> None:
        self._channel = None
        await self._arrivals.drop()
        self._broken.clear()
        if not self._closed:
            self._watch.change(False, f"The host {self._name!r} is down: {words}.")

    def _broke(self, rule: str) -> None:
        words = f"The host {self._name!r} violated its link protocol and was disconnected: {rule}."
        log.error("%s", words)
        self._watch.broke(words)

    def _lost(self, error: HostLost) -> None:
        self._requests.fail_all(error)
        self._watch.change(False, str(error))

    async def _heard(self, channel: Channel, frame: wire.Frame) -> None:
        """Raises BrokeRule."""
        if self._checks.heard(frame):
            await self._take(channel, frame)
        self._checks.taken()

    async def _take(self, channel: Channel, frame: wire.Frame) -> None:
        match frame.message:
            case wire.Result(id=call, result=result):
                await self._answer(call, clean_outside_text.value(result), result.carried)
            case wire.NotDone(id=call, words=words, refused=refused):
                self._requests.fail(call, (HostRefused if refused else HostFailed)(clean_outside_text.text(words)))
            case wire.Done(n=n, file=file):
                await self._answer(n, file, (file,) if file else ())
            case wire.Seen(n=n, view=view):
                self._requests.answer(n, (clean_outside_text.value(view), frame.payload))
            case wire.Failed(n=n, words=words, full=full):
                self._requests.fail(n, (OutOfSpace if full else ToolFailed)(clean_outside_text.text(words)))
            case wire.Progress(id=call, words=words):
                self._watch.progress(call, clean_outside_text.text(words))
            case wire.Put() as put:
                await self._shelve(put, frame.payload)
            case wire.Want(n=n, sha=sha):
                self._start_sending(channel, n, sha)
            case _:
                pass  # an offer counts towards the limits; the keeper reports a farewell

    async def _answer(self, key: RequestKey, answer: Answer, files: Sequence[FileRef]) -> None:
        """Completes a call whose files arrived before; if one couldn't be stored, that is the answer."""
        problem = next((error for file in files if (error := self._broken.pop(file.sha, None))), None)
        problem = problem or await self._missing(files)
        if problem:
            self._requests.fail(key, problem)
        else:
            self._requests.answer(key, answer)

    async def _missing(self, files: Sequence[FileRef]) -> ThreadworkError | None:
        """Returns what is wrong if a file isn't on the shelf as the host claims."""
        for file in files:
            try:
                path = await self._shelf.path(file.sha)
            except ThreadworkError as error:
                return HostFailed(f"The host announced the file {file.name!r} but didn't send it: {error}")
            if (await asyncio.to_thread(path.stat)).st_size != file.size:
                return HostFailed(f"The host announced the wrong size for the file {file.name!r}.")
        return None

    async def _shelve(self, put: wire.Put, piece: bytes) -> None:
        try:
            whole = await self._arrivals.add(put, piece)
            if whole is not None:
                try:
                    await self._shelf.put_file(whole, name=put.name)
                finally:
                    await asyncio.to_thread(whole.unlink, missing_ok=True)
        except ThreadworkError as error:
            self._broken[put.sha] = error

    def _start_sending(self, channel: Channel, n: int, sha: Sha) -> None:
        """Runs in parallel to reading: the host may be busy sending to us, and both must not deadlock."""
        given = wire.given_in(self._checks.asked(n))
        if file := next((one for one in given if one.sha == sha), None):
            task = asyncio.create_task(self._send(channel, n, file))
            self._sending.add(task)
            task.add_done_callback(self._sending.discard)

    async def _send(self, channel: Channel, n: int, file: FileRef) -> None:
        try:
            await channel.send_file(await self._shelf.path(file.sha), file.sha, file.name)
        except ThreadworkError as error:
            self._requests.fail(n, error)
        except ConnectionError:
            return  # the next connection asks for it again


def _now() -> float:
    return asyncio.get_running_loop().time()


def _refuse_what_cannot_be_sent(message: HubRequest) -> None:
    try:
        wire.packed(message)
    except HostFailed as error:
        raise HostRefused(str(error)) from error
