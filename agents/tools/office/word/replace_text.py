"""Puts new text into a Word paragraph without changing any other letter's formatting."""

from collections.abc import Sequence
from copy import deepcopy
from typing import Any, NamedTuple

from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml.ns import qn

from agents.tools.office.inline_markup import Span
from agents.tools.office.word.revisions import Revisions, bare
from agents.tools.office.word.runs import RunPiece, letters, pieces, whole
from agents.tools.office.word.text_diff_by_words import differences
from orchestrator.errors import ToolFailed

_MARKS = (qn("w:footnoteReference"), qn("w:endnoteReference"))


class Writing(NamedTuple):
    """How one document's text is changed: its part for links, and the revisions it is recorded as, if any."""

    part: Any
    revisions: Revisions | None


def rewrite(paragraph: Any, start: int, end: int, new: Sequence[Span], writing: Writing) -> None:
    """Replaces the text from `start` to `end` with `new`, word by word, so that unchanged words keep their formatting.

    Raises ToolFailed if a changed word is computed by a field.
    """
    old = letters(paragraph)[start:end]
    for first, last, spans in reversed(differences(old, new)):
        _splice(paragraph, start + first, start + last, spans, writing)


def _splice(paragraph: Any, start: int, end: int, spans: Sequence[Span], writing: Writing) -> None:
    found = letters(paragraph)
    touched = list({id(p.element): p for _, p in found[start:end]}.values())
    if wrong := next((p for p in touched if p.computed), None):
        around = " ".join(whole(paragraph).split())[:60]
        raise ToolFailed(f"{wrong.text!r} in {around!r} is computed by Word; change only the text around it.")
    _cut(paragraph, end)
    _cut(paragraph, start)
    inside = _between(paragraph, start, end)
    place, after, look = _place(paragraph, inside, start)
    if inside and writing.revisions is not None:
        place, after = inside[-1].run, True  # people read the deleted text before the new one
    if writing.revisions is not None:
        place, after = _apart(place, after)
    for made in reversed(_runs(spans, look, writing)):
        put = made if writing.revisions is None else writing.revisions.inserted(made)
        place.addnext(put) if after else place.addprevious(put)
        if not after:
            place = put
    for run in [p.run for p in inside]:
        if writing.revisions is None:
            _remove(run)
        else:
            writing.revisions.deleted(run)
    for control in paragraph.iter(qn("w:showingPlcHdr")):
        control.getparent().remove(control)


def _cut(paragraph: Any, at: int) -> None:
    """Splits a run so that one starts at this letter."""
    position = 0
    for piece in list(pieces(paragraph)):
        if position < at < position + len(piece.text) and piece.element.tag == qn("w:t"):
            rest = deepcopy(piece.element)
            piece.element.text, rest.text = piece.text[: at - position], piece.text[at - position :]
            piece.element.set(_SPACE, "preserve")
            rest.set(_SPACE, "preserve")
            piece.element.addnext(rest)
            _part(piece.run, rest)
        elif position == at and piece.element.getprevious() is not None:
            _part(piece.run, piece.element)
        position += len(piece.text)
        if position == at and piece.element.getnext() is not None:
            _part(piece.run, piece.element.getnext())


_SPACE = "{http://www.w3.org/XML/1998/namespace}space"


def _part(run: Any, first: Any) -> None:
    """Moves `first` and everything after it into a separate run with the same formatting."""
    if first.getparent() is not run or first.getprevious() is None or first.getprevious().tag == qn("w:rPr"):
        return
    made = _like(run)
    for child in [first, *first.itersiblings()]:
        made.append(child)
    run.addnext(made)


def _like(run: Any) -> Any:
    made = bare("w:r")
    look = run.find(qn("w:rPr"))
    if look is not None:
        made.append(deepcopy(look))
    return made


def _between(paragraph: Any, start: int, end: int) -> list[RunPiece]:
    """Returns the pieces of these letters, each in a run of its own."""
    position = 0
    found: list[RunPiece] = []
    for piece in list(pieces(paragraph)):
        if start <= position < end:
            _part(piece.run, piece.element)
            run = piece.element.getparent()
            if piece.element.getnext() is not None:
                _part(run, piece.element.getnext())
            found.append(piece._replace(run=run))
        position += len(piece.text)
    return found


def _place(paragraph: Any, inside: Sequence[RunPiece], start: int) -> tuple[Any, bool, Any]:
    """Returns where new runs go: beside which element, whether after it, and a run whose formatting they take."""
    if inside:
        return inside[0].run, False, inside[0].run
    position, before, behind = 0, None, None
    for piece in pieces(paragraph):
        if position >= start:
            behind = piece.run
            break
        before, position = piece.run, position + len(piece.text)
    if before is None:
        if behind is not None:
            return _outside(behind), False, behind
        properties = paragraph.get_or_add_pPr()
        return properties, True, _empty_look(paragraph)
    link = _outside(before)
    if link is not before and (behind is None or _outside(behind) is not link):
        return link, True, behind
    return before, True, before


def _apart(place: Any, after: bool) -> tuple[Any, bool]:
    """Returns the same place outside another revision's new text, which is split there."""
    around = place.getparent()
    if around.tag != qn("w:ins"):
        return place, after
    later = list(place.itersiblings()) if after else [place, *place.itersiblings()]
    if len(later) == len(around):
        return around, False
    if later:
        rest = bare("w:ins")
        for name, value in around.attrib.items():
            rest.set(name, value)
        for run in later:
            rest.append(run)
        around.addnext(rest)
    return around, True


def _empty_look(paragraph: Any) -> Any:
    """Returns a run formatted like text typed into the empty paragraph."""
    run = next((r for r in paragraph.iterchildren(qn("w:r")) if not any(r.find(m) is not None for m in _MARKS)), None)
    look = paragraph.find(f"{qn('w:pPr')}/{qn('w:rPr')}")
    if run is not None or look is None:
        return run
    made = bare("w:r")
    made.append(deepcopy(look))
    for mark in [e for e in made[0] if e.tag in (qn("w:ins"), qn("w:del"))]:
        made[0].remove(mark)
    return made


def _outside(run: Any) -> Any:
    """Returns the link or field around the run, else the run."""
    around = next(run.iterancestors(qn("w:hyperlink"), qn("w:fldSimple")), None)
    return run if around is None else around


def _runs(spans: Sequence[Span], look: Any, writing: Writing) -> list[Any]:
    made: list[Any] = []
    for span in spans:
        run = bare("w:r") if look is None else _like(look)
        run.text = span.text
        if span.bold:
            run.get_or_add_rPr().get_or_add_b().val = True
        if span.italic:
            run.get_or_add_rPr().get_or_add_i().val = True
        if span.code:
            run.get_or_add_rPr().rFonts_ascii = run.get_or_add_rPr().rFonts_hAnsi = "Consolas"
        made.append(run if span.url is None else _link(run, span.url, writing.part))
    return made


def _link(run: Any, url: str, part: Any) -> Any:
    link = bare("w:hyperlink")
    link.set(qn("r:id"), part.relate_to(url, RELATIONSHIP_TYPE.HYPERLINK, is_external=True))
    run.style = next((s.style_id for s in part.styles if s.name == "Hyperlink"), None)
    link.append(run)
    return link


def _remove(run: Any) -> None:
    """Removes the run, and a link or revision that becomes empty."""
    around = run.getparent()
    around.remove(run)
    if around.tag in (qn("w:hyperlink"), qn("w:ins"), qn("w:fldSimple")) and len(around) == 0:
        around.getparent().remove(around)
