"""Defines the changes to a workbook other than cell values: one small value per kind of change."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Range = Annotated[str, Field(description="e.g. B2:B13")]


class _Change(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Name(_Change):
    """Name a cell or range, so that formulas can say Growth instead of Inputs!$B$4."""

    do: Literal["name"]
    name: str
    range: Range


class Table(_Change):
    """An Excel table with filter buttons; its first row is the header."""

    do: Literal["table"]
    name: str
    range: Range


class Shape(_Change):
    do: Literal["format"]
    range: Range
    format: Annotated[
        str,
        Field(
            description="currency, currency:EUR, percent, integer, decimal, date, month, multiple, text, or an "
            "Excel format"
        ),
    ]


class Look(_Change):
    """input marks cells that people may change; section and total are whole rows."""

    do: Literal["look"]
    range: Range
    look: Literal["input", "section", "total", "muted", "plain"]


class Highlight(_Change):
    """A conditional format."""

    do: Literal["highlight"]
    range: Range
    rule: Literal["scale", "bar", "greater", "less", "between", "equal", "top", "bottom", "duplicates", "contains"]
    value: Annotated[float | str | None, Field(description="number, text, or formula; for top and bottom a count")] = (
        None
    )
    upper: Annotated[float | str | None, Field(description="the second value for 'between'")] = None
    tone: Literal["good", "bad", "warning"] = "warning"


class Choices(_Change):
    """A drop-down list."""

    do: Literal["choices"]
    range: Range
    options: Annotated[list[str] | str, Field(description="the choices, or the range that contains them")]


class Freeze(_Change):
    do: Literal["freeze"]
    cell: Annotated[str, Field(description="first cell that scrolls, e.g. C3")]


class Note(_Change):
    do: Literal["note"]
    cell: str
    text: Annotated[str, Field(description="empty removes the note")]


class Width(_Change):
    do: Literal["width"]
    columns: Annotated[str, Field(description="e.g. C or C:F")]
    width: float


class Page(_Change):
    """Print setup; always fitted to the page's width."""

    do: Literal["page"]
    landscape: bool = True
    one_page: Annotated[bool, Field(description="fit everything on one page")] = False
    repeat_rows: Annotated[str | None, Field(description="rows repeated on every page, e.g. 1:2")] = None


class Resize(_Change):
    """Formulas, names, charts and formats follow."""

    do: Literal["insert", "delete"]
    what: Literal["rows", "columns"]
    at: Annotated[int | str, Field(description="first row number, or column letter")]
    count: int = 1


class AddSheet(_Change):
    do: Literal["add_sheet"]


class RenameSheet(_Change):
    do: Literal["rename_sheet"]
    to: str


class MoveSheet(_Change):
    do: Literal["move_sheet"]
    position: Annotated[int, Field(ge=1, description="position; 1 is the first")]


class DeleteSheet(_Change):
    do: Literal["delete_sheet"]


Change = Annotated[
    Name
    | Table
    | Shape
    | Look
    | Highlight
    | Choices
    | Freeze
    | Note
    | Width
    | Page
    | Resize
    | AddSheet
    | RenameSheet
    | MoveSheet
    | DeleteSheet,
    Field(discriminator="do"),
]
