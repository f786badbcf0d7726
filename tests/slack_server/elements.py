"""Interactive elements and text objects, checked as Slack checks them."""

from typing import Any

from tests.slack_server.shape import Shape, Trouble

PLAIN = {"type": str, "text": str, "emoji": bool}
MRKDWN = {"type": str, "text": str, "verbatim": bool}


def text(value: Any, at: str, most: int, out: Trouble, *, kinds: tuple[str, ...] = ("plain_text", "mrkdwn")) -> None:
    if not isinstance(value, dict) or value.get("type") not in kinds:
        out.add(f"must be a text object of {kinds} [json-pointer:{at}]")
        return
    Shape(PLAIN if value["type"] == "plain_text" else MRKDWN, {"type", "text"}).check(value, at, out)
    words = value.get("text")
    if not isinstance(words, str):
        return
    if not words:
        out.add(f"must be more than 0 characters [json-pointer:{at}/text]")
    if len(words) > most:
        out.add(f"must be less than {most + 1} characters [json-pointer:{at}/text]")
    out.count(words)


def option(value: Any, at: str, out: Trouble) -> None:
    if Shape({"text": dict, "value": str, "description": dict, "url": str}, {"text", "value"}).check(value, at, out):
        text(value["text"], f"{at}/text", 75, out)
        if not 0 < len(value["value"]) <= 150:
            out.add(f"must be 1 to 150 characters [json-pointer:{at}/value]")


def options(value: Any, at: str, most: int, out: Trouble) -> None:
    if not isinstance(value, list) or not value:
        out.add(f"must provide at least one option [json-pointer:{at}]")
        return
    if len(value) > most:
        out.add(f"no more than {most} options [json-pointer:{at}]")
    for number, one in enumerate(value):
        option(one, f"{at}/{number}", out)
    values = [one.get("value") for one in value if isinstance(one, dict)]
    if len(set(values)) != len(values):
        out.add(f"option values must be unique [json-pointer:{at}]")


ID = {"type": str, "action_id": str}
BUTTON = Shape({**ID, "text": dict, "value": str, "url": str, "style": str, "confirm": dict,
                "accessibility_label": str}, {"type", "action_id", "text"})  # fmt: skip
SELECT = Shape({**ID, "placeholder": dict, "options": list, "initial_option": dict, "confirm": dict,
                "focus_on_load": bool}, {"type", "action_id", "options"})  # fmt: skip
SELECTS = Shape({**ID, "placeholder": dict, "options": list, "initial_options": list, "max_selected_items": int,
                 "confirm": dict, "focus_on_load": bool}, {"type", "action_id", "options"})  # fmt: skip
OVERFLOW = Shape({**ID, "options": list, "confirm": dict}, {"type", "action_id", "options"})
TYPED = Shape({**ID, "initial_value": str, "multiline": bool, "min_length": int, "max_length": int,
               "placeholder": dict, "dispatch_action_config": dict, "focus_on_load": bool}, {"type"})  # fmt: skip
RADIO = Shape({**ID, "options": list, "initial_option": dict, "confirm": dict, "focus_on_load": bool},
              {"type", "action_id", "options"})  # fmt: skip
BOXES = Shape({**ID, "options": list, "initial_options": list, "confirm": dict, "focus_on_load": bool},
              {"type", "action_id", "options"})  # fmt: skip
FILE_INPUT = Shape({**ID, "filetypes": list, "max_files": int}, {"type"})
IN_ACTIONS = ("button", "static_select", "multi_static_select", "overflow", "radio_buttons", "checkboxes")
IN_INPUT = ("plain_text_input", "static_select", "multi_static_select", "radio_buttons", "checkboxes", "file_input")


def element(value: Any, at: str, allowed: tuple[str, ...], out: Trouble) -> None:
    kind = value.get("type") if isinstance(value, dict) else None
    if kind not in allowed:
        out.add(f"unsupported type: {kind} [json-pointer:{at}/type]")
        return
    action = value.get("action_id")
    if isinstance(action, str):
        out.action(action, at)
    _CHECKS[kind](value, at, out)
    if "placeholder" in value:
        text(value["placeholder"], f"{at}/placeholder", 150, out, kinds=("plain_text",))


def _button(value: Any, at: str, out: Trouble) -> None:
    if not BUTTON.check(value, at, out):
        return
    text(value["text"], f"{at}/text", 75, out, kinds=("plain_text",))
    if len(value.get("value", "")) > 2_000 or len(value.get("url", "")) > 3_000:
        out.add(f"value or url too long [json-pointer:{at}]")
    if "style" in value and value["style"] not in ("primary", "danger"):
        out.add(f"must be primary or danger [json-pointer:{at}/style]")


def _one_of(value: Any, at: str, out: Trouble, shape: Shape, most: int) -> None:
    if not shape.check(value, at, out):
        return
    options(value["options"], f"{at}/options", most, out)
    given = value.get("initial_options", [value["initial_option"]] if "initial_option" in value else None)
    if given is not None and (not given or any(one not in value["options"] for one in given)):
        out.add(f"initial option must be one of the options [json-pointer:{at}]")


def _typed(value: Any, at: str, out: Trouble) -> None:
    if not TYPED.check(value, at, out):
        return
    most = value.get("max_length", 3_000)
    if not 1 <= most <= 3_000:
        out.add(f"max_length must be 1 to 3000 [json-pointer:{at}/max_length]")
    if len(value.get("initial_value", "")) > most:
        out.add(f"initial_value is longer than max_length [json-pointer:{at}/initial_value]")
    if "\n" in value.get("initial_value", "") and not value.get("multiline"):
        out.add(f"line breaks need multiline [json-pointer:{at}/initial_value]")


def _file_input(value: Any, at: str, out: Trouble) -> None:
    if FILE_INPUT.check(value, at, out) and not 1 <= value.get("max_files", 10) <= 10:
        out.add(f"max_files must be 1 to 10 [json-pointer:{at}/max_files]")


_CHECKS = {
    "button": _button,
    "static_select": lambda v, at, out: _one_of(v, at, out, SELECT, 100),
    "multi_static_select": lambda v, at, out: _one_of(v, at, out, SELECTS, 100),
    "overflow": lambda v, at, out: _one_of(v, at, out, OVERFLOW, 5),
    "radio_buttons": lambda v, at, out: _one_of(v, at, out, RADIO, 10),
    "checkboxes": lambda v, at, out: _one_of(v, at, out, BOXES, 10),
    "plain_text_input": _typed,
    "file_input": _file_input,
}
