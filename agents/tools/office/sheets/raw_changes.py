"""Makes the changes of `sheet_change` in a workbook's own parts; everything else in it stays the same."""

from collections.abc import Callable
from typing import Any

import openpyxl
from openpyxl.utils import get_column_letter

from agents.tools.office import xml, zip_package
from agents.tools.office.cell_input import excel_format
from agents.tools.office.provenance_file import Sidecar
from agents.tools.office.sheets import (
    change_rows_columns_and_sheets,
    change_schema,
    raw_references,
    raw_sheets,
    raw_tables,
    raw_views,
)
from agents.tools.office.sheets.book_parts import BookParts, SheetPart, child, insert
from agents.tools.office.sheets.book_styles import BookStyles
from agents.tools.office.sheets.find_or_add_raw_cells import RawGrid
from agents.tools.office.sheets.open_and_save_workbook import saved_parts
from agents.tools.office.sheets.openpyxl_changes import apply_change, box_of
from agents.tools.office.sheets.raw_cells import CellTexts, forget_readers
from agents.tools.office.sheets.raw_column_widths import set_width
from agents.tools.office.sheets.raw_insert_delete_rows_columns import resize
from agents.tools.office.sheets.raw_notes import write_note
from agents.tools.office.sheets.write_cells import valid_title
from orchestrator.errors import ToolFailed

Box = tuple[int, int, int, int]
"""Left, top, right, bottom."""


def change_part(book: BookParts, name: str, one: change_schema.Change, sidecar: Sidecar) -> tuple[str, Sidecar]:
    """Makes one change; returns the sheet's name afterward. Raises ToolFailed for what isn't possible."""
    sheet = book.sheet(name)
    if isinstance(one, change_schema.AddSheet):
        valid_title(name)
        if sheet is not None:
            return name, sidecar
        raw_sheets.add_sheet(book, name)
        return name, sidecar.model_copy(update={"sheets": (*sidecar.sheets, name)})
    if sheet is None or sheet.kind != "worksheet":
        raise ToolFailed(f"There's no sheet {name!r}. The workbook has {', '.join(repr(s.title) for s in book.grids)}.")
    if sidecar.sources_sheet == sheet.title:
        raise ToolFailed(f"The sheet {name!r} is generated from the findings you cite. Don't change it.")
    match one:
        case change_schema.RenameSheet():
            valid_title(one.to)
            if (other := book.sheet(one.to)) is not None and other.title != sheet.title:
                raise ToolFailed(f"A sheet {one.to!r} already exists. Use another name.")
            raw_sheets.rename(book, sheet, one.to)
            return one.to, change_rows_columns_and_sheets.renamed(sidecar, sheet.title, one.to)
        case change_schema.DeleteSheet():
            _delete(book, sheet)
            return book.grids[0].title, change_rows_columns_and_sheets.deleted(sidecar, sheet.title)
        case change_schema.MoveSheet():
            raw_sheets.move(book, sheet, one.position - 1)
            return name, sidecar
        case change_schema.Resize():
            span = change_rows_columns_and_sheets.span_of(
                sheet.title, one.what, one.at, one.count, gone=one.do == "delete"
            )
            return sheet.title, resize(book, sheet, span, sidecar)
        case _:
            return sheet.title, _around(book, sheet, one, sidecar)


def _around(book: BookParts, sheet: SheetPart, one: change_schema.Change, sidecar: Sidecar) -> Sidecar:
    """Makes a change to cells or to how a sheet is shown, after openpyxl made it alone in an empty sheet."""
    scratch: Any = openpyxl.Workbook()
    scratch.active.title = sheet.title
    box = _box(scratch.active, one)
    if isinstance(one, change_schema.Table):
        texts, grid = CellTexts(book), RawGrid(book.tree(sheet.part))
        for column in range(box[0], box[2] + 1):
            scratch.active.cell(box[1], column).value = texts.words(grid.known(box[1], column))
    _, sidecar = apply_change(scratch, sheet.title, one, sidecar)
    _change(book, sheet, one, box, scratch)
    return _edited(sidecar, sheet, box)


