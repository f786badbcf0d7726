"""Defines how often one app may call Slack, and how much it may send. Pure."""

from bot.outbox.rate_limits import Limit

LARGEST = 1_000_000_000
"""Bytes of a file; larger ones get a link."""

LIMITS: tuple[Limit, ...] = (
    Limit(of=frozenset({"post"}), per="channel", most=1, seconds=1.1),
    Limit(of=frozenset({"post"}), per="team", most=200, seconds=61),
    Limit(of=frozenset({"post"}), per="team", most=30, seconds=12, ordinary=True),
    Limit(of=frozenset({"edit"}), per="team", most=50, seconds=61),
    Limit(of=frozenset({"edit"}), per="team", most=8, seconds=12, ordinary=True),
    Limit(of=frozenset({"react"}), per="team", most=45, seconds=61),
    Limit(of=frozenset({"unreact"}), per="team", most=18, seconds=61),
    Limit(of=frozenset({"find"}), per="team", most=45, seconds=61),
)
"""Edits count for the whole workspace: ordinary ones are spread at 40 a minute, which leaves 10 for urgent ones. So do
posts: Slack says “several hundred a minute”, so we count 200, of which 50 stay for urgent ones."""
