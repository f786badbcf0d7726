"""What people do, as tests say it."""

import asyncio
import re
import secrets
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal

from tests.slack_server import validate
from tests.slack_server.events import Events
from tests.slack_server.sockets import Sockets
from tests.slack_server.world import APP, Channel, Row, Somebody, World


class Acting:
    """People, channels and what they do. An interaction returns what its acknowledgement carried."""

    world: World
    events: Events
    sockets: Sockets
    base: str
    refusals: list[tuple[str, str, list[str]]]

    def person(self, name: str, kind: Literal["member", "guest", "bot", "stranger"] = "member") -> Somebody:
        made = Somebody(self.world.id("U"), name, kind, self.world.team)
        self.world.people[made.id] = made
        return made

    def channel(
        self, name: str, *people: Somebody, bot: bool = True, kind: Literal["public", "private", "mpim"] = "public"
    ) -> Channel:
        made = Channel(self.world.id("C"), name, kind, {p.id for p in people} | ({self.world.bot} if bot else set()))
        self.world.channels[made.id] = made
        return made

    def direct(self, person: Somebody) -> Channel:
        return self.world.direct(person.id)

    def file(self, name: str, content: bytes, media: str = "text/plain") -> Row:
        """A file that somebody attaches."""
        id_ = self.world.id("F")
        link = f"{self.base}/files/{id_}/{re.sub(r'[^a-z0-9._-]', '_', name.lower())}"
        self.world.contents[id_] = content
        self.world.files[id_] = {
            "id": id_, "name": name, "title": name, "size": len(content), "mimetype": media, "shares": {},
            "mode": "hosted", "is_external": False, "url_private": link, "url_private_download": link,
        }  # fmt: skip
        return self.world.files[id_]

    def says(
        self, person: Somebody, channel: Channel, text: str, *, files: Sequence[Row] = (), thread: str = "", **more: Any
    ) -> Row:
        """A message; the app hears of it in its own time. `more`: its other parts, e.g. `blocks`."""
        row: Row = {"type": "message", "user": person.id, "team": person.team, "text": text, "ts": self.world.stamp(),
                    **more}  # fmt: skip
        if files:
            row |= {"files": list(files), "subtype": "file_share"}
        if thread:
            row["thread_ts"] = thread
        if person.kind == "bot":
            row |= {"bot_id": self.world.id("B"), "subtype": "bot_message"}
        self.world.add(channel, row)
        self.events.posted(channel, row)
        return row

    def edits(self, channel: Channel, row: Row, text: str) -> None:
        before = dict(row)
        row |= {"text": text, "edited": {"user": row["user"], "ts": self.world.stamp()}}
        self.events.changed(channel, row, before)

    def deletes(self, channel: Channel, row: Row) -> None:
        """A message with replies leaves a tombstone, and the app hears of a change."""
        before = dict(row)
        if not row.get("reply_count"):
            channel.rows.remove(row)
            self.events.changed(channel, row, None)
            return
        for part in [part for part in row if part not in ("type", "ts", "thread_ts", "reply_count", "latest_reply")]:
            del row[part]
        row |= {"subtype": "tombstone", "user": "USLACKBOT", "text": "This message was deleted.", "hidden": True}
        self.events.changed(channel, row, before)

    async def presses(self, person: Somebody, channel: Channel, row: Row, action_id: str, *, option: str = "") -> Any:
        """A button (or, with `option`, an entry of a menu, by its label) on a message."""
        element = next(e for e in elements(row) if e.get("action_id") == action_id)
        block = next(b for b in row["blocks"] if element in b.get("elements", []))
        action: Row = {"type": element["type"], "action_id": action_id, "block_id": block.get("block_id", "b1"),
                       "action_ts": self.world.stamp()}  # fmt: skip
        if option:
            action["selected_option"] = next(o for o in element["options"] if o["text"]["text"] == option)
        elif "value" in element:
            action["value"] = element["value"]
        on = {"type": "message", "message_ts": row["ts"], "channel_id": channel.id, "is_ephemeral": False}
        if row.get("thread_ts"):
            on["thread_ts"] = row["thread_ts"]
        payload = {"type": "block_actions", "container": on, "channel": {"id": channel.id, "name": channel.name},
                   "message": row, "actions": [action], **self._asking(person, channel)}  # fmt: skip
        return await self.sockets.interaction("interactive", payload)

    async def submits(
        self, person: Somebody, view: Row, values: Mapping[str, Any], *, files: Sequence[Row] = ()
    ) -> Any:
        """A form with these words (by field; a list for several); what was not named keeps what it shows."""
        state = {b["block_id"]: {b["element"]["action_id"]: _state(b["element"], values.get(b["block_id"]), files)}
                 for b in view["blocks"] if b["type"] == "input"}  # fmt: skip
        payload = {
            "type": "view_submission",
            "view": {**view, "state": {"values": state}},
            **self._asking(person, None),
        }
        answer = await self.sockets.interaction("interactive", payload)
        match (answer or {}).get("response_action"):
            case "update":
                error, messages = validate.view(answer["view"])
                if error:
                    self.refusals.append(("response_action", error, messages))
                else:
                    view.update(answer["view"])
            case None | "clear":
                self.world.views.pop(view["id"], None)
            case _:
                pass
        return answer

    async def commands(self, person: Somebody, channel: Channel, words: str, command: str = "/threadwork") -> Any:
        assert command in self.world.manifest.commands, f"{command} is not in the manifest"
        asking = self._asking(person, channel)
        payload = {"command": command, "text": words, "user_id": person.id, "user_name": person.name,
                   "channel_id": channel.id, "team_id": self.world.team, "api_app_id": APP,
                   "response_url": asking["response_url"], "trigger_id": asking["trigger_id"]}  # fmt: skip
        return await self.sockets.interaction("slash_commands", payload)

    async def works_on(self, person: Somebody, channel: Channel, row: Row, callback: str = "work_on_this") -> Any:
        """The message shortcut."""
        assert callback in self.world.manifest.shortcuts, f"{callback} is not in the manifest"
        payload = {"type": "message_action", "callback_id": callback, "message": row, "message_ts": row["ts"],
                   "channel": {"id": channel.id, "name": channel.name}, **self._asking(person, channel)}  # fmt: skip
        return await self.sockets.interaction("interactive", payload)

    def opens_home(self, person: Somebody, channel: Channel) -> None:
        self.events.home(person.id, channel.id)

    def view(self) -> Row | None:
        """The form that is open, the newest."""
        return next(reversed(self.world.views.values()), None)

    async def until(self, fact: Callable[[], Any], *, seconds: float = 60.0) -> Any:
        """Waits for a fact. TimeoutError when it does not come."""
        async with asyncio.timeout(seconds):
            while not (found := fact()):  # noqa: ASYNC110  (facts come from many sides)
                await asyncio.sleep(0.01)
        return found

    def _asking(self, person: Somebody, channel: Channel | None) -> Row:
        assert self.world.manifest.interactive
        trigger, answer = f"{time.monotonic_ns()}.{secrets.token_hex(6)}", secrets.token_hex(8)
        self.world.triggers[trigger] = time.monotonic()
        asking: Row = {"user": {"id": person.id, "username": person.name, "team_id": person.team}, "api_app_id": APP,
                       "team": {"id": self.world.team, "domain": "team"}, "trigger_id": trigger,
                       "token": "t"}  # fmt: skip
        if channel is not None:
            self.world.answers[answer] = {"uses": 0, "at": time.monotonic(), "user": person.id, "channel": channel.id}
            asking["response_url"] = f"{self.base}/response/{answer}"
        return asking


