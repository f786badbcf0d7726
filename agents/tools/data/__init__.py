"""Data files: look at them, ask them, clean them up."""

from agents.tools.data.tools import tools

__all__ = ["tools"]
