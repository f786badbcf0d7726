"""The HTTP side: every request is looked up, counted, validated, answered, or broken on purpose."""

import asyncio
import json
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Literal

from aiohttp import web

from tests.discord_server import rates, spec
from tests.discord_server.rates import Rates
from tests.discord_server.refusal import Refusal
from tests.discord_server.world import Payload, World

Kind = Literal["429", "500", "502", "503", "504", "502-after", "drop-before", "drop-after", "slow"]
"""`after`: it was done, and only the answer is lost. `429`: for `Fault.seconds`, with a bucket's headers."""


@dataclass
class Call:
    """One request as handlers see it. `files`: name -> (content, media), in order of their index."""

    method: str
    path: str
    template: str
    parts: tuple[str, ...]
    query: dict[str, str]
    body: Any = None
    files: list[tuple[str, bytes, str]] = field(default_factory=list)


Handler = Callable[[Call], Awaitable[Payload | list[Payload] | None]]


@dataclass
class Fault:
    """Breaks the next requests whose method and path fit; no method fits all."""

    method: str
    path: str
    kind: Kind
    times: int = 1
    seconds: float = 0.0

    def takes(self, method: str, path: str) -> bool:
        if self.times <= 0 or self.method not in ("", method) or not re.search(self.path, path):
            return False
        self.times -= 1
        return True


@dataclass
class Rest:
    """`refusals` and `limited` are what a good client leaves empty; `calls` is everything that came in."""

    world: World
    token: str
    handlers: dict[tuple[str, str], Handler] = field(default_factory=dict)
    rates: Rates = field(default_factory=Rates)
    faults: list[Fault] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)
    refusals: list[str] = field(default_factory=list)
    limited: list[str] = field(default_factory=list)
    aged: set[str] = field(default_factory=set)
    """Messages that count as older than an hour."""

    async def serve(self, request: web.Request) -> web.StreamResponse:
        path = request.path.removeprefix("/api/v10")
        method, fault = request.method, None
        for one in self.faults:
            if one.takes(method, path):
                fault = one
                break
        if fault is not None and (broken := await _before(request, fault)) is not None:
            return broken
        headers: dict[str, str] = {}
        try:
            call = await self._read(request, path)
            headers = self._count(call)
            answer = await self._answered(call)
        except Limited as limit:
            self.limited.append(f"{method} {path}")
            return limit.response()
        except Refusal as refusal:
            self.refusals.append(f"{method} {path}: {refusal}")
            return _json(refusal.body(), refusal.status, headers)
        if fault is not None and fault.kind == "drop-after" and request.transport is not None:
            request.transport.close()
        if fault is not None and fault.kind == "502-after":
            return _json({"message": "Server error", "code": 0}, 502, headers)
        return _json(answer, 200, headers) if answer is not None else web.Response(status=204, headers=headers)

    async def _read(self, request: web.Request, path: str) -> Call:
        name = spec.template(request.method, path)
        if name is None or (request.method, name) not in self.handlers:
            raise Refusal(404, 0, f"404: Not Found ({request.method} {path})")
        open_ = name.startswith(("/interactions/", "/webhooks/"))
        if not open_ and request.headers.get("Authorization") != f"Bot {self.token}":
            raise Refusal(401, 0, "401: Unauthorized")
        pattern = re.sub(r"\{[^}]*\}", "([^/]+)", name)
        match = re.fullmatch(pattern, path)
        assert match is not None
        call = Call(request.method, path, name, match.groups(), dict(request.query))
        await _take_body(request, call)
        self.calls.append(call)
        return call

    def _count(self, call: Call) -> dict[str, str]:
        key = (call.method, call.template)
        if call.template.startswith(("/interactions/", "/webhooks/")):
            return {}
        if (verdict := self.rates.take_global()).wait > 0:
            raise Limited(verdict)
        limit, bucket = rates.LIMITS.get(key, rates.OTHERS), f"{call.method} {call.template}"
        if key == ("PATCH", "/channels/{channel_id}") and "name" in (call.body or {}):
            limit, bucket = rates.RENAMES, "rename"
        if limit is rates.EDITS and call.method == "PATCH" and call.parts[1] in self.aged:
            limit, bucket = rates.OLD_EDITS, "old edits"
        verdict = self.rates.take(bucket, call.parts[0] if call.parts else "", limit)
        if verdict.wait > 0:
            raise Limited(verdict)
        return verdict.headers

    async def _answered(self, call: Call) -> Any:
        if call.method in ("POST", "PUT", "PATCH") and call.body is not None:
            body = call.body
            if call.template.endswith("/callback"):
                _check_kind(body)
            else:
                spec.check(call.method, call.template, _worded(body))
        return await self.handlers[call.method, call.template](call)


