"""Compacts the accessibility tree into what an agent sees of a page. Pure.

Drops wrappers and the refs of static elements; a table row, list item or card is one line; a link has its URL; a
select has its options. Interactive elements look like `[e5 link "Home" /start]`.
"""

import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from agents.superscript_text import SIGNS, lowered, raised
from agents.tools.browser.crossed_out_marks import is_marked, marked_as, unmarked
from agents.tools.browser.describe_element import ACTS, acts, below, brackets, filled, inner_text, unsaid, words_of
from agents.tools.browser.parse_aria_snapshot import Node, parse

MASK = "••••"
LONGEST_LINE = 240


_TABLES = frozenset(("table", "grid", "treegrid"))
_WRAPPERS = words_of("""
    root generic none presentation paragraph list listitem rowgroup group emphasis strong code term definition
""")
_BLOCKS = _TABLES | words_of("""
    root list main navigation banner contentinfo complementary form search region dialog alertdialog iframe tree menu
    menubar tablist toolbar
""")
_FORMULA = "math"
_SET_FRACTION = re.compile(r"(\d*)([⁰¹²³⁴⁵⁶⁷⁸⁹]+) ?[/⁄∕] ?([₀₁₂₃₄₅₆₇₈₉]+)")
_PLAIN = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹₀₁₂₃₄₅₆₇₈₉", "01234567890123456789")


class SnapshotPart(NamedTuple):
    """One screenful of a long snapshot; `number` counts from 1."""

    text: str
    number: int
    total: int


def compact(snapshot: str, hidden: Iterable[str] = (), written: Mapping[str, str] | None = None) -> str:
    """Returns the page as compact text; masks the values of the fields whose refs are in `hidden`.

    `written`: the text by ref of editors that the snapshot shows as empty, and of formulas, whose parts it shows."""
    lines: list[str] = []
    tree = parse(snapshot)
    for node in tree.walk() if written else ():
        node.value = (written or {}).get(node.ref, node.value)
        node.children = [] if node.role == _FORMULA and node.ref in (written or {}) else node.children
    _block(_masked(tree, frozenset(hidden)), 0, lines)
    return "\n".join(lines)


def part_of(text: str, number: int, most: int) -> SnapshotPart:
    """Returns the `number`-th part of about `most` characters, cut between lines; out of range means the last."""
    pieces = [""]
    for line in text.split("\n"):
        line = line if len(line) <= most else f"{line[:most]}…"
        if pieces[-1] and len(pieces[-1]) + len(line) > most:
            pieces.append("")
        pieces[-1] += f"{line}\n"
    number = max(1, min(number, len(pieces)))
    return SnapshotPart(pieces[number - 1].rstrip("\n"), number, len(pieces))


def filled_fields(snapshot: str) -> list[str]:
    """Returns refs of the text fields that show a value, which may be passwords."""
    return [n.ref for n in parse(snapshot).walk() if n.ref and n.role in ("textbox", "searchbox") and filled(n)]


def empty_fields(snapshot: str) -> list[str]:
    """Returns refs of the text fields that show nothing; an editor's own text is missing in the snapshot."""
    return [n.ref for n in parse(snapshot).walk() if n.ref and n.role == "textbox" and not filled(n)]


def formulas(snapshot: str) -> list[str]:
    """Returns refs of the formulas."""
    return [n.ref for n in parse(snapshot).walk() if n.ref and n.role == _FORMULA]


def names_of(snapshot: str) -> Mapping[str, str]:
    """Returns the element behind each interactive ref, to recognize it on a reopened page."""
    return {n.ref: f"{n.role} {n.name or n.prop('url')}" for n in parse(snapshot).walk() if n.ref and acts(n)}


def _masked(node: Node, hidden: frozenset[str]) -> Node:
    for found in node.walk():
        if found.ref in hidden:
            found.value, found.children = MASK, []
    return node


def _block(node: Node, depth: int, lines: list[str]) -> None:
    line = _inline(node)
    if line is not None:
        if line:
            lines.append(" " * depth + line)
        return
    if node.role in _TABLES:
        _table(node, depth, lines)
        return
    if node.role in ACTS:
        lines.append(" " * depth + brackets(node, node.name) + ":")
        depth += 1
    elif node.role not in _WRAPPERS or node.name:
        lines.append(f"{' ' * depth}{_titled(node)}: {node.value}".rstrip())
        depth += 1
    for child in _fresh(node):
        if node.role == "list" and (item := _inline(child)):
            lines.append(f"{' ' * depth}- {item}")
        else:
            _block(child, depth, lines)


def _table(node: Node, depth: int, lines: list[str]) -> None:
    lines.append(f"{' ' * depth}{_titled(node)}: {node.value}".rstrip())
    _rows(node, depth + 1, lines)


