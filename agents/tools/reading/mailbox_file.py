"""Splits a mailbox file (.mbox), which holds messages one after the other, into its messages."""

import re

_BEGIN = re.compile(rb"^From [^\r\n]*\r?\n", re.MULTILINE)
_HEADER = re.compile(rb"[!-9;-~]+:|>?From ")
_QUOTED = re.compile(rb"^>(>*From )", re.MULTILINE)


def is_one(content: bytes) -> bool:
    first = _BEGIN.match(content)
    return first is not None and _HEADER.match(content, first.end()) is not None


def messages(content: bytes) -> list[bytes]:
    """Returns each message without the line that separates it; one begins where headers follow such a line."""
    starts = [
        found
        for found in _BEGIN.finditer(content)
        if _HEADER.match(content, found.end()) and _after_a_blank_line(content, found.start())
    ]
    ends = [*(found.start() for found in starts[1:]), len(content)]
    return [_QUOTED.sub(rb"\1", content[found.end() : end]) for found, end in zip(starts, ends, strict=True)]


def _after_a_blank_line(content: bytes, at: int) -> bool:
    return at == 0 or content[max(0, at - 4) : at].replace(b"\r", b"").endswith(b"\n\n")
