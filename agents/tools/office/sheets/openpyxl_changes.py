"""Changes a workbook that openpyxl holds: names, tables, formats, highlights, choices, pages, rows, sheets."""

import re
from typing import Any

from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import column_index_from_string, get_column_letter, range_boundaries
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.table import Table, TableStyleInfo

from agents.tools.office import house_style, provenance_file
from agents.tools.office.cell_input import excel_format
from agents.tools.office.provenance_file import Sidecar
from agents.tools.office.sheets import change_rows_columns_and_sheets, change_schema
from agents.tools.office.sheets.highlight import highlight
from agents.tools.office.sheets.rewrite_cell_references import quoted
from agents.tools.office.sheets.write_cells import corner, dress_total, sheet_named
from orchestrator.errors import ToolFailed

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.]{0,200}")
_LIKE_A_CELL = re.compile(r"[A-Za-z]{1,3}\d+|[RrCc]|[Rr]\d*[Cc]\d*")
_MOST_STYLED = 50_000


def apply_change(book: Any, name: str, one: change_schema.Change, sidecar: Sidecar) -> tuple[str, Sidecar]:
    """Makes one change; returns the sheet's name afterward."""
    sheet = sheet_named(book, name)
    if isinstance(one, change_schema.AddSheet):
        if sheet is not None:
            return name, sidecar
        book.create_sheet(name)
        return name, sidecar.model_copy(update={"sheets": (*sidecar.sheets, name)})
    if sheet is None:
        raise ToolFailed(f"There's no sheet {name!r}. The workbook has {', '.join(map(repr, book.sheetnames))}.")
    if sidecar.sources_sheet == sheet.title:
        raise ToolFailed(f"The sheet {name!r} is generated from the findings you cite. Don't change it.")
    match one:
        case change_schema.RenameSheet():
            return one.to, change_rows_columns_and_sheets.rename(book, sheet, one.to, sidecar)
        case change_schema.DeleteSheet():
            sidecar = change_rows_columns_and_sheets.delete(book, sheet, sidecar)
            return book.worksheets[0].title, sidecar
        case change_schema.MoveSheet():
            book.move_sheet(sheet, one.position - 1 - book.index(sheet))
        case change_schema.Resize():
            span = change_rows_columns_and_sheets.span_of(
                sheet.title, one.what, one.at, one.count, gone=one.do == "delete"
            )
            return name, change_rows_columns_and_sheets.resize(book, sheet, span, sidecar)
        case change_schema.Freeze():
            corner(one.cell, [[0]])
            sheet.freeze_panes = one.cell.replace("$", "").upper()
            return name, sidecar.model_copy(update={"freezes": sidecar.freezes | {sheet.title: sheet.freeze_panes}})
        case change_schema.Width():
            return name, _widths(sheet, one, sidecar)
        case change_schema.Page():
            page = provenance_file.PrintSettings(
                landscape=one.landscape, one_page=one.one_page, repeat_rows=_rows(one.repeat_rows)
            )
            return name, sidecar.model_copy(update={"pages": sidecar.pages | {sheet.title: page}})
        case change_schema.Note():
            _note(sheet, one)
        case change_schema.Name():
            _name(book, sheet, one)
        case change_schema.Table():
            _table(book, sheet, one)
        case change_schema.Choices():
            _choices(sheet, one)
        case change_schema.Highlight():
            box_of(sheet, one.range)
            highlight(sheet, one)
        case change_schema.Shape():
            for cell in _cells(sheet, one.range):
                cell.number_format = excel_format(one.format, cell.value) or "General"
        case change_schema.Look():
            for cell in _cells(sheet, one.range):
                _look(cell, one.look)
    return name, sidecar


def box_of(sheet: Any, text: str) -> tuple[int, int, int, int]:
    """Returns the range as left, top, right, bottom, all given."""
    try:
        edges = range_boundaries(text.rpartition("!")[2].replace("$", "").upper())
    except ValueError as error:
        raise ToolFailed(f"{text!r} isn't a range on {sheet.title!r}. Use one such as 'B2:B13'.") from error
    left, top, right, bottom = edges
    if not (left and top and right and bottom) or right < left or bottom < top:
        raise ToolFailed(f"{text!r} isn't a range on {sheet.title!r}. Include both corners, as in 'B2:B13'.")
    return int(left), int(top), int(right), int(bottom)


def _cells(sheet: Any, text: str) -> list[Any]:
    left, top, right, bottom = box_of(sheet, text)
    if (right - left + 1) * (bottom - top + 1) > _MOST_STYLED:
        raise ToolFailed(f"{text!r} is more than {_MOST_STYLED:,} cells. Pass only the range with content.")
    return [c for row in sheet.iter_rows(top, bottom, left, right) for c in row]


def _absolute(sheet: Any, text: str) -> str:
    left, top, right, bottom = box_of(sheet, text)
    first, last = (f"${get_column_letter(c)}${r}" for c, r in ((left, top), (right, bottom)))
    return f"{quoted(sheet.title)}!{first}" + (f":{last}" if last != first else "")


