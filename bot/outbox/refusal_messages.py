"""What people are told when a platform refuses to show a task, and where. Pure."""

from typing import NamedTuple

from bot.cards.tool_call_wording import cut
from orchestrator.domain.people import Place
from orchestrator.domain.task import TaskState
from orchestrator.errors import PlatformRefused, RefusedCode

LASTING: frozenset[RefusedCode] = frozenset(("no-place",))
"""Nothing is tried there anymore."""
_TOLD: frozenset[RefusedCode] = frozenset(
    ("no-place", "removed", "not-allowed", "no-threads", "locked", "archived", "full", "unfit", "other")
)
_TITLE = 80


class Notice(NamedTuple):
    """A sentence, said once per `key`. `place` None: by direct message."""

    key: str
    place: Place | None
    words: str


def notice(state: TaskState, item: str, error: PlatformRefused, link: str) -> Notice | None:
    """Returns what to tell the person who asked: where they asked, outside the thread that can't be used. None: they
    have nothing to hear, or can't be reached."""
    asked = state.request
    if asked is None or error.code not in _TOLD or (asked.place.private and error.code != "unfit"):
        return None
    title = cut(state.plan.title if state.plan else asked.text, _TITLE)
    where = f"The task continues here: {link}" if link else "Send me a direct message to ask again."
    if error.code == "unfit":
        key = f"refused/{state.id}/unfit/{item}"
        return Notice(key, asked.place, f"A message about “{title}” can't be shown here: {error} {where}")
    if error.code == "removed":
        words = (
            f"I was removed from the channel of “{title}”, so I can't read or post there. Invite me again to continue "
            f"there. {where}"
        )
        return Notice(f"refused/{state.id}/removed/{item}", None, words)
    if error.code in LASTING:
        words = (
            f"The channel or thread for “{title}” is gone or archived, so I can't post there anymore ({error}). {where}"
        )
        return Notice(f"refused/{state.id}/gone", None, words)
    place = asked.place.model_copy(update={"thread": ""})
    return Notice(
        f"refused/{state.id}/{error.code}", place, f"{asked.by.name}: I can't show “{title}” here. {error} {where}"
    )
