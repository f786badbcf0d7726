"""Turns Slack's markup of a message into the words a person sees. Pure."""

import re

_TAG = re.compile(r"<([^<>]*)>")


def words(text: str, me: str) -> str:
    """Removes the mention of `me`; other people, channels and links become plain words."""
    bare = _TAG.sub(lambda found: _tag(found.group(1), me), text)
    return bare.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&").strip()


def mentions(text: str, me: str) -> bool:
    return f"<@{me}>" in text or f"<@{me}|" in text


def _tag(inside: str, me: str) -> str:
    target, _, label = inside.partition("|")
    match target[:1]:
        case "@":
            return "" if target[1:] == me else f"@{label or target[1:]}"
        case "#":
            return f"#{label or target[1:]}"
        case "!":
            return label or f"@{target[1:].partition('^')[0]}"
        case _:
            address = target.removeprefix("mailto:")
            return address if not label or label in (address, target) else f"{label} ({address})"
