"""Reads the fields of a PDF form: their names, what may be chosen, and their values."""

import re
from typing import Any
from xml.etree import ElementTree

from pypdf import PdfReader
from pypdf.generic import NameObject

_MOST_CHOICES, _MOST_FIELDS = 40, 500


def form_fields(reader: PdfReader) -> list[str]:
    """Returns a line for each field. Raises what pypdf raises for a damaged form."""
    fields: dict[str, Any] = reader.get_fields() or {}
    lines = [f"- {name}{_kind(field)}: {_value(field)}" for name, field in fields.items() if field.get("/FT")]
    return lines[:_MOST_FIELDS]


def xfa_values(reader: PdfReader) -> list[str]:
    """Returns what is filled in to a form of the kind that only Adobe's reader shows."""
    found: list[str] = []
    for name, packet in _packets(reader):
        if name == "datasets":
            try:
                found += _filled(ElementTree.fromstring(packet))
            except ElementTree.ParseError:
                continue
    return found[:_MOST_FIELDS]


def is_xfa(reader: PdfReader) -> bool:
    """Returns whether it is such a form."""
    return any(True for _ in _packets(reader))


def _packets(reader: PdfReader) -> list[tuple[str, bytes]]:
    root: Any = reader.trailer["/Root"]
    form: Any = root.get("/AcroForm")
    packets: Any = None if form is None else form.get_object().get("/XFA")
    if packets is None:
        return []
    packets = packets.get_object()
    if not isinstance(packets, list):
        return [("datasets", packets.get_data())]
    pairs: list[Any] = list(packets)  # pyright: ignore[reportUnknownArgumentType]
    return [(str(name), part.get_object().get_data()) for name, part in zip(pairs[::2], pairs[1::2], strict=False)]


def _filled(root: ElementTree.Element) -> list[str]:
    data = next((e for e in root.iter() if e.tag.endswith("}data") or e.tag == "data"), root)
    return [
        f"- {re.sub(r'{.*}', '', element.tag)}: {' '.join(element.text.split())}"
        for element in data.iter()
        if not len(element) and element.text and element.text.strip()
    ]


def _value(field: Any) -> str:
    value = field.get("/V")
    if isinstance(value, list):
        return ", ".join(str(one) for one in value)  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]
    if hasattr(value, "get_data"):
        value = value.get_data().decode("latin-1")
    if isinstance(value, NameObject):
        return "" if value == "/Off" else value.lstrip("/")
    return "" if value is None else " ".join(str(value).split())


def _kind(field: Any) -> str:
    """Returns the type of a field that isn't free text: ` (box)`, ` (Team, Business)`."""
    if field["/FT"] == "/Ch" and (offered := field.get("/Opt")):
        choices = (str(o[0] if isinstance(o, list) else o) for o in offered[:_MOST_CHOICES])  # pyright: ignore
        return f" ({', '.join(choices)})"
    states = [str(s).lstrip("/") for s in field.get("/_States_", []) if s != "/Off"]
    return f" ({', '.join(states) if len(states) > 1 else 'box'})" if field["/FT"] == "/Btn" else ""
