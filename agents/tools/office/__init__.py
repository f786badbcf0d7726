"""Tools for spreadsheets and text documents; `inspecting` makes the tool that only the head calls."""

from agents.tool import Tool
from agents.tools.office.inspect.tool import inspecting
from agents.tools.office.libreoffice.convert import close
from agents.tools.office.provenance.finding_uses import uses_of_findings
from agents.tools.office.provenance_file import Sidecar, stale_places
from agents.tools.office.sheets.change_tool import sheet_change
from agents.tools.office.sheets.tools import sheet_chart, sheet_read, sheet_write
from agents.tools.office.word.document_and_csv_write_tools import csv_write, document_write
from agents.tools.office.word.edit_tool import document_edit

TOOLS: list[Tool] = [
    sheet_write,
    sheet_change,
    sheet_chart,
    sheet_read,
    document_write,
    document_edit,
    csv_write,
    uses_of_findings,
]

__all__ = ["TOOLS", "Sidecar", "close", "inspecting", "stale_places"]
