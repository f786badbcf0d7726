"""Turns an Outlook message (.msg) into an email with the same headers, bodies, attachments, and attached messages."""

import email.utils
import io
import struct
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email import policy
from email.message import EmailMessage
from email.parser import HeaderParser
from typing import Any

import olefile  # pyright: ignore[reportMissingTypeStubs]

from agents.text_decoding import NoSuchEncoding, NotText, decode
from agents.tools.reading import compressed_rtf
from agents.tools.reading.choose_plain_or_formatted_text import fuller
from orchestrator.errors import ToolFailed

_SUBJECT, _CLASS, _HEADERS, _SENT, _RECEIVED = 0x0037, 0x001A, 0x007D, 0x0039, 0x0E06
_FROM_NAME, _FROM_ADDRESSES = (0x0C1A, 0x0042), (0x5D01, 0x5D02, 0x0C1F, 0x0065)
_SHOWN_TO, _SHOWN_CC, _SHOWN_BCC, _BODY, _HTML, _RTF = 0x0E04, 0x0E03, 0x0E02, 0x1000, 0x1013, 0x1009
_NAME, _MAIL, _SMTP, _RECIPIENT = 0x3001, 0x3003, 0x39FE, 0x0C15
_FILE, _SHORT_FILE, _DATA, _MIME = 0x3707, 0x3704, 0x3701, 0x370E
_BEGINS, _ENDS, _MESSAGE_CODEPAGE, _CODEPAGE = 0x0060, 0x0061, 0x3FFD, 0x3FDE
_TOP, _INNER, _PART = 32, 24, 8
"""Bytes before the fixed properties of a message, an attached message, and a recipient or attachment."""
_MOST_DEPTH = 8
_EPOCH = datetime(1601, 1, 1, tzinfo=UTC)
_UNREADABLE = (OSError, struct.error, IndexError, KeyError, ValueError, TypeError, AttributeError, RecursionError)


def message(content: bytes, path: str) -> EmailMessage:
    """Raises ToolFailed if it isn't an Outlook message."""
    try:
        ole: Any = olefile.OleFileIO
        with ole(io.BytesIO(content)) as opened:
            if not opened.exists("__properties_version1.0"):
                raise ToolFailed(f"{path!r} isn't an Outlook message. Check what it is, or ask for it as .eml.")
            return _Folder(opened, (), _TOP).as_mail(0)
    except _UNREADABLE as error:
        raise ToolFailed(f"{path!r} is damaged: its parts can't be read. Ask for it again, or as .eml.") from error


