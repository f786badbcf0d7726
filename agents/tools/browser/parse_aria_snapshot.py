"""Playwright's accessibility snapshot (mode "ai") as a tree."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

_LINE = re.compile(
    r'(?P<role>/?[^\s:"\[]+)(?: "(?P<name>(?:[^"\\]|\\.)*)")?(?P<attrs>(?: \[[^\]]*\])*)(?P<tail>:(?: (?P<value>.*))?)?'
)
_QUOTED = re.compile(r"'(?P<key>(?:[^']|'')*)'(?P<tail>:(?: (?P<value>.*))?)?")


@dataclass
class Node:
    """One line of the snapshot: `role "name" [attributes]: value`, and the lines below it."""

    role: str
    name: str = ""
    value: str = ""
    ref: str = ""
    attributes: dict[str, str] = field(default_factory=dict[str, str])
    children: "list[Node]" = field(default_factory=lambda: list[Node]())

    @property
    def text(self) -> str:
        """Returns its own value, or that of its only text child (a filled-in field is written either way)."""
        return self.value or " ".join(c.value for c in self.children if c.role == "text")

    def prop(self, name: str) -> str:
        """Returns a property such as `/url`, or nothing."""
        return next((c.value for c in self.children if c.role == f"/{name}"), "")

    def walk(self) -> "Iterator[Node]":
        """Yields this node and all below it, top down."""
        yield self
        for child in self.children:
            yield from child.walk()


def parse(snapshot: str) -> Node:
    """Returns the tree below a nameless root; a line that can't be parsed becomes text, so nothing is lost."""
    root = Node("root")
    stack: list[tuple[int, Node]] = [(-1, root)]
    for line in snapshot.splitlines():
        content = line.lstrip(" ")
        if not content.startswith("- "):
            continue
        indent = len(line) - len(content)
        while stack[-1][0] >= indent:
            stack.pop()
        node = _node(content[2:])
        stack[-1][1].children.append(node)
        stack.append((indent, node))
    return root


def _node(content: str) -> Node:
    quoted = _QUOTED.fullmatch(content)
    if quoted:
        content = quoted["key"].replace("''", "'") + (":" if quoted["tail"] else "")
    match = _LINE.fullmatch(content)
    if match is None:
        return Node("text", value=content)
    attributes = dict[str, str]()
    for part in re.findall(r"\[([^\]]*)\]", match["attrs"]):
        key, _, value = part.partition("=")
        attributes[key] = value
    value = (quoted["value"] if quoted else match["value"]) or ""
    return Node(
        role=match["role"],
        name=_unquoted(f'"{match["name"]}"') if match["name"] else "",
        value=_unquoted(value),
        ref=attributes.pop("ref", ""),
        attributes=attributes,
    )


def _unquoted(text: str) -> str:
    if len(text) < 2 or text[0] != '"' or text[-1] != '"':
        return text
    try:
        return str(json.loads(text, strict=False))
    except ValueError:
        return text[1:-1]
