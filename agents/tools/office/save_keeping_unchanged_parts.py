"""Saves a changed office file in its original package: every part with the same meaning keeps its exact bytes."""

import posixpath
from collections.abc import Collection
from typing import Any

from agents.tools.office import xml, zip_package
from orchestrator.errors import ToolFailed

_TYPES = "[Content_Types].xml"


def kept(before: dict[str, bytes], made: bytes, dropped: Collection[str]) -> bytes:
    """Returns `made` with the old bytes for every part that means the same, and with all parts that its writer left
    out."""
    after = zip_package.parts(made, "the file")
    parts = {n: _same_or_new(n, old, after.get(n)) for n, old in before.items() if n not in dropped}
    parts |= {n: new for n, new in after.items() if n not in parts and n not in dropped}
    parts[_TYPES] = _types(before, after[_TYPES], parts)
    return zip_package.pack(parts)


def refuse_signed(content: bytes, path: str) -> None:
    """Raises ToolFailed for a file with a signature, which any change would break."""
    if any(name.startswith("_xmlsignatures/") for name in zip_package.parts(content, path)):
        raise ToolFailed(f"{path!r} is signed, and a change would break the signature. Ask for an unsigned copy.")


def _same_or_new(name: str, old: bytes, new: bytes | None) -> bytes:
    if new is None or new == old:
        return old
    if name.endswith(".rels"):
        return old if _rows(name, old) == _rows(name, new) else new
    if name.endswith(".xml") and name != _TYPES:
        return old if xml.canonical(old) == xml.canonical(new) else new
    return new


def _rows(name: str, content: bytes) -> set[tuple[tuple[str, str], ...]]:
    """Returns what the part's owner points to, whether the addresses are relative or not."""
    folder = posixpath.dirname(posixpath.dirname(name))
    tree: Any = xml.parsed(content)
    found: set[tuple[tuple[str, str], ...]] = set()
    for row in tree:
        words = {str(k): str(v) for k, v in row.attrib.items() if (k, v) != ("TargetMode", "Internal")}
        if "TargetMode" not in words:
            words["Target"] = posixpath.normpath(posixpath.join("/" + folder, words["Target"]))
        found.add(tuple(sorted(words.items())))
    return found


def _types(before: dict[str, bytes], new: bytes, parts: dict[str, bytes]) -> bytes:
    """Returns the old list of types with entries for new parts, without those of removed ones."""
    tree: Any = xml.parsed(before[_TYPES])
    have = {row.get("PartName") or row.get("Extension").lower() for row in tree}
    fresh = parts.keys() - before.keys()
    wanted = {f"/{name}" for name in fresh} | {posixpath.splitext(name)[1].lower().lstrip(".") for name in fresh}
    changed = False
    for row in xml.parsed(new):
        name = row.get("PartName") or row.get("Extension").lower()
        if name not in have and name in wanted:
            tree.append(row)
            changed = True
    for row in list(tree):
        if row.get("PartName") and row.get("PartName").lstrip("/") not in parts:
            tree.remove(row)
            changed = True
    return xml.written(tree) if changed else before[_TYPES]