class _Folder:
    """One storage with properties: a message, a recipient or an attachment."""

    def __init__(self, opened: Any, path: tuple[str, ...], skipped: int, codec: str = "") -> None:
        self._opened, self._path = opened, path
        self._streams: dict[str, list[str]] = {}
        self._folders: list[str] = []
        for entry in opened.listdir(streams=True, storages=True):
            if len(entry) == len(path) + 1 and tuple(entry[:-1]) == path:
                if opened.get_type(entry) == olefile.STGTY_STREAM:
                    self._streams[entry[-1].upper()] = entry
                else:
                    self._folders.append(entry[-1])
        self._fixed = self._fixed_properties(skipped)
        page = self._number(_MESSAGE_CODEPAGE) or self._number(_CODEPAGE)
        self.codec = f"cp{page}" if page and page not in (1200, 65001) else "utf-8" if page == 65001 else codec

    def as_mail(self, depth: int) -> EmailMessage:
        mail = EmailMessage(policy=policy.default.clone(utf8=True))
        headers = HeaderParser(policy=policy.compat32).parsestr(self.text(_HEADERS))
        sent = self._moment(_SENT) or self._moment(_RECEIVED)
        for name, value in (
            ("From", self._sender() or _header(headers, "From")),
            ("To", self._recipients(1) or self.text(_SHOWN_TO) or _header(headers, "To")),
            ("Cc", self._recipients(2) or self.text(_SHOWN_CC) or _header(headers, "Cc")),
            ("Bcc", self._recipients(3) or self.text(_SHOWN_BCC) or _header(headers, "Bcc")),
            ("Date", email.utils.format_datetime(sent) if sent else _header(headers, "Date")),
            ("Subject", self.text(_SUBJECT) or _header(headers, "Subject")),
            ("X-Outlook-Kind", self._kind()),
            ("X-Outlook-Begins", self._shown(_BEGINS)),
            ("X-Outlook-Ends", self._shown(_ENDS)),
        ):
            if value:
                mail[name] = " ".join(value.split())
        self._write_body(mail)
        for name in sorted(n for n in self._folders if n.startswith("__attach")):
            _Folder(self._opened, (*self._path, name), _PART, self.codec)._attach_to(mail, depth)
        return mail

    def _write_body(self, mail: EmailMessage) -> None:
        plain, html, rtf = self.text(_BODY), self._html(), self._bytes(_RTF, "0102")
        if plain.strip() and rtf and not html.strip():
            mail.set_content("\n\n".join(fuller(plain, compressed_rtf.text(rtf))))
        elif plain.strip():
            mail.set_content(plain)
        elif html.strip():
            mail.set_content(html, subtype="html")
            return
        elif rtf:
            mail.set_content(compressed_rtf.text(rtf))
        else:
            mail.set_content("")
        if html.strip():
            mail.add_alternative(html, subtype="html")

    def _html(self) -> str:
        raw = self._bytes(_HTML, "0102")
        return _decoded(raw.rstrip(b"\0"), self.codec) if raw else self.text(_HTML)

    def _attach_to(self, mail: EmailMessage, depth: int) -> None:
        name = self.text(_FILE) or self.text(_SHORT_FILE) or self.text(_NAME)
        inner = f"__substg1.0_{_DATA:04X}000D"
        if inner in self._folders:
            if depth >= _MOST_DEPTH:
                return
            within = _Folder(self._opened, (*self._path, inner), _INNER, self.codec)
            if within._fixed or within._streams:
                mail.add_attachment(within.as_mail(depth + 1), filename=f"{name or 'message'}.eml")
            return
        data = self._bytes(_DATA, "0102")
        if data is None:
            return
        main, _, sub = (self.text(_MIME) or "application/octet-stream").partition("/")
        if main in ("message", "multipart") or not sub.isascii() or not sub:
            main, sub = "application", "octet-stream"
        mail.add_attachment(data, maintype=main.lower(), subtype=sub.lower(), filename=name or "attachment")

    def _sender(self) -> str:
        name = next((t for p in _FROM_NAME if (t := self.text(p))), "")
        address = next((t for p in _FROM_ADDRESSES if "@" in (t := self.text(p))), "")
        return _person(name, address)

    def _recipients(self, kind: int) -> str:
        people: list[str] = []
        for name in sorted(n for n in self._folders if n.startswith("__recip")):
            one = _Folder(self._opened, (*self._path, name), _PART, self.codec)
            if one._number(_RECIPIENT) == kind:
                address = next((t for p in (_SMTP, _MAIL) if "@" in (t := one.text(p))), "")
                people.append(_person(one.text(_NAME), address))
        return ", ".join(filter(None, people))

    def _kind(self) -> str:
        """Returns what it is, for anything but an ordinary message."""
        name = self.text(_CLASS).upper()
        kinds = {"Schedule.Meeting": "meeting", "Appointment": "appointment", "Contact": "contact", "Task": "task"}
        found = next((words for part, words in kinds.items() if f"IPM.{part}".upper() in name), "")
        return found or ("sticky note" if name.startswith("IPM.STICKYNOTE") else "")

    def text(self, number: int) -> str:
        wide = self._bytes(number, "001F")
        if wide is not None:
            return wide.decode("utf-16-le", "replace").rstrip("\0")
        return _decoded(self._bytes(number, "001E") or b"", self.codec).rstrip("\0")

    def _bytes(self, number: int, kind: str) -> bytes | None:
        entry = self._streams.get(f"__SUBSTG1.0_{number:04X}{kind}")
        return bytes(self._opened.openstream(entry).read()) if entry else None

    def _number(self, number: int) -> int:
        return struct.unpack("<i", self._fixed[number][:4])[0] if number in self._fixed else 0

    def _moment(self, number: int) -> datetime | None:
        raw = struct.unpack("<Q", self._fixed[number])[0] if number in self._fixed else 0
        try:
            return _EPOCH + timedelta(microseconds=raw // 10) if raw else None
        except OverflowError:
            return None

    def _shown(self, number: int) -> str:
        moment = self._moment(number)
        return moment.strftime("%Y-%m-%d %H:%M UTC") if moment else ""

    def _fixed_properties(self, skipped: int) -> dict[int, bytes]:
        entry = self._streams.get("__PROPERTIES_VERSION1.0")
        return dict(_entries(bytes(self._opened.openstream(entry).read())[skipped:])) if entry else {}


def _entries(raw: bytes) -> Iterator[tuple[int, bytes]]:
    for at in range(0, len(raw) - 15, 16):
        yield struct.unpack("<H", raw[at + 2 : at + 4])[0], raw[at + 8 : at + 16]


def _decoded(raw: bytes, codec: str) -> str:
    try:
        return decode(raw, codec).text
    except (NoSuchEncoding, NotText):
        return raw.decode("cp1252", "replace")


def _person(name: str, address: str) -> str:
    if not address or address == name:
        return name
    return f"{name} <{address}>" if name else address


def _header(headers: Any, name: str) -> str:
    return str(headers.get(name) or "")
