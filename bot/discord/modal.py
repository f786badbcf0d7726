"""Fits forms into Discord's limits: a modal holds five fields, so a longer form is several modals around a private
desk.

The desk is a message for one person with the fields' values, a select that opens some of them as a modal, and *Send*.
Fields are named `name`, and `name~1` … if a text is longer than one input. Pure.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from bot.buttons.oversized_form_inputs import part_name, typeable
from bot.chat_platform import Form, Input, RemoteFile
from bot.discord.components import (
    ID,
    OPTIONS,
    TEXT,
    DiscordMessage,
    Payload,
    choice,
    container,
    custom_id,
    option,
    rows,
    text,
)
from bot.discord.safe_text import bare, clean, line, paragraph, units
from orchestrator.domain.people import Place
from orchestrator.errors import Refused

TOP, INPUT, NAME, HINT, TITLE = 5, 4000, 45, 100, 45
DRAFT = "draft"
"""The verb of a desk's buttons: `draft|open|<token>`, `draft|send|<token>`, `draft|drop|<token>`."""


@dataclass(frozen=True)
class FormDraft:
    """A form that a person fills in over several modals. `token` names it in custom ids; `place` is the task's."""

    token: str
    form: Form
    place: Place
    long: bool
    files: tuple[RemoteFile, ...] = ()


def fits_one(form: Form) -> bool:
    """Returns whether the form fits in one modal."""
    return len(pages(form)) == 1 and not form.problem


def pages(form: Form) -> list[tuple[Input, ...]]:
    """Splits the fields into modals; fields of one group (`read.title`, `read.agent`) stay together if they can."""
    found: list[list[Input]] = []
    for group in _groups([typeable(f, _choosable) for f in form.fields]):
        for field in group:
            new = not found or _width(found[-1]) + _width([field]) > TOP
            if new or (field is group[0] and _width(found[-1]) + _width(group) > TOP):
                found.append([])
            found[-1].append(field)
    return [tuple(page) for page in found] or [()]


def _groups(fields: Sequence[Input]) -> Iterator[list[Input]]:
    group: list[Input] = []
    for field in fields:
        if group and field.name.rpartition(".")[0] != group[-1].name.rpartition(".")[0]:
            yield group
            group = []
        group.append(field)
    if group:
        yield group


def _width(fields: Sequence[Input]) -> int:
    return sum(len(_pieces(field)) for field in fields)


def _pieces(field: Input) -> list[str]:
    if field.kind not in ("line", "text"):
        return [field.value]
    value, found = clean(field.value), list[str]()
    while value or not found:
        piece = value[:INPUT]
        while units(piece) > INPUT:
            piece = piece[:-64]
        found.append(piece)
        value = value[len(piece) :]
    return found


def modal(form: Form, page: int = 0, token: str = "") -> Payload:
    """Returns one of a form's modals. `token`: of its draft. Raises Refused if it's too large for Discord."""
    fields = pages(form)[page]
    made = [part for field in fields for part in _field(field)]
    if len(made) > TOP:
        raise Refused(f"The form {form.title!r} is too large for Discord; open the task in the web workspace.")
    about = f"{token}.{page}" if token else ""
    return {
        "custom_id": f"{custom_id(form.verb, form.task, form.ref, ID - 20)}|{about}",
        "title": bare(form.title, TITLE),
        "components": made or [text(paragraph(form.title, TEXT) or "–")],
    }


def _field(field: Input) -> list[Payload]:
    label, hint = bare(field.label, NAME), field.help
    if units(field.label) > NAME:
        hint = f"{field.label} {hint}".strip()
    made: list[Payload] = []
    for number, piece in enumerate(_pieces(field)):
        name = part_name(field.name, number)
        part: Payload = {"type": 18, "label": bare(f"{label} ({number + 1})", NAME) if number else label,
                         "component": _input(field, name, piece, more=number > 0)}  # fmt: skip
        made.append({**part, "description": bare(hint, HINT)} if hint and not number else part)
    return made


