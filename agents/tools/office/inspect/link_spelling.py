"""Checks addresses by their spelling only. Fetches nothing."""

import re
from urllib.parse import urlsplit

_MAIL = re.compile(r"[^@\s,;<>]+@[^@\s,;<>]+\.[A-Za-z]{2,}")
_HOST = re.compile(r"([0-9a-fA-F]*:[0-9a-fA-F:.]+|[\w-]+(\.[\w-]+)*\.?)", re.UNICODE)
_LOCAL = re.compile(r"(file:|[A-Za-z]:[\\/]|\\\\|/(home|Users|tmp|workspace)/)", re.IGNORECASE)


def wrong(address: str) -> str:
    """Returns what is wrong with an address; empty if it may be valid."""
    address = address.strip()
    kind, _, rest = address.partition(":")
    if not address:
        return "an empty address"
    if _LOCAL.match(address):
        return f"{address!r} is a file path, so it may not work on other computers"
    if kind.lower() == "mailto":
        people = [p for p in rest.partition("?")[0].split(",") if p]
        return "" if people and all(_MAIL.fullmatch(p) for p in people) else f"{address!r} isn't an email address"
    if kind.lower() in ("http", "https"):
        try:
            host = urlsplit(address).hostname or ""
        except ValueError:
            host = ""
        good = _HOST.fullmatch(host) and ".." not in address.split("/")[2] and not re.search(r"\s", address)
        return "" if good else f"{address!r} isn't a web address"
    return ""
