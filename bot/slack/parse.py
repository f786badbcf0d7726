"""Turns Slack payloads into what people did. Pure. The one place where untyped payloads enter.

Both deliveries of a mention (`app_mention` and `message`) and its copy in the history get the same id: channel and ts.
Slack never sends interactions twice; their trigger id names them.
"""

import json
from collections.abc import Mapping
from typing import Any, NamedTuple, cast

from bot.buttons.oversized_form_inputs import part_of
from bot.chat_platform import Changed, Inbound, Mentioned, Pressed, RemoteFile, Submitted, Summoned, Vanished, Wrote
from bot.inbox.parse_connect_command import connector_named
from bot.slack import markup_to_text, message_text
from bot.slack.blocks import PICK, escape
from orchestrator.domain.ids import TaskId
from orchestrator.domain.people import Person, Place

Payload = Mapping[str, Any]

PLATFORM = "slack"
REQUEST = "threadwork_request"
"""The metadata of the message that the bot posts for a slash command, in the name of its author."""
WORDS = ("", "help", "tasks", "home", "costs", "settings", "graph")
CANVAS = "document_mention"
_SPEECH = (None, "", "file_share", "thread_broadcast", "me_message")


class BotIdentity(NamedTuple):
    """Who the bot is in its workspace."""

    team: str
    user: str
    bot: str


class Sender(NamedTuple):
    """The person behind a payload."""

    team: str
    user: str


def place(team: str, channel: str, thread: str) -> Place:
    """A conversation whose id begins with D belongs to one person; so does the App Home, which has none. G is a private
    channel or a group conversation; for an id that begins with C, only `Conversations` knows."""
    alone, closed = channel[:1] in ("D", ""), channel.startswith("G")
    return Place(platform=PLATFORM, channel=f"{team}/{channel}", thread=thread, private=alone, closed=closed)


def channel_of(at: Place) -> str:
    """Returns Slack's id of the channel."""
    return at.channel.rpartition("/")[2]


def team_of(at: Place) -> str:
    """Returns Slack's id of the workspace."""
    return at.channel.partition("/")[0]


def actor(body: Payload, me: BotIdentity) -> Sender | None:
    """Returns who did this; None if it was a bot, Slack itself, or us."""
    if "event" in body:
        return _author(cast(Payload, body["event"]), str(body.get("team_id") or me.team), me)
    user: Any = body.get("user") or {}
    if isinstance(user, Mapping):
        known = cast(Payload, user)
        name, team = str(known.get("id", "")), str(known.get("team_id") or me.team)
    else:
        name, team = "", me.team
    name = name or str(body.get("user_id", ""))
    return Sender(team, name) if name and name != me.user else None


def _author(event: Payload, team: str, me: BotIdentity) -> Sender | None:
    said = event
    if event.get("subtype") == "message_changed":
        said = cast(Payload, event.get("message") or {})
        if said.get("subtype") == "tombstone":  # Slack's own, in place of a message with replies
            said = cast(Payload, event.get("previous_message") or {})
    elif event.get("subtype") == "message_deleted":
        said = cast(Payload, event.get("previous_message") or {})
    if ours := _ordered(said, me):
        return Sender(str(ours.get("team") or team), str(ours.get("user", "")))
    user = str(said.get("user") or "")
    if not user or user in (me.user, "USLACKBOT") or said.get("bot_id"):
        return None
    return Sender(str(said.get("user_team") or said.get("team") or team), user)


def event(body: Payload, by: Person, me: BotIdentity) -> Inbound | None:
    """An event of the Events API; None if it doesn't concern us."""
    it, team = cast(Payload, body["event"]), me.team
    match it.get("type"), it.get("subtype"):
        case "app_mention", _:
            return message(it, by, me)
        case "message", "message_changed":
            return _edited(it, by, team, me)
        case "message", "message_deleted":
            gone = cast(Payload, it.get("previous_message") or {})
            return _changed(it, gone, by, team, None, "deleted")
        case "message", "channel_archive" | "group_archive":
            where = str(it.get("channel", ""))
            return Vanished(id=f"{where}:{it.get('ts')}", by=by, place=place(team, where, ""))
        case "message", _:
            return message(it, by, me)
        case "app_home_opened", _ if it.get("tab", "home") == "home":
            id_ = f"home:{it.get('user')}:{it.get('event_ts') or body.get('event_id')}"
            return Summoned(id=id_, by=by, place=place(team, str(it.get("channel", "")), ""), words="home")
        case _:
            return None