def _rows(node: Node, depth: int, lines: list[str]) -> None:
    """Writes each row on a line, and what else the table contains as everywhere."""
    for child in node.children:
        if child.role == "row":
            cells = [_flat(cell) for cell in child.children if not cell.role.startswith("/")]
            lines.append(" " * depth + " | ".join(cells or [child.value or child.name]))
        elif child.role not in _TABLES and any(n.role == "row" for n in below(child)):
            _rows(child, depth, lines)
        elif not (child.role == "caption" and child.text == node.name):
            _block(child, depth, lines)


def _inline(node: Node) -> str | None:
    """Returns the node on one line, or None if it needs several."""
    if node.role in _BLOCKS and (node.role != "list" or node.name or len(node.children) > 1):
        return None
    if acts(node) and any(acts(c) and c.role != "option" for c in below(node)):
        return None if node.role in ACTS else _joined(node)
    return _leaf(node) if _is_leaf(node) else _joined(node)


def _joined(node: Node) -> str | None:
    if _several(node):
        return None
    parts: list[str] = [node.value] if node.value else []
    for child in _fresh(node):
        line = _inline(child)
        if line is None:
            return None
        parts.append(line)
    line = _dressed(node, _in_a_row(parts))
    short = len(line) <= LONGEST_LINE or len(parts) == 1 or node.role == "paragraph"
    return line if short else None


def _flat(node: Node) -> str:
    """Returns the node on one line whatever it contains (a cell)."""
    if _is_leaf(node):
        return _leaf(node)
    return _dressed(node, _in_a_row([node.value, *(_flat(c) for c in _fresh(node))])) or node.name


def _is_leaf(node: Node) -> bool:
    if node.role.startswith("/"):
        return True
    holds = any(acts(c) and c.role != "option" for c in below(node))
    return not holds and (node.role in ("text", "img", "heading") or acts(node))


def _several(node: Node) -> bool:
    """Returns whether it holds more than one card or section, or a title of the page: each gets a line of its own."""
    heads = [n for n in below(node) if n.role in ("heading", "article")]
    high = ("1",) if node.role == "listitem" else ("1", "2")
    titles = [n for n in heads if n.attributes.get("level") in high and not any(map(acts, n.walk()))]
    cards = [n for n in heads if n.role == "article"]
    return bool(titles) or len(cards) > 1 or (not cards and len(heads) > 1)


def _dressed(node: Node, line: str) -> str:
    """Returns the line as its role changes what it says: struck out, a power, an index, named by its group."""
    match node.role:
        case "deletion" if line and not is_marked(line):
            return f"~~{line}~~"
        case "superscript" if line:
            return marked_as(line, raised(unmarked(line)))
        case "subscript" if line:
            return marked_as(line, lowered(unmarked(line)))
        case "group" | "radiogroup" | "meter" | "progressbar" if node.name and line:
            return f"{node.name}: {line}"
        case "img" if node.name and line:
            return f"(img {node.name}) {line}"
        case "heading" if line and line[0] != "[":
            return f"h{node.attributes.get('level', '')} {line}"
        case "generic" if node.name and node.ref and not line:
            return brackets(node, node.name)  # what opens a <details>
        case _:
            return line or node.name


def _in_a_row(parts: Iterable[str]) -> str:
    """Joins the parts by spaces; a power or an index stays with what it belongs to."""
    line = ""
    for part in parts:
        if part and line and unmarked(part)[:1] not in SIGNS:
            line += " "
        line += part
    return _SET_FRACTION.sub(_fraction, line)


def _fraction(found: re.Match[str]) -> str:
    """Returns a fraction of raised and lowered figures as plain ones: 1¹ /₂ is 1 1/2."""
    whole = f"{found[1]} " if found[1] else ""
    return whole + found[2].translate(_PLAIN) + "/" + found[3].translate(_PLAIN)


def _leaf(node: Node) -> str:
    if node.role == "text":
        return node.value
    if node.role.startswith("/"):
        return ""
    if node.role == "img" and not acts(node):
        return f"(img {_labeled(node)})" if _labeled(node) else ""
    if node.role == "heading":
        return f"h{node.attributes.get('level', '')} {_labeled(node)}"
    return brackets(node, node.name or inner_text(node))


def _labeled(node: Node) -> str:
    label = node.name or inner_text(node)
    more = unsaid(node, label)
    return f"{label}: {more}" if more else label


def _titled(node: Node) -> str:
    return f'{node.role} "{node.name}"' if node.name else node.role


def _fresh(node: Node) -> list[Node]:
    """Returns the children, without labels that an adjacent field repeats as its name."""
    names = {c.name for c in node.children if c.role in ACTS}
    return [c for c in node.children if not (c.role == "text" and c.value in names) and not c.role.startswith("/")]
