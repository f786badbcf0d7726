"""Says what is wrong with a page that couldn't be opened, and what to do next."""

from collections.abc import Mapping

from playwright.async_api import Error

from orchestrator.errors import ToolFailed


def further(status: int, headers: Mapping[str, str]) -> str:
    """Returns the next step for a page that returned an error."""
    if headers.get("www-authenticate", "").lower().startswith(("basic", "digest")):
        return "It uses HTTP basic authentication, which only a team login can provide. Ask for one with ask_person."
    if status in (404, 410):
        return "The page doesn't exist; check the URL."
    if status in (401, 403):
        return "This page needs permission. Have a person sign in with ask_to_take_over, or use another page."
    return "Try again later, or use another page." if status == 429 or status >= 500 else "Use another page."


def unreachable(url: str, words: str) -> ToolFailed:
    """The proxy couldn't connect to the address."""
    return ToolFailed(f"{url!r} couldn't be opened: {words.strip()} Check the URL.")


def not_opened(url: str, why: str) -> ToolFailed:
    """Returns the network error and the next step."""
    low = why.lower()
    if any(word in low for word in ("cert", "ssl", "tls")):
        return ToolFailed(f"{url!r} couldn't be opened: its certificate isn't trusted ({why}). Use another site.")
    return ToolFailed(f"{url!r} couldn't be opened: {why}. Check the URL.")


def reason(error: Error) -> str:
    """Returns the error in plain words: `net::ERR_NAME_NOT_RESOLVED at …` becomes `name not resolved`."""
    first = error.message.splitlines()[0] if error.message else "unknown error"
    if "net::ERR_" in first:
        return first.split("net::ERR_", 1)[1].split(" ")[0].replace("_", " ").lower()
    return first.split(": ", 1)[-1].rstrip(".")
