"""Draws charts as pictures, in the house style."""

from agents.tool import Tool
from agents.tools.charts.tools import chart_picture

TOOLS: list[Tool] = [chart_picture]

__all__ = ["TOOLS"]
