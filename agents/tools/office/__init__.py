"""Tools for spreadsheets and text documents; `inspect_deliverable` is called by the head, never by a model."""

from agents.tool import Tool
from agents.tools.office.documents import csv_write, document_read, document_write
from agents.tools.office.inspection import inspect_deliverable
from agents.tools.office.libreoffice import close
from agents.tools.office.sheets import sheet_chart, sheet_read, sheet_write
from agents.tools.office.trace import Sidecar, stale_places
from agents.tools.office.uses import uses_of_findings

TOOLS: list[Tool] = [
    sheet_write,
    sheet_chart,
    sheet_read,
    document_write,
    document_read,
    csv_write,
    uses_of_findings,
    inspect_deliverable,
]

__all__ = ["TOOLS", "Sidecar", "close", "stale_places"]
