"""Splits Markdown that models wrote into passages that each chat draws in its own dialect. Pure.

Nothing in a passage is live: a link shows its words and its address, a picture its description; HTML is text. A table
is aligned in fixed width if it is narrow enough for a phone; otherwise it becomes a list of its rows.
"""

import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Literal

from markdown_it import MarkdownIt
from markdown_it.token import Token

MOST, TABLE = 60_000, 56
"""Longer texts become one plain paragraph, and wider tables become lists. In characters."""
_PARSER = MarkdownIt("commonmark", {"html": False, "maxNesting": 12}).enable(["table", "strikethrough"])
_PARSER.disable(["html_block", "html_inline", "lheading", "reference"])
_SENTENCE = (". ", "! ", "? ", ".\n", ":\n", "\n")


@dataclass(frozen=True, slots=True)
class MarkdownRun:
    """Words with the same formatting."""

    text: str
    bold: bool = False
    italic: bool = False
    strike: bool = False
    code: bool = False


@dataclass(frozen=True, slots=True)
class Passage:
    """`depth`: nesting of its list, 1 for the outermost; words in a list continue the previous item. `number`: of an
    item, 0 for a bullet."""

    kind: Literal["words", "heading", "item", "code", "quote", "rule"]
    runs: tuple[MarkdownRun, ...] = ()
    depth: int = 0
    number: int = 0

    @property
    def text(self) -> str:
        return "".join(run.text for run in self.runs)


@lru_cache(maxsize=256)
def passages(text: str) -> tuple[Passage, ...]:
    """Returns the text's passages in order; none for a text of only white space."""
    clean = text.encode("utf-8", "replace").decode().replace("\x00", "").strip()
    if len(clean) > MOST:
        return (Passage("words", (MarkdownRun(clean),)),)
    reading = _Reading()
    for token in _PARSER.parse(clean):
        reading.take(token)
    found = tuple(p for p in reading.found if p.kind == "rule" or p.text.strip())
    return found if found or not clean else (Passage("words", (MarkdownRun(clean),)),)


def gist(text: str, most: int) -> str:
    """Returns the beginning of a longer text on one line of at most `most` characters: no heading, table or list."""
    found = passages(text)
    first = next((p for p in found if p.kind == "words"), found[0] if found else Passage("words"))
    line = " ".join(first.text.split())
    return line if len(line) <= most else f"{line[: most - 1].rstrip()}…"


def within(all_: Sequence[Passage], most: int, size: Callable[[Passage], int]) -> tuple[tuple[Passage, ...], int]:
    """Returns as many passages as fit in `most`, the last one cut after a sentence or word, and how many characters are
    left out."""
    kept: list[Passage] = []
    for at, passage in enumerate(all_):
        most -= size(passage)
        if most < 0:
            cut = _cut(passage, most + size(passage), size)
            shown = len(cut.text) - 1 if cut else 0
            return (*kept, *([cut] if cut else [])), sum(len(p.text) for p in all_[at:]) - shown
        kept.append(passage)
    return tuple(kept), 0


def _cut(passage: Passage, most: int, size: Callable[[Passage], int]) -> Passage | None:
    """Returns the longest beginning that fits and is worth reading."""
    low, high = 0, len(passage.text)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if size(_first(passage, middle)) <= most else (low, middle - 1)
    text = passage.text[: max(low - 1, 0)]
    end = max((text.rfind(mark) + 1 for mark in _SENTENCE), default=0)
    if end < len(text) // 2:
        end = text.rfind(" ") if text.rfind(" ") > len(text) // 2 else len(text)
    return _first(passage, end) if end >= 20 else None


def _first(passage: Passage, most: int) -> Passage:
    runs: list[MarkdownRun] = []
    for run in passage.runs:
        if most <= 0:
            break
        runs.append(replace(run, text=run.text[:most]))
        most -= len(run.text)
    return replace(passage, runs=(*runs, MarkdownRun("…")))