def elements(row: Row) -> list[Row]:
    """Everything that can be pressed on a message."""
    return [e for b in row.get("blocks", []) if b["type"] == "actions" for e in b["elements"]]


def words(value: Any) -> str:
    """Every word that people read in a message or view, in order."""
    if isinstance(value, dict):
        own = [value["text"]] if isinstance(value.get("text"), str) and value.get("type") != "message" else []
        own += [value["title"]] if isinstance(value.get("title"), str) else []
        shown = value.get("blocks", []) if "blocks" in value else [v for k, v in value.items() if k != "value"]
        return " ".join([*own, *(words(v) for v in shown)]).strip()
    return " ".join(w for one in value if (w := words(one))) if isinstance(value, (list, tuple)) else ""


def _state(element: Row, given: Any, files: Sequence[Row]) -> Row:
    kind = element["type"]
    options = {o["value"]: o for o in element.get("options", [])}
    match kind:
        case "plain_text_input":
            return {"type": kind, "value": element.get("initial_value") if given is None else given}
        case "radio_buttons" | "static_select":
            return {"type": kind, "selected_option": options[given] if given else element.get("initial_option")}
        case "checkboxes" | "multi_static_select":
            picked = element.get("initial_options", []) if given is None else [options[one] for one in given]
            return {"type": kind, "selected_options": picked}
        case _:
            return {"type": kind, "files": list(files)}
