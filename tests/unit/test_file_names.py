"""Names that cannot be shown are shown escaped, and the shown name is the name."""

import os

import pytest

from orchestrator.domain.escape_file_names import label, real, shown

NAMES = [
    (b"\xff\xfe", r"\xff\xfe"),
    (b"a\nb", r"a\x0ab"),
    (b"\x1b[31m", r"\x1b[31m"),
    ("gpj.\u202eexe".encode(), r"gpj.\u202eexe"),
    ("\u0085".encode(), r"\u0085"),
    ("\U000e0041".encode(), r"\U000e0041"),
    (rb"a\b", r"a\b"),
    (rb"\x41\xff", r"\x5cx41\x5cxff"),
    (b"a\\b/\xff", r"a\x5cb/\xff"),
    (b"\\\xff", r"\x5c\xff"),
    ("Ärger 電池 👨‍👩‍👧.txt".encode(), "Ärger 電池 👨‍👩‍👧.txt"),
    ("Bildschirm\u202ffoto\u00a01.png".encode(), "Bildschirm\u202ffoto\u00a01.png"),
]


@pytest.mark.parametrize(("name", "seen"), NAMES, ids=[seen for _, seen in NAMES])
def test_a_name_is_shown_in_characters_that_can_be_seen_and_leads_back(name: bytes, seen: str) -> None:
    held = os.fsdecode(name)
    assert shown(held) == seen
    assert os.fsencode(real(seen)) == name
    shown(held).encode()


def test_every_byte_and_many_characters_lead_back() -> None:
    names = [os.fsdecode(bytes([n])) for n in range(1, 256)] + [chr(n) for n in range(0x80, 0x3000)]
    names += [f"\\{name}" for name in names] + [f"\\x5c{name}\\u202e" for name in names]
    assert [name for name in names if real(shown(name)) != name] == []


def test_a_name_copied_out_of_a_quoted_sentence_leads_back_too() -> None:
    assert real(repr(r"a\xff").strip("'")) == os.fsdecode(b"a\xff")


def test_an_escape_of_a_character_that_can_be_seen_stays_as_it_is() -> None:
    assert real(r"\x2e\x2e\x2fetc") == r"\x2e\x2e\x2fetc"
    assert real(r"C:\users\xylo \U99999999 \ud800") == r"C:\users\xylo \U99999999 \ud800"


def test_a_label_is_its_own_label() -> None:
    for name, _ in NAMES:
        once = label(os.fsdecode(name))
        assert label(once) == once
        once.encode()
