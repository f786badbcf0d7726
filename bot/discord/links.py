"""Builds addresses of conversations and messages on Discord. Pure."""

from orchestrator.domain.people import Place

_SITE = "https://discord.com/channels"


def place(at: Place) -> str:
    """The thread's address; in a direct conversation, the request's."""
    team, _, channel = at.channel.partition("/")
    return f"{_SITE}/{team}/{channel}/{at.thread}" if at.private else f"{_SITE}/{team}/{at.thread or channel}"


def message(at: Place, id_: str) -> str:
    """A message's address: the message that a thread belongs to is in the channel."""
    team, _, channel = at.channel.partition("/")
    inside = channel if at.private or id_ == at.thread else at.thread or channel
    return f"{_SITE}/{team}/{inside}/{id_}"
