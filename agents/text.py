"""Text that can be stored: models and pages sometimes hold half a character, which no JSON in UTF-8 can carry."""

import json
from typing import TypeVar

from pydantic_core import PydanticSerializationError

from orchestrator.domain.value import Value

V = TypeVar("V", bound=Value)


def well_formed(value: V) -> V:
    """The same value, each half character replaced by a question mark."""
    try:
        value.model_dump_json()
    except PydanticSerializationError:
        text = json.dumps(value.model_dump(), ensure_ascii=False, default=list)
        return type(value).model_validate_json(text.encode("utf-8", "replace"))
    return value


def many(count: int, noun: str) -> str:
    """'1 page', '2 pages'; for nouns that take an s."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"
