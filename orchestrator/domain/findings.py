"""Findings: small typed facts that agents share while they run."""

from datetime import datetime
from typing import Self

from pydantic import Field, JsonValue, model_validator

from orchestrator.domain.base_value import Value
from orchestrator.domain.ids import FindingId, SubtaskId

MOST_SHORT = 200
"""The longest text, in characters, that a file's claims are checked against."""


class Source(Value):
    """Where a value was seen: a web page or a file. `locator` is a page, cell, heading or selector.

    `unchecked`: what hadn't been done when it was shared, e.g. opening the page; empty if its page and quote were read.
    """

    url: str | None = None
    file: str | None = None
    locator: str = ""
    quote: str = Field(default="", max_length=2000)
    seen_at: datetime | None = None
    unchecked: str = ""

    @model_validator(mode="after")
    def _somewhere(self) -> Self:
        if not (self.url or self.file):
            raise ValueError("a source needs a URL or a file")
        return self

    @property
    def where(self) -> str:
        return self.url or self.file or ""


class Finding(Value):
    """One fact on the board. Immutable: a better one supersedes it and names it."""

    id: FindingId
    by: SubtaskId
    kind: str = Field(min_length=1, max_length=80)
    value: JsonValue
    source: Source | None = None
    """None: the model's own statement, shown as such."""
    supersedes: FindingId | None = None

    @property
    def short(self) -> bool:
        """Returns whether its value is a number or a few words."""
        return isinstance(self.value, int | float) or (isinstance(self.value, str) and len(self.value) <= MOST_SHORT)
