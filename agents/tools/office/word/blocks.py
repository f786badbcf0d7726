"""Defines the blocks of a document."""

from collections.abc import Sequence
from typing import Annotated, Literal, NamedTuple

from pydantic import BaseModel, ConfigDict, Field

from agents.tools.office.cell_input import SYMBOLS, Cell, Scalar, Traced
from agents.tools.office.inline_markup import plain
from orchestrator.domain.deliverables import Provenance
from orchestrator.domain.findings import Finding
from orchestrator.domain.ids import FindingId
from orchestrator.errors import ToolFailed

Kind = Literal[
    "heading",
    "paragraph",
    "bullets",
    "numbers",
    "table",
    "picture",
    "callout",
    "quote",
    "contents",
    "page_break",
]


class Item(BaseModel):
    """One line of a list, with the findings behind it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    text: str
    findings: list[str] = []


class Block(BaseModel):
    """One part of a document. Text can contain **bold**, *italic*, `code` and [links](https://…)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    type: Kind
    text: Annotated[
        str,
        Field(description="heading, paragraph, callout, quote; caption of a table or picture (numbered automatically)"),
    ] = ""
    level: Annotated[int, Field(ge=1, le=3, description="for headings")] = 1
    items: Annotated[list[str | Item], Field(description="for bullets and numbers")] = []
    rows: Annotated[list[list[Cell]], Field(description="for a table; the first row is its header")] = []
    path: Annotated[str, Field(description="a picture in the workspace: png or jpg")] = ""
    alt: Annotated[str, Field(description="alternative text for a picture")] = ""
    wide: Annotated[bool, Field(description="for a table or picture: put it on a landscape page")] = False
    findings: Annotated[
        list[str], Field(description="IDs of the findings behind this text; they become footnotes")
    ] = []

    def lines(self) -> list[Item]:
        return [Item(text=i) if isinstance(i, str) else i for i in self.items]


class Named(NamedTuple):
    """A traced or traceable stretch of a document under the name people find it by."""

    place: str
    text: str
    findings: tuple[FindingId, ...] = ()


class Places:
    """Names every stretch: the last heading, then paragraph, item, or table cell, counted under it."""

    def __init__(self) -> None:
        self._heading = ""
        self._paragraphs = 0
        self._tables = 0

    def heading(self, text: str) -> str:
        self._heading, self._paragraphs, self._tables = text[:60], 0, 0
        return f"{self._heading} (heading)"

    def paragraph(self) -> str:
        self._paragraphs += 1
        return self._under(f"paragraph {self._paragraphs}")

    def table(self) -> str:
        self._tables += 1
        return self._under(f"table {self._tables}")

    def _under(self, words: str) -> str:
        return f"{self._heading} > {words}" if self._heading else words


def stretches(blocks: list[Block]) -> list[Named]:
    """Yields every stretch of text in order, named, with its findings."""
    places, found = Places(), list[Named]()
    for block in blocks:
        ids = tuple(FindingId(i) for i in block.findings)
        match block.type:
            case "heading":
                found.append(Named(places.heading(plain(block.text)), plain(block.text), ids))
            case "bullets" | "numbers":
                for item in block.lines():
                    own = tuple(FindingId(i) for i in item.findings)
                    found.append(Named(places.paragraph(), plain(item.text), (*own, *(i for i in ids if i not in own))))
            case "table":
                if block.text:
                    found.append(Named(places.paragraph(), plain(block.text), ids))
                name = places.table()
                for r, row in enumerate(block.rows, 1):
                    for c, cell in enumerate(row):
                        found.append(
                            Named(
                                f"{name} {letters(c)}{r}", cell_text(cell, decimals(block.rows, c)), cell_findings(cell)
                            )
                        )
            case "picture":
                if block.text:
                    found.append(Named(places.paragraph(), plain(block.text), ids))
            case "paragraph" | "callout" | "quote":
                found.append(Named(places.paragraph(), plain(block.text), ids))
            case "contents" | "page_break":
                pass
    return found


def traced(blocks: list[Block]) -> list[Provenance]:
    return [Provenance(place=s.place, shows=s.text[:500], findings=s.findings) for s in stretches(blocks) if s.findings]


def with_findings(block: Block, found: Sequence[Finding]) -> Block:
    """Assigns the findings of a whole table to the cells that show the value of one."""
    named = [f for f in found if f.id in block.findings]
    if block.type != "table" or not named:
        return block
    header, *rows = block.rows
    return block.model_copy(update={"rows": [header, *([_naming(cell, named) for cell in row] for row in rows)]})


def _naming(cell: Cell, named: Sequence[Finding]) -> Cell:
    value = cell.value if isinstance(cell, Traced) else cell
    ids: list[str] = [f.id for f in named if value not in (None, "") and _shows(value, f.value)]
    if not ids or cell_findings(cell):
        return cell
    return Traced(value=value, finding=ids, format=cell.format if isinstance(cell, Traced) else None)


def _shows(shown: Scalar, value: object) -> bool:
    """Returns numbers by value, including words such as `$1,200`, and other words by their letters."""
    return _bare(shown) == _bare(value)


def _bare(value: object) -> object:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    words = str(value).strip()
    try:
        return float(words.strip("$€£ ").replace(",", ""))
    except ValueError:
        return words.casefold()


def checked(blocks: list[Block]) -> list[Block]:
    """Checks that each block has what its type needs. Raises ToolFailed naming the first that lacks it."""
    need = {"bullets": "items", "numbers": "items", "table": "rows", "picture": "path"}
    for n, block in enumerate(blocks, 1):
        field = need.get(block.type, "text")
        if block.type not in ("contents", "page_break") and not getattr(block, field):
            raise ToolFailed(f"Block {n} of type {block.type!r} has no {field!r}. Add it, or omit the block.")
        if block.type == "picture" and not (block.text or block.alt):
            raise ToolFailed(f"Block {n} has neither 'text' nor 'alt'. Describe what the picture {block.path!r} shows.")
        if block.type == "table" and not any(block.rows[0]):
            raise ToolFailed(f"The table in block {n} has an empty first row. Use that row for the header.")
    if sum(b.type == "contents" for b in blocks) > 1:
        raise ToolFailed("There are several 'contents' blocks. Use only one.")
    if not blocks:
        raise ToolFailed("The document has no blocks. Add at least one.")
    return blocks


def cell_findings(cell: Cell) -> tuple[FindingId, ...]:
    if not isinstance(cell, Traced) or cell.finding is None:
        return ()
    return tuple(FindingId(i) for i in ([cell.finding] if isinstance(cell.finding, str) else cell.finding))


def decimals(rows: list[list[Cell]], column: int) -> int:
    """Returns the number of decimals that all figures in a table's column need in order to look the same."""
    figures = [c for row in rows for c in row[column : column + 1] if numeric(c)]
    cells = [c for c in figures if not isinstance(c, Traced) or c.format != "integer"]
    values = [c.value if isinstance(c, Traced) else c for c in cells]
    if cells and all(isinstance(c, Traced) and c.format == "percent" for c in cells):
        return int(any(not round(float(str(v)) * 100, 1).is_integer() for v in values))
    return 2 if any(isinstance(v, float) and not v.is_integer() for v in values) else 0


def cell_text(cell: Cell, places: int = 0) -> str:
    """Formats a cell for readers: thousands separated, percentages and currencies if requested."""
    value: Scalar = cell.value if isinstance(cell, Traced) else cell
    word, _, detail = (cell.format or "" if isinstance(cell, Traced) else "").partition(":")
    if value is None:
        return ""
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, str):
        return value
    given, places = places, max(places, 0 if float(value).is_integer() else 2)
    match word:
        case "percent":
            whole = round(value * 100, 1).is_integer()
            return f"{value * 100:.{0 if whole and not given else 1}f} %"
        case "currency":
            return f"{SYMBOLS.get(detail.upper() or 'USD', detail.upper() + ' ')}{value:,.{places}f}"
        case "integer":
            return f"{value:,.0f}"
        case "year" | "text" | "general":
            return f"{value:g}" if not isinstance(value, int) else str(value)
        case _:
            return f"{value:,.{places}f}"


def numeric(cell: Cell) -> bool:
    value = cell.value if isinstance(cell, Traced) else cell
    return isinstance(value, int | float) and not isinstance(value, bool)


def letters(column: int) -> str:
    return chr(65 + column) if column < 26 else f"{chr(64 + column // 26)}{chr(65 + column % 26)}"