@dataclass(slots=True)
class _Reading:
    """Walks the parser's tokens."""

    found: list[Passage] = field(default_factory=list[Passage])
    lists: list[int] = field(default_factory=list[int])
    """The next number of each open list, 0 for one with bullets."""
    number: int | None = None
    """Belongs to an item whose first words haven't come yet."""
    quotes: int = 0
    heading: bool = False
    table: list[list[tuple[MarkdownRun, ...]]] | None = None

    def take(self, token: Token) -> None:
        match token.type:
            case "bullet_list_open":
                self.lists.append(0)
            case "ordered_list_open":
                self.lists.append(max(int(token.attrs.get("start", 1)), 1))
            case "bullet_list_close" | "ordered_list_close":
                self.lists.pop()
            case "list_item_open":
                self.number = self.lists[-1]
                self.lists[-1] += 1 if self.lists[-1] else 0
            case "blockquote_open" | "blockquote_close":
                self.quotes += token.nesting
            case "heading_open" | "heading_close":
                self.heading = token.nesting > 0
            case "table_open":
                self.table = []
            case "tr_open" if self.table is not None:
                self.table.append([])
            case "table_close" if self.table is not None:
                self.found += _table(self.table)
                self.table = None
            case "inline":
                self._inline(tuple(_runs(token.children or ())))
            case "fence" | "code_block":
                self._add(Passage("code", (MarkdownRun(token.content.rstrip("\n")),)))
            case "hr":
                self._add(Passage("rule"))
            case _:
                pass

    def _inline(self, runs: tuple[MarkdownRun, ...]) -> None:
        if self.table is not None:
            self.table[-1].append(runs)
            return
        kind = "quote" if self.quotes else "heading" if self.heading else "words"
        self._add(Passage(kind, runs))

    def _add(self, passage: Passage) -> None:
        depth = len(self.lists)
        if self.number is not None and depth:
            number, self.number = self.number, None
            if passage.kind in ("words", "heading", "quote"):
                passage = replace(passage, kind="item", number=number)
        self.found.append(replace(passage, depth=depth))


def _runs(tokens: Sequence[Token]) -> Iterator[MarkdownRun]:
    """Turns inline tokens into runs; neighbors with the same formatting are joined."""
    open_ = {"strong": 0, "em": 0, "s": 0}
    links: list[tuple[str, str]] = []
    made: list[MarkdownRun] = []

    def add(text: str, *, code: bool = False) -> None:
        run = MarkdownRun(text, open_["strong"] > 0, open_["em"] > 0, open_["s"] > 0, code)
        if made and replace(made[-1], text="") == replace(run, text=""):
            run = replace(run, text=made.pop().text + text)
        if text:
            made.append(run)
        if links:
            links[-1] = (links[-1][0], links[-1][1] + text)

    for token in tokens:
        name = token.type.removesuffix("_open").removesuffix("_close")
        if name in open_:
            open_[name] += token.nesting
        elif token.type == "link_open":
            links.append((str(token.attrs.get("href", "")), ""))
        elif token.type == "link_close":
            href, said = links.pop()
            add(f" ({href})" if href and href.removeprefix("mailto:") != said else "")
        elif token.type == "image":
            add(f"{token.content} ({token.attrs.get('src', '')})".strip())
        elif token.type in ("softbreak", "hardbreak"):
            add("\n")
        else:
            add(token.content, code=token.type == "code_inline")
    yield from made


def _table(rows: list[list[tuple[MarkdownRun, ...]]]) -> Iterator[Passage]:
    words = [[" ".join("".join(run.text for run in cell).split()) for cell in row] for row in rows]
    widths = [max(map(_columns, column)) for column in zip(*words, strict=False)]
    if sum(widths) + 2 * len(widths) <= TABLE:
        lines = ["  ".join(c + " " * (w - _columns(c)) for c, w in zip(row, widths, strict=False)) for row in words]
        lines.insert(1, "  ".join("─" * width for width in widths))
        yield Passage("code", (MarkdownRun("\n".join(line.rstrip() for line in lines)),))
        return
    for row in words[1:] or words:
        named = zip(words[0][1:], row[1:], strict=False)
        rest = " · ".join(f"{head}: {cell}" if head else cell for head, cell in named if cell)
        lead = tuple(
            run for run in (MarkdownRun(row[0], bold=True), MarkdownRun(f" · {rest}" if rest else "")) if run.text
        )
        yield Passage("item", lead, depth=1)


def _columns(text: str) -> int:
    """Returns the width of the text in fixed-width characters."""
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text if not unicodedata.combining(c))
