"""Decodes text files for tools."""

from agents.text_decoding import DecodedText, NoSuchEncoding, NotText, decode, no_such_encoding
from orchestrator.errors import ToolFailed


def decoded(content: bytes, path: str, encoding: str = "") -> DecodedText:
    """Returns the text and its encoding; `encoding` overrides what would be detected. Raises ToolFailed if it isn't
    text."""
    try:
        return decode(content, encoding)
    except NotText as error:
        raise ToolFailed(f"{path!r} isn't a text file. Use the tool for that file type.") from error
    except NoSuchEncoding as error:
        raise ToolFailed(no_such_encoding(encoding)) from error
