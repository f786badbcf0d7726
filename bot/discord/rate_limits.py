"""Defines how often one bot may call Discord. Pure."""

from bot.outbox.rate_limits import Limit

LIMITS: tuple[Limit, ...] = (
    Limit(of=frozenset({"post"}), per="thread", most=5, seconds=5.2),
    Limit(of=frozenset({"edit"}), per="thread", most=5, seconds=5.2),
    Limit(of=frozenset({"edit"}), per="thread", most=1, seconds=1.2, ordinary=True),
    Limit(of=frozenset({"react", "unreact"}), per="channel", most=1, seconds=0.5),
    Limit(of=frozenset({"find"}), per="thread", most=4, seconds=5.2),
    Limit(of=frozenset({"post", "edit", "react", "unreact", "find"}), per="account", most=35, seconds=1.05),
)
"""The account's 50 a second also include the requests behind a post (threads, uploads), so we count to 35."""
