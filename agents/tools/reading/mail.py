"""Reads emails (.eml, .msg, .mbox) as text: who, when, what, messages inside, invitations, and attachments."""

import re
from collections.abc import Iterator
from email import policy
from email.errors import MessageError
from email.header import decode_header
from email.message import EmailMessage, Message
from email.parser import BytesParser
from typing import Any, NamedTuple, cast

from agents.text_decoding import NoSuchEncoding, NotText, decode
from agents.tools.office.word.read_document import html_links, html_text
from agents.tools.reading import mailbox_file, winmail
from agents.tools.reading.calendars_and_contacts import invitation
from agents.tools.reading.choose_plain_or_formatted_text import fuller
from orchestrator.domain.escape_file_names import real, shown
from orchestrator.domain.plural import counted
from orchestrator.errors import ToolFailed

_SHOWN = ("From", "To", "Cc", "Bcc", "Date", "Subject")
_SIGNS_OF_MAIL = (*_SHOWN, "Received", "Message-ID", "MIME-Version", "Return-Path", "X-Outlook-Kind")
_OUTLOOK = (("X-Outlook-Kind", "Kind"), ("X-Outlook-Begins", "Begins"), ("X-Outlook-Ends", "Ends"))
_WHOLE_AS_A_NAME = re.compile(r'"([^"<>]+<[^<>"\s]+@[^<>"\s]+>)"')
"""A name with its address, both encoded as if they were a name."""
_OLE = b"\xd0\xcf\x11\xe0"
_MOST_ATTACHMENT, _MOST_DEPTH, _MOST_LISTED = 50_000_000, 8, 500


class _Attached(NamedTuple):
    """`within`: an inline picture, or what else its place says."""

    name: str
    body: bytes
    within: str = ""


class _Content(NamedTuple):
    """The texts of a message in order, messages inside it, and its attachments."""

    texts: list[str]
    inside: list[tuple[str, EmailMessage]]
    attached: list[_Attached]


def text(content: bytes, path: str) -> str:
    """Returns headers, all texts, messages inside it in full, and the attachments' names. Raises ToolFailed if it isn't
    an email."""
    found = _messages(content, path) if mailbox_file.is_one(content) else [("", _parsed(content, path))]
    held = "\n".join(
        f"- {one.name}  {len(one.body):,} bytes{f' ({one.within})' if one.within else ''}"
        for name, message in found
        for one in _all_attached(message, path, f"{name}/" if name else "")
    )
    below = f"\n\n[attachments; extract one with archive_extract]\n{held}" if held else ""
    told = (f"[{name}]\n{_told(one, path, 0)}" if name else _told(one, path, 0) for name, one in found)
    return "\n\n".join(told) + below


def mailbox(content: bytes, path: str) -> str:
    """Returns a list of the messages in a mailbox file, then each in full. Raises ToolFailed if it isn't one."""
    if not mailbox_file.is_one(content):
        return text(content, path)
    listed = [
        f"{n}. {', '.join(filter(None, (_header(one, h) for h in ('Date', 'From', 'Subject'))))}"
        for n, (_, one) in enumerate(_messages(content, path), 1)
    ]
    more = [f"… and {len(listed) - _MOST_LISTED:,} more"] if len(listed) > _MOST_LISTED else []
    head = [f"{path}: a mailbox with {counted(len(listed), 'message')}", *listed[:_MOST_LISTED], *more]
    return "\n".join(head) + "\n\n" + text(content, path)


def attachment(content: bytes, path: str, name: str) -> bytes:
    """Returns one attachment by name. Raises ToolFailed if it doesn't exist."""
    found = _messages(content, path) if mailbox_file.is_one(content) else [("", _parsed(content, path))]
    attached = [a for name, one in found for a in _all_attached(one, path, f"{name}/" if name else "")]
    body = next((one.body for one in attached if one.name in (name, shown(real(name)))), None)
    if body is None:
        names = ", ".join(repr(one.name) for one in attached) or "nothing"
        raise ToolFailed(f"{path!r} has no attachment {name!r}; it has {names}.")
    if len(body) > _MOST_ATTACHMENT:
        raise ToolFailed(f"The attachment {name!r} is larger than 50 MB. Ask for a smaller file.")
    return body


