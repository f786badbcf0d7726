"""Changes how a worksheet's part is shown and printed: frozen panes and pages."""

from typing import Any

from agents.tools.office.sheets.book_parts import BookParts, SheetPart, child
from agents.tools.office.sheets.cell_storage import address
from agents.tools.office.sheets.rewrite_cell_references import quoted

_TITLES = "_xlnm.Print_Titles"


def freeze(book: BookParts, sheet: SheetPart, cell: str) -> None:
    """Keeps what is above and left of the cell in sight."""
    tree = book.changing(sheet.part)
    views = child(tree, "sheetViews")
    view = views.find(f"{book.names}sheetView")
    if view is None:
        view = views.makeelement(f"{book.names}sheetView", {"workbookViewId": "0"})
        views.append(view)
    for name in ("pane", "selection"):
        for old in view.findall(f"{book.names}{name}"):
            view.remove(old)
    row, column = address(cell)
    if (row, column) == (1, 1):
        return
    corner = "bottomRight" if row > 1 and column > 1 else "bottomLeft" if row > 1 else "topRight"
    splits = {"xSplit": str(column - 1)} if column > 1 else {}
    splits |= {"ySplit": str(row - 1)} if row > 1 else {}
    pane = {**splits, "topLeftCell": cell, "activePane": corner, "state": "frozen"}
    view.insert(0, view.makeelement(f"{book.names}pane", pane))
    view.insert(1, view.makeelement(f"{book.names}selection", {"pane": corner, "activeCell": cell, "sqref": cell}))


def print_setup(book: BookParts, sheet: SheetPart, *, landscape: bool, one_page: bool, rows: str | None) -> None:
    """Fits the sheet to the page's width; `rows` such as 1:2 are repeated on every page."""
    tree = book.changing(sheet.part)
    properties = child(tree, "sheetPr")
    setup: Any = properties.find(f"{book.names}pageSetUpPr")
    if setup is None:
        setup = properties.makeelement(f"{book.names}pageSetUpPr", {})
        properties.append(setup)
    setup.set("fitToPage", "1")
    page = child(tree, "pageSetup")
    page.attrib.pop("scale", None)
    page.set("orientation", "landscape" if landscape else "portrait")
    page.set("fitToWidth", "1")
    page.set("fitToHeight", str(int(one_page)))
    if rows is not None:
        first, _, last = rows.partition(":")
        define(book, _TITLES, f"{quoted(sheet.title)}!${first}:${last}", local_to=sheet)


def define(book: BookParts, name: str, text: str, *, local_to: SheetPart | None = None) -> None:
    """Gives cells a name, in the place of what the name meant before."""
    listed = child(book.changing(book.main), "definedNames")
    here = str(position(book, local_to.title)) if local_to else None
    for old in [e for e in listed if str(e.get("name")).lower() == name.lower() and e.get("localSheetId") == here]:
        listed.remove(old)
    made = listed.makeelement(f"{book.names}definedName", {"name": name})
    if here is not None:
        made.set("localSheetId", here)
    made.text = text
    listed.append(made)


def position(book: BookParts, title: str) -> int:
    """Returns the sheet's place among all sheets, from 0."""
    return next(n for n, e in enumerate(book.book.iter(f"{book.names}sheet")) if e.get("name") == title)
