"""Addresses of conversations and messages at Discord. Pure."""

from orchestrator.domain.people import Place

_SITE = "https://discord.com/channels"


def place(at: Place) -> str:
    """Of the thread; in a direct conversation of the request."""
    team, _, channel = at.channel.partition("/")
    return f"{_SITE}/{team}/{channel}/{at.thread}" if at.private else f"{_SITE}/{team}/{at.thread or channel}"


def message(at: Place, id_: str) -> str:
    """Of a message there: the one that a thread hangs on stands in the channel."""
    team, _, channel = at.channel.partition("/")
    inside = channel if at.private or id_ == at.thread else at.thread or channel
    return f"{_SITE}/{team}/{inside}/{id_}"
