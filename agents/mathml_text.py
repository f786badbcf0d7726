"""Writes a formula in MathML as one line of text, as Word's formulas are written: (a)/(b), x^2, √(n)."""

from typing import Any

_SPACED = frozenset("=<>≤≥≠≈≡+-−±∓·×⋅÷→⇒⇔∈∉∪∩⊂∧∨")
_BIG = frozenset(("∑", "∏", "∫", "∮", "lim", "max", "min"))
_UNSEEN = dict.fromkeys(range(0x2061, 0x2065))
"""Operators that are meant and not written, such as the times of 2x."""


def mathml(element: Any) -> str:
    """Returns the formula's text in reading order."""
    kids = [child for child in element if isinstance(child.tag, str)]
    match element.tag.rpartition("}")[2]:
        case "mi" | "mn" | "mo" | "mtext" | "ms":
            return str(element.text or "").translate(_UNSEEN).strip()
        case "annotation" | "annotation-xml" | "mphantom":
            return ""
        case "semantics":
            words = next((str(k.text or "").strip() for k in kids if k.tag.endswith("}annotation")), "")
            return _row(kids) or words
        case "mfrac" if len(kids) == 2:
            return f"{_grouped(kids[0])}/{_grouped(kids[1])}"
        case "msqrt":
            return f"√({_row(kids)})"
        case "mroot" if len(kids) == 2:
            return f"{mathml(kids[1])}√({mathml(kids[0])})"
        case "msup" | "mover" if len(kids) == 2:
            return _with_limits(kids[0], above=kids[1])
        case "msub" | "munder" if len(kids) == 2:
            return _with_limits(kids[0], below=kids[1])
        case "msubsup" | "munderover" if len(kids) == 3:
            return _with_limits(kids[0], below=kids[1], above=kids[2])
        case "mfenced":
            inside = ", ".join(map(mathml, kids))
            return f"{element.get('open', '(')}{inside}{element.get('close', ')')}"
        case "mtable":
            return "[" + "; ".join(map(mathml, kids)) + "]"
        case "mtr":
            return ", ".join(map(mathml, kids))
        case _:
            return _row(kids)


def _row(kids: list[Any]) -> str:
    """Joins the parts; what compares or combines two of them has spaces around it."""
    line = ""
    for place, kid in enumerate(kids):
        text = mathml(kid)
        between = 0 < place < len(kids) - 1 and text in _SPACED and line[-2:-1] not in _SPACED
        line += f" {text} " if between else text
    return line.strip()


def _with_limits(base: Any, *, below: Any = None, above: Any = None) -> str:
    text = mathml(base)
    if len(text) > 1 and len(base) > 1 and (text[0], text[-1]) not in (("(", ")"), ("[", "]"), ("|", "|")):
        text = f"({text})"
    low = "" if below is None else f"_{_grouped(below)}"
    high = "" if above is None else f"^{_grouped(above)}"
    return f"{text}{low}{high} " if text in _BIG else f"{text}{low}{high}"


def _grouped(element: Any) -> str:
    text = mathml(element)
    return text if len(text) < 2 or text.isalnum() else f"({text})"