def _choosable(field: Input) -> bool:
    values = [value for value, _ in field.options]
    return 0 < len(values) <= OPTIONS and len(set(values)) == len(values) and all(0 < units(v) <= 100 for v in values)


def _input(field: Input, name: str, value: str, *, more: bool) -> Payload:
    needed = field.required and not more
    if field.kind == "file":
        return {"type": 19, "custom_id": name, "min_values": int(needed), "max_values": 1, "required": needed}
    if field.kind in ("choice", "choices"):
        chosen = value.split("\n") if field.kind == "choices" else [value]
        options = [option(words, v) | ({"default": True} if v in chosen else {}) for v, words in field.options]
        most = len(options) if field.kind == "choices" else 1
        return {"type": 3, "custom_id": name, "options": options, "min_values": int(needed), "max_values": most,
                "required": needed}  # fmt: skip
    style = 2 if field.kind == "text" or "\n" in value or len(value) > 200 else 1
    made: Payload = {"type": 4, "custom_id": name, "style": style, "required": needed, "max_length": INPUT}
    return {**made, "value": value} if value else made


def filled(form: Form, values: Mapping[str, str]) -> Form:
    """Returns the form with what a person typed, and without its problem."""
    fields = tuple(f.model_copy(update={"value": values.get(f.name, f.value)}) for f in form.fields)
    return form.model_copy(update={"fields": fields, "problem": ""})


def values_of(form: Form) -> dict[str, str]:
    """Returns the fields' current values."""
    return {f.name: f.value for f in form.fields if f.kind != "file"}


def desk(draft: FormDraft) -> DiscordMessage:
    """Returns the private message for filling in a form. Raises Refused for more fields than a select can list."""
    form, handfuls, files = draft.form, pages(draft.form), [f.name for f in draft.files]
    if len(handfuls) > OPTIONS:
        raise Refused(f"The form {form.title!r} is too large for Discord; open the task in the web workspace.")
    head = f"### {line(form.title, 150)}" + (f"\n⚠️ **{paragraph(form.problem, 900)}**" if form.problem else "")
    parts = [text(head)]
    send = _press("send", draft.token, form.submit, 1)
    again = [] if draft.long else [_press("open.0", draft.token, "Open the form again", 1)]
    if draft.long:
        parts.append(text(_listing(form, files)))
        options = [option(_page_name(page, n), str(n), _page_values(page)) for n, page in enumerate(handfuls)]
        parts.append(choice(f"{DRAFT}|open|{draft.token}", "Change…", options))
    buttons = [*again, *([send] if draft.long else []), _press("drop", draft.token, "Cancel", 2)]
    return DiscordMessage((container([*parts, *rows(buttons)], "orange" if form.problem else "blue"),))


def settled(words: str) -> DiscordMessage:
    """Shows on a desk that it is finished."""
    return DiscordMessage((container([text(paragraph(words, TEXT) or "–")], "grey"),))


def _press(action: str, token: str, label: str, style: int) -> Payload:
    return {"type": 2, "style": style, "label": bare(label, 80), "custom_id": f"{DRAFT}|{action}|{token}"}


def _listing(form: Form, files: Sequence[str]) -> str:
    room = 2600 // max(len(form.fields), 1)
    width = max(min(room - 40, 160), 12)
    shown = form.fields[: 2600 // (width + 40)]
    named = [f"**{line(f.label, min(width, 45))}**: {line(_said(f, files), width) or '–'}" for f in shown]
    if len(form.fields) > len(shown):
        named.append(f"and {len(form.fields) - len(shown)} more fields")
    return "\n".join(named) or "–"


def _said(field: Input, files: Sequence[str]) -> str:
    if field.kind == "file":
        return ", ".join(files)
    words = dict(field.options)
    return ", ".join(words.get(v, v) for v in field.value.split("\n")) if field.options else field.value


def _page_name(page: Sequence[Input], number: int) -> str:
    return f"{number + 1}. {', '.join(f.label for f in page)}"


def _page_values(page: Sequence[Input]) -> str:
    return " · ".join(_said(f, ()) for f in page if f.value)
