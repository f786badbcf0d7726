"""E-mails as programs write them: forwarded, with broken headers or empty parts, wrapped in winmail.dat, Outlook's."""

import struct
from email.message import EmailMessage
from pathlib import Path

import pytest

from agents.tools.reading.mail import attachment, text
from tests.world.files.outlook_writer import Part, written

CORPUS = Path(__file__).parents[4] / "shared" / "corpus"
INVITATION = """BEGIN:VCALENDAR
METHOD:REQUEST
BEGIN:VEVENT
SUMMARY:Budget
DTSTART;TZID=Europe/Berlin:20260305T100000
DTEND:20260305T110000Z
LOCATION:Room 4\\, first floor
ORGANIZER;CN=Ada:mailto:ada@example.org
ATTENDEE;CN="Bob":mailto:bob@example.org
END:VEVENT
END:VCALENDAR
"""


def mail(body: str = "Hello", **headers: str) -> EmailMessage:
    made = EmailMessage()
    for name, value in ({"From": "ada@example.org", "Subject": "Plan"} | headers).items():
        made[name] = value
    made.set_content(body)
    return made


def tnef(name: str, body: bytes) -> bytes:
    def row(level: int, number: int, data: bytes) -> bytes:
        return struct.pack("<BHHI", level, number, 0, len(data)) + data + b"\0\0"

    rows = row(1, 0x800C, b"Inner text\0") + row(2, 0x9002, bytes(14)) + row(2, 0x8010, name.encode() + b"\0")
    return struct.pack("<IH", 0x223E9F78, 1) + rows + row(2, 0x800F, body)


def forwarded() -> bytes:
    inner = mail("The old figures", Subject="Figures")
    inner.add_attachment(b"1,2", maintype="text", subtype="csv", filename="a.csv")
    outer = mail("See below")
    outer.add_attachment(inner)
    return outer.as_bytes()


def wrapped() -> bytes:
    made = mail()
    made.add_attachment(tnef("a.csv", b"1,2"), maintype="application", subtype="ms-tnef", filename="winmail.dat")
    return made.as_bytes()


def invited() -> bytes:
    made = mail()
    made.add_alternative(INVITATION, subtype="calendar")
    return made.as_bytes()


def with_a_second_text() -> bytes:
    parts = "--b\r\nContent-Type: text/plain\r\n\r\nFirst\r\n--b\r\nContent-Type: text/plain\r\n\r\nSecond\r\n--b--\r\n"
    return b"From: a@b.org\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n" + parts.encode()


def with_a_scan() -> bytes:
    made = mail()
    made.set_content("<html><body> </body></html>", subtype="html")
    made.add_related(b"\x89PNG", maintype="image", subtype="png", cid="<x>")
    return made.as_bytes()


CASES = [
    ("forwarded in full", forwarded(), (
        "See below", "[message inside: message 1.eml]", "The old figures", "message 1.eml/a.csv",
    )),
    ("winmail.dat", wrapped(), ("Hello", "Inner text", "a.csv  3 bytes (from winmail.dat)")),
    ("invitation", invited(), (
        "Hello", "[invitation: request]", "What: Budget", "Begins: 2026-03-05 10:00 (Europe/Berlin)",
        "Room 4, first floor",
        "Organizer: Ada <ada@example.org>", "Invited: Bob <bob@example.org>",
    )),
    ("second text", with_a_second_text(), ("First", "Second")),
    ("empty HTML beside a scan", with_a_scan(), ("[no text in the email itself;", "(inline picture)")),
    ("broken date", b"From: a@b.org\nDate: Someday, 99 Foo 2026 99:99\nSubject: x\n\nHello", ("99 Foo 2026", "Hello")),
    ("broken sender", b"From: <<a@b.org\nSubject: =?utf-8?Q?caf=C3=A9?=\n\nHello", ("a@b.org", "café", "Hello")),
    ("raw bytes in a header", b"From: a@b.org\nSubject: M\xfcller\n\nHello", ("Müller",)),
    ("unknown charset", b"From: a@b.org\nContent-Type: text/plain; charset=x-odd\n\nM\xfcller", ("Müller",)),
    ("no sender", b"Received: from x\nMIME-Version: 1.0\n\nHello", ("Hello",)),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "content", "words"), CASES, ids=[row[0] for row in CASES])
def test_everything_in_an_e_mail_is_read(kind: str, content: bytes, words: tuple[str, ...]) -> None:
    told = text(content, "a.eml")
    assert [word for word in words if word not in told] == []


def test_attachments_of_messages_inside_and_of_winmail_can_be_extracted() -> None:
    assert attachment(forwarded(), "a.eml", "message 1.eml/a.csv") == b"1,2"
    assert attachment(wrapped(), "a.eml", "a.csv") == b"1,2"


@pytest.mark.parametrize("narrow", ["", "cp1251"])
def test_an_outlook_message_is_read_with_what_is_attached(narrow: str) -> None:
    codes = {0x3FFD: 1251}
    inner = Part({0x0037: "Внутри", 0x1000: "Старые"}, numbers=codes, narrow=narrow)
    message = Part(
        {0x0037: "Планы", 0x0C1A: "Ada", 0x5D01: "ada@example.org", 0x1000: "Привет"},
        numbers=codes,
        narrow=narrow,
        parts={
            "__recip_version1.0_#00000000": Part({0x3001: "Bob", 0x39FE: "bob@example.org"}, numbers={0x0C15: 1}),
            "__attach_version1.0_#00000000": Part({0x3707: "a.bin"}, {0x3701: b"x" * 5000}),
            "__attach_version1.0_#00000001": Part({0x3001: "old"}, parts={"__substg1.0_3701000D": inner}),
        },
    )
    content = written(message)
    told = text(content, "a.msg")
    owed = (
        "Ada <ada@example.org>",
        "Bob <bob@example.org>",
        "Subject: Планы",
        "Привет",
        "Внутри",
        "Старые",
        "a.bin  5,000",
    )
    assert [word for word in owed if word not in told] == []
    assert attachment(content, "a.msg", "a.bin") == b"x" * 5000


@pytest.mark.skipif(not CORPUS.is_dir(), reason="the files of others aren't on this machine")
def test_outlook_messages_of_others_are_read() -> None:
    for path in sorted(CORPUS.glob("*.msg")):
        told = text(path.read_bytes(), path.name)
        assert told.strip()
        assert "\0" not in told
