"""Tools for data files: look at them, query them, clean them."""

from agents.tools.data.tools import tools

__all__ = ["tools"]
