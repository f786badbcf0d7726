"""Interactions from press to answer: one first response within three seconds, followups for fifteen minutes."""

import asyncio
import secrets
import time
from dataclasses import dataclass, field
from typing import Any

from tests.discord_server import rules
from tests.discord_server.refusal import Refusal
from tests.discord_server.spec import check_as
from tests.discord_server.world import Payload, Someone, World

FIRST, ALL = 3.0, 15 * 60.0
COMMAND, COMPONENT, MODAL = 2, 3, 5


@dataclass
class Interaction:
    """What the test holds after a press: `answer` waits for the first response, `answers` are all that followed."""

    id: str
    token: str
    kind: int
    by: Someone
    channel: Payload
    data: Payload
    message: Payload | None = None
    began: float = field(default_factory=time.monotonic)
    response: Payload | None = None
    took: float = 0.0
    original: Payload | None = None
    """The message that the response made, also an ephemeral one."""
    followups: list[Payload] = field(default_factory=list)
    heard: asyncio.Event = field(default_factory=asyncio.Event)
    settled: asyncio.Event = field(default_factory=asyncio.Event)
    gone: bool = False

    async def answer(self, timeout: float = 60) -> Payload:
        """The first response; times out when there is none."""
        async with asyncio.timeout(timeout):
            await self.heard.wait()
        assert self.response is not None
        return self.response

    async def words(self, timeout: float = 60) -> str:
        """What the person reads, also when it came after a deferral."""
        response = await self.answer(timeout)
        if response["type"] in (5, 6):
            async with asyncio.timeout(timeout):
                await self.settled.wait()
        shown = self.followups[-1] if self.followups else self.original or {}
        texts = [p["content"] for p in rules.walk(shown.get("components") or []) if p["type"] == 10]
        return "\n".join([shown.get("content") or "", *texts]).strip()

    @property
    def modal(self) -> Payload:
        assert self.response is not None and self.response["type"] == 9, f"no modal but {self.response}"
        return self.response["data"]

    def check_alive(self) -> None:
        if time.monotonic() - self.began > ALL:
            raise Refusal(401, 50027, "Invalid Webhook Token")


