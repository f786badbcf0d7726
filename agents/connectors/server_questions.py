"""Turns what a server asks of a person into a question in the thread, and the answers back. Pure."""

import re
import unicodedata
from collections.abc import Mapping
from typing import NamedTuple, cast
from urllib.parse import urlsplit

from pydantic import JsonValue

from agents.connectors.call_types import Asked, FormAsked, LinkAsked, PersonReply, SignInAsked
from agents.connectors.tool_list import described
from orchestrator.domain.approvals_and_questions import Ask

MOST_FIELDS = 7
MOST_OPTIONS = 24
"""Choices that every platform can show in one list."""
ACTION = "answer-to-connector"
SEND, DECLINE, CANCEL = "Send", "Decline", "Cancel the call"
DONE = "Done"
DECLINE_REPLY = PersonReply("decline")
_ACTIONS: Mapping[str, PersonReply] = {DECLINE: DECLINE_REPLY, CANCEL: PersonReply("cancel")}
_SECRET = re.compile(
    r"pass(word|wort|wd|phrase|code)|secret|token|api.?key|\bpin\b|credential|cvv|card.?number|kennwort|contrase"
    r"|mot de passe|geheim|одноразов|парол|密码|パスワード|(one.?time|verification|security|6.?digit).?code",
    re.IGNORECASE,
)
_YES_NO = ("yes", "no")


class ConnectorQuestion(NamedTuple):
    """A question that can be shown. `problem`: why it can't be, as a sentence; then nobody is asked."""

    text: str = ""
    fields: tuple[Ask, ...] = ()
    link: str = ""
    problem: str = ""
    sign_in: str = ""


def question(connector: str, asked: Asked, again: str = "") -> ConnectorQuestion:
    """Returns the question. `again`: what was wrong with the previous answer."""
    match asked:
        case FormAsked():
            return _form(connector, asked, again)
        case LinkAsked():
            return _link(connector, asked)
        case SignInAsked():
            choice = Ask(name=ACTION, label="How did it go?", options=(DONE, CANCEL))
            text = f"{_why_sign_in(connector, asked)} The step continues after that."
            return ConnectorQuestion(text=text, fields=(choice,), sign_in=connector)


def _why_sign_in(connector: str, asked: SignInAsked) -> str:
    if asked.scope:
        return f"The connector “{connector}” needs another sign-in, with more rights: {asked.scope}."
    if asked.again:
        return f"The sign-in to the connector “{connector}” has expired."
    return f"The connector “{connector}” needs a sign-in."


def _form(connector: str, asked: FormAsked, again: str) -> ConnectorQuestion:
    rows = _fields(asked)
    if rows is None or len(rows) > MOST_FIELDS:
        return ConnectorQuestion(problem=f"The connector {connector!r} asked for a form that can't be shown here.")
    if not all(_is_sayable(name, row) for name, row in rows.items()):
        return ConnectorQuestion(problem=f"The connector {connector!r} asked for a form that can't be shown here.")
    if wrong := next((name for name, row in rows.items() if _is_secret(name, row, asked.message)), None):
        return ConnectorQuestion(
            problem=f"The connector {connector!r} asked for a secret ({wrong[:40]!r}) in a form, so nobody was asked. "
            "It has to use a private link for that."
        )
    needed = asked.schema.get("required")
    asks = [
        Ask(name=name, label=_label(name, row, name in needed if isinstance(needed, list) else False),
            options=_options(row), required=False)
        for name, row in rows.items()
    ]  # fmt: skip
    choice = Ask(name=ACTION, label="Answer the connector?", options=(SEND, DECLINE, CANCEL))
    words = f"The connector “{connector}” asks: {described(asked.message, 800)}"
    text = f"{words}\n{again}" if again else words
    return ConnectorQuestion(text=text, fields=(*asks, choice))


def _link(connector: str, asked: LinkAsked) -> ConnectorQuestion:
    try:
        parts = urlsplit(asked.url)
    except ValueError:
        parts = urlsplit("")
    if parts.scheme not in ("https", "http") or not parts.hostname or parts.username or parts.password:
        return ConnectorQuestion(problem=f"The connector {connector!r} asked for an address that can't be opened.")
    host = parts.hostname
    if not host.isascii():
        try:
            host = host.encode("idna").decode()
        except UnicodeError:
            return ConnectorQuestion(problem=f"The connector {connector!r} asked for an address that can't be opened.")
    text = (
        f"The connector “{connector}” asks someone to open a page at {host}: {described(asked.message, 800)}\n"
        "Open it only if you expected this and trust that site."
    )
    choice = Ask(name=ACTION, label="How did it go?", options=(DONE, DECLINE, CANCEL))
    return ConnectorQuestion(text=text, fields=(choice,), link=asked.url)


class FormReply(NamedTuple):
    """The reply for the server, or what is wrong with the answers."""

    reply: PersonReply
    wrong: str = ""


