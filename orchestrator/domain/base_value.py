"""The one base of every value that is stored or sent."""

from pydantic import BaseModel, ConfigDict


class Value(BaseModel):
    """Frozen, compared by content, closed to unknown fields."""

    model_config = ConfigDict(frozen=True, extra="forbid")
