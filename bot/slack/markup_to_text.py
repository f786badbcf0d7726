"""Turns Slack's markup of a message into the words a person sees. Pure."""

import re

from bot import own_mention
from bot.buttons.short_replies import GREETING

_TAG = re.compile(r"<([^<>]*)>")
_ADDRESS = re.compile(GREETING + "<(?:@|!)[^<>]*>", re.IGNORECASE)


def words(text: str, me: str) -> str:
    """Does the same as `named`, without a mention of `me` that only says whom the message speaks to."""
    return own_mention.without_address(named(text, me))


def named(text: str, me: str) -> str:
    """Returns the text with people, channels and links in plain words; `me` is called by the bot's name."""
    bare = _TAG.sub(lambda found: _tag(found.group(1), me), text)
    return bare.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&").strip()


def mentions(text: str, me: str) -> bool:
    """Returns whether `me` is mentioned, also in a quote or in code."""
    return f"<@{me}>" in text or f"<@{me}|" in text


def speaks_to(text: str, me: str) -> bool:
    """Returns whether `me` is mentioned in the message's own words."""
    return mentions(text, me) and own_mention.speaks_to(named(text, me))


def to_others(text: str, me: str) -> bool:
    """Returns whether the message begins with a mention of other people, perhaps after a greeting."""
    found = _ADDRESS.match(text)
    return found is not None and not mentions(found[0], me)


def _tag(inside: str, me: str) -> str:
    target, _, label = inside.partition("|")
    match target[:1]:
        case "@":
            return own_mention.NAME if target[1:] == me else f"@{label or target[1:]}"
        case "#":
            return f"#{label or target[1:]}"
        case "!":
            return _special(target[1:], label)
        case _:
            address = target.removeprefix("mailto:")
            return address if not label or label in (address, target) else f"{label} ({address})"


def _special(target: str, label: str) -> str:
    """A group, everybody in the channel, or a time, which carries its words."""
    kind, _, id_ = target.partition("^")
    match kind:
        case "subteam":
            return f"@{label.removeprefix('@') or id_}"
        case "here" | "channel" | "everyone":
            return f"@{kind}"
        case _:
            return label or kind
