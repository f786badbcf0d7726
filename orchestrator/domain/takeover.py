"""A person at an agent's page: what they do there, what they see, and how it ended."""

from typing import Literal

from pydantic import Field

from orchestrator.domain.value import Value

OUTCOME, DONE, COULD_NOT = "outcome", "Done, go on", "Could not"
"""The field of a request to take over, and its two answers."""
MOST_TOUCHES, MOST_TEXT, MOST_OPTIONS = 200, 4_000, 500
Ending = Literal["handed-back", "idle", "away", "lost"]
"""`idle`: nothing was done for long; `away`: the person's screen has gone; `lost`: the page or the hub had to go."""


class Touch(Value):
    """One thing done at the page. `x`, `y`: 0 to 1 of the picture's width and height; `dx`, `dy`: CSS pixels;
    `key`: its DOM name, e.g. `Enter` or `Control+a`. Words and keys are in no log: a password may be among them.

    An `answer` is to the page's question `number`: whether it is agreed, with `text`, or which option is `chosen`."""

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
    """What the page wants to know and no picture shows: a dialog that it waits for, or the list of the field that has
    the focus, where `chosen` is what stands in it. Another question has another `number`."""

    number: int
    kind: Literal["alert", "confirm", "prompt", "list"]
    words: str
    text: str = ""
    options: tuple[str, ...] = ()
    chosen: int = -1


class View(Value):
    """What stands beside a picture of the page. `number` grows with every change; `windows`: how many are open above
    the page; `wanted`: a domain that the page asked for and may not open; `says`: what happened, in sentences."""

    number: int
    url: str = ""
    title: str = ""
    width: int = 0
    height: int = 0
    windows: int = 0
    wanted: str = ""
    says: tuple[str, ...] = ()
    asks: Asks | None = None
