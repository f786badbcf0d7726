"""Block Kit as Slack judges it: types, fields, lengths, uniqueness, and where a block may stand."""

import json
from typing import Any, Literal

from tests.slack_server.elements import IN_ACTIONS, IN_INPUT, element, text
from tests.slack_server.rich import rich_text
from tests.slack_server.shape import Shape, Trouble

Surface = Literal["message", "modal", "home"]
MESSAGE_CHARACTERS = 13_200
B = {"type": str, "block_id": str}
SECTION = Shape({**B, "text": dict, "fields": list, "accessory": dict, "expand": bool}, {"type"})
CONTEXT = Shape({**B, "elements": list}, {"type", "elements"})
HEADER = Shape({**B, "text": dict}, {"type", "text"})
DIVIDER = Shape(B, {"type"})
IMAGE = Shape({**B, "image_url": str, "slack_file": dict, "alt_text": str, "title": dict}, {"type", "alt_text"})
INPUT = Shape({**B, "label": dict, "element": dict, "hint": dict, "optional": bool, "dispatch_action": bool},
              {"type", "label", "element"})  # fmt: skip
MARKDOWN = Shape({**B, "text": str}, {"type", "text"})
ALERT = Shape({**B, "text": dict, "level": str}, {"type", "text"})
PLAN = Shape({**B, "title": str, "tasks": list}, {"type", "title"})
TASK = Shape({**B, "task_id": str, "title": str, "details": dict, "output": dict, "sources": list, "status": str},
             {"type", "task_id", "title", "status"})  # fmt: skip
SOURCE = Shape({"type": str, "url": str, "text": str, "icon_url": str}, {"type", "url", "text"})
ONLY: dict[str, tuple[Surface, ...]] = {
    "plan": ("message",),
    "task_card": ("message",),
    "markdown": ("message",),
    "alert": ("modal",),
    "input": ("modal", "home"),
}


def blocks(value: Any, surface: Surface) -> tuple[str, list[str]]:
    """Slack's error name and its messages; an empty name when all is well."""
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except ValueError:
            return "invalid_blocks_format", []
    if not isinstance(value, list):
        return "invalid_blocks_format", []
    out = Trouble()
    most = 50 if surface == "message" else 100
    if len(value) > most:
        out.add(f"no more than {most} items allowed [json-pointer:/blocks]")
    for number, one in enumerate(value):
        block(one, f"/blocks/{number}", surface, out)
    if out.messages:
        return "invalid_blocks", out.messages
    if out.markdown > 12_000 or (surface == "message" and out.characters > MESSAGE_CHARACTERS):
        return "msg_blocks_too_long", [f"{out.characters} characters"]
    return "", []


def view(value: Any) -> tuple[str, list[str]]:
    """The same for a modal or a home."""
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except ValueError:
            return "invalid_arguments", ["view is not JSON"]
    surface = value.get("type") if isinstance(value, dict) else None
    if surface not in ("modal", "home"):
        return "invalid_arguments", ["view.type must be modal or home"]
    out = Trouble()
    shared = {"type": str, "blocks": list, "private_metadata": str, "callback_id": str, "external_id": str}
    more = {"title": dict, "submit": dict, "close": dict, "clear_on_close": bool, "notify_on_close": bool,
            "submit_disabled": bool} if surface == "modal" else {}  # fmt: skip
    if Shape({**shared, **more}, {"type", "blocks"} | ({"title"} if surface == "modal" else set())).check(
        value, "/view", out
    ):
        for name in ("title", "submit", "close"):
            if name in value:
                text(value[name], f"/view/{name}", 24, out, kinds=("plain_text",))
        if len(value.get("private_metadata", "")) > 3_000 or len(value.get("callback_id", "")) > 255:
            out.add("private_metadata or callback_id too long [json-pointer:/view]")
        if any(b.get("type") == "input" for b in value["blocks"] if isinstance(b, dict)) and "submit" not in value:
            out.add("submit is required when an input is in the blocks [json-pointer:/view/submit]")
    if out.messages:
        return "invalid_arguments", out.messages
    if len(json.dumps(value)) > 250_000:
        return "view_too_large", []
    name, messages = blocks(value["blocks"], surface)
    return ("invalid_arguments" if name else ""), messages


def block(value: Any, at: str, surface: Surface, out: Trouble) -> None:
    kind = value.get("type") if isinstance(value, dict) else None
    if kind not in _CHECKS or surface not in ONLY.get(str(kind), (surface,)):
        out.add(f"unsupported type: {kind} [json-pointer:{at}/type]")
        return
    if "block_id" in value and isinstance(value["block_id"], str):
        out.block(value["block_id"], at)
    else:
        out.action_ids = set()
    _CHECKS[str(kind)](value, at, out)


