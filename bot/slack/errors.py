"""Translates Slack's errors into ours, in one place, with the cause kept."""

from collections.abc import Generator
from contextlib import contextmanager
from typing import Any, cast

import aiohttp
from slack_sdk.errors import SlackApiError, SlackClientError

from orchestrator.errors import OutcomeUnknown, PlatformFailed, PlatformRefused, RateLimited, RefusedCode

_NEXT = {
    "invalid_auth": "check the bot token",
    "not_authed": "check the bot token",
    "token_revoked": "reinstall the app and copy its new bot token",
    "account_inactive": "reinstall the app and copy its new bot token",
    "missing_scope": "reinstall the app with the manifest in deploy/slack",
    "not_in_channel": "invite the bot to the channel",
    "channel_not_found": "invite the bot to the channel",
    "is_archived": "unarchive the channel, or ask in another one",
    "restricted_action": "ask an admin to let the bot post there",
    "restricted_action_read_only_channel": "ask an admin to let the bot post there",
    "restricted_action_thread_only_channel": "ask in a thread in that channel",
    "restricted_action_non_threadable_channel": "ask in a channel that allows threads",
    "restricted_action_thread_locked": "ask in another thread",
    "messages_tab_disabled": "turn on the app's Messages tab",
    "not_allowed_token_type": "the bot token and the app token may be swapped",
}
OPENING = "opening the connection"
_NEXT_OPENING = {
    "invalid_auth": "check the app token",
    "token_revoked": "generate a new app token",
    "missing_scope": "generate an app token with the scope connections:write",
    "socket_mode_disabled": "turn on Socket Mode in the app's settings",
}
"""The connection is opened with the app token, everything else uses the bot token."""
_CODES: dict[str, RefusedCode] = {
    **dict.fromkeys(("account_inactive", "token_revoked", "invalid_auth"), "token"),
    **dict.fromkeys(("already_reacted", "no_reaction"), "already"),
    **dict.fromkeys(
        ("message_not_found", "file_not_found", "file_deleted", "cant_update_message", "edit_window_closed"), "gone"
    ),
    **dict.fromkeys(("channel_not_found", "is_archived", "cannot_reply_to_message", "thread_not_found"), "no-place"),
    **dict.fromkeys(
        (
            "not_in_channel", "missing_scope", "restricted_action", "restricted_action_read_only_channel",
            "restricted_action_thread_only_channel", "no_permission", "access_denied", "ekm_access_denied",
            "messages_tab_disabled", "team_access_not_granted", "cannot_dm_bot",
        ), "not-allowed"
    ),
    "restricted_action_non_threadable_channel": "no-threads",
    "restricted_action_thread_locked": "locked",
    "message_limit_exceeded": "full",
    **dict.fromkeys(
        (
            "msg_too_long", "msg_blocks_too_long", "invalid_blocks", "invalid_blocks_format", "no_text",
            "too_many_attachments", "metadata_too_large",
        ), "unfit"
    ),
}  # fmt: skip
_UNSURE = ("fatal_error", "internal_error", "service_unavailable", "request_timeout", "team_added_to_org")


@contextmanager
def slack_errors(doing: str, *, once: bool = False) -> Generator[None]:
    """Translates what Slack or the network raises. `once`: doing it twice would show, so a lost answer is
    OutcomeUnknown; otherwise it is PlatformFailed and may simply be retried."""
    lost = OutcomeUnknown if once else PlatformFailed
    try:
        yield
    except SlackApiError as error:
        raise _refused(error, doing, lost) from error
    except aiohttp.ClientConnectorError as error:
        raise PlatformFailed(f"Couldn't reach Slack while {doing}; retrying.") from error
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        raise lost(f"Slack's response was lost while {doing}: {type(error).__name__}.") from error
    except SlackClientError as error:
        raise PlatformFailed(f"The request to Slack failed while {doing}: {error}") from error


def error_name(error: BaseException | None) -> str:
    """Returns Slack's own short name of a refusal, e.g. `already_reacted`; empty if there is none."""
    if not isinstance(error, SlackApiError):
        return ""
    data = getattr(cast(Any, error).response, "data", None)
    return str(cast("dict[str, Any]", data).get("error", "")) if isinstance(data, dict) else ""


def _refused(error: SlackApiError, doing: str, lost: type[PlatformFailed]) -> PlatformFailed:
    response = cast(Any, error).response
    status = int(getattr(response, "status_code", 0) or getattr(response, "status", 0) or 0)
    name = error_name(error)
    if status == 429 or name == "ratelimited":
        seconds = float(response.headers.get("Retry-After", "1"))
        return RateLimited(f"Slack asked us to wait {seconds:g} s while {doing}.", seconds=seconds)
    if status >= 500 or name in _UNSURE or (status == 200 and not name):
        return lost(f"Slack failed while {doing} (status {status}, {name or 'no response'}).")
    details = cast("dict[str, Any]", getattr(response, "data", None) or {})
    about = cast("dict[str, list[str]]", details.get("response_metadata") or {})
    more = "; ".join(about.get("messages", [])[:3])
    needed = f" It needs the scope {details['needed']!r}." if details.get("needed") else ""
    advised = _NEXT | _NEXT_OPENING if doing == OPENING else _NEXT
    advice = f"; {advised[name]}" if name in advised else ""
    words = f"Slack returned {name!r} while {doing}{advice}.{needed}{f' {more}' if more else ''}"
    return PlatformRefused(words, code=_CODES.get(name, "other"))
