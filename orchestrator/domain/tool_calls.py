"""Tool calls: what an agent wants done, what it may touch, and what came back."""

import json
from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from typing import Any, Literal
from urllib.parse import urlsplit

from pydantic import JsonValue

from orchestrator.domain.base_value import Value
from orchestrator.domain.findings import Finding
from orchestrator.domain.ids import CallId, SubtaskId, TaskId, digest
from orchestrator.domain.people import FileRef, Person
from orchestrator.domain.skills import UsedSkill

MOST_TEXT = 48_000
"""Characters of a result that the model gets; the rest is cut, with a note that says so."""


class Effect(StrEnum):
    """What a call does to the world."""

    READ = "read"
    WRITE_WORKSPACE = "write-workspace"
    WRITE_OUTSIDE = "write-outside"
    NETWORK_READ = "network-read"
    NETWORK_SEND = "network-send"
    EXECUTE = "execute"
    MESSAGE_OTHERS = "message-others"
    SPEND = "spend"
    USE_LOGIN = "use-login"
    ADMIN = "admin"


class Label(StrEnum):
    """Taint: what a run has read. Labels only grow."""

    UNTRUSTED = "untrusted"
    PRIVATE = "private"


class ToolSpec(Value):
    """What a model learns about a tool, and what the gate and the scheduler need to know.

    `target` names the argument that holds the URL or path the effect is aimed at. `reaches` names the argument that
    lists the domains which the call may exchange data with; a call that lists any also sends to the network. `login`
    names the argument that names a login of the team; a call that gives one also uses it. `beside` names the argument
    that lists further domains of that login. `releases` names the argument that says which held message to send.
    `at`: where every call goes if no argument says so; it comes from the owner's settings, so it counts as listed.
    `parallel`: may run beside the other calls of its turn. `repeat`: doing it twice equals doing it once, so an
    interrupted call is simply made again; otherwise an interrupted call has an unknown outcome.
    `taints`: labels that its result puts on the run. `only`: whose own account it uses; only they approve its calls.
    """

    name: str
    description: str
    parameters: dict[str, JsonValue]
    effects: frozenset[Effect]
    place: Literal["host", "hub"] = "host"
    target: str | None = None
    reaches: str | None = None
    login: str | None = None
    beside: str | None = None
    releases: str | None = None
    at: str = ""
    parallel: bool = False
    repeat: bool = True
    taints: frozenset[Label] = frozenset()
    only: Person | None = None

    def aims(self, args: Mapping[str, JsonValue]) -> tuple[str, ...]:
        """Returns the domains this call is aimed at; empty if there are none."""
        if self.reaches and isinstance(args.get(self.reaches), list):
            return tuple(sorted(_domains(args.get(self.reaches))))
        target = args.get(self.target) if self.target else None
        domain = self.at or (domain_of(target) if isinstance(target, str) else None)
        own = (domain,) if domain else ()
        beside = _domains(args.get(self.beside)) if self.beside else set[str]()
        return (*own, *sorted(beside.difference(own)))

    def does(self, args: Mapping[str, JsonValue]) -> frozenset[Effect]:
        """Returns the effects of this very call."""
        sends = {Effect.NETWORK_SEND} if self.reaches and args.get(self.reaches) else set[Effect]()
        return self.effects | sends | ({Effect.USE_LOGIN} if self.login_in(args) else set[Effect]())

    def exceeds(self, args: Mapping[str, JsonValue], shown: Sequence[Mapping[str, JsonValue]]) -> bool:
        """Returns whether a call has an effect, a domain, a login or a held message that none of the calls that were
        shown has."""
        effects = self.does(args).difference(*map(self.does, shown))
        aims = set(self.aims(args)).difference(*map(self.aims, shown))
        if self.releases and args.get(self.releases) not in [one.get(self.releases) for one in shown]:
            return True
        return bool(effects or aims) or self.login_in(args) not in {"", *map(self.login_in, shown)}

    @property
    def scope(self) -> str:
        """Returns what *for this task* covers beyond this very call, in words that people read; empty for nothing.

        Only for a tool that reads, and whose calls all go to the one place in the owner's settings.
        """
        reads = self.effects <= {Effect.READ, Effect.NETWORK_READ}
        return f"every {self.name} at {self.at}" if self.at and reads else ""

    def login_in(self, args: Mapping[str, JsonValue]) -> str:
        """Returns the name of the login this call uses; empty for none."""
        name = args.get(self.login) if self.login else None
        return name if isinstance(name, str) else ""


