"""Reads the current content of a finished text or table by its traced places. Pure."""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from difflib import SequenceMatcher
from itertools import groupby

from agents.tools.office.claims.figures_in_text import masked
from agents.tools.office.inline_markup import plain
from agents.tools.office.word.blocks import Named, Places, letters
from orchestrator.domain.deliverables import Provenance

_MARK = re.compile(r"\[\^\w+\]")
_NOTE = re.compile(r"\[\^(\w+)\]: (.*)")
_ITEM = re.compile(r"\s*(?:[-*+]|\d+\.) (?P<words>.*)")
_LINK = re.compile(r"\s*- \[.*\]\(#.*\)")
_RULE = re.compile(r"\|(?: ?:?-+:? ?\|)+")
_BAR = re.compile(r"(?<!\\)\|")
_ALIKE, _LONG_ENOUGH = 0.8, 12


def of_markdown(text: str, places: Iterable[Provenance]) -> list[Named]:
    """Returns headings, paragraphs, items and cells, named as document_write names them, without footnote marks."""
    known = {p.place: masked(_flat(str(p.shows))) for p in places}
    ways = [list(_markdown(text, subtitle=is_there)) for is_there in (False, True)]
    # A line under the title may be a subtitle, which isn't counted: the names that fit what was traced are right.
    return max(ways, key=lambda way: sum(known.get(n.place) == masked(_flat(n.text)[:500]) for n in way))


def titles(text: str) -> list[Named]:
    """Returns the title of a Markdown text, which has no place of its own."""
    return [Named("title", _read(words)) for kind, _, words in _kinds(text) if kind == "title"][:1]


def notes_of_markdown(text: str) -> list[tuple[str, str]]:
    """Returns each footnote's place and text."""
    return [(f"footnote {m[1]}", m[2]) for line in text.splitlines() if (m := _NOTE.fullmatch(line))]


def of_csv(text: str) -> list[list[Named]]:
    """Returns its rows, each cell under its address."""
    rows = csv.reader(io.StringIO(text, newline=""))
    return [[Named(f"{letters(c)}{r}", cell) for c, cell in enumerate(row)] for r, row in enumerate(rows, 1)]


def paired(texts: Sequence[str], places: Sequence[Provenance]) -> dict[int, str]:
    """Says which text, by its number, is which traced place: the same words, with other figures, or nearly the same."""
    found: dict[int, str] = {}
    left = list(places)
    for alike in (_same, _same_but_figures, _nearly):
        for n, text in enumerate(texts):
            if n not in found and (place := next((p for p in left if alike(text, plain(str(p.shows)))), None)):
                left.remove(place)
                found[n] = place.place
    return found


def of_pdf(text: str, places: Iterable[Provenance]) -> dict[str, str]:
    """Returns what a PDF shows at traced places whose words are found with other figures than were written there."""
    flat, found = "".join(text.split()), dict[str, str]()
    for place in places:
        shows = plain(str(place.shows))
        pieces = masked(shows).split("#")
        there = "".join(shows.split())
        if len(pieces) < 2 or sum(map(len, pieces)) < _LONG_ENOUGH or there in flat:
            continue
        wanted = "(.{1,24}?)".join(re.escape("".join(p.split())) for p in pieces)
        if match := re.search(wanted, flat):
            found[place.place] = "".join(w for pair in zip(pieces, (*match.groups(), ""), strict=False) for w in pair)
    return found


def _same(text: str, shows: str) -> bool:
    return _flat(text)[:500] == _flat(shows)


def _same_but_figures(text: str, shows: str) -> bool:
    bare = masked(_flat(shows))
    return any(c.isalpha() for c in bare) and masked(_flat(text))[: len(bare)] == bare


def _nearly(text: str, shows: str) -> bool:
    return len(shows) > 20 and SequenceMatcher(None, _flat(text)[:500], _flat(shows)).ratio() > _ALIKE


def _markdown(text: str, *, subtitle: bool) -> Iterator[Named]:
    places = Places()
    for (kind, _), group in groupby(_kinds(text), key=lambda it: it[:2]):
        lines = [words for _, _, words in group]
        match kind:
            case "heading":
                yield Named(places.heading(_read(lines[0])), _read(lines[0]))
            case "text" if subtitle:
                subtitle = False
            case "text":
                yield Named(places.paragraph(), _read("\n".join(lines)))
            case "item":
                yield from (Named(places.paragraph(), _read(line)) for line in lines)
            case "table":
                name = places.table()
                rows = [line for n, line in enumerate(lines) if n != 1 or not _RULE.fullmatch(line.strip())]
                for r, row in enumerate(rows, 1):
                    for c, cell in enumerate(_BAR.split(row.strip().strip("|"))):
                        yield Named(f"{name} {letters(c)}{r}", _read(cell.replace("\\|", "|").replace("<br>", "\n")))
            case _:
                pass


def _kinds(text: str) -> Iterator[tuple[str, int, str]]:
    """Returns each line with its kind and its block's number; consecutive lines of one kind belong together."""
    block = 0
    for line in text.splitlines():
        if not line.strip():
            block += 1
            continue
        if line.startswith("#"):
            level, _, words = line.partition(" ")
            block += 1
            yield ("title" if level == "#" else "heading", block, words)
        elif line.startswith("|"):
            yield "table", block, line
        elif _NOTE.fullmatch(line) or _LINK.fullmatch(line):
            yield "other", block, line
        elif line.startswith("!["):
            # A picture's caption is its text, which document_write counts.
            yield "item", block, line[2:].partition("](")[0] + "".join(_MARK.findall(line))
        elif match := _ITEM.fullmatch(line):
            yield "item", block, match["words"]
        else:
            yield "text", block, line.removeprefix("> ")


def _read(words: str) -> str:
    return plain(_MARK.sub("", words)).strip()


def _flat(text: str) -> str:
    return " ".join(text.split())
