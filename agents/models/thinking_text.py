"""Separates thoughts that a server left in the text from the reply itself. Pure."""

import re
from collections.abc import Mapping
from typing import Any, NamedTuple, cast

_PAIRS = {
    "<think>": "</think>",
    "<thinking>": "</thinking>",
    "<thought>": "</thought>",
    "<reasoning>": "</reasoning>",
    "<seed:think>": "</seed:think>",
    "[THINK]": "[/THINK]",
    "\u25c1think\u25b7": "\u25c1/think\u25b7",
    "<|START_THINKING|>": "<|END_THINKING|>",
    "<|thought_start|>": "<|thought_end|>",
    "<|begin_of_thought|>": "<|end_of_thought|>",
}
OPENERS, CLOSERS = tuple(_PAIRS), tuple(_PAIRS.values())
_CHANNEL = re.compile(
    r"(?:<\|start\|>)?(?:assistant)?<\|channel\|>(?P<channel>\w+)(?P<head>[^<]*(?:<\|constrain\|>[^<]*)?)<\|message\|>"
    r"(?P<body>.*?)(?:<\|(?:end|return|call)\|>|(?=<\|start\|>|<\|channel\|>)|\Z)",
    re.DOTALL,
)
CHANNEL = "<|channel|>"
BARE = ("analysis", "commentary")
_BARE_START = re.compile(r"\s*(?:assistant)?(?:analysis|commentary)(?=[A-Za-z]| to=)")
_BARE_CHANNEL = re.compile(r"(?:\A\s*(?:assistant)?|assistant)(analysis|commentary|final)(?=\S| to=)")
_RECIPIENT = re.compile(r"\s*to=[\w.]+\s*(?:json|code)?\s*(?=[{\[])")


class Separated(NamedTuple):
    """The thoughts, and what is left of the text."""

    thoughts: str
    text: str


def separated(text: str) -> Separated:
    """Returns the thoughts at the start of a text apart from the rest.

    Some chat templates write the opening tag themselves, so that a text may have only the closing one. Thoughts that
    never end leave no text.
    """
    thoughts, text = "", _with_channel_marks(text)
    while CHANNEL not in text[:200]:
        part = _first_thought(text)
        thoughts += part.thoughts
        if not part.again:
            return Separated(thoughts, part.text)
        text = part.text
    rest = _channels(text)
    return Separated(thoughts + rest.thoughts, rest.text)


class _Part(NamedTuple):
    """`again`: another thought may follow."""

    thoughts: str
    text: str
    again: bool = False


def _first_thought(text: str) -> _Part:
    start = text.lstrip()
    for opener, closer in _PAIRS.items():
        if start.startswith(opener):
            thoughts, closed, rest = start.removeprefix(opener).partition(closer)
            return _Part(thoughts.strip(), rest.lstrip(), again=bool(closed))
        before, closed, rest = text.partition(closer)
        if closed and opener not in before and "`" not in before[-1:]:
            return _Part(before.strip(), rest.lstrip())
    return _Part("", text)


def bare_channels(text: str) -> bool:
    """Returns whether a text starts with a channel of gpt-oss, as a server writes it that drops special tokens."""
    return _BARE_START.match(text) is not None


def _with_channel_marks(text: str) -> str:
    """Returns the text with the special tokens that a server dropped around gpt-oss's channels; the same text if it
    isn't such a one."""
    _, *parts = _BARE_CHANNEL.split(text) if bare_channels(text) else [text]
    if len(parts) < 4:
        return text
    marked = ""
    for channel, body in zip(parts[::2], parts[1::2], strict=True):
        head = found[0] if (found := _RECIPIENT.match(body)) else ""
        marked += f"<|start|>assistant{CHANNEL}{channel} {head.strip()}<|message|>{body[len(head) :]}<|end|>"
    return marked


def unopened(text: str) -> bool:
    """Returns whether a text starts with thoughts that only have an end mark."""
    opened = text.lstrip().startswith(OPENERS) or CHANNEL in text[:200]
    return not opened and separated(text).text != text


def _channels(text: str) -> Separated:
    """Reads the channels of gpt-oss: analysis is thought; the rest stays, calls with their marks."""
    thoughts, kept = "", ""
    for part in _CHANNEL.finditer(text):
        if "to=" in part["head"]:
            kept += part[0].removeprefix("<|start|>").removeprefix("assistant")
        elif part["channel"] == "analysis":
            thoughts += part["body"]
        else:
            kept += part["body"]
    return Separated(thoughts.strip(), kept.strip())


def parts_text(parts: list[Any]) -> str:
    """Returns the text of a message in parts, without its thoughts."""
    rows = [
        cast("Mapping[str, Any]", part if isinstance(part, dict) else {"text": part})
        for part in parts
        if isinstance(part, dict | str)
    ]
    return "".join(str(row.get("text") or "") for row in rows if row.get("type") in (None, "text", "output_text"))
