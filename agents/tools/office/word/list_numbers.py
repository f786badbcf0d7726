"""Counts the items of a Word document's lists as Word shows them: 1., a), II., bullets, by their level."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from docx.oxml.ns import qn

_VALUE = qn("w:val")
_NUMBERED = f"{qn('w:pPr')}/{qn('w:numPr')}"
_ROMAN = ((1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l"), (40, "xl"), (10, "x"),
          (9, "ix"), (5, "v"), (4, "iv"), (1, "i"))  # fmt: skip
_DEEPEST = 9


class _Level(NamedTuple):
    form: str
    shown: str
    start: int


class _Place(NamedTuple):
    numbering: str
    level: int


class ListNumbers:
    """The numberings of one document; `styles` are its styles, some of which are lists."""

    def __init__(self, numbering: Any, styles: Any) -> None:
        self._levels: dict[str, dict[int, _Level]] = {}
        self._counted_with: dict[str, str] = {}
        self._styles = {str(s.get(qn("w:styleId"))): s for s in styles if s.tag == qn("w:style")}
        if numbering is not None:
            self._read(numbering)

    def labels(self, paragraphs: Iterable[Any]) -> Mapping[Any, str]:
        """Returns what is shown before each paragraph that is an item of a list: '- ', '2. ', '  a) '."""
        counts: dict[str, list[int]] = defaultdict(lambda: [0] * _DEEPEST)
        started: dict[str, set[int]] = defaultdict(set)
        found: dict[Any, str] = {}
        for paragraph in paragraphs:
            place = self._place(paragraph)
            levels = self._levels.get(place.numbering, {}) if place else {}
            if place is None or place.level not in levels:
                continue
            level, key = levels[place.level], self._counted_with[place.numbering]
            if place.level not in started[place.numbering]:
                started[place.numbering].add(place.level)
                counts[key][place.level] = max(level.start - 1, counts[key][place.level])
            counts[key][place.level] += 1
            for deeper in range(place.level + 1, _DEEPEST):
                counts[key][deeper] = levels[deeper].start - 1 if deeper in levels else 0
            if label := _label(levels, place.level, counts[key]):
                found[paragraph] = f"{'  ' * place.level}{label} "
        return found

    def _read(self, numbering: Any) -> None:
        abstract = {str(a.get(qn("w:abstractNumId"))): a for a in numbering.findall(qn("w:abstractNum"))}
        for number in numbering.findall(qn("w:num")):
            of = _value(number, "w:abstractNumId")
            key = str(number.get(qn("w:numId")))
            if of not in abstract:
                continue
            levels = dict(_levels(abstract[of]))
            restarts = False
            for over in number.findall(qn("w:lvlOverride")):
                at = _whole(over.get(qn("w:ilvl")))
                whole = dict(_levels(over))
                start = _value(over, "w:startOverride")
                levels |= whole
                if start and at in levels:
                    levels[at], restarts = levels[at]._replace(start=_whole(start)), True
            self._levels[key] = levels
            self._counted_with[key] = f"number {key}" if restarts else f"list {of}"

    def _place(self, paragraph: Any) -> _Place | None:
        own = paragraph.find(_NUMBERED)
        style = paragraph.find(f"{qn('w:pPr')}/{qn('w:pStyle')}")
        styled = self._styled(str(style.get(_VALUE)) if style is not None else "", set())
        number = _value(own, "w:numId") or (styled.numbering if styled else "")
        level = _value(own, "w:ilvl") or (str(styled.level) if styled else "0")
        return None if number in ("", "0") else _Place(number, min(_whole(level), _DEEPEST - 1))

    def _styled(self, style: str, seen: set[str]) -> _Place | None:
        found = self._styles.get(style)
        if found is None or style in seen:
            return None
        own = found.find(_NUMBERED)
        if own is not None and _value(own, "w:numId"):
            return _Place(_value(own, "w:numId"), _whole(_value(own, "w:ilvl")))
        return self._styled(_value(found, "w:basedOn"), seen | {style})


def _levels(parent: Any) -> Iterable[tuple[int, _Level]]:
    for level in parent.findall(qn("w:lvl")):
        yield (
            _whole(level.get(qn("w:ilvl"))),
            _Level(
                _value(level, "w:numFmt") or "decimal", _value(level, "w:lvlText"), _whole(_value(level, "w:start"))
            ),
        )


def _label(levels: Mapping[int, _Level], at: int, counts: list[int]) -> str:
    level = levels[at]
    if level.form == "bullet":
        return "-"
    if level.form == "none":
        return level.shown if "%" not in level.shown else ""
    shown = level.shown
    for n in range(_DEEPEST):
        of = levels.get(n, level)
        shown = shown.replace(f"%{n + 1}", _number(max(counts[n], 1) if n < at else counts[n], of.form))
    return shown


def _number(count: int, form: str) -> str:
    match form:
        case "lowerLetter" | "upperLetter" if count > 0:
            letters = chr(ord("a") + (count - 1) % 26) * ((count - 1) // 26 + 1)
            return letters.upper() if form == "upperLetter" else letters
        case "lowerRoman" | "upperRoman" if 0 < count < 4000:
            return _roman(count).upper() if form == "upperRoman" else _roman(count)
        case "decimalZero":
            return f"{count:02}"
        case "none":
            return ""
        case _:
            return str(count)


def _roman(count: int) -> str:
    found = ""
    for value, letters in _ROMAN:
        found += letters * (count // value)
        count %= value
    return found


def _value(parent: Any, name: str) -> str:
    child = None if parent is None else parent.find(qn(name))
    return "" if child is None else str(child.get(_VALUE) or "")


def _whole(text: Any) -> int:
    return int(text) if str(text or "").isdigit() else 0
