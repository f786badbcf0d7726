"""Makes PDFs from documents and pages, joins and splits them, fills in forms, renders pages."""

from agents.tools.pdf.tools import tools

__all__ = ["tools"]
