r"""File names that cannot be shown, shown escaped, and back. Pure, without dependencies: it also runs in the sandbox.

A file name is bytes; it may be no UTF-8, break a line, or turn the text around it from right to left. Python holds such
a byte as a lone surrogate. Shown, a byte is `\xff`, a control character `\x0a`, any other one `\u202e` - as bash and
Python write them, so the shown name works in every tool.
"""

import re
import unicodedata

_BACKSLASH = "\\"
# Behind one backslash, or two: people and models copy a name out of a quoted sentence, where backslashes are doubled.
_ESCAPE = re.compile(r"\\{1,2}(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8}))")
_HARMLESS = "\u200c\u200d\u00ad"
"""Joiners that Persian and emoji need, and the soft hyphen."""
_FIRST_BYTE, _LAST_BYTE = 0xDC80, 0xDCFF


def shown(name: str) -> str:
    """The name or path as people and models see it; `real` gives the same file's name back."""
    if name.isprintable() and _BACKSLASH not in name:
        return name
    if not _ESCAPE.search(name) and not any(map(_hidden, name)):
        return name
    return "".join(_escaped(c) if c == _BACKSLASH or _hidden(c) else c for c in name)


def real(shown: str) -> str:
    """The name of the file that is shown so. What is no escape of ours stays as it is."""
    return _ESCAPE.sub(_meant, shown) if _BACKSLASH in shown else shown


def label(name: str) -> str:
    """The name of a file to be read by people: shown, without a promise of the way back. A label is its own label."""
    return name if name.isprintable() else "".join(_escaped(c) if _hidden(c) else c for c in name)


def _hidden(c: str) -> bool:
    if c.isprintable() or c in _HARMLESS:
        return False
    return unicodedata.category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp")


def _escaped(c: str) -> str:
    code = ord(c)
    if _FIRST_BYTE <= code <= _LAST_BYTE:
        return f"\\x{code - 0xDC00:02x}"
    if code < 0x80:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def _meant(found: re.Match[str]) -> str:
    byte, short, long = found.groups()
    code = int(byte or short or long, 16)
    if byte and code >= 0x80:
        return chr(0xDC00 + code)
    if code > 0x10FFFF or 0xD800 <= code <= 0xDFFF:
        return found.group()
    c = chr(code)
    return c if c == _BACKSLASH or _hidden(c) else found.group()
