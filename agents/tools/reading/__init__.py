"""Reads every kind of file that people attach."""

from agents.tool import Tool
from agents.tools.reading.tools import tools

TOOLS: list[Tool] = tools()

__all__ = ["TOOLS", "tools"]
