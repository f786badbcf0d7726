"""Lists and fills the fields of PDF forms."""

import io
from typing import Any, NamedTuple

from pypdf import PdfWriter
from pypdf.generic import NameObject

from agents.pdf_reading.open_pdf import BROKEN, structure
from orchestrator.errors import ToolFailed


class Filled(NamedTuple):
    """The filled form, and the names of fields that are still empty."""

    content: bytes
    empty: list[str]


def filled(content: bytes, path: str, values: dict[str, str | bool], *, flatten: bool) -> Filled:
    """Fills in the form. Raises ToolFailed for a file without fields, an unknown field or choice."""
    reader = structure(content, path)
    try:
        fields: dict[str, Any] = {n: f for n, f in (reader.get_fields() or {}).items() if f.get("/FT")}
        if not fields:
            raise ToolFailed(f"{path!r} doesn't have any form fields. Write the answers in a document instead.")
        given = {name: _value(name, value, fields, path) for name, value in values.items()}
        writer: Any = PdfWriter(clone_from=reader)
        for page in writer.pages:
            if "/Annots" in page:
                writer.update_page_form_field_values(page, given, auto_regenerate=False, flatten=flatten)
        if flatten:
            writer.remove_annotations(subtypes="/Widget")
            writer.root_object.pop("/AcroForm", None)
        out = io.BytesIO()
        writer.write(out)
    except BROKEN as error:
        raise ToolFailed(f"The form {path!r} can't be filled in ({error}). Ask for another copy.") from error
    empty = [n for n, f in fields.items() if n not in given and not f.get("/V") and f["/FT"] != "/Btn"]
    return Filled(out.getvalue(), empty)


def _value(name: str, value: str | bool, fields: dict[str, Any], path: str) -> Any:
    if name not in fields:
        raise ToolFailed(f"{path!r} has no field {name!r}. It has {', '.join(map(repr, list(fields)[:40]))}.")
    field = fields[name]
    if field["/FT"] == "/Btn":
        return NameObject(_state(name, value, field))
    offered = [str(o[0] if isinstance(o, list) else o) for o in field.get("/Opt", [])]  # pyright: ignore
    if field["/FT"] == "/Ch" and offered and str(value) not in offered:
        raise ToolFailed(f"The field {name!r} accepts {', '.join(map(repr, offered[:40]))}, not {value!r}.")
    return "yes" if value is True else "no" if value is False else value


def _state(name: str, value: str | bool, field: Any) -> str:
    """Returns the state to set for a box or radio button."""
    states = [str(s) for s in field.get("/_States_", [])] or ["/Yes", "/Off"]
    on = [s for s in states if s != "/Off"]
    if isinstance(value, bool):
        return on[0] if value and on else "/Off"
    wanted = f"/{value.lstrip('/')}"
    if wanted not in states:
        raise ToolFailed(f"The field {name!r} must be {', '.join(s.lstrip('/') for s in states)}, not {value!r}.")
    return wanted
