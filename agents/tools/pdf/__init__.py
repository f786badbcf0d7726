"""PDFs: made from documents and pages, joined, taken apart, filled in, shown as pictures."""

from agents.tools.pdf.tools import tools

__all__ = ["tools"]
