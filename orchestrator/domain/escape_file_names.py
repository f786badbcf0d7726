r"""Escapes file names that can't be shown, and back. Pure, without dependencies: it also runs in the sandbox.

A file name is bytes; it may not be UTF-8, may break a line, or reverse the direction of the text around it. Python
holds such a byte as a lone surrogate. A byte is shown as `\xff`, a control character as `\x0a`, any other one as
`\u202e`, as bash and Python write them, so the shown name works in every tool.
"""

import re
import unicodedata

_BACKSLASH = "\\"
# Behind one backslash, or two: people and models copy a name from a quoted sentence, where backslashes are doubled.
_ESCAPE = re.compile(r"\\{1,2}(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8}))")
_HARMLESS = "\u200c\u200d\u00ad"
"""Joiners that Persian and emoji need, and the soft hyphen."""
_FIRST_BYTE, _LAST_BYTE = 0xDC80, 0xDCFF


def shown(name: str) -> str:
    """Returns the name or path as people and models see it; `real` returns the same file's name."""
    if name.isprintable() and _BACKSLASH not in name:
        return name
    if not _ESCAPE.search(name) and not any(map(_hidden, name)):
        return name
    return "".join(_escaped(c) if c == _BACKSLASH or _hidden(c) else c for c in name)


def real(shown: str) -> str:
    """Returns the name of the file that is shown like this. Anything that isn't our escape stays as it is."""
    return _ESCAPE.sub(_meant, shown) if _BACKSLASH in shown else shown


def label(name: str) -> str:
    """Returns a file's name for people to read: escaped, without a guaranteed way back. A label is its own label."""
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
