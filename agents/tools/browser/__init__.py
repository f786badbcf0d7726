"""A web browser for agents: one Chromium per host, one page per subtask."""

from agents.tools.browser.browser import Browser
from agents.tools.browser.takeover import BrowserTakeovers
from agents.tools.browser.tools import tools

__all__ = ["Browser", "BrowserTakeovers", "tools"]
