"""A person's control of an agent's page: what they do there, what they see, and how it ended."""

from typing import Literal

from pydantic import Field

from orchestrator.domain.base_value import Value

OUTCOME, DONE, COULD_NOT = "outcome", "Done, go on", "Could not"
"""The field of a request to take over, and its two answers."""
MOST_TOUCHES, MOST_TEXT, MOST_OPTIONS = 200, 4_000, 500
Ending = Literal["handed-back", "idle", "away", "lost"]
"""`idle`: nothing was done for long; `away`: the person's screen is gone; `lost`: the page or the hub had to end."""


class Touch(Value):
    """One action on the page. `x`, `y`: 0 to 1 of the picture's width and height; `dx`, `dy`: CSS pixels; `key`: its
    DOM name, e.g. `Enter` or `Control+a`. Text and keys are never logged, because they may contain a password.

    An `answer` is to the page's question `number`: whether it is accepted, with `text`, or which option is `chosen`.
    """

    kind: Literal["move", "down", "up", "wheel", "key", "text", "back", "reload", "answer"]
    x: float = Field(default=0, ge=0, le=1)
    y: float = Field(default=0, ge=0, le=1)
    dx: float = Field(default=0, ge=-5000, le=5000)
    dy: float = Field(default=0, ge=-5000, le=5000)
    button: Literal["left", "middle", "right"] = "left"
    count: int = Field(default=1, ge=1, le=3)
    key: str = Field(default="", max_length=60, repr=False)
    text: str = Field(default="", max_length=MOST_TEXT, repr=False)
    number: int = 0
    agree: bool = False
    chosen: int = Field(default=-1, ge=-1, le=MOST_OPTIONS)


class Asks(Value):
    """What the page asks and no picture shows: a dialog that it waits for, or the list of the focused field, where
    `chosen` is its current value. Another question has another `number`."""

    number: int
    kind: Literal["alert", "confirm", "prompt", "list"]
    words: str
    text: str = ""
    options: tuple[str, ...] = ()
    chosen: int = -1


class PageView(Value):
    """What comes with a picture of the page. `number` grows with every change; `windows`: how many are open above the
    page; `wanted`: a domain that the page asked for and may not open; `says`: what happened, in sentences."""

    number: int
    url: str = ""
    title: str = ""
    width: int = 0
    height: int = 0
    windows: int = 0
    wanted: str = ""
    says: tuple[str, ...] = ()
    asks: Asks | None = None
