"""Reads a Word paragraph as one line: letters, marks of notes, check boxes, equations, and what its pictures show."""

from collections.abc import Mapping
from typing import Any

from docx.oxml.ns import qn

from agents.superscript_text import lowered, raised
from agents.tools.office.equation_text import equation
from agents.tools.office.word import runs

EQUATIONS = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
_EQUATIONS = (f"{EQUATIONS}oMath", f"{EQUATIONS}oMathPara")
_BOX = qn("w:txbxContent")
_LETTERS = tuple(map(qn, ("w:t", "w:tab", "w:br", "w:cr", "w:noBreakHyphen")))
_MARKS = tuple(map(qn, ("w:footnoteReference", "w:endnoteReference", "w:sym", "w:checkBox", "w:ddList", "wp:docPr")))
_SYMBOLS = {
    "F06F": "☐", "F0A8": "☐", "F071": "☐", "F0A3": "☐", "F072": "☐", "F0FE": "☒", "F0FD": "☒", "F078": "☒", "F052": "☑",
    "F053": "☒", "F0FC": "✓", "F0FB": "✗", "F050": "✓", "F0B7": "•", "F0A7": "▪", "F0E0": "→", "F0E8": "→", "F0DF": "←",
    "F04A": "☺", "F0D8": "➢",
}  # fmt: skip
"""What the letters of Wingdings and Wingdings 2 look like."""


def paragraph_text(paragraph: Any, notes: Mapping[str, str], endnotes: Mapping[str, str]) -> str:
    """Returns the paragraph's text; `notes` and `endnotes` are the numbers that readers see, by id."""
    letters = {
        p.element: f"[^{p.text}]" if p.note else _as_raised(p).replace("\u00a0", " ")
        for p in runs.pieces(paragraph, notes=True)
    }
    text = ""
    for element in paragraph.iter(*_LETTERS, *_MARKS, *_EQUATIONS):
        if element.tag in _LETTERS:
            text += letters.get(element, "")
        elif next(element.iterancestors(qn("w:p")), None) is paragraph and not _copied(element):
            text += _mark(element, notes, endnotes)
    return text


def _as_raised(piece: runs.RunPiece) -> str:
    """Returns the letters; a power or an index of figures as such."""
    look = piece.run.find(f"{qn('w:rPr')}/{qn('w:vertAlign')}")
    place = "" if look is None else str(look.get(qn("w:val")) or "")
    moved = {"superscript": raised, "subscript": lowered}.get(place, str)(piece.text)
    return moved if len(moved) == len(piece.text) else piece.text


def _mark(element: Any, notes: Mapping[str, str], endnotes: Mapping[str, str]) -> str:
    key = str(element.get(qn("w:id")) or "")
    gone = next(element.iterancestors(qn("w:del")), None) is not None
    if gone:
        return ""
    if element.tag == qn("w:footnoteReference"):
        return f"[^{notes.get(key, key)}]"
    if element.tag == qn("w:endnoteReference"):
        return f"[^e{endnotes.get(key, key)}]"
    if element.tag == qn("w:sym"):
        return symbol(str(element.get(qn("w:char")) or ""))
    if element.tag == qn("w:checkBox"):
        return "☒" if _on(element.find(qn("w:checked")), element.find(qn("w:default"))) else "☐"
    if element.tag == qn("w:ddList"):
        return _chosen(element)
    if element.tag in _EQUATIONS:
        inside = next((e for e in element.iterancestors(*_EQUATIONS)), None) is not None
        return "" if inside else equation(element)
    pictured = next(element.getparent().iter(_BOX), None) is None
    words = " ".join(str(element.get("descr") or element.get("title") or "").split())
    return f"[picture: {words or 'no description'}]" if pictured else ""


def symbol(code: str) -> str:
    """Returns a symbol font's letter as it looks; letters of other fonts are their code."""
    code = code.upper()
    try:
        return _SYMBOLS.get(code) or ("•" if code.startswith("F0") else chr(int(code, 16)))
    except (ValueError, OverflowError):
        return ""


def _on(checked: Any, default: Any) -> bool:
    state = checked if checked is not None else default
    return state is not None and state.get(qn("w:val")) not in ("0", "false", "off")


def _chosen(choices: Any) -> str:
    entries = [str(e.get(qn("w:val")) or "") for e in choices.findall(qn("w:listEntry"))]
    result = choices.find(qn("w:result"))
    number = str(result.get(qn("w:val")) or "0") if result is not None else "0"
    return entries[int(number)] if number.isdigit() and int(number) < len(entries) else ""


def _copied(element: Any) -> bool:
    """Returns whether it's in the copy for older programs."""
    return any(str(a.tag).endswith("}Fallback") for a in element.iterancestors())
