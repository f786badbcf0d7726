"""Opens winmail.dat, in which Outlook wraps a message's text and attachments (TNEF)."""

import struct
from typing import NamedTuple

from agents.text_decoding import NotText, decode
from agents.tools.reading import compressed_rtf

_SIGNATURE = 0x223E9F78
_BEGINS_FILE, _FILE_NAME, _FILE_DATA, _FILE_PROPERTIES, _BODY, _MESSAGE_PROPERTIES = (
    0x9002, 0x8010, 0x800F, 0x9005, 0x800C, 0x9003,
)  # fmt: skip
_LONG_NAME, _RTF, _PLAIN = 0x3707, 0x1009, 0x1000
_FIXED = {0x0002: 4, 0x0003: 4, 0x0004: 4, 0x0005: 8, 0x0006: 8, 0x0007: 8, 0x000A: 4, 0x000B: 4, 0x0014: 8, 0x0040: 8,
          0x0048: 16}  # fmt: skip


class Winmail(NamedTuple):
    """`text`: empty if it carries none. `files`: names and contents."""

    text: str
    files: list[tuple[str, bytes]]


def is_one(content: bytes) -> bool:
    return len(content) > 6 and struct.unpack("<I", content[:4])[0] == _SIGNATURE


def opened(content: bytes) -> Winmail:
    """Returns what is inside, as far as it can be read."""
    names, bodies = list[str](), list[bytes]()
    text, at = "", 6
    while at + 9 <= len(content):
        number, _, size = struct.unpack("<HHI", content[at + 1 : at + 9])
        data, at = content[at + 9 : at + 9 + size], at + 11 + size
        if number == _BEGINS_FILE:
            names.append("")
            bodies.append(b"")
        elif number == _BODY:
            text = _decoded(data)
        elif number == _MESSAGE_PROPERTIES:
            held = _properties(data)
            text = text or _decoded(held.get(_PLAIN, b"")) or compressed_rtf.text(held.get(_RTF, b""))
        elif names and number == _FILE_NAME:
            names[-1] = names[-1] or _decoded(data)
        elif names and number == _FILE_DATA:
            bodies[-1] = data
        elif names and number == _FILE_PROPERTIES and (name := _properties(data).get(_LONG_NAME)):
            names[-1] = _decoded(name)
    named = [(name or f"part-{n}", body) for n, (name, body) in enumerate(zip(names, bodies, strict=True), 1)]
    return Winmail(text.strip(), named)


def _decoded(raw: bytes) -> str:
    try:
        return decode(raw).text.rstrip("\0")
    except NotText:
        return raw.decode("cp1252", "replace").replace("\0", "")


def _properties(data: bytes) -> dict[int, bytes]:
    """Returns texts and binary values by number; texts as UTF-8. Stops where it can't be read on."""
    found: dict[int, bytes] = {}
    try:
        (count,), at = struct.unpack("<I", data[:4]), 4
        for _ in range(min(count, 5000)):
            kind, number = struct.unpack("<HH", data[at : at + 4])
            at += 4
            if number >= 0x8000:
                at += 16
                by_name, length = struct.unpack("<II", data[at : at + 8])
                at += 8 + (length + 3 & ~3 if by_name else 0)
            several, kind = kind & 0x1000, kind & ~0x1000
            if kind in _FIXED:
                times = struct.unpack("<I", data[at : at + 4])[0] if several else 1
                at += (4 if several else 0) + _FIXED[kind] * times
                continue
            (times,), at = struct.unpack("<I", data[at : at + 4]), at + 4
            for _ in range(min(times, 5000)):
                (length,), at = struct.unpack("<I", data[at : at + 4]), at + 4
                raw, at = data[at : at + length], at + (length + 3 & ~3)
                found[number] = raw.decode("utf-16-le", "replace").rstrip("\0").encode() if kind == 0x001F else raw
    except struct.error:
        pass
    return found