def message(it: Payload, by: Person, me: BotIdentity, *, channel: str = "") -> Inbound | None:
    """A message, as an event or from the history (`channel` is then given)."""
    where, ts = channel or str(it.get("channel", "")), str(it.get("ts", ""))
    if it.get("subtype") == CANVAS and it.get("type") == "app_mention":
        within = message_text.words({"blocks": it.get("blocks")}, me.user).lstrip("> ")
        it = {**it, "text": escape(within), "blocks": [], "subtype": None}  # the event's text only says where
    if it.get("subtype") not in _SPEECH and not _ordered(it, me):
        return None
    root = str(it.get("thread_ts") or ts)
    text, id_ = str(it.get("text") or ""), f"{where}:{ts}"
    if ordered := _ordered(it, me):
        words = str(ordered.get("text", ""))
        return Mentioned(id=id_, by=by, place=place(me.team, where, ts), text=words, message=ts)
    at, said, files = (
        place(me.team, where, root),
        message_text.words(it, me.user),
        message_text.files(it.get("files")),
    )
    quotes = message_text.forwards(it, me.user)
    elsewhere = it.get("type") == "app_mention" and not markup_to_text.mentions(text, me.user)  # in a canvas
    asked = elsewhere or markup_to_text.speaks_to(text, me.user)
    if asked or (where.startswith("D") and root == ts):
        return Mentioned(id=id_, by=by, place=at, text=said, message=ts, files=files, quotes=quotes,
                         in_thread=root != ts)  # fmt: skip
    if root == ts:
        return None
    others = markup_to_text.to_others(text, me.user)
    return Wrote(id=id_, by=by, place=at, text=said, message=ts, files=files, quotes=quotes, to_others=others)


def _ordered(it: Payload, me: BotIdentity) -> Payload | None:
    """Returns what a message of ours says about its slash command."""
    about = cast(Payload, it.get("metadata") or {})
    if about.get("event_type") != REQUEST or it.get("user") != me.user:
        return None
    return cast(Payload, about.get("event_payload") or {})


def _edited(it: Payload, by: Person, team: str, me: BotIdentity) -> Changed | None:
    now, before = cast(Payload, it.get("message") or {}), cast(Payload, it.get("previous_message") or {})
    if now.get("subtype") == "tombstone":
        return _changed(it, before or now, by, team, None, "deleted")
    if _ordered(now, me) or not now.get("edited") or now.get("text") == before.get("text"):
        return None  # an unfurl, or a new reply in its thread: not the person's doing
    edited = cast(Payload, now["edited"])
    words = markup_to_text.words(str(now.get("text") or ""), me.user)
    found = _changed(it, now, by, team, words, f"edit:{edited.get('ts')}")
    asked = message(now, by, me, channel=str(it.get("channel", "")))
    return found.model_copy(update={"now": asked}) if isinstance(asked, Mentioned) else found


def lost(body: Payload, nobody: Person, me: BotIdentity) -> Changed | None:
    """A message of the bot's own that was deleted; Slack doesn't say by whom."""
    it = cast(Payload, body["event"])
    was = cast(Payload, it.get("previous_message") or {})
    now = cast(Payload, it.get("message") or {})
    gone = it.get("subtype") == "message_deleted" or now.get("subtype") == "tombstone"
    if it.get("type") != "message" or not gone or was.get("user") != me.user or _ordered(was, me):
        return None
    return _changed(it, was, nobody, me.team, None, "deleted")


def left(body: Payload, nobody: Person, me: BotIdentity) -> Vanished | None:
    """The bot was removed from a channel; Slack doesn't say by whom."""
    it = cast(Payload, body["event"])
    if it.get("type") not in ("channel_left", "group_left"):
        return None
    where = str(it.get("channel", ""))
    id_ = f"{where}:left:{it.get('event_ts') or body.get('event_id')}"
    return Vanished(id=id_, by=nobody, place=place(me.team, where, ""), removed=True)


def changed(it: Payload, by: Person, me: BotIdentity, *, channel: str) -> Changed | None:
    """Returns what happened to a message, according to the history: edited, or deleted."""
    if it.get("subtype") == "tombstone":
        return _changed({"channel": channel}, it, by, me.team, None, "deleted")
    return _edited({"channel": channel, "message": it}, by, me.team, me)


