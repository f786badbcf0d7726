"""Text of unknown encoding."""

from orchestrator.errors import ToolFailed

_MARKS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))


def decoded(content: bytes, path: str) -> tuple[str, str]:
    """The text and the name of its encoding. Raises ToolFailed when it is not text."""
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            try:
                return content.decode(encoding), encoding
            except UnicodeDecodeError as error:
                raise ToolFailed(f"{path!r} says it is {encoding} but is not; save it as UTF-8.") from error
    if b"\x00" in content[:4096]:
        raise ToolFailed(f"{path!r} is not a text file; use the tool for its type.")
    try:
        return content.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        # Every byte means something in cp1252's superset; old office exports use it.
        return content.decode("cp1252", errors="replace"), "cp1252"
