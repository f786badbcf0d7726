"""Writes an Outlook message: a compound file of streams, each padded to the size from which it needs no mini stream."""

import struct
from collections.abc import Mapping
from dataclasses import dataclass, field

_SECTOR, _SMALLEST, _NOTHING, _END = 512, 4096, 0xFFFFFFFF, 0xFFFFFFFE


@dataclass
class Part:
    """A message, recipient or attachment: texts and bytes by property number, whole numbers, and parts by name."""

    texts: Mapping[int, str] = field(default_factory=dict[int, str])
    blobs: Mapping[int, bytes] = field(default_factory=dict[int, bytes])
    numbers: Mapping[int, int] = field(default_factory=dict[int, int])
    parts: Mapping[str, "Part"] = field(default_factory=dict[str, "Part"])
    narrow: str = ""
    """Codec of texts that aren't Unicode."""


def written(message: Part) -> bytes:
    entries: list[tuple[str, bytes | None, list[int]]] = [("Root Entry", None, [])]
    _add(entries, 0, message, 32)
    return _compound(entries)


def _add(entries: list[tuple[str, bytes | None, list[int]]], home: int, part: Part, skipped: int) -> None:
    def put(name: str, content: bytes | None) -> int:
        entries.append((name, content and content.ljust(_SMALLEST, b"\0"), []))
        entries[home][2].append(len(entries) - 1)
        return len(entries) - 1

    rows = b"".join(struct.pack("<HHIq", 3, n, 6, value) for n, value in part.numbers.items())
    put("__properties_version1.0", bytes(skipped) + rows)
    for n, text in part.texts.items():
        raw = text.encode(part.narrow or "utf-16-le")
        put(f"__substg1.0_{n:04X}{'001E' if part.narrow else '001F'}", raw)
    for n, blob in part.blobs.items():
        put(f"__substg1.0_{n:04X}0102", blob)
    for name, one in part.parts.items():
        _add(entries, put(name, None), one, 24 if name.endswith("000D") else 8)


def _compound(entries: list[tuple[str, bytes | None, list[int]]]) -> bytes:
    fat, sectors, starts = list[int](), list[bytes](), list[int]()

    def place(content: bytes) -> int:
        start, count = len(sectors), -(-len(content) // _SECTOR)
        sectors.extend(content[n * _SECTOR : (n + 1) * _SECTOR].ljust(_SECTOR, b"\0") for n in range(count))
        fat.extend([*range(start + 1, start + count), _END])
        return start

    starts = [place(content) if content else _END for _, content, _ in entries]
    after = {kids[n]: kids[n + 1] for _, _, kids in entries for n in range(len(kids) - 1)}
    folder = b""
    for n, (name, content, kids) in enumerate(entries):
        wide = name.encode("utf-16-le")
        kind = 5 if n == 0 else 2 if content is not None else 1
        folder += wide.ljust(64, b"\0") + struct.pack("<HBB", len(wide) + 2, kind, 1)
        folder += struct.pack("<III", _NOTHING, after.get(n, _NOTHING), kids[0] if kids else _NOTHING)
        folder += bytes(36) + struct.pack("<IQ", starts[n], len(content or b""))
    first = place(folder)
    count = -(-(len(fat) + 128) // 127)
    table = len(sectors)
    fat += [0xFFFFFFFD] * count
    fat += [_NOTHING] * (count * 128 - len(fat))
    sectors += [struct.pack("<128I", *fat[n * 128 : (n + 1) * 128]) for n in range(count)]
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + struct.pack("<HHHHH6x", 0x3E, 3, 0xFFFE, 9, 6)
    head += struct.pack("<IIIIIIIII", 0, count, first, 0, _SMALLEST, _END, 0, _END, 0)
    head += struct.pack("<109I", *range(table, table + count), *[_NOTHING] * (109 - count))
    return head + b"".join(sectors)