class Call(Value):
    """One tool call as the model made it. `id` is unique in the task and stable over restarts."""

    id: CallId
    tool: str
    args: dict[str, JsonValue]


class HeldSend(Value):
    """What a page wants to send. `id`: an address with a mark; `words`: what people read; `endpoint`: what an approval
    covers from then on in the task; empty for nothing but this."""

    id: str
    words: str
    endpoint: str = ""


class HostCall(Value):
    """A call as it is sent to the agent host. The host's journal answers repeats by `id`.

    `domains`: host names (with a port if it isn't the scheme's own) the run may open; `send`: it may submit data. The
    gate in the hub decides both. `team`: whose logins it may use. `findings`: the findings whose ids are in `args`, so
    that document tools can write their sources. `private`: the run has read private data, so nothing may leave
    silently; `endpoints`: those whose reads a person approved for this task. `skills`: those that the run has read, so
    that sandboxed code sees their files and a file says what it was made with.
    """

    id: CallId
    task: TaskId
    subtask: SubtaskId
    tool: str
    args: dict[str, JsonValue]
    domains: tuple[str, ...] = ()
    send: bool = False
    team: str = ""
    findings: tuple[Finding, ...] = ()
    private: bool = False
    endpoints: tuple[str, ...] = ()
    skills: tuple[UsedSkill, ...] = ()


class CallResult(Value):
    """The result. `text` is what the model reads, at most `MOST_TEXT`; larger output is a file.

    `files`: files now on the shelf. `picture`: a small JPEG of the page for people, on the shelf. `shown`: pictures, on
    the shelf, that a model which can see gets to see. `unknown`: the host stopped in the middle, so it isn't clear
    whether it happened. `held`: what the page wants to send and may only with a person's approval.
    """

    ok: bool
    text: str
    files: tuple[FileRef, ...] = ()
    picture: FileRef | None = None
    shown: tuple[FileRef, ...] = ()
    labels: frozenset[Label] = frozenset()
    unknown: bool = False
    held: tuple[HeldSend, ...] = ()

    @property
    def carried(self) -> tuple[FileRef, ...]:
        """Returns every file that goes to the shelf with it, each content once."""
        every = (*self.files, *self.shown, *((self.picture,) if self.picture else ()))
        return tuple({file.sha: file for file in every}.values())


def _domains(listed: JsonValue) -> set[str]:
    return {str(one).strip().lower() for one in listed} if isinstance(listed, list) else set()


def canonical(tool: str, args: dict[str, Any]) -> str:
    """Returns the exact call as text: the same call gives the same text on every machine."""
    return json.dumps([tool, args], sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def fingerprint(tool: str, args: dict[str, Any]) -> str:
    """The hash an approval is bound to."""
    return digest(canonical(tool, args), length=64)


def domain_of(url: str) -> str | None:
    """Returns `host` or `host:port` (if the port isn't the scheme's own) of an http(s) URL, lowercase, or None."""
    try:
        parts = urlsplit(url.strip())
        port = parts.port
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or not parts.hostname:
        return None
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname.lower().rstrip(".")
    return host if port is None or port == {"http": 80, "https": 443}[parts.scheme] else f"{host}:{port}"


def texts(value: JsonValue) -> Iterator[str]:
    """Yields every string in a call's arguments, however deep."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for item in value:
            yield from texts(item)
    elif isinstance(value, dict):
        for item in value.values():
            yield from texts(item)
