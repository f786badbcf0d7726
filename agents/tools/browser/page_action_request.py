"""What one call wants from its page, and the sentences for what can't be done."""

from collections.abc import Awaitable, Callable, Generator
from contextlib import contextmanager
from typing import NamedTuple

from playwright.async_api import Error

from agents.tool import CallContext
from agents.tools.browser.logins import WantedLogin
from agents.tools.browser.page_open_errors import reason
from agents.tools.browser.page_session import PageSession
from orchestrator.domain.tool_calls import HeldSend
from orchestrator.errors import ToolFailed

PageAction = Callable[[PageSession], Awaitable[str | None]]
"""Does something on a page; returns the answer, or None to show the page."""
_MOST_HELD = 8
"""Held messages that one answer names."""


class Errand(NamedTuple):
    """What to do, for whom, and whether to show the whole page afterward."""

    room: CallContext
    action: PageAction
    whole: bool


class Opening(NamedTuple):
    """An action that opens its own page, at that domain, with that login or none."""

    domain: str
    wanted: WantedLogin


def none_open(session: PageSession) -> ToolFailed:
    """Returns the failure of an action that needs an open page."""
    said = [*session.notes, "No page is open. Open one with browser_open."]
    session.notes.clear()
    return ToolFailed(" ".join(said))


@contextmanager
def crashes_told() -> Generator[None]:
    """Tells the agent when its page died twice in a row."""
    try:
        yield
    except Error as error:
        raise ToolFailed(
            f"The browser crashed on this page ({reason(error)}). Open it again later, or use another page."
        ) from error


def held_words(held: tuple[HeldSend, ...]) -> str:
    """Returns what an agent reads about the messages that its page holds."""
    lines = [
        f"\n[Held back, so nothing was sent yet: {one.words}. To send it, call browser_send({one.id!r}); a person is "
        "asked first.]"
        for one in held[:_MOST_HELD]
    ]
    more = len(held) - _MOST_HELD
    return "".join(lines) + (f"\n[{more} more messages of the page were held back.]" if more > 0 else "")
