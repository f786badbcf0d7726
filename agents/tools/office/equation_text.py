"""Writes a Word equation as one line of text: (a)/(b), x^2, √(n)."""

from typing import Any

_AROUND = {"f": ("num", "den"), "sSup": ("e", "sup"), "sSub": ("e", "sub"), "rad": ("deg", "e"), "sSubSup": ("e",)}


def equation(element: Any) -> str:
    """Returns the equation's text in reading order."""
    name = element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""
    parts = {c.tag.rpartition("}")[2]: c for c in element if isinstance(c.tag, str)}
    if name == "t":
        return str(element.text or "")
    if name == "f" and {"num", "den"} <= parts.keys():
        return f"{_grouped(parts['num'])}/{_grouped(parts['den'])}"
    if name in ("sSup", "sSub", "sSubSup") and "e" in parts:
        below = f"_{_grouped(parts['sub'])}" if "sub" in parts else ""
        above = f"^{_grouped(parts['sup'])}" if "sup" in parts else ""
        return equation(parts["e"]) + below + above
    if name == "rad" and "e" in parts:
        root = equation(parts["deg"]) if "deg" in parts else ""
        return f"{root}√({equation(parts['e'])})"
    if name == "d":
        inside = ", ".join(equation(c) for c in element if c.tag.endswith("}e"))
        return f"{_sign(parts, 'begChr', '(')}{inside}{_sign(parts, 'endChr', ')')}"
    if name == "nary":
        limits = "".join(f"{m}{_grouped(parts[k])}" for k, m in (("sub", "_"), ("sup", "^")) if k in parts)
        return f"{_sign(parts, 'chr', '∫')}{limits} {equation(parts['e']) if 'e' in parts else ''}"
    if name == "mr":
        return ", ".join(equation(c) for c in element)
    if name == "m":
        return "[" + "; ".join(equation(c) for c in element if c.tag.endswith("}mr")) + "]"
    return "".join(equation(child) for child in element)


def _grouped(element: Any) -> str:
    text = equation(element)
    return text if len(text) < 2 or text.isalnum() else f"({text})"


def _sign(parts: dict[str, Any], wanted: str, usual: str) -> str:
    for holder in parts.values():
        if holder.tag.endswith("Pr"):
            for mark in holder:
                if isinstance(mark.tag, str) and mark.tag.endswith(f"}}{wanted}"):
                    return next((str(v) for k, v in mark.attrib.items() if str(k).endswith("val")), "")
    return usual
