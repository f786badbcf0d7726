"""Reads every kind of file that people attach."""

from agents.tool import Tool
from agents.tools.reading.tools import archive_extract, document_read

TOOLS: list[Tool] = [document_read, archive_extract]

__all__ = ["TOOLS"]
