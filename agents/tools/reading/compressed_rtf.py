"""Reads the compressed RTF of Outlook as text."""

import re
import struct

_PRELOADED = (
    rb"{\rtf1\ansi\mac\deff0\deftab720{\fonttbl;}{\f0\fnil \froman \fswiss \fmodern \fscript \fdecor "
    rb"MS Sans SerifSymbol"
    rb"ArialTimes New RomanCourier{\colortbl\red0\green0\blue0" + b"\r\n" + rb"\par \pard\plain\f0\fs20\b\i\u\tab\tx"
)
_SIZE = 4096
_MOST = 20_000_000
_SIGN = re.compile(
    rb"\\'([0-9a-fA-F]{2})|\\u(-?\d+)\s?(?:\\'[0-9a-fA-F]{2}|\?)?|\\([a-z]+)(-?\d+)? ?|"
    rb"\\([^a-z])|([{}])|[\r\n]+|([^\\{}\r\n]+)"
)
_HIDDEN = (b"fonttbl", b"colortbl", b"stylesheet", b"info", b"pict", b"listtable", b"htmltag", b"mhtmltag")
_BREAKS = {b"par": "\n", b"line": "\n", b"row": "\n", b"cell": "\t", b"tab": "\t", b"emdash": "—", b"endash": "–",
           b"lquote": "‘", b"rquote": "’", b"ldblquote": "“", b"rdblquote": "”", b"bullet": "•"}  # fmt: skip


def text(compressed: bytes) -> str:
    """Returns the words; empty if it can't be unpacked."""
    return _words(unpacked(compressed))


def unpacked(compressed: bytes) -> bytes:
    """Returns the RTF, at most 20 MB."""
    if len(compressed) < 16:
        return b""
    size, kind = struct.unpack("<I4s", compressed[4:12])
    if kind == b"MELA":
        return compressed[16 : 16 + size]
    window = bytearray(_PRELOADED.ljust(_SIZE, b" "))
    place, at, out = len(_PRELOADED), 16, bytearray()
    while at < len(compressed) and len(out) < min(size, _MOST):
        control, at = compressed[at], at + 1
        for bit in range(8):
            if at >= len(compressed) or len(out) >= size:
                break
            if control >> bit & 1:
                if at + 1 >= len(compressed):
                    return bytes(out)
                pair, at = (compressed[at] << 8) | compressed[at + 1], at + 2
                start = pair >> 4
                if start == place:
                    return bytes(out)
                taken = list[int]()
                for n in range((pair & 15) + 2):
                    byte = window[(start + n) % _SIZE]
                    taken.append(byte)
                    window[place] = byte
                    place = (place + 1) % _SIZE
                out += bytes(taken)
            else:
                out.append(compressed[at])
                window[place] = compressed[at]
                place, at = (place + 1) % _SIZE, at + 1
    return bytes(out)


def _words(rtf: bytes) -> str:
    """Returns what is shown; markup that only carries the HTML original is left out."""
    found = re.search(rb"\\ansicpg(\d+)", rtf)
    codec = f"cp{int(found[1])}" if found else "cp1252"
    out, raw, hidden, depth = list[str](), bytearray(), list[int](), 0

    def flush() -> None:
        if raw:
            try:
                out.append(raw.decode(codec, "replace"))
            except LookupError:
                out.append(raw.decode("cp1252", "replace"))
            raw.clear()

    suppressed = False
    for sign in _SIGN.finditer(rtf):
        code, wide, word, number, symbol, brace, plain = sign.groups()
        if brace:
            depth += 1 if brace == b"{" else -1
            if hidden and depth < hidden[-1]:
                hidden.pop()
        elif word in _HIDDEN or symbol == b"*":
            hidden.append(depth)
        elif word == b"htmlrtf":
            suppressed = number != b"0"
        elif hidden or suppressed:
            continue
        elif code:
            raw.append(int(code, 16))
        elif plain:
            raw += plain
        elif symbol and symbol in b"\\{}":
            raw += symbol
        else:
            flush()
            out.append(chr(int(wide) % 65536) if wide else _BREAKS.get(word or b"", "\xa0" if symbol == b"~" else ""))
    flush()
    return re.sub(r"\n{3,}", "\n\n", "".join(out)).strip("\0 \n")
