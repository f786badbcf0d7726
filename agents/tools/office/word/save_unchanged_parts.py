"""Saves a changed Word document in its original package: every part with the same meaning keeps its exact bytes."""

from typing import Any

from agents.tools.office import xml, zip_package

_TYPES = "[Content_Types].xml"


def kept(before: dict[str, bytes], made: bytes, dropped: set[str]) -> bytes:
    """Returns `made` with the old bytes for every part that means the same, and with all parts that its writer left
    out."""
    after = zip_package.parts(made, "the document")
    parts = {n: _same_or_new(n, old, after.get(n)) for n, old in before.items() if n not in dropped}
    parts |= {n: new for n, new in after.items() if n not in parts and n not in dropped}
    parts[_TYPES] = _types(before[_TYPES], after[_TYPES], parts)
    return zip_package.pack(parts)


def _same_or_new(name: str, old: bytes, new: bytes | None) -> bytes:
    if new is None or new == old:
        return old
    if name.endswith(".rels"):
        return old if _rows(old) == _rows(new) else new
    if name.endswith(".xml") and name != _TYPES:
        return old if xml.canonical(old) == xml.canonical(new) else new
    return new


def _rows(content: bytes) -> set[tuple[tuple[str, str], ...]]:
    tree: Any = xml.parsed(content)
    rows = [{**row.attrib, "Target": str(row.get("Target")).removeprefix("/word/")} for row in tree]
    return {tuple(sorted((k, v) for k, v in r.items() if (k, v) != ("TargetMode", "Internal"))) for r in rows}


def _types(old: bytes, new: bytes, parts: dict[str, bytes]) -> bytes:
    """Returns the old list of types with new entries, without removed ones."""
    tree: Any = xml.parsed(old)
    have = {row.get("PartName") or row.get("Extension").lower() for row in tree}
    changed = False
    for row in xml.parsed(new):
        name = row.get("PartName") or row.get("Extension").lower()
        if name not in have and (row.get("Extension") or name.lstrip("/") in parts):
            tree.append(row)
            changed = True
    for row in list(tree):
        if row.get("PartName") and row.get("PartName").lstrip("/") not in parts:
            tree.remove(row)
            changed = True
    return xml.written(tree) if changed else old
