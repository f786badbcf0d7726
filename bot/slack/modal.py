"""Draws forms as modals. Pure.

A block is named after its field, so what a person typed stays when the form is shown again. A text longer than one
input is split over several (`name`, `name~1`, …), which `parse.py` joins, so nothing is lost.
"""

import json
from typing import Any

from bot.buttons.oversized_form_inputs import part_name, typeable
from bot.chat_platform import Form, Input
from bot.slack import blocks as b
from bot.slack.blocks import Block
from orchestrator.domain.people import Place
from orchestrator.errors import Refused

CALLBACK = "form"
FIELD = "value"
_VIEW_BLOCKS, _VIEW_SIZE, _INPUT, _METADATA, _SMALL = 100, 250_000, 3_000, 3_000, 10


def modal(form: Form, place: Place) -> dict[str, Any]:
    """Returns the form as a modal that remembers what it is about. Raises Refused if it's too large for Slack."""
    about = json.dumps([form.verb, form.ref, form.task, place.channel, place.thread], separators=(",", ":"))
    made = [b.rich(b.words(f"⚠️ {b.cut(form.problem, 2_900)}", bold=True))] if form.problem else []
    for field in form.fields:
        made += _inputs(field)
    view = {
        "type": "modal",
        "callback_id": CALLBACK,
        "title": b.plain(form.title, 24),
        "submit": b.plain(form.submit, 24),
        "close": b.plain("Cancel", 24),
        "private_metadata": about,
        "blocks": made or [b.rich(b.words(b.cut(form.title, 2_900)))],
    }
    if len(made) > _VIEW_BLOCKS or len(about) > _METADATA or len(json.dumps(view)) > _VIEW_SIZE:
        raise Refused(f"The form {form.title!r} is too large for Slack; open the task in the web workspace.")
    return view


def _inputs(field: Input) -> list[Block]:
    if field.kind in ("line", "text"):
        pieces = [field.value[at : at + _INPUT] for at in range(0, len(field.value), _INPUT)] or [""]
        return [_typed(field, piece, at, len(pieces)) for at, piece in enumerate(pieces)]
    if field.kind == "file":
        return [_input(field, {"type": "file_input", "action_id": FIELD, "max_files": 1})]
    typed = typeable(field, _choosable)
    return [_input(field, _chosen(field))] if typed is field else _inputs(typed)


def _choosable(field: Input) -> bool:
    return 0 < len(field.options) <= b.OPTIONS and all(0 < len(v) <= b.OPTION_VALUE for v, _ in field.options)


def _typed(field: Input, value: str, at: int, of: int) -> Block:
    lines = field.kind == "text" or "\n" in value or of > 1
    element: Block = {"type": "plain_text_input", "action_id": FIELD, "multiline": lines, "max_length": _INPUT}
    if value:
        element["initial_value"] = value.encode("utf-8", "replace").decode("utf-8")
    block = _input(field, element)
    if at:
        block |= {"block_id": part_name(field.name, at), "label": b.plain(f"{field.label} (part {at + 1})", 2_000)}
        block["optional"] = True
    return block


def _chosen(field: Input) -> Block:
    options = [{"text": b.plain(label, b.OPTION_TEXT), "value": value} for value, label in field.options]
    picked = field.value.split("\n") if field.kind == "choices" else [field.value]
    initial = [option for option in options if option["value"] in picked]
    few = len(options) <= _SMALL
    element: Block = {"action_id": FIELD, "options": options}
    if field.kind == "choices":
        element["type"] = "checkboxes" if few else "multi_static_select"
        return element | ({"initial_options": initial} if initial else {})
    element["type"] = "radio_buttons" if few else "static_select"
    return element | ({"initial_option": initial[0]} if initial else {})


def _input(field: Input, element: Block) -> Block:
    block: Block = {
        "type": "input",
        "block_id": field.name,
        "label": b.plain(field.label, 2_000),
        "optional": not field.required,
        "element": element,
    }
    return block | ({"hint": b.plain(field.help, 2_000)} if field.help else {})
