"""Finds broken links in a workbook."""

from collections.abc import Iterator
from typing import Any

from agents.tools.office.inspect import link_spelling


def wrong(book: Any) -> Iterator[str]:
    """Returns links to missing sheets and names, and invalid addresses, by cell."""
    sheets = {s.title.lower() for s in book.worksheets} | {s.title.lower() for s in book.chartsheets}
    names = {str(n).lower() for s in (book, *book.worksheets) for n in s.defined_names}
    for sheet in book.worksheets:
        for row in sheet.iter_rows():
            for cell in (c for c in row if c.hyperlink is not None):
                target, place = str(cell.hyperlink.target or ""), str(cell.hyperlink.location or "")
                if target.startswith("#"):
                    target, place = "", target[1:]
                name, mark, _ = place.rpartition("!")
                there = name.strip("'").replace("''", "'").lower() in sheets if mark else place.lower() in names
                if target and (words := link_spelling.wrong(target)):
                    yield f"{sheet.title}!{cell.coordinate}: {words}"
                elif place and not target and not there and not _cell(place):
                    yield f"{sheet.title}!{cell.coordinate}: a link to {place!r}, which doesn't exist"


def _cell(place: str) -> bool:
    """A place on the same sheet, such as B4 or B4:C9."""
    return all(p.rstrip("0123456789").isalpha() and p[-1:].isdigit() for p in place.replace("$", "").split(":"))
