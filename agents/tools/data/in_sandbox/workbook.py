"""Writes a workbook ready to share: typed columns, a frozen header, fitted widths, quiet colors."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import xlsxwriter  # pyright: ignore[reportMissingTypeStubs]

from agents.tools.data.in_sandbox import save
from agents.tools.data.in_sandbox.parse_values import is_empty
from agents.tools.data.in_sandbox.refusal import CannotDo
from agents.tools.office import house_style

_BORN = datetime(2000, 1, 1)  # noqa: DTZ001 - the same content gives the same bytes
_WIDEST, _SAMPLE, _LINE = 60, 2000, 15.5
_SANS = 2


class Sheet(NamedTuple):
    """One sheet. `title` is above the table with `words` below it; without one, the header is in row 1.

    `quiet`: columns that are only for reference. `widths`: in characters, for columns that shouldn't be fitted.
    """

    name: str
    columns: Sequence[str]
    rows: Sequence[Sequence[Any]]
    title: str = ""
    words: tuple[str, ...] = ()
    quiet: frozenset[str] = frozenset()
    widths: dict[str, float] = {}


def save_sheets(path: Path, sheets: Sequence[Sheet]) -> None:
    """Writes all sheets in order. Raises CannotDo for more rows than a sheet can have."""
    if any(len(s.rows) > save.MOST_SHEET_ROWS for s in sheets):
        raise CannotDo(f"A sheet has at most {save.MOST_SHEET_ROWS:,} rows. Save as .csv or .parquet instead.")

    def write(half: Path) -> None:
        options = {
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
            "nan_inf_to_errors": True,
        }
        opened: Any = xlsxwriter.Workbook(str(half), options)
        with opened as book:
            book.set_properties({"created": _BORN})
            book.formats[0].set_font_name(house_style.FONT)
            for sheet in sheets:
                _Page(book, sheet).write()

    save.whole(path, write)


class _Page:
    """One sheet being written."""

    def __init__(self, book: Any, sheet: Sheet) -> None:
        self._book, self._sheet = book, sheet
        self._page = book.add_worksheet(sheet.name)
        self._formats: dict[tuple[str, bool, bool, int], Any] = {}
        self._family = _SANS

    def write(self) -> None:
        sheet, page = self._sheet, self._page
        top = self._heading()
        kinds = [_format_of([row[n] for row in sheet.rows]) for n in range(len(sheet.columns))]
        for n, name in enumerate(sheet.columns):
            page.write_string(top, n, name, self._header(right=kinds[n] not in ("", "date", "moment")))
        for r, row in enumerate(sheet.rows, top + 1):
            for n, value in enumerate(row):
                if is_empty(value):
                    page.write_blank(r, n, None, self._style("", n))
                else:
                    self._cell(r, n, value, kinds[n])
            page.set_row(r, _LINE * max((self._lines(n, v) for n, v in enumerate(row)), default=1))
        if sheet.columns:
            page.autofilter(top, 0, top + max(1, len(sheet.rows)), len(sheet.columns) - 1)
        for n, name in enumerate(sheet.columns):
            page.set_column(n, n, sheet.widths.get(name) or _width(name, [row[n] for row in sheet.rows[:_SAMPLE]]))
        page.freeze_panes(top + 1, 0)
        self._printing(top)

    def _heading(self) -> int:
        if not self._sheet.title:
            return 0
        bold = self._book.add_format(
            {"bold": True, "font_size": 14, "font_color": f"#{house_style.ACCENT}", "font_name": house_style.FONT}
        )
        calm = self._book.add_format({"font_color": f"#{house_style.MUTED}", "font_name": house_style.FONT})
        self._page.write_string(0, 0, self._sheet.title, bold)
        for n, words in enumerate(self._sheet.words, 1):
            self._page.write_string(n, 0, words, calm)
        return len(self._sheet.words) + 2

    def _lines(self, n: int, value: Any) -> int:
        """Returns how many lines a wrapped text takes in its column."""
        wide = self._sheet.widths.get(self._sheet.columns[n], _WIDEST) - 3
        return -(-len(value) // int(wide)) if isinstance(value, str) else 1

    def _printing(self, top: int) -> None:
        page = self._page
        page.set_landscape()
        page.set_paper(9)
        page.fit_to_pages(1, 0)
        page.repeat_rows(top)
        page.hide_gridlines(2)
        page.set_margins(0.5, 0.5, 0.6, 0.6)
        page.set_footer("&L&8&A&R&8&P / &N")

    def _header(self, *, right: bool) -> Any:
        return self._book.add_format({
            "bold": True, "font_color": f"#{house_style.WHITE}", "bg_color": f"#{house_style.ACCENT}",
            "font_name": house_style.FONT, "align": "right" if right else "left", "indent": 1, "valign": "vcenter",
            "text_wrap": True,
        })  # fmt: skip

    def _cell(self, r: int, n: int, value: Any, kind: str) -> None:
        if isinstance(value, bool):
            self._page.write_boolean(r, n, value, self._style("", n))
        elif isinstance(value, int | float):
            # LibreOffice drops the right indent of a cell that differs from the previous one only in its number format.
            self._family = _SANS - self._family
            self._page.write_number(r, n, value, self._style(kind, n, family=self._family))
        elif isinstance(value, datetime):
            self._page.write_datetime(r, n, value.replace(tzinfo=None), self._style("moment", n))
        elif isinstance(value, date):
            self._page.write_datetime(r, n, value, self._style("date", n))
        else:
            words = str(value)[:32_000]
            self._page.write_string(r, n, words, self._style("", n, wrap=self._lines(n, words) > 1))

    def _style(self, kind: str, n: int, *, wrap: bool = False, family: int = _SANS) -> Any:
        quiet = self._sheet.columns[n] in self._sheet.quiet
        key = (kind, quiet, wrap, family)
        if key not in self._formats:
            shapes = {"": "", "date": "yyyy-mm-dd", "moment": "yyyy-mm-dd hh:mm", "whole": "#,##0", "code": "0"}
            look: dict[str, Any] = {
                "font_name": house_style.FONT, "font_family": family, "bottom": 1,
                "bottom_color": f"#{house_style.LINE}", "valign": "top",
                "font_color": f"#{house_style.MUTED if quiet else house_style.INK}",
            }  # fmt: skip
            if number_format := shapes.get(kind, kind):
                look["num_format"] = number_format
            look |= {"align": "left" if kind in ("", "date", "moment") else "right", "indent": 1}
            self._formats[key] = self._book.add_format(look | ({"text_wrap": True} if wrap else {}))
        return self._formats[key]


def _format_of(values: Sequence[Any]) -> str:
    """Returns the column's number format: as many decimals as needed, at most four; '' for text."""
    filled = [v for v in values if not is_empty(v)]
    numbers = [v for v in filled if isinstance(v, int | float) and not isinstance(v, bool)]
    if len(numbers) <= 0.5 * len(filled):
        return "date" if any(isinstance(v, date) for v in filled) else ""
    if all(float(v).is_integer() for v in numbers):
        return "whole" if max(map(abs, numbers), default=0) >= 10_000 and not _years(numbers) else "code"
    decimals = max(len(f"{v:.4f}".rstrip("0").partition(".")[2]) for v in numbers)
    return "#,##0." + "0" * max(2, decimals)


def _years(numbers: Sequence[float]) -> bool:
    return all(1900 <= v <= 2100 for v in numbers)


def _width(name: str, values: Sequence[Any]) -> float:
    longest = max((len(_text(v)) for v in values if not is_empty(v)), default=0)
    return min(_WIDEST, max(8, longest + 3, min(len(name) + 4, 24)))


def _text(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:,.2f}"
    return "2026-01-01 00:00" if isinstance(value, datetime | timedelta) else str(value)