def _box(sheet: Any, one: change_schema.Change) -> Box:
    """Returns the cells that the change is about; for widths, of the first row."""
    match one:
        case change_schema.Width():
            first, _, last = one.columns.partition(":")
            return box_of(sheet, f"{first}1:{last or first}1")
        case change_schema.Note() | change_schema.Freeze():
            return box_of(sheet, one.cell)
        case change_schema.Page():
            return (1, 1, 1, 1)
        case change_schema.Name() | change_schema.Table() | change_schema.Shape() | change_schema.Look():
            return box_of(sheet, one.range)
        case change_schema.Highlight() | change_schema.Choices():
            return box_of(sheet, one.range)
        case _:
            return (1, 1, 1, 1)


def _change(book: BookParts, sheet: SheetPart, one: change_schema.Change, box: Box, made: Any) -> None:
    """Makes the change that the workbook `made` has alone."""
    match one:
        case change_schema.Shape():
            _each(book, sheet, box, lambda style, value: _shaped(BookStyles(book), style, one.format, value))
        case change_schema.Look():
            _dress(book, sheet, box, _Scratch(book, made))
        case change_schema.Highlight():
            _rules(book, sheet, _Scratch(book, made))
        case change_schema.Choices():
            _choices(book, sheet, _Scratch(book, made))
        case change_schema.Name():
            raw_views.define(book, one.name, str(made.defined_names[one.name].attr_text))
            forget_readers(book, one.name)
        case change_schema.Table():
            raw_tables.put_table(book, sheet, _Scratch(book, made).parts.parts["xl/tables/table1.xml"])
        case change_schema.Freeze():
            raw_views.freeze(book, sheet, one.cell.replace("$", "").upper())
        case change_schema.Note():
            write_note(book, sheet, one.cell.replace("$", "").upper(), one.text[:1500].strip())
        case change_schema.Width():
            for column in range(box[0], box[2] + 1):
                set_width(book, sheet, column, max(1.0, min(one.width, 250.0)))
        case change_schema.Page():
            raw_views.print_setup(book, sheet, landscape=one.landscape, one_page=one.one_page, rows=one.repeat_rows)
        case _:
            raise ToolFailed(f"{one.do!r} isn't a change of a sheet's cells.")


class _Scratch:
    """What openpyxl made of one change in an empty sheet."""

    def __init__(self, book: BookParts, made: Any) -> None:
        self.book = book
        self.parts = BookParts(zip_package.pack(saved_parts(made, book.path)), book.path)
        self.styles = self.parts.tree("xl/styles.xml")
        self.sheet = self.parts.tree(self.parts.grids[0].part)

    def style(self, section: str, number: int) -> Any:
        return self.styles.find(f"{self.parts.names}{section}")[number]

    def own(self, name: str) -> Any:
        """Returns a copy of the sheet's only element with that name, in the real workbook's namespace."""
        (element,) = self.sheet.iter(f"{self.parts.names}{name}")
        theirs, ours = (book.names.strip("{}").encode() for book in (self.parts, self.book))
        return xml.parsed(xml.written(element).replace(theirs, ours))


def _each(book: BookParts, sheet: SheetPart, box: Box, style_of: Callable[[int, float | None], int]) -> None:
    """Gives each cell of the box the style that this returns for its style and number."""
    grid = RawGrid(book.changing(sheet.part))
    known: dict[tuple[int, bool | None], int] = {}
    for row in range(box[1], box[3] + 1):
        for column in range(box[0], box[2] + 1):
            cell = grid.cell(row, column)
            value = _number(cell, grid.names)
            key = (int(cell.get("s") or 0), None if value is None else value.is_integer())
            if key not in known:
                known[key] = style_of(key[0], value)
            cell.set("s", str(known[key]))


