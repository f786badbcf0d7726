"""Tells messages that a page repeats by itself, such as a beacon every few seconds. Pure."""

import hashlib
import json
import re

from agents.tools.browser.sends.operation_words import plain
from agents.tools.browser.sends.outgoing_message import Outgoing
from orchestrator.domain.ids import digest

_CLOCKS = frozenset((
    "t", "ts", "time", "timestamp", "now", "seq", "tick", "beat", "nonce", "uptime", "elapsed", "counter", "heartbeat",
))  # fmt: skip
_COUNTED = re.compile(r"\d+(\.\d+)?")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d.*")


def beat_of(message: Outgoing) -> str:
    """Returns the same for messages that differ only in their time or in a count of them."""
    rows = [[*f.path, "*" if _moves(f.name, f.value) else f.value] for f in message.fields()]
    body = "" if message.text is not None else hashlib.sha256(message.body).hexdigest()
    return digest(message.method, message.kind, message.address, json.dumps(rows), body)


def _moves(name: str, value: str) -> bool:
    return bool(_MOMENT.fullmatch(value) or (plain(name) in _CLOCKS and _COUNTED.fullmatch(value)))
