"""What people are told when a platform refuses to show a task, and where. Pure."""

from collections.abc import Sequence
from typing import NamedTuple

from bot.cards.tool_call_wording import cut
from bot.outbox.desired_messages import mentioned
from bot.outbox.pending_decisions import Wait, open_waits
from orchestrator.domain.ids import digest
from orchestrator.domain.people import Place
from orchestrator.domain.task import TaskState
from orchestrator.errors import PlatformRefused, RefusedCode

LASTING: frozenset[RefusedCode] = frozenset(("no-place",))
"""Nothing is tried there anymore."""
_TOLD: frozenset[RefusedCode] = frozenset(
    ("no-place", "removed", "not-allowed", "no-threads", "locked", "archived", "full", "unfit", "other")
)
_TITLE, _MOST = 80, 3


class Notice(NamedTuple):
    """A sentence, said once per `key`. `place` None: by direct message. `ping`: something waits for the person."""

    key: str
    place: Place | None
    words: str
    ping: bool


def notice(state: TaskState, item: str, error: PlatformRefused, link: str) -> Notice | None:
    """Returns what to tell the person who asked: where they asked, outside the thread that can't be used. None: they
    have nothing to hear, or can't be reached. What begins to wait later gets a notice of its own."""
    asked = state.request
    if asked is None or error.code not in _TOLD or (asked.place.private and error.code != "unfit"):
        return None
    waits = open_waits(state)
    ping = bool(waits and mentioned(state))
    title = cut(state.plan.title if state.plan else asked.text, _TITLE)
    where = f"The task continues here: {link}" if link else "Send me a direct message to ask again."
    if waits:
        where = f"{_waiting(waits, asked.by.name)} {where}"
    later = [wait.id for wait in waits if not wait.id.startswith("plan/")]
    news = f"/{digest(later[-1])}" if later else ""
    if error.code == "unfit":
        key = f"refused/{state.id}/unfit/{item}"
        return Notice(key, asked.place, f"A message about “{title}” can't be shown here: {error} {where}", ping)
    if error.code == "removed":
        words = (
            f"I was removed from the channel of “{title}”, so I can't read or post there. Invite me again to continue "
            f"there. {where}"
        )
        return Notice(f"refused/{state.id}/removed/{item}", None, words, ping)
    if error.code in LASTING:
        words = (
            f"The channel or thread for “{title}” is gone or archived, so I can't post there anymore ({error}). {where}"
        )
        return Notice(f"refused/{state.id}/gone{news}", None, words, ping)
    place = asked.place.model_copy(update={"thread": ""})
    to = "" if waits else f"{asked.by.name}: "
    return Notice(
        f"refused/{state.id}/{error.code}{news}", place, f"{to}I can't show “{title}” here. {error} {where}", ping
    )


def _waiting(waits: Sequence[Wait], name: str) -> str:
    titles = [f"“{cut(wait.title, _TITLE)}”" for wait in waits[-_MOST:][::-1]]
    more = [f"{len(waits) - _MOST} more"] if len(waits) > _MOST else []
    return f"Waiting for {name}: {', '.join([*titles, *more])}."