def _messages(content: bytes, path: str) -> list[tuple[str, EmailMessage]]:
    return [(f"message {n}", _parsed(one, path)) for n, one in enumerate(mailbox_file.messages(content), 1)]


def _parsed(content: bytes, path: str) -> EmailMessage:
    if content.startswith(_OLE):
        from agents.tools.reading import outlook_message  # its library is only for these

        return outlook_message.message(content, path)
    try:
        message = BytesParser(policy=policy.default).parsebytes(content.removeprefix(b"\xef\xbb\xbf").lstrip())
    except (MessageError, ValueError, IndexError, RecursionError) as error:
        raise ToolFailed(f"{path!r} can't be read as an email. Ask for it as text.") from error
    if not any(_header(message, name) for name in _SIGNS_OF_MAIL):
        raise ToolFailed(f"{path!r} isn't an email: it has no sender, subject, or date. Check the file.")
    return message


def _told(message: EmailMessage, path: str, depth: int) -> str:
    head = [f"{name}: {words}" for name in _SHOWN if (words := _header(message, name))]
    head += [f"{name}: {words}" for header, name in _OUTLOOK if (words := _header(message, header))]
    content = _content(message, path)
    nothing = "[no text in the email itself; see its attachments]" if content.attached or content.inside else (
        "[no text in the email]"
    )  # fmt: skip
    parts = ["\n".join(head), "\n\n".join(content.texts) or nothing]
    if depth < _MOST_DEPTH:
        parts += [f"[message inside: {name}]\n{_told(one, path, depth + 1)}" for name, one in content.inside]
    elif content.inside:
        parts.append("[more messages inside weren't opened]")
    return "\n\n".join(parts)


def _all_attached(message: EmailMessage, path: str, before: str = "", depth: int = 0) -> Iterator[_Attached]:
    """Yields attachments, those of messages inside as 'message/name', each name once."""
    content, names = _content(message, path), set[str]()
    for one in content.attached:
        name, again = one.name, 1
        while name in names:
            again += 1
            stem, dot, suffix = one.name.rpartition(".")
            name = f"{stem}-{again}.{suffix}" if dot else f"{one.name}-{again}"
        names.add(name)
        yield one._replace(name=before + name)
    for name, one in content.inside if depth < _MOST_DEPTH else ():
        yield _Attached(before + name, one.as_bytes(policy=policy.default.clone(utf8=True)), "a message")
        yield from _all_attached(one, path, f"{before}{name}/", depth + 1)


def _content(message: EmailMessage, path: str) -> _Content:
    found = _Content([], [], [])
    _sort(message, path, found)
    return found


def _sort(part: Message, path: str, found: _Content) -> None:
    """Puts every part where it belongs: of alternatives the best one with words, everything else in order."""
    kind = part.get_content_type()
    if kind == "message/rfc822":
        inner: Any = part.get_payload(0) if part.is_multipart() else None
        if isinstance(inner, EmailMessage):
            whole = cast("EmailMessage", inner)
            found.inside.append((_filename(part) or f"message {len(found.inside) + 1}.eml", whole))
    elif kind == "multipart/alternative":
        _best(_parts(part), path, found)
    elif part.is_multipart():
        for one in _parts(part):
            _sort(one, path, found)
    elif kind in ("text/plain", "text/html") and not _is_attachment(part):
        if words := _words(part, path):
            found.texts.append(words)
    elif kind == "text/calendar" and (words := invitation(_decoded(part))):
        found.texts.append(words)
        found.attached.append(_Attached(_filename(part) or "invitation.ics", _bytes(part)))
    else:
        _attach(part, path, found)


