"""Slack as a platform of the hub: its accounts, its examination, its set-up."""

from collections.abc import Sequence
from pathlib import Path

from bot.chat import ChatPlatform
from bot.config.check import Check
from bot.config.secret import secret
from bot.service import Service, Wiring
from bot.slack.client import SlackPlatform
from bot.slack.examine import examine_app, examine_bot
from bot.slack.http_workspaces import line
from bot.slack.installs import Installs, installs_folder
from bot.slack.settings import Slack
from bot.slack.setup import walk


def _open(it: Slack, wiring: Wiring) -> ChatPlatform:
    """One workspace, over Socket Mode."""
    return SlackPlatform(
        bot_token=secret(it.bot_token), app_token=secret(it.app_token), read=wiring.read, since=wiring.since,
        api_url=it.api_url or "", connected=wiring.connected,
    )  # fmt: skip


async def _examine(it: Slack, home: Path) -> Sequence[Check]:
    """Each workspace, and the connection, as far as they are set. Over HTTP only Slack itself can try the way to us."""
    url, found = it.api_url or "", list[Check]()
    tokens = await _installed(home) if it.several else [secret(it.bot_token)]
    for token in tokens:
        found += await examine_bot(token, url)
    if it.app_token is not None:
        known = tokens[0] if tokens and found[0].level == "ok" else ""
        found += await examine_app(secret(it.app_token), url, bot_token=known)
    if not tokens:
        found.append(Check("slack", "warn", "No workspace has installed the app yet.", "Open /slack/install here."))
    return found


async def _installed(home: Path) -> list[str]:
    installs = Installs(installs_folder(home))
    await installs.load()
    return [install.token for install in installs.known.values()]


SERVICE: Service[Slack] = Service(open=_open, examine=_examine, walk=walk, line=line)