def _name(book: Any, sheet: Any, one: change_schema.Name) -> None:
    if not _NAME.fullmatch(one.name) or _LIKE_A_CELL.fullmatch(one.name):
        raise ToolFailed(
            f"{one.name!r} isn't a valid cell name. Use letters, digits, and _, "
            "but not a name like 'AB12', which looks like a cell reference."
        )
    for known in [n for n in book.defined_names if n.lower() == one.name.lower()]:
        del book.defined_names[known]
    book.defined_names[one.name] = DefinedName(one.name, attr_text=_absolute(sheet, one.range))


def _table(book: Any, sheet: Any, one: change_schema.Table) -> None:
    left, top, right, bottom = box_of(sheet, one.range)
    heads = [sheet.cell(top, c).value for c in range(left, right + 1)]
    words = [str(h).strip().lower() for h in heads if isinstance(h, str) and h.strip()]
    if bottom == top or len({*words}) < len(heads):
        raise ToolFailed(f"The table {one.name!r} needs a header row with distinct names, and rows below it.")
    if not _NAME.fullmatch(one.name) or _LIKE_A_CELL.fullmatch(one.name):
        raise ToolFailed(
            f"{one.name!r} isn't a valid table name. Use letters, digits, and _, "
            "but not a name like 'AB12', which looks like a cell reference."
        )
    taken = {t.displayName.lower(): s for s in book.worksheets for t in s.tables.values()}
    names = {n.lower() for n in book.defined_names}
    if one.name.lower() in names or taken.get(one.name.lower(), sheet) is not sheet:
        raise ToolFailed(f"The name {one.name!r} is taken in this workbook. Use another one.")
    for known in [*sheet.tables.values()]:
        other = box_of(sheet, known.ref)
        if known.displayName.lower() == one.name.lower():
            del sheet.tables[known.displayName]
        elif other[0] <= right and left <= other[2] and other[1] <= bottom and top <= other[3]:
            raise ToolFailed(f"{one.range!r} overlaps the table {known.displayName!r}. Use another range.")
    made: Any = Table(displayName=one.name, ref=one.range.rpartition("!")[2].replace("$", "").upper())
    # The house's own formatting stays: a table style would cover it.
    made.tableStyleInfo = TableStyleInfo(showRowStripes=False)
    sheet.add_table(made)


def _choices(sheet: Any, one: change_schema.Choices) -> None:
    area = one.range.replace("$", "").upper()
    box_of(sheet, area)
    if isinstance(one.options, str):
        place, mark, cells = one.options.removeprefix("=").rpartition("!")
        source = f"{place}!{cells}" if mark else _absolute(sheet, cells) if not _NAME.fullmatch(cells) else cells
    else:
        source = '"' + ",".join(one.options) + '"'
        if any("," in o or '"' in o for o in one.options) or len(source) > 255 or not one.options:
            raise ToolFailed(
                f"The choices for {area!r} are too long or contain commas. Write them to cells and pass the range."
            )
    sheet.data_validations.dataValidation = [v for v in sheet.data_validations.dataValidation if str(v.sqref) != area]
    check: Any = DataValidation(type="list", formula1=source, allow_blank=True, showErrorMessage=True)
    check.errorTitle, check.error = "Not one of the choices", "Choose a value from the list."
    check.add(area)
    sheet.add_data_validation(check)


def _note(sheet: Any, one: change_schema.Note) -> None:
    row, column = corner(one.cell, [[0]])
    sheet.cell(row, column).comment = Comment(one.text[:1500], "agent", 120, 280) if one.text.strip() else None


def _widths(sheet: Any, one: change_schema.Width, sidecar: Sidecar) -> Sidecar:
    first, _, last = one.columns.replace("$", "").upper().partition(":")
    try:
        numbers = range(column_index_from_string(first), column_index_from_string(last or first) + 1)
    except ValueError as error:
        raise ToolFailed(f"{one.columns!r} isn't a valid range of columns. Use 'C' or 'C:F'.") from error
    width = max(1.0, min(one.width, 250.0))
    for n in numbers:
        sheet.column_dimensions[get_column_letter(n)].width = width
    asked = {f"{sheet.title}!{get_column_letter(n)}": width for n in numbers}
    return sidecar.model_copy(update={"widths": sidecar.widths | asked})


def _rows(text: str | None) -> str | None:
    if text is not None and not re.fullmatch(r"\d+:\d+", text):
        raise ToolFailed(f"{text!r} isn't a valid range of rows. Use a format like '1:2'.")
    return text


def _look(cell: Any, look: str) -> None:
    match look:
        case "input":
            cell.font = Font(house_style.FONT, size=11, color=house_style.INPUT)
            cell.fill = PatternFill("solid", fgColor=house_style.INPUT_TINT)
        case "section":
            cell.font = Font(house_style.FONT, size=11, bold=True, color=house_style.ACCENT)
            cell.fill = PatternFill("solid", fgColor=house_style.TINT)
            cell.alignment = Alignment(
                horizontal=cell.alignment.horizontal, vertical="center", indent=cell.alignment.indent
            )
        case "total":
            dress_total(cell)
        case "muted":
            cell.font = Font(house_style.FONT, size=10, italic=True, color=house_style.MUTED)
        case _:
            cell.font, cell.fill = Font(house_style.FONT, size=11, color=house_style.INK), PatternFill()
