"""Compacts the accessibility tree into what an agent sees of a page. Pure.

Drops wrappers and the refs of static elements; a table row, list item or card is one line; a link has its URL; a
select has its options. Interactive elements look like `[e5 link "Home" /start]`.
"""

import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from agents.superscript_text import SIGNS, lowered, raised
from agents.tools.browser.aria import Node, parse
from agents.tools.browser.crossed_out_marks import is_marked, marked_as, unmarked

MASK = "••••"
LONGEST_URL = 160
LONGEST_LINE = 240
MOST_OPTIONS = 30


def _words_of(text: str) -> frozenset[str]:
    return frozenset(text.split())


_ACTS = _words_of("""
    link button textbox searchbox combobox listbox checkbox radio switch slider spinbutton menuitem menuitemcheckbox
    menuitemradio tab treeitem option
""")
_FIELDS = frozenset(("textbox", "searchbox", "combobox", "spinbutton", "slider"))
_CHOICES = frozenset(("combobox", "listbox"))
_TABLES = frozenset(("table", "grid", "treegrid"))
_WRAPPERS = _words_of("""
    root generic none presentation paragraph list listitem rowgroup group emphasis strong code term definition
""")
_BLOCKS = _TABLES | _words_of("""
    root list main navigation banner contentinfo complementary form search region dialog alertdialog iframe tree menu
    menubar tablist toolbar
""")
_FORMULA = "math"
_SET_FRACTION = re.compile(r"(\d*)([⁰¹²³⁴⁵⁶⁷⁸⁹]+) ?[/⁄∕] ?([₀₁₂₃₄₅₆₇₈₉]+)")
_PLAIN = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹₀₁₂₃₄₅₆₇₈₉", "01234567890123456789")
_STATES = ("checked", "selected", "pressed", "expanded", "disabled", "active", "invalid")


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
    return [n.ref for n in parse(snapshot).walk() if n.ref and n.role in ("textbox", "searchbox") and _filled(n)]


def empty_fields(snapshot: str) -> list[str]:
    """Returns refs of the text fields that show nothing; an editor's own text is missing in the snapshot."""
    return [n.ref for n in parse(snapshot).walk() if n.ref and n.role == "textbox" and not _filled(n)]


def formulas(snapshot: str) -> list[str]:
    """Returns refs of the formulas."""
    return [n.ref for n in parse(snapshot).walk() if n.ref and n.role == _FORMULA]


def names_of(snapshot: str) -> Mapping[str, str]:
    """Returns the element behind each interactive ref, to recognize it on a reopened page."""
    return {n.ref: f"{n.role} {n.name or n.prop('url')}" for n in parse(snapshot).walk() if n.ref and _acts(n)}


def _masked(node: Node, hidden: frozenset[str]) -> Node:
    for found in node.walk():
        if found.ref in hidden:
            found.value, found.children = MASK, []
    return node


def _acts(node: Node) -> bool:
    return node.role in _ACTS or "cursor" in node.attributes or _named_cell(node)


def _named_cell(node: Node) -> bool:
    """Returns whether it's a cell that can be chosen, such as a day of a calendar with its price."""
    own = any(state in node.attributes for state in ("disabled", "selected"))
    return node.role == "gridcell" and bool(node.ref) and (own or bool(node.name and node.value not in ("", node.name)))


def _block(node: Node, depth: int, lines: list[str]) -> None:
    line = _inline(node)
    if line is not None:
        if line:
            lines.append(" " * depth + line)
        return
    if node.role in _TABLES:
        _table(node, depth, lines)
        return
    if node.role in _ACTS:
        lines.append(" " * depth + _brackets(node, node.name) + ":")
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
    lines.append(" " * depth + _titled(node) + ":")
    for child in node.walk():
        if child.role == "row":
            cells = [_flat(cell) for cell in child.children if not cell.role.startswith("/")]
            lines.append(" " * (depth + 1) + " | ".join(cells))
        elif child.role == "caption" and child.text != node.name:
            lines.append(" " * (depth + 1) + _flat(child))