def _changed(it: Payload, of: Payload, by: Person, team: str, text: str | None, mark: str) -> Changed:
    where, ts = str(it.get("channel", "")), str(it.get("deleted_ts") or of.get("ts", ""))
    at = place(team, where, str(of.get("thread_ts") or ts))
    return Changed(id=f"{where}:{ts}:{mark}", by=by, place=at, message=ts, text=text)


def command(body: Payload, by: Person, me: BotIdentity) -> Summoned | str:
    """Reads the slash command: known words, or the text of a request."""
    text = markup_to_text.words(str(body.get("text") or ""), me.user)
    if text.lower() in WORDS or connector_named(text) is not None:
        at = place(me.team, str(body.get("channel_id", "")), "")
        return Summoned(id=f"command:{body.get('trigger_id')}", by=by, place=at, words=text.lower() or "help")
    return text


def interaction(body: Payload, by: Person, me: BotIdentity) -> Inbound | None:
    """Reads a button, a menu, a form or a shortcut of ours; None if it isn't one of ours."""
    match body.get("type"):
        case "block_actions":
            return _pressed(body, by, me)
        case "view_submission":
            return _submitted(body, by)
        case "message_action":
            return _worked(body, by, me)
        case _:
            return None


def _pressed(body: Payload, by: Person, me: BotIdentity) -> Pressed | None:
    action = cast(Payload, body["actions"][0])
    where, on = cast(Payload, body.get("channel") or {}), cast(Payload, body.get("container") or {})
    said = cast(Payload, body.get("message") or {})
    verb = str(action.get("action_id", "")).rpartition(":")[0]
    try:
        if action.get("action_id") == PICK:
            verb, task, ref = cast("list[str]", json.loads(action["selected_option"]["value"]))
        else:
            task, ref = cast("list[str]", json.loads(action["value"]))
    except (KeyError, TypeError, ValueError):
        return None
    ts = str(on.get("message_ts") or said.get("ts") or "")
    thread = str(on.get("thread_ts") or said.get("thread_ts") or ts)
    at = place(me.team, str(where.get("id") or on.get("channel_id") or ""), thread)
    id_ = f"press:{body.get('trigger_id')}"
    return Pressed(id=id_, by=by, place=at, task=TaskId(task), verb=verb, ref=ref, message=ts)


def _submitted(body: Payload, by: Person) -> Submitted | None:
    view = cast(Payload, body["view"])
    try:
        verb, ref, task, channel, thread = cast("list[str]", json.loads(view.get("private_metadata") or ""))
    except ValueError:
        return None
    values: dict[str, str] = {}
    files: list[RemoteFile] = []
    state = cast("Mapping[str, Mapping[str, Payload]]", view["state"]["values"])
    for block in sorted(state, key=part_of):
        for element in state[block].values():
            files += message_text.files(element.get("files"))
            name = part_of(block)[0]
            values[name] = values.get(name, "") + _value(element)
    id_ = f"submit:{body.get('trigger_id') or view.get('hash')}"
    team, _, where = channel.partition("/")
    at = place(team, where, thread)
    return Submitted(
        id=id_, by=by, place=at, task=TaskId(task), verb=verb, ref=ref, values=values, files=tuple(files)
    )  # fmt: skip


def _value(element: Payload) -> str:
    match element.get("type"):
        case "plain_text_input":
            return str(element.get("value") or "")
        case "radio_buttons" | "static_select":
            return str(cast(Payload, element.get("selected_option") or {}).get("value", ""))
        case "checkboxes" | "multi_static_select":
            return "\n".join(str(one["value"]) for one in cast("list[Payload]", element.get("selected_options") or []))
        case "file_input":
            return "\n".join(one.name for one in message_text.files(element.get("files")))
        case _:
            return ""


def _worked(body: Payload, by: Person, me: BotIdentity) -> Mentioned:
    """The shortcut *Work on this*: the message and its files become the request."""
    it, where = cast(Payload, body["message"]), str(body["channel"]["id"])
    ts = str(it["ts"])
    root = str(it.get("thread_ts") or ts)
    return Mentioned(
        id=f"{where}:{ts}:shortcut",
        by=by,
        place=place(me.team, where, root),
        text=message_text.words(it, me.user),
        message=ts,
        files=message_text.files(it.get("files")),
        quotes=message_text.forwards(it, me.user),
        in_thread=root != ts,
    )