def reply(asked: Asked, answers: Mapping[str, str]) -> FormReply:
    """Returns what to send to the server for these answers of a person."""
    if given := _ACTIONS.get(answers.get(ACTION, "")):
        return FormReply(given)
    if not isinstance(asked, FormAsked):
        return FormReply(PersonReply("accept"))
    values, wrong = dict[str, str | int | float | bool](), list[str]()
    needed = asked.schema.get("required")
    for name, row in (_fields(asked) or {}).items():
        text = answers.get(name, "").strip()
        if not text:
            if isinstance(needed, list) and name in needed:
                wrong.append(f"“{_title(name, row)}” needs an answer")
            continue
        value = _value(text, row)
        if value is None:
            wrong.append(f"“{_title(name, row)}” has to be {_KINDS.get(str(row.get('type')), 'one of the choices')}")
        else:
            values[name] = value
    return FormReply(PersonReply("accept", values), f"Please correct this: {'; '.join(wrong)}." if wrong else "")


_KINDS = {"integer": "a whole number", "number": "a number", "boolean": "yes or no"}


def _fields(asked: FormAsked) -> dict[str, dict[str, JsonValue]] | None:
    """Returns the form's fields; None if it has something other than single values."""
    found = asked.schema.get("properties", {})
    if not isinstance(found, dict):
        return None
    rows = {name: row for name, row in found.items() if isinstance(row, dict) and _is_single(row)}
    return rows if len(rows) == len(found) and ACTION not in rows else None


def _is_single(row: Mapping[str, JsonValue]) -> bool:
    return row.get("type", "string") in ("string", "integer", "number", "boolean")


def _is_sayable(name: str, row: Mapping[str, JsonValue]) -> bool:
    """Returns whether every word of the field can be seen and told from the others."""
    options = _listed(row)
    return bool(_title(name, row)) and all(options) and len(set(options)) == len(options)


def _is_secret(name: str, row: Mapping[str, JsonValue], message: str) -> bool:
    """Returns whether a field asks for something that only belongs on a page of its service."""
    words = f"{name} {row.get('title', '')} {row.get('description', '')}"
    free = row.get("type", "string") == "string" and not _choices(row)
    seen = unicodedata.normalize("NFKC", described(f"{words} {message}" if free else words, 5_000))
    return bool(_SECRET.search(seen))


def _title(name: str, row: Mapping[str, JsonValue]) -> str:
    return " ".join((described(row.get("title"), 60) or described(name, 60)).split())


def _label(name: str, row: Mapping[str, JsonValue], needed: bool) -> str:
    about = " ".join(described(row.get("description"), 100).split())
    title = _title(name, row) + (f" ({about})" if about else "")
    return title if needed else f"{title}, optional"


def _listed(row: Mapping[str, JsonValue]) -> list[str]:
    """Returns the words of a choice, in order."""
    values, titles, ways = row.get("enum"), row.get("enumNames"), row.get("oneOf")
    if isinstance(values, list):
        shown = titles if isinstance(titles, list) and len(titles) == len(values) else values
        return [_choice(one) for one in shown]
    if isinstance(ways, list):
        return [_choice(one.get("title") or one.get("const")) for one in ways if isinstance(one, dict)]
    return []


def _choice(words: JsonValue) -> str:
    return " ".join(described(str(words), 74).split())


def _choices(row: Mapping[str, JsonValue]) -> dict[str, str]:
    """Returns the values of a choice by the words that people see."""
    if row.get("type") == "boolean":
        return {word: word for word in _YES_NO}
    values, titles = row.get("enum"), row.get("enumNames")
    if isinstance(values, list) and all(isinstance(one, str) for one in values):
        names = titles if isinstance(titles, list) and len(titles) == len(values) else values
        return {_choice(n): v for n, v in zip(names, cast("list[str]", values), strict=True)}
    ways = row.get("oneOf")
    if isinstance(ways, list):
        rows = [one for one in ways if isinstance(one, dict) and isinstance(one.get("const"), str)]
        return {_choice(one.get("title") or one["const"]): str(one["const"]) for one in rows}
    return {}


def _options(row: Mapping[str, JsonValue]) -> tuple[str, ...]:
    found = tuple(_choices(row))
    return found if len(found) <= MOST_OPTIONS else ()


def _value(text: str, row: Mapping[str, JsonValue]) -> str | int | float | bool | None:
    """Returns None if the text doesn't fit."""
    kind = row.get("type", "string")
    try:
        if kind == "integer":
            return int(text)
        if kind == "number":
            return float(text)
    except ValueError:
        return None
    if kind == "boolean":
        return {"yes": True, "true": True, "no": False, "false": False}.get(text.lower())
    choices = _choices(row)
    if choices:
        return choices.get(text) or (text if text in choices.values() else None)
    return text
