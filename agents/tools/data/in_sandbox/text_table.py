"""Reads text tables: detects encoding and delimiter, and reports what it found."""

import csv
from dataclasses import replace

from agents import text_decoding
from agents.delimited_text import records
from agents.text_decoding import DecodedText
from agents.tools.data.in_sandbox.header import tabled
from agents.tools.data.in_sandbox.refusal import CannotDo
from agents.tools.data.in_sandbox.table import DataTable
from agents.tools.data.in_sandbox.text_sample import LARGE, TextSample, sampled


def decode(content: bytes, name: str, encoding: str = "") -> DecodedText:
    """Raises CannotDo if it isn't text, or if there's no such encoding."""
    try:
        return text_decoding.decode(content, encoding)
    except text_decoding.NotText as error:
        raise CannotDo(f"{name!r} isn't text or a known data file. Read it with run_python.") from error
    except text_decoding.NoSuchEncoding as error:
        raise CannotDo(text_decoding.no_such_encoding(encoding)) from error


def read_text(content: bytes, name: str, encoding: str = "", *, first_look: bool = False) -> DataTable:
    """Returns the table of a delimited text; a sample of a large one for a `first_look`. Raises CannotDo if it is empty
    or isn't text."""
    decoded = decode(content, name, encoding)
    if not decoded.text.strip():
        raise CannotDo(f"{name!r} is empty. Ask for the file again, or use another one.")
    part = first_look and len(decoded.text) > LARGE
    try:
        found = sampled(decoded.text) if part else records(decoded.text)
    except csv.Error as error:
        raise CannotDo(f"{name!r} can't be parsed ({error}). Check it with read_file.") from error
    filled = [(row, line) for row, line in zip(found.rows, found.lines, strict=True) if any(c.strip() for c in row)]
    table = tabled([row for row, _ in filled], [line for _, line in filled], "line")
    said = f"{decoded.described}, {found.delimiter_name}-separated"
    whole = DataTable(
        table.columns, table.rows, table.places, "line", f"text table ({said})", table.notes,
        (*decoded.odd, *found.odd, *table.odd), header=table.header,
    )  # fmt: skip
    if not isinstance(found, TextSample):
        return whole
    total = found.all_lines - (table.places[0] - 1 if table.places else 0)
    about = "" if found.exact else "about "
    return replace(
        whole,
        total=total,
        about=about,
        sample=f"a sample of {len(table.rows):,}: the beginning, the end, and in between",
    )
