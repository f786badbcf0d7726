"""Names of things. All are short ASCII strings; none carries a secret."""

import hashlib
import re
from typing import NewType

TaskId = NewType("TaskId", str)
SubtaskId = NewType("SubtaskId", str)
FindingId = NewType("FindingId", str)
CallId = NewType("CallId", str)
ApprovalId = NewType("ApprovalId", str)
QuestionId = NewType("QuestionId", str)
DeliverableId = NewType("DeliverableId", str)
PersonId = NewType("PersonId", str)
Stream = NewType("Stream", str)
"""A ledger stream: a task's id, or `room/<platform>` for people, channels and messages."""
Sha = NewType("Sha", str)
"""SHA-256 of a file's content, lowercase hex."""
Key = NewType("Key", str)
"""What makes a fact unique in its stream, e.g. `browse/try:1/turn:3`."""


def slug(text: str, *, most: int = 32) -> str:
    """Returns lowercase letters, digits and hyphens of `text`, never empty."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:most].strip("-") or "x"


def digest(*parts: str, length: int = 12) -> str:
    """Returns a short stable name for `parts`; the same parts give the same name on every machine."""
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:length]