class Limited(Exception):
    def __init__(self, verdict: rates.Verdict) -> None:
        super().__init__("429")
        self.verdict = verdict

    def response(self) -> web.Response:
        wait, headers, scope, code = self.verdict
        whole = scope == "global"
        extra = {"Retry-After": f"{wait:.3f}", "Via": "1.1 local", "X-RateLimit-Scope": scope}
        if whole:
            extra["X-RateLimit-Global"] = "true"
        body = {"message": "You are being rate limited.", "retry_after": round(wait, 3), "global": whole}
        return _json({**body, "code": code} if code else body, 429, {**headers, **extra})


_CALLBACKS = {
    4: "CreateMessageInteractionCallbackRequest",
    5: "CreateMessageInteractionCallbackRequest",
    6: "UpdateMessageInteractionCallbackRequest",
    7: "UpdateMessageInteractionCallbackRequest",
    9: "ModalInteractionCallbackRequest",
}


def _check_kind(body: Any) -> None:
    """A union is clearer when checked as the member that the type names."""
    if body.get("type") not in _CALLBACKS:
        raise Refusal(400, 50035, f"Invalid Form Body: type: {body.get('type')!r}")
    spec.check_as(_CALLBACKS[body["type"]], body)


def _worded(body: Any) -> Any:
    """Attachments may be numbered with numbers: the prose's own example does so, the schema knows only strings."""
    if not isinstance(body, dict) or not isinstance(body.get("attachments"), list):
        return body
    return {**body, "attachments": [{**a, "id": str(a.get("id"))} for a in body["attachments"]]}


async def _before(request: web.Request, fault: Fault) -> web.StreamResponse | None:
    match fault.kind:
        case "slow":
            await asyncio.sleep(fault.seconds)
        case "drop-before":
            if request.transport is not None:
                request.transport.close()
            return web.Response(status=500)
        case "500" | "502" | "503" | "504":
            await request.read()
            return _json({"message": "Server error", "code": 0}, int(fault.kind), {})
        case "429":
            await request.read()
            return Limited(rates.refusal(request.path, fault.seconds)).response()
        case "drop-after" | "502-after":
            pass
    return None


async def _take_body(request: web.Request, call: Call) -> None:
    if request.content_type == "multipart/form-data":
        call.body = {}
        rows: list[tuple[int, tuple[str, bytes, str]]] = []
        async for part in await request.multipart():
            content = bytes(await part.read())
            if part.name == "payload_json":
                call.body = json.loads(content)
            elif found := re.fullmatch(r"files\[(\d+)\]", part.name or ""):
                media = part.headers.get("Content-Type", "application/octet-stream")
                rows.append((int(found[1]), (part.filename or "file", content, media)))
            else:
                raise Refusal(400, 50035, f"Invalid Form Body: {part.name!r}: no such part")
        call.files = [row for _, row in sorted(rows)]
    elif request.can_read_body:
        text = await request.read()
        if request.content_type != "application/json" and text:
            raise Refusal(400, 50035, f"Invalid Form Body: content type {request.content_type!r}")
        try:
            call.body = json.loads(text) if text else None
        except ValueError:
            raise Refusal(400, 50109, "The request body contains invalid JSON.") from None


def _json(body: Any, status: int, headers: dict[str, str]) -> web.Response:
    """Without a charset: discord.py takes anything else for text."""
    return web.Response(
        body=json.dumps(body).encode(), status=status, headers={**headers, "Content-Type": "application/json"}
    )
