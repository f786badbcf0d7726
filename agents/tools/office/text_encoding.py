"""Decodes text of unknown encoding."""

from orchestrator.domain.plural import counted
from orchestrator.errors import ToolFailed

_MARKS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))


def decoded(content: bytes, path: str) -> tuple[str, str]:
    """Returns the text and its encoding's name. Raises ToolFailed if it isn't text."""
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            try:
                return content.decode(encoding), encoding
            except UnicodeDecodeError as error:
                raise ToolFailed(f"{path!r} claims to be {encoding} but isn't. Save it as UTF-8.") from error
    if b"\x00" in content[:4096]:
        raise ToolFailed(f"{path!r} isn't a text file. Use the tool for its type.")
    try:
        return content.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        return _by_lines(content)


def _by_lines(content: bytes) -> tuple[str, str]:
    """Decodes line by line as UTF-8, else Windows-1252, because files of two encodings may have been joined."""
    lines, utf8, other = list[str](), 0, list[int]()
    for number, line in enumerate(content.split(b"\n"), 1):
        try:
            lines.append(line.decode())
            utf8 += not line.isascii()
        except UnicodeDecodeError:
            # Every byte means something in cp1252's superset; old office exports use it.
            lines.append(line.decode("cp1252", errors="replace"))
            other.append(number)
    where = ", ".join(map(str, other[:5])) + (", …" if len(other) > 5 else "")
    mixed = f"utf-8, but cp1252 in {counted(len(other), 'line')} ({where}): mixed encodings, so check the text"
    return "\n".join(lines), mixed if utf8 else "cp1252"
