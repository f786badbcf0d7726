"""What the agents' side knows of this machine's browser, for the start."""

from agents.missing_browser_libraries import missing_packages

__all__ = ["missing_packages"]
