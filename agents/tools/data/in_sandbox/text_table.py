"""Reads text tables: detects encoding and delimiter, and reports what it found."""

import csv

from agents import text_decoding
from agents.delimited_text import records
from agents.text_decoding import DecodedText
from agents.tools.data.in_sandbox.header import tabled
from agents.tools.data.in_sandbox.refusal import CannotDo
from agents.tools.data.in_sandbox.table import DataTable


def decode(content: bytes, name: str, encoding: str = "") -> DecodedText:
    """Raises CannotDo if it isn't text, or if there's no such encoding."""
    try:
        return text_decoding.decode(content, encoding)
    except text_decoding.NotText as error:
        raise CannotDo(f"{name!r} isn't text or a known data file. Read it with run_python.") from error
    except text_decoding.NoSuchEncoding as error:
        raise CannotDo(text_decoding.no_such_encoding(encoding)) from error


def read_text(content: bytes, name: str, encoding: str = "") -> DataTable:
    """Returns the table of a delimited text. Raises CannotDo if it is empty or isn't text."""
    decoded = decode(content, name, encoding)
    if not decoded.text.strip():
        raise CannotDo(f"{name!r} is empty. Ask for the file again, or use another one.")
    try:
        found = records(decoded.text)
    except csv.Error as error:
        raise CannotDo(f"{name!r} can't be parsed ({error}). Check it with read_file.") from error
    filled = [(row, line) for row, line in zip(found.rows, found.lines, strict=True) if any(c.strip() for c in row)]
    table = tabled([row for row, _ in filled], [line for _, line in filled], "line")
    said = f"{decoded.described}, {found.delimiter_name}-separated"
    return DataTable(
        table.columns, table.rows, table.places, "line", f"text table ({said})", table.notes,
        (*decoded.odd, *found.odd, *table.odd), header=table.header,
    )  # fmt: skip
