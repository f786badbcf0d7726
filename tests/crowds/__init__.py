"""Many people at once at a strict Slack or Discord, for tests and the benchmark."""

from tests.crowds.crowd import Crowd, Shown, Trouble, Verdict, ask, card_look, settled, verdict
from tests.crowds.discord import DiscordCrowd
from tests.crowds.slack import SlackCrowd

__all__ = [
    "Crowd",
    "DiscordCrowd",
    "Shown",
    "SlackCrowd",
    "Trouble",
    "Verdict",
    "ask",
    "card_look",
    "settled",
    "verdict",
]