def _inline(node: Node) -> str | None:
    """Returns the node on one line, or None if it needs several."""
    if node.role in _BLOCKS and (node.role != "list" or node.name or len(node.children) > 1):
        return None
    if _acts(node) and any(_acts(c) and c.role != "option" for c in _below(node)):
        return None if node.role in _ACTS else _joined(node)
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
    holds = any(_acts(c) and c.role != "option" for c in _below(node))
    return not holds and (node.role in ("text", "img", "heading") or _acts(node))


def _several(node: Node) -> bool:
    """Returns whether it holds more than one card or section, or a title of the page: each gets a line of its own."""
    heads = [n for n in _below(node) if n.role in ("heading", "article")]
    high = ("1",) if node.role == "listitem" else ("1", "2")
    titles = [n for n in heads if n.attributes.get("level") in high and not any(map(_acts, n.walk()))]
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
        case "group" | "radiogroup" if node.name and line:
            return f"{node.name}: {line}"
        case "heading" if line and line[0] != "[":
            return f"h{node.attributes.get('level', '')} {line}"
        case "generic" if node.name and node.ref and not line:
            return _brackets(node, node.name)  # what opens a <details>
        case _:
            return line


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
    if node.role == "img" and not _acts(node):
        return f"(img {node.name})" if node.name else ""
    label = node.name or _words(node)
    if node.role == "heading":
        return f"h{node.attributes.get('level', '')} {label}"
    return _brackets(node, label)


def _brackets(node: Node, label: str) -> str:
    role = node.role if node.role in _ACTS else "clickable"
    parts = [node.ref, role] if node.ref else [role]
    if label:
        parts.append(f'"{label}"')
    if node.role in _CHOICES and (options := [c for c in node.walk() if c.role == "option"]):
        parts.append(_options(options, refs=node.role == "listbox"))
    elif node.role in _FIELDS and (text := _filled(node)):
        parts.append(f'= "{text}"')
    parts += [
        s if node.attributes[s] in ("", "true") else f"{s}={node.attributes[s]}"
        for s in _STATES
        if s in node.attributes
    ]
    if url := node.prop("url"):
        parts.append(url if len(url) <= LONGEST_URL else f"{url[:LONGEST_URL]}…")
    return f"[{' '.join(parts)}]"


def _filled(node: Node) -> str:
    """Returns what a field contains; an editor's text is in paragraphs and other parts below it."""
    if node.text or node.role != "textbox":
        return node.text
    return " ".join(w for n in _below(node) if n.role[0] != "/" for w in (n.name, n.value) if w)


def _options(options: list[Node], *, refs: bool) -> str:
    """Returns the options in words. `refs`: they can be clicked, as suggestions have to be."""
    shown = [f"*{o.name or o.text}" if "selected" in o.attributes else o.name or o.text for o in options]
    shown = [f"{o.ref} {words}" if refs and o.ref else words for o, words in zip(options, shown, strict=True)]
    more = f", … {len(shown) - MOST_OPTIONS} more" if len(shown) > MOST_OPTIONS else ""
    chosen = [s for s in shown[MOST_OPTIONS:] if re.match(r"(\S+ )?\*", s)]
    return f"of: {', '.join([*shown[:MOST_OPTIONS], *chosen])}{more}"


def _titled(node: Node) -> str:
    return f'{node.role} "{node.name}"' if node.name else node.role


def _words(node: Node) -> str:
    """Returns the plain text inside a node whose name was left out because its contents say it."""
    if node.role in _FIELDS or node.role in _CHOICES:
        return ""
    return " ".join(w for n in node.walk() if n.role[0] != "/" for w in (n.name if n is not node else "", n.value) if w)


def _below(node: Node) -> Iterable[Node]:
    return (n for child in node.children for n in child.walk())


def _fresh(node: Node) -> list[Node]:
    """Returns the children, without labels that an adjacent field repeats as its name."""
    names = {c.name for c in node.children if c.role in _ACTS}
    return [c for c in node.children if not (c.role == "text" and c.value in names) and not c.role.startswith("/")]
