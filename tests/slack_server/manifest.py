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


def read(path: Path = MANIFEST) -> Manifest:
    text: dict[str, Any] = yaml.safe_load(path.read_text("utf-8"))
    features, settings = text["features"], text["settings"]
    return Manifest(
        scopes=frozenset(text["oauth_config"]["scopes"]["bot"]),
        events=frozenset(settings["event_subscriptions"]["bot_events"]),
        commands=frozenset(one["command"] for one in features.get("slash_commands", [])),
        shortcuts=frozenset(one["callback_id"] for one in features.get("shortcuts", [])),
        interactive=settings["interactivity"]["is_enabled"],
        socket_mode=settings["socket_mode_enabled"],
        home=features["app_home"]["home_tab_enabled"],
    )