@dataclass
class Interactions:
    world: World
    all: dict[str, Interaction] = field(default_factory=dict)
    late: float = FIRST
    """Seconds until the first response is too late."""

    def open(self, kind: int, by: Someone, channel: Payload, data: Payload, message: Payload | None) -> Interaction:
        made = Interaction(self.world.snowflake(), secrets.token_urlsafe(24), kind, by, channel, data, message)
        self.all[made.token] = made
        return made

    def payload(self, it: Interaction) -> Payload:
        """INTERACTION_CREATE."""
        guild = it.channel.get("guild_id")
        who = {"guild_id": guild, "member": it.by.member()} if guild else {"user": it.by.user()}
        partial = {name: value for name, value in it.channel.items() if name != "permission_overwrites"}
        base = {
            "id": it.id, "application_id": self.world.bot.id, "type": it.kind, "data": it.data, "token": it.token,
            "channel": partial, "channel_id": it.channel["id"], "version": 1, "locale": "en-US",
            "app_permissions": str((1 << 50) - 1), "entitlements": [], "context": 0 if guild else 1,
            "authorizing_integration_owners": {}, "attachment_size_limit": rules.FILE_SIZE, **who,
        }  # fmt: skip
        return base if it.message is None else {**base, "message": it.message}

    def by_token(self, token: str) -> Interaction:
        it = self.all.get(token)
        if it is None:
            raise Refusal(404, 10015, "Unknown Webhook")
        it.check_alive()
        return it

    def respond(self, id_: str, token: str, body: Payload) -> tuple[Interaction, Payload | None]:
        """The first response. Returns the new public message, if it makes one."""
        it = self.all.get(token)
        took = time.monotonic() - it.began if it else 0.0
        if it is None or it.id != id_ or took > self.late:
            raise Refusal(404, 10062, "Unknown interaction")
        if it.response is not None:
            raise Refusal(400, 40060, "Interaction has already been acknowledged.")
        public = self._first(it, body)
        it.response, it.took = body, took
        it.heard.set()
        if body["type"] not in (5, 6):
            it.settled.set()
        return it, public

    def _first(self, it: Interaction, body: Payload) -> Payload | None:
        data = body.get("data") or {}
        match body["type"]:
            case 4:
                return self._message(it, data, 0)
            case 5:
                if data.keys() - {"flags"}:
                    raise Refusal(400, 50035, "Invalid Form Body: a deferral takes only flags")
                return self._message(it, {"flags": data.get("flags", 0)}, 128, checked=False)
            case 6 | 7:
                if it.message is None:
                    raise Refusal(400, 50035, "Invalid Form Body: there is no message to update")
                if body["type"] == 7:
                    self.change(it.message, data)
                it.original = it.message
            case 9:
                if it.kind == MODAL:
                    raise Refusal(400, 50035, "Invalid Form Body: a modal cannot answer a modal")
                check_as("ModalInteractionCallbackRequestData", data)
                rules.check_modal(data)
            case other:
                raise Refusal(400, 50035, f"Invalid Form Body: type {other} is not served here")
        return None

    def _message(self, it: Interaction, data: Payload, flags: int, *, checked: bool = True) -> Payload | None:
        wanted = (data.get("flags") or 0) | flags
        if checked:
            rules.check_message({**data, "flags": (data.get("flags") or 0)}, {}, (), v2=bool(wanted & rules.V2))
        meta = {"id": it.id, "type": it.kind, "user": it.by.user(), "authorizing_integration_owners": {}}
        it.original = self.world.message(
            it.channel, self.world.bot, content=data.get("content") or "", components=numbered(data.get("components")),
            flags=wanted, type=20 if it.kind == COMMAND else 19, interaction_metadata=meta,
            webhook_id=self.world.bot.id, application_id=self.world.bot.id,
        )  # fmt: skip
        return None if wanted & rules.EPHEMERAL else it.original

    def follow_up(self, token: str, body: Payload) -> Payload:
        it = self.by_token(token)
        if it.response is None:
            raise Refusal(404, 10015, "Unknown Webhook")
        before, it.settled = it.original, it.settled
        self._message(it, body, 0)
        made, it.original = it.original, before
        assert made is not None
        it.followups.append(made)
        it.settled.set()
        return made

    def edit_original(self, token: str, body: Payload) -> Payload:
        it = self.by_token(token)
        if it.original is None or it.gone:
            raise Refusal(404, 10008, "Unknown Message")
        self.change(it.original, body)
        it.original["flags"] &= ~128
        it.settled.set()
        return it.original

    def delete_original(self, token: str) -> None:
        it = self.by_token(token)
        if it.original is None or it.gone:
            raise Refusal(404, 10008, "Unknown Message")
        self.world.messages[it.channel["id"]].pop(it.original["id"], None)
        it.gone = True
        it.settled.set()

    def change(self, message: Payload, data: Payload) -> None:
        """An edit by the application; becoming V2 is for good."""
        flags = message["flags"] | ((data.get("flags") or 0) & (rules.V2 | rules.SUPPRESS_EMBEDS))
        if flags & rules.V2 and not message["flags"] & rules.V2 and message["content"] and data.get("content", "x"):
            raise Refusal(400, 50035, "Invalid Form Body: content must be null when a message becomes V2")
        rules.check_message({**data, "flags": 0}, {}, (), v2=bool(flags & rules.V2))
        message["flags"] = flags
        for name in ("content", "components"):
            if name in data:
                message[name] = numbered(data[name]) if name == "components" else data[name] or ""


def numbered(components: Any) -> list[Payload]:
    """Every component gets an id, as Discord gives it; given ones stay."""
    rows: list[Payload] = [dict(c) for c in components or []]
    used = {p["id"] for p in rules.walk(rows) if p.get("id")}
    fresh = (n for n in range(1, 10**6) if n not in used)

    def give(part: Payload) -> Payload:
        part = dict(part)
        if not part.get("id"):
            part["id"] = next(fresh)
        for name in ("components",):
            if part.get(name):
                part[name] = [give(p) for p in part[name]]
        for name in ("accessory", "component"):
            if part.get(name):
                part[name] = give(part[name])
        return part

    return [give(row) for row in rows]