def _number(cell: Any, names: str) -> float | None:
    text = cell.findtext(f"{names}v") if cell.get("t") in (None, "n") else None
    try:
        return float(text) if text else None
    except ValueError:
        return None


def _shaped(styles: BookStyles, style: int, shape: str, value: float | None) -> int:
    whole = int(value) if value is not None and value.is_integer() else value
    return styles.formatted(style, excel_format(shape, whole) or "General")


def _dress(book: BookParts, sheet: SheetPart, box: Box, made: _Scratch) -> None:
    """Gives the cells the font, fill and border of the first cell of `made`."""
    first = next(c for c in made.sheet.iter(f"{made.parts.names}c") if c.get("s"))
    look = made.style("cellXfs", int(first.get("s")))
    styles = BookStyles(book)

    def dressed(style: int, _: float | None) -> int:
        for key, section in (("fontId", "fonts"), ("fillId", "fills"), ("borderId", "borders")):
            number = int(look.get(key) or 0)
            if number or key == "fillId":
                style = styles.with_part(style, made.style(section, number))
        return style

    _each(book, sheet, box, dressed)


def _rules(book: BookParts, sheet: SheetPart, made: _Scratch) -> None:
    """Adds the conditional format of `made`, once."""
    tree, group, styles = book.changing(sheet.part), made.own("conditionalFormatting"), BookStyles(book)
    for rule in group:
        if rule.get("dxfId") is not None:
            rule.set("dxfId", str(styles.rule_look(made.style("dxfs", int(rule.get("dxfId"))))))
    known = [r for g in tree.iter(f"{book.names}conditionalFormatting") for r in g.iter(f"{book.names}cfRule")]
    numbers = [int(r.get("priority") or 0) for r in known]
    same = {_meaning(r) for r in known if r.getparent().get("sqref") == group.get("sqref")}
    if all(_meaning(rule) in same for rule in group):
        return
    for n, rule in enumerate(group, max(numbers, default=0) + 1):
        rule.set("priority", str(n))
    insert(tree, group)


def _meaning(rule: Any) -> tuple[Any, ...]:
    return (
        tuple(sorted((k, v) for k, v in rule.attrib.items() if k != "priority")),
        tuple((e.tag, e.text, tuple(sorted(e.attrib.items()))) for e in rule.iterdescendants()),
    )


def _choices(book: BookParts, sheet: SheetPart, made: _Scratch) -> None:
    """Adds the drop-down list of `made`, in the place of one for the same cells."""
    wanted = made.own("dataValidation")
    listed = child(book.changing(sheet.part), "dataValidations")
    for old in [e for e in listed if e.get("sqref") == wanted.get("sqref")]:
        listed.remove(old)
    listed.append(wanted)
    listed.set("count", str(len(listed)))


def _delete(book: BookParts, sheet: SheetPart) -> None:
    """Raises ToolFailed if it's the last one, or something else refers to it."""
    if len(book.grids) < 2:
        raise ToolFailed(f"{sheet.title!r} is the only sheet, and a workbook needs one. Add another sheet first.")
    if found := raw_references.users(book, sheet.title):
        names = ", ".join(found[:5]) + (f" and {len(found) - 5} more" if len(found) > 5 else "")
        raise ToolFailed(f"The sheet {sheet.title!r} is referenced by {names}. Change those first.")
    raw_sheets.delete(book, sheet)


def _edited(sidecar: Sidecar, sheet: SheetPart, box: Box) -> Sidecar:
    """Returns the sidecar that says which cells were changed in a person's sheet."""
    if sheet.title in sidecar.sheets:
        return sidecar
    first, last = (f"{get_column_letter(c)}{r}" for c, r in ((box[0], box[1]), (box[2], box[3])))
    area = f"{sheet.title}!{first}:{last}"
    return sidecar.model_copy(update={"edited": tuple(dict.fromkeys((*sidecar.edited, area)))})
