"""A strict Slack on loopback: Web API and Socket Mode, spoken to by unmodified slack-bolt."""

from tests.slack_server.server import SlackServer, serving

__all__ = ["SlackServer", "serving"]
