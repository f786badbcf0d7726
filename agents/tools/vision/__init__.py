"""Shows files as a person sees them: as pictures."""

from agents.tool import Tool
from agents.tools.vision.tools import look_at

TOOLS: list[Tool] = [look_at]

__all__ = ["TOOLS"]
