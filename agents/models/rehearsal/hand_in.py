"""Hands in a finished file, again after every request for changes."""

from agents.models.rehearsal import replies
from agents.models.rehearsal.parse_prompt import SortedConversation
from orchestrator.domain.model_messages import Reply

MOST_TRIES = 4


def hand_in(desk: SortedConversation, path: str, words: str, last: str) -> Reply:
    """Delivers `path` once more than changes were requested, then ends with `last`."""
    tries = desk.of("deliver", since=_asked(desk))
    if any(d.ok for d in tries):
        return replies.say(last)
    if len(tries) >= MOST_TRIES:
        return replies.say(f"I couldn't hand in {path!r}: {tries[-1].text[:300]}")
    return replies.act(f"Handing in {path}.", replies.wish("deliver", path=path, words=words))


def last_change(desk: SortedConversation) -> int:
    """Returns the place of the last request for changes, or of the last refusal of the file; -1 if there's none."""
    refused = [d.at for d in desk.of("deliver") if not d.ok]
    return max([_asked(desk), *refused])


def _asked(desk: SortedConversation) -> int:
    return desk.changes[-1].at if desk.changes else -1
