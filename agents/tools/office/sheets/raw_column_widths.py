"""Changes the columns of a worksheet's part."""

from typing import Any

from agents.tools.office.sheets.book_parts import BookParts, SheetPart, child


def set_width(book: BookParts, sheet: SheetPart, column: int, width: float) -> None:
    """Gives one column its width; its neighbors keep theirs."""
    entry = own_column(book.changing(sheet.part), column)
    entry.set("width", f"{width:g}")
    entry.set("customWidth", "1")


def own_column(tree: Any, column: int) -> Any:
    """Returns the column's own entry, split off from its neighbors' if they share one."""
    listed = child(tree, "cols")
    for entry in listed:
        first, last = int(entry.get("min") or 0), int(entry.get("max") or 0)
        if first > column:
            break
        if last < column:
            continue
        for low, high in ((first, column - 1), (column + 1, last)):
            if low <= high:
                beside = listed.makeelement(entry.tag, dict(entry.attrib) | {"min": str(low), "max": str(high)})
                entry.addprevious(beside) if high < column else entry.addnext(beside)
        entry.set("min", str(column))
        entry.set("max", str(column))
        return entry
    made = listed.makeelement(str(listed.tag).removesuffix("s"), {"min": str(column), "max": str(column)})
    made.set("width", "9.140625")
    after = next((e for e in listed if int(e.get("min") or 0) > column), None)
    listed.append(made) if after is None else after.addprevious(made)
    return made
