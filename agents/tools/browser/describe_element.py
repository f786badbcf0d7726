"""Writes an element that can be acted on: its ref, role, name, what it contains, and its state. Pure.

No visible text is left out: what a name doesn't say, such as the number on a cart, stands behind it.
"""

import re
from collections.abc import Iterable, Iterator

from agents.tools.browser.crossed_out_marks import unmarked
from agents.tools.browser.parse_aria_snapshot import Node

LONGEST_URL = 160
MOST_OPTIONS = 30


def words_of(text: str) -> frozenset[str]:
    return frozenset(text.split())


ACTS = words_of("""
    link button textbox searchbox combobox listbox checkbox radio switch slider spinbutton menuitem menuitemcheckbox
    menuitemradio tab treeitem option
""")
_FIELDS = frozenset(("textbox", "searchbox", "combobox", "spinbutton", "slider"))
CHOICES = frozenset(("combobox", "listbox"))
_WORDS = re.compile(r"\w+")
_STATES = ("checked", "selected", "pressed", "expanded", "disabled", "active", "invalid")


def acts(node: Node) -> bool:
    return node.role in ACTS or "cursor" in node.attributes or _named_cell(node)


def _named_cell(node: Node) -> bool:
    """Returns whether it's a cell that can be chosen, such as a day of a calendar with its price."""
    own = any(state in node.attributes for state in ("disabled", "selected"))
    return node.role == "gridcell" and bool(node.ref) and (own or bool(node.name and node.value not in ("", node.name)))


def brackets(node: Node, label: str) -> str:
    role = node.role if node.role in ACTS else "clickable"
    parts = [node.ref, role] if node.ref else [role]
    field = node.role in _FIELDS or node.role in CHOICES
    more = "" if field or any(acts(n) and n.role != "option" for n in below(node)) else unsaid(node, label)
    if label or more:
        parts.append(f'"{label}": {more}' if label and more else f'"{label or more}"')
    if node.role == "listbox" or (node.role == "combobox" and any(c.role == "option" for c in below(node))):
        parts += _choices(node, refs=node.role == "listbox")
    elif node.role in _FIELDS and (text := filled(node)):
        parts.append(f'= "{text}"')
    parts += [
        s if node.attributes[s] in ("", "true") else f"{s}={node.attributes[s]}"
        for s in _STATES
        if s in node.attributes
    ]
    if url := node.prop("url"):
        parts.append(url if len(url) <= LONGEST_URL else f"{url[:LONGEST_URL]}…")
    return f"[{' '.join(parts)}]"


def filled(node: Node) -> str:
    """Returns what a field contains; an editor's text is in paragraphs and other parts below it."""
    return node.value or " ".join(w for n in below(node) if n.role[0] != "/" for w in (n.name, n.value) if w)


def _choices(node: Node, *, refs: bool) -> list[str]:
    """Returns the options in words, and what stands between them. `refs`: they can be clicked, as suggestions have to
    be."""
    shown = [node.value] if node.value else []
    shown += [_option(one, refs=refs) if one.role == "option" else one.name or one.value for one in _listed(node)]
    more = f", … {len(shown) - MOST_OPTIONS} more" if len(shown) > MOST_OPTIONS else ""
    chosen = [s for s in shown[MOST_OPTIONS:] if re.match(r"(\S+ )?\*", s)]
    return [f"of: {', '.join([*shown[:MOST_OPTIONS], *chosen])}{more}"] if shown else []


def _option(node: Node, *, refs: bool) -> str:
    label = node.name or inner_text(node)
    more = unsaid(node, label)
    words = f"{'*' * ('selected' in node.attributes)}{label}{f' ({more})' if more else ''}"
    return f"{node.ref} {words}" if refs and node.ref else words


def _listed(node: Node) -> Iterator[Node]:
    """Yields the options of a list, and the other text in it."""
    for child in node.children:
        if child.role == "option" or (child.role[0] != "/" and (child.name or child.value)):
            yield child
        if child.role != "option":
            yield from _listed(child)


def unsaid(node: Node, label: str) -> str:
    """Returns the text inside that the label doesn't say; signs without a letter are pictures."""
    said = unmarked(label).casefold()
    known = set(_WORDS.findall(said))
    texts = [w for n in node.walk() if n.role[0] != "/" for w in (n.name if n is not node else "", n.value) if w]
    return " ".join(text for text in texts if not _says(said, known, unmarked(text).casefold()))


def _says(said: str, known: set[str], text: str) -> bool:
    return text in said or known.issuperset(_WORDS.findall(text))


def inner_text(node: Node) -> str:
    """Returns the plain text inside a node whose name was left out because its contents say it."""
    if node.role in _FIELDS or node.role in CHOICES:
        return ""
    return " ".join(w for n in node.walk() if n.role[0] != "/" for w in (n.name if n is not node else "", n.value) if w)


def below(node: Node) -> Iterable[Node]:
    return (n for child in node.children for n in child.walk())
