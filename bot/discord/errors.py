"""Translates Discord's errors into ours, in one place."""

from collections.abc import Generator
from contextlib import contextmanager

import aiohttp
import discord

from orchestrator.errors import OutcomeUnknown, PlatformFailed, PlatformRefused, RateLimited, RefusedCode

UNKNOWN_CHANNEL, UNKNOWN_MESSAGE, HAS_THREAD, ARCHIVED, ANSWERED = 10003, 10008, 160004, 50083, 40060
UNKNOWN_EMOJI = 10014
_SENTENCES = {
    10003: "This Discord channel no longer exists.",
    10008: "This Discord message no longer exists.",
    30033: "This thread is full, so I can't join it; ask in another thread.",
    40067: "This forum requires a tag on each post; ask in a text channel.",
    40005: "This file is too large for this Discord server.",
    50001: "The bot can't see this channel; give it the View Channel permission.",
    50013: "The bot lacks a permission in this channel; deploy/discord/README.md lists the ones it needs.",
    50024: "Discord doesn't allow threads in this kind of channel; ask in a text channel.",
    50083: "This thread is archived and locked; open it in Discord.",
    160005: "This thread is locked; unlock it in Discord.",
    160006: "This Discord server has too many active threads; archive some.",
}


_CODES: dict[int, RefusedCode] = {
    UNKNOWN_CHANNEL: "no-place",
    UNKNOWN_MESSAGE: "gone",
    **dict.fromkeys((HAS_THREAD, ANSWERED), "already"),
    **dict.fromkeys((50001, 50007, 50013, 50097, 50278), "not-allowed"),
    **dict.fromkeys((50006, 50035, 200000, 200001, 240000), "unfit"),
    40005: "too-large",
    **dict.fromkeys((40067, 50008, 50024), "no-threads"),
    ARCHIVED: "archived",
    160005: "locked",
    **dict.fromkeys((30033, 160006, 160007), "full"),
}


class Rejected(PlatformRefused):
    """A definite refusal from Discord; nothing was done. `number` is Discord's own code."""

    def __init__(self, message: str, number: int) -> None:
        super().__init__(message, code=_CODES.get(number, "other"))
        self.number = number


@contextmanager
def discord_errors(*, may_repeat: bool = True) -> Generator[None]:
    """`may_repeat`: repeating changes nothing, so a lost answer is an ordinary failure."""
    lost: type[PlatformFailed] = PlatformFailed if may_repeat else OutcomeUnknown
    try:
        yield
    except discord.RateLimited as error:
        raise RateLimited("Discord's rate limit was reached.", seconds=error.retry_after) from error
    except discord.LoginFailure as error:
        words = "Discord rejected the token; set a new one as `discord.token`."
        raise PlatformRefused(words, code="token") from error
    except discord.DiscordServerError as error:
        raise lost(f"Discord returned status {error.status}.") from error
    except discord.HTTPException as error:
        if error.status == 429:
            raise RateLimited("Discord's rate limit was reached.", seconds=5.0) from error
        known = _SENTENCES.get(error.code, f"Discord refused this: {error.text[:300] or error.status} ({error.code}).")
        raise Rejected(known, error.code) from error
    except aiohttp.ClientConnectorError as error:
        raise PlatformFailed("Discord can't be reached.") from error
    except (aiohttp.ClientError, OSError, TimeoutError) as error:
        raise lost("Discord's response was lost.") from error
