"""The app manifest, as Slack enforces it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

MANIFEST = Path(__file__).resolve().parents[2] / "deploy" / "slack" / "manifest.yaml"
KINDS = {"public": "channels", "private": "groups", "im": "im", "mpim": "mpim"}


@dataclass(frozen=True)
class Manifest:
    """What the app may call and what it hears."""

    scopes: frozenset[str]
    events: frozenset[str]
    commands: frozenset[str]
    shortcuts: frozenset[str]
    interactive: bool
    socket_mode: bool
    home: bool
    prompts: tuple[tuple[str, str], ...]
    """Title and message of what Slack suggests to people who open the agent."""


def read(path: Path = MANIFEST) -> Manifest:
    text: dict[str, Any] = yaml.safe_load(path.read_text("utf-8"))
    features, settings = text["features"], text["settings"]
    _check_agent(text)
    return Manifest(
        scopes=frozenset(text["oauth_config"]["scopes"]["bot"]),
        events=frozenset(settings["event_subscriptions"]["bot_events"]),
        commands=frozenset(one["command"] for one in features.get("slash_commands", [])),
        shortcuts=frozenset(one["callback_id"] for one in features.get("shortcuts", [])),
        interactive=settings["interactivity"]["is_enabled"],
        socket_mode=settings["socket_mode_enabled"],
        home=features["app_home"]["home_tab_enabled"],
        prompts=tuple((one["title"], one["message"]) for one in features["agent_view"]["suggested_prompts"]),
    )


def _check_agent(text: dict[str, Any]) -> None:
    """What Slack asks of an app that is an agent: it talks in its messages tab."""
    agent, home = text["features"]["agent_view"], text["features"]["app_home"]
    events = text["settings"]["event_subscriptions"]["bot_events"]
    assert 1 <= len(agent["agent_description"]) <= 300
    assert 1 <= len(agent["suggested_prompts"]) <= 4
    assert all(set(one) == {"title", "message"} and all(one.values()) for one in agent["suggested_prompts"])
    assert home["messages_tab_enabled"]
    assert not home["messages_tab_read_only_enabled"]
    assert "assistant:write" in text["oauth_config"]["scopes"]["bot"]
    assert {"app_context_changed", "app_home_opened", "message.im"} <= set(events)
    assert "assistant_view" not in text["features"], "an app has one of the two"
