"""Tools for slides; `LOOK` has the checks of a deck at hand-in."""

from agents.tool import Tool
from agents.tools.slides.deck_inspection import LOOK, look
from agents.tools.slides.tools import slides_edit, slides_read, slides_write

TOOLS: list[Tool] = [slides_write, slides_edit, slides_read]
__all__ = ["LOOK", "TOOLS", "look"]