def _best(parts: list[Message], path: str, found: _Content) -> None:
    """Takes the plain text, or the HTML if that says more, and whatever else is beside them."""
    tried = [(one, _tried(one, path)) for one in parts]
    kinds = ("text/plain", ("text/html", "multipart/"))
    plain, formatted = (
        next((t.texts for one, t in tried if t.texts and one.get_content_type().startswith(kind)), list[str]())
        for kind in kinds
    )
    found.texts.extend(fuller("\n\n".join(plain), "\n\n".join(formatted)))
    for one, content in tried:
        found.inside.extend(content.inside)
        found.attached.extend(content.attached)
        if one.get_content_type() == "text/calendar":
            found.texts.extend(content.texts)


def _tried(part: Message, path: str) -> _Content:
    found = _Content([], [], [])
    _sort(part, path, found)
    return found


def _attach(part: Message, path: str, found: _Content) -> None:
    name, body = shown(_filename(part) or f"part-{len(found.attached) + 1}"), _bytes(part)
    if winmail.is_one(body):
        opened = winmail.opened(body)
        found.texts.extend(filter(None, [opened.text]))
        found.attached.extend(_Attached(shown(held), content, f"from {name}") for held, content in opened.files)
    inline = part.get("Content-ID") and part.get_content_maintype() == "image" and not _is_attachment(part)
    found.attached.append(_Attached(name, body, "inline picture" if inline else ""))


def _parts(part: Message) -> list[Message]:
    payload: Any = part.get_payload()
    return [one for one in payload if isinstance(one, Message)] if isinstance(payload, list) else []  # pyright: ignore[reportUnknownVariableType]


def _is_attachment(part: Message) -> bool:
    said = str(part.get("Content-Disposition") or "").strip().lower()
    return said.startswith("attachment") or bool(_filename(part) and part.get_content_type() != "text/html")


def _filename(part: Message) -> str:
    try:
        return " ".join(_plain(part.get_filename() or "").split())
    except (MessageError, ValueError, IndexError, KeyError, LookupError):
        return ""


def _words(part: Message, path: str) -> str:
    words = _decoded(part)
    if part.get_content_type() == "text/html" and words.strip():
        try:
            shown = html_text(words.encode(), path).strip()
            return "\n".join([shown, *html_links(words)])
        except ToolFailed:
            return re.sub(r"<[^>]+>", " ", words).strip()
    return words.strip()


def _decoded(part: Message) -> str:
    """Returns the part's text; an encoding that is missing, unknown or wrong is detected."""
    raw = _bytes(part)
    named = str(part.get_content_charset() or "")
    try:
        return raw.decode(named) if named else decode(raw).text
    except (LookupError, UnicodeDecodeError):
        try:
            return decode(raw).text
        except NotText:
            return raw.decode("utf-8", "replace").replace("\0", "")
    except (NotText, NoSuchEncoding):
        return raw.decode("utf-8", "replace").replace("\0", "")


def _bytes(part: Message) -> bytes:
    try:
        payload = part.get_payload(decode=True)
    except (ValueError, LookupError, AssertionError):
        payload = None
    return payload if isinstance(payload, bytes) else str(part.get_payload()).encode("utf-8", "surrogateescape")


def _header(message: EmailMessage, name: str) -> str:
    """Returns the header as people read it; one that breaks the rules as it is written."""
    try:
        value = str(message[name] or "")
    except (MessageError, ValueError, IndexError, TypeError, AttributeError, LookupError, RecursionError):
        value = ""
    raw = _repaired(str(next((raw for key, raw in message.raw_items() if key.lower() == name.lower()), "")))
    if not value.strip() or "\ufffd" in value or ("@" in raw and "@" not in value and "=?" not in raw):
        value = _plain(raw)
    return " ".join(_WHOLE_AS_A_NAME.sub(r"\1", value).split())


def _plain(raw: str) -> str:
    try:
        return "".join(
            part.decode(codec or "ascii", "replace") if isinstance(part, bytes) else part
            for part, codec in decode_header(raw)
        )
    except (MessageError, ValueError, LookupError, TypeError):
        return raw


def _repaired(value: str) -> str:
    """Bytes that aren't ASCII are against the rules, but people's programs write them."""
    raw = value.encode("utf-8", "surrogateescape")
    if any("\udc80" <= c <= "\udcff" for c in value):
        return decode(raw).text
    return value
