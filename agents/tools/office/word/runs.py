"""Reads a Word paragraph's text as people see it, and the elements it is in."""

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from docx.oxml.ns import qn

_SIGNS = {qn("w:tab"): "\t", qn("w:br"): "\n", qn("w:cr"): "\n", qn("w:noBreakHyphen"): "\u2011"}
_GONE = (qn("w:del"), qn("w:moveFrom"))
_FREE_FIELDS = ("HYPERLINK", "FORMTEXT")
_NOTE = re.compile(r"NOTEREF\s")


class RunPiece(NamedTuple):
    """Letters in one element of a run. `computed`: a field shows them, so they can't be written."""

    run: Any
    element: Any
    text: str
    computed: bool
    simple: bool
    note: bool = False


def pieces(paragraph: Any, *, notes: bool = False) -> Iterator[RunPiece]:
    """Returns the visible text in order, without text boxes and deleted revisions.

    With `notes`, it includes the numbers of repeated marks.
    """
    codes: list[str] = []
    for run in paragraph.iter(qn("w:r")):
        if next(run.iterancestors(qn("w:p"))) is not paragraph or next(run.iterancestors(*_GONE), None) is not None:
            continue
        simple = next(run.iterancestors(qn("w:fldSimple")), None)
        code = None if simple is None else simple.get(qn("w:instr")) or ""
        for child in run:
            if child.tag == qn("w:fldChar"):
                kind = child.get(qn("w:fldCharType"))
                codes += [""] if kind == "begin" else []
                codes[-1:] = [] if kind == "end" else codes[-1:]
            elif child.tag == qn("w:instrText") and codes:
                codes[-1] += child.text or ""
            text = child.text or "" if child.tag == qn("w:t") else _SIGNS.get(child.tag, "")
            if text and not (child.tag == qn("w:br") and child.get(qn("w:type")) in ("page", "column")):
                fields = [*codes, *([code] if code else [])]
                computed = any(not c.strip().startswith(_FREE_FIELDS) for c in fields)
                note = any(_NOTE.search(c) for c in fields)
                if notes or not note:
                    yield RunPiece(run, child, text, computed, simple is not None, note)


def said(paragraph: Any) -> str:
    """Returns the text without the numbers that simple fields show."""
    return "".join(p.text for p in pieces(paragraph) if not p.simple)


def whole(paragraph: Any) -> str:
    return "".join(p.text for p in pieces(paragraph))


def letters(paragraph: Any) -> list[tuple[str, RunPiece]]:
    """Returns each letter with the piece that contains it."""
    return [(letter, piece) for piece in pieces(paragraph) for letter in piece.text]
