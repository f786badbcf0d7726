"""The beginning of a file that waits for a decision."""

import pytest

from bot.web.file_excerpt import MOST_CELL, MOST_COLUMNS, MOST_LINES, MOST_ROWS, excerpt


@pytest.mark.parametrize(
    ("name", "content"),
    [("a.csv", 'x,y\n"one, two","three\nfour"\n'), ("a.CSV", '\ufeffx;y\r\n"one, two";"three\r\nfour"\r\n'),
     ("a.tsv", 'x\ty\none, two\t"three\nfour"')],
)  # fmt: skip
def test_a_table_is_read_as_rows(name: str, content: str) -> None:
    found = excerpt(name, content.encode(), more=False)
    assert found and found.rows == (("x", "y"), ("one, two", "three\nfour")) and not found.more


def test_a_long_table_is_cut_in_every_direction() -> None:
    row = ",".join(["w" * 999] * 50)
    found = excerpt("a.csv", "\n".join([row] * 99).encode(), more=False)
    assert found and found.more and len(found.rows) == MOST_ROWS
    assert {len(r) for r in found.rows} == {MOST_COLUMNS} and {len(c) for r in found.rows for c in r} == {MOST_CELL}


def test_a_long_text_is_cut() -> None:
    found = excerpt("a.txt", b"line\n" * 99, more=False)
    assert found and found.more and len(found.text.splitlines()) == MOST_LINES


def test_half_a_letter_at_the_cut_is_not_shown() -> None:
    found = excerpt("a.md", "grün ü".encode()[:-1], more=True)
    assert found and found.text == "grün " and found.more


@pytest.mark.parametrize("codec", ["utf-8-sig", "utf-16", "cp1252"])
def test_a_table_is_read_in_the_encoding_that_programs_save_it_in(codec: str) -> None:
    found = excerpt("a.csv", "Straße;Größe\nÄrmel;5 €\n".encode(codec), more=False)
    assert found and found.rows == (("Straße", "Größe"), ("Ärmel", "5 €"))


@pytest.mark.parametrize(
    ("name", "content"), [("a.csv", b"\0\1"), ("a.txt", b" \n"), ("a.html", b"<p>"), ("csv", b"x")]
)
def test_what_is_no_readable_text_has_no_excerpt(name: str, content: bytes) -> None:
    assert excerpt(name, content, more=False) is None