def _section(value: Any, at: str, out: Trouble) -> None:
    if not SECTION.check(value, at, out):
        return
    if "text" not in value and not value.get("fields"):
        out.add(f"text or fields is needed [json-pointer:{at}]")
    if "text" in value:
        text(value["text"], f"{at}/text", 3_000, out)
    fields = value.get("fields", [])
    if len(fields) > 10:
        out.add(f"no more than 10 fields [json-pointer:{at}/fields]")
    for number, one in enumerate(fields):
        text(one, f"{at}/fields/{number}", 2_000, out)
    if "accessory" in value and value["accessory"].get("type") != "image":
        element(value["accessory"], f"{at}/accessory", IN_ACTIONS, out)


def _context(value: Any, at: str, out: Trouble) -> None:
    if not CONTEXT.check(value, at, out):
        return
    if not 1 <= len(value["elements"]) <= 10:
        out.add(f"1 to 10 elements [json-pointer:{at}/elements]")
    for number, one in enumerate(value["elements"]):
        text(one, f"{at}/elements/{number}", 2_000, out)


def _actions(value: Any, at: str, out: Trouble) -> None:
    if not CONTEXT.check(value, at, out):
        return
    if not 1 <= len(value["elements"]) <= 25:
        out.add(f"1 to 25 elements [json-pointer:{at}/elements]")
    for number, one in enumerate(value["elements"]):
        element(one, f"{at}/elements/{number}", IN_ACTIONS, out)


def _header(value: Any, at: str, out: Trouble) -> None:
    if HEADER.check(value, at, out):
        text(value["text"], f"{at}/text", 150, out, kinds=("plain_text",))


def _image(value: Any, at: str, out: Trouble) -> None:
    if IMAGE.check(value, at, out) and (("image_url" in value) == ("slack_file" in value)):
        out.add(f"exactly one of image_url and slack_file [json-pointer:{at}]")


def _input(value: Any, at: str, out: Trouble) -> None:
    if not INPUT.check(value, at, out):
        return
    text(value["label"], f"{at}/label", 2_000, out, kinds=("plain_text",))
    if "hint" in value:
        text(value["hint"], f"{at}/hint", 2_000, out, kinds=("plain_text",))
    element(value["element"], f"{at}/element", IN_INPUT, out)


def _markdown(value: Any, at: str, out: Trouble) -> None:
    if MARKDOWN.check(value, at, out):
        out.markdown += len(value["text"])
        out.count(value["text"])


def _alert(value: Any, at: str, out: Trouble) -> None:
    if ALERT.check(value, at, out):
        text(value["text"], f"{at}/text", 200, out)


def _plan(value: Any, at: str, out: Trouble) -> None:
    if not PLAN.check(value, at, out):
        return
    if not value["title"]:
        out.add(f"must be more than 0 characters [json-pointer:{at}/title]")
    out.count(value["title"])
    tasks = value.get("tasks", [])
    if len(tasks) > 50:
        out.add(f"no more than 50 tasks [json-pointer:{at}/tasks]")
    for number, one in enumerate(tasks):
        _task(one, f"{at}/tasks/{number}", out)
    names = [one.get("task_id") for one in tasks if isinstance(one, dict)]
    if len(set(names)) != len(names):
        out.add(f"task_id must be unique [json-pointer:{at}/tasks]")


def _task(value: Any, at: str, out: Trouble) -> None:
    if not TASK.check(value, at, out):
        return
    if value["type"] != "task_card" or value["status"] not in ("pending", "in_progress", "complete", "error"):
        out.add(f"unsupported type or status [json-pointer:{at}]")
    if not value["title"] or not value["task_id"]:
        out.add(f"title and task_id must be more than 0 characters [json-pointer:{at}]")
    out.count(value["title"])
    for name in ("details", "output"):
        if name in value:
            rich_text(value[name], f"{at}/{name}", out)
    for number, one in enumerate(value.get("sources", [])):
        SOURCE.check(one, f"{at}/sources/{number}", out)


_CHECKS = {
    "section": _section,
    "context": _context,
    "actions": _actions,
    "header": _header,
    "divider": lambda v, at, out: DIVIDER.check(v, at, out),
    "image": _image,
    "input": _input,
    "markdown": _markdown,
    "alert": _alert,
    "plan": _plan,
    "task_card": _task,
    "rich_text": lambda v, at, out: rich_text(v, at, out),
}
