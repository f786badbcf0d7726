"""E-mails as programs write them: forwarded, with broken headers or empty parts, wrapped in winmail.dat, Outlook's."""

import struct
from email.message import EmailMessage
from pathlib import Path

import pytest

from agents.tools.reading.calendars_and_contacts import calendar
from agents.tools.reading.mail import attachment, mailbox, text
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


def with_two_bodies(plain: str, html: str) -> bytes:
    made = mail(plain)
    made.add_alternative(html, subtype="html")
    return made.as_bytes()


_STUB = "This mail needs a program that shows HTML: https://inn.example/c/5521"
_BOOKING = (
    "<h1>Booking 88</h1><table><tr><td>Room 12</td><td>3 nights</td><td>412.50 EUR</td></tr></table><p>From May 9</p>"
)
_ALIKE = "<p>Dear Bob,</p><p>the meeting is on <b>Friday at 10:30</b> in room 4.</p><p>See <a href='#'>here</a>.</p>"


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
    ("the order only in the HTML", with_two_bodies(_STUB, _BOOKING), (
        "# Booking 88", "| Room 12 | 3 nights | 412.50 EUR", "From May 9", "[only in the message's plain-text part]",
        _STUB,
    )),
    ("a table only in the HTML", with_two_bodies(
        "Dear Bob,\nprices are below.\nKind regards",
        "<p>Dear Bob,</p><table><tr><td>Bolt</td><td>7,30</td></tr></table><p>Kind regards</p>",
    ), ("| Bolt | 7,30", "prices are below.")),
    ("a name encoded with its address", b"From: =?utf-8?q?J=C3=BCrg_=3Cjuerg=40example=2Eorg=3E?=\nSubject: x\n\nHi", (
        "From: Jürg <juerg@example.org>",
    )),
    ("blind copies", b"From: a@b.org\nBcc: boss@b.org\nSubject: x\n\nHi", ("Bcc: boss@b.org",)),
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


def test_html_that_says_the_same_as_the_plain_text_is_not_shown_too() -> None:
    plain = "Dear Bob,\nthe meeting is on Friday at 10:30 in room 4.\nSee here."
    told = text(with_two_bodies(plain, _ALIKE), "a.eml")
    assert told.count("Friday at 10:30") == 1
    assert "[only in" not in told


MAILBOX = (
    b"From ada@example.org Mon Mar  4 10:00:00 2024\r\nFrom: ada@example.org\r\nSubject: =?utf-8?B?R3LDvMOfZQ==?=\r\n"
    b"Date: Mon, 4 Mar 2024 10:00:00 +0100\r\nContent-Transfer-Encoding: base64\r\n"
    b"Content-Type: text/plain; charset=utf-8\r\n\r\nRsO8ciAzMCDigqwu\r\n\r\n"
    b"From - Tue Mar  5 10:00:00 2024\r\nFrom: bob@example.org\r\nSubject: Second\r\n\r\n"
    b">From here on it costs 40.\r\nFrom the start it did.\r\n\r\n"
)


def with_attachments(*names: str) -> bytes:
    made = mail()
    for name in names:
        made.add_attachment(name.encode(), maintype="text", subtype="csv", filename=name)
    return made.as_bytes()


def test_a_mailbox_is_read_message_by_message() -> None:
    told = mailbox(MAILBOX, "old.mbox")
    owed = (
        "old.mbox: a mailbox with 2 messages", "1. Mon, 04 Mar 2024 10:00:00 +0100, ada@example.org, Grüße",
        "2. bob@example.org, Second", "[message 1]", "Für 30 €.", "[message 2]", "\nFrom here on it costs 40.",
        "\nFrom the start it did.",
    )  # fmt: skip
    assert [words for words in owed if words not in told] == []


def test_attachments_of_a_mailbox_can_be_extracted() -> None:
    box = b"".join(b"From - x\n" + with_attachments(name) + b"\n\n" for name in ("a.csv", "b.csv"))
    assert "- message 2/b.csv  5 bytes" in mailbox(box, "old.mbox")
    assert attachment(box, "old.mbox", "message 2/b.csv") == b"b.csv"


CALENDAR = """BEGIN:VCALENDAR
BEGIN:VEVENT
UID:9
SUMMARY:Standup
DTSTART;TZID="Europe/Vienna":20240304T091500
DURATION:PT15M
RRULE:FREQ=DAILY;COUNT=9
RDATE;TZID=Europe/Vienna:20240320T091500
EXDATE;TZID=Europe/Vienna:20240306T091500,20240307T091500
ATTENDEE;CN=Ada;PARTSTAT=ACCEPTED:mailto:ada@example.org
ATTENDEE;CN=Bob;ROLE=OPT-PARTICIPANT;PARTSTAT=DECLINED:mailto:bob@example.org
ATTENDEE;CN=Cy:mailto:cy@example.org
BEGIN:VALARM
TRIGGER:-PT5M
DESCRIPTION:Reminder
END:VALARM
END:VEVENT
BEGIN:VEVENT
UID:9
RECURRENCE-ID;TZID=Europe/Vienna:20240305T091500
SUMMARY:Standup (moved)
DTSTART;TZID=Europe/Vienna:20240305T143000
END:VEVENT
END:VCALENDAR
"""


def test_exceptions_moved_dates_and_answers_of_a_calendar_are_read() -> None:
    told = calendar(CALENDAR.encode(), "team.ics")
    owed = (
        "Begins: 2024-03-04 09:15 (Europe/Vienna)", "Lasts: 15 min", "Also on: 2024-03-20 09:15 (Europe/Vienna)",
        "Not on: 2024-03-06 09:15, 2024-03-07 09:15 (Europe/Vienna)",
        "What: Standup (moved)\nInstead of: 2024-03-05 09:15 (Europe/Vienna)\nBegins: 2024-03-05 14:30",
        "Ada <ada@example.org> (accepted), Bob <bob@example.org> (declined, optional), Cy <cy@example.org>",
    )  # fmt: skip
    assert [words for words in owed if words not in told] == []
    assert "Reminder" not in told


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


def test_an_outlook_message_shows_blind_copies_and_a_fuller_html_body() -> None:
    numbers = {0x3FDE: 65001}
    people = {
        f"__recip_version1.0_#0000000{kind}": Part(
            {0x3001: name, 0x39FE: f"{name}@example.org"}, numbers={0x0C15: kind}
        )
        for kind, name in ((1, "bob"), (3, "boss"))
    }
    sent = {0x0037: "Booking", 0x0C1A: "Inn", 0x1000: _STUB}
    told = text(written(Part(sent, {0x1013: _BOOKING.encode()}, numbers=numbers, parts=people)), "a.msg")
    assert "Bcc: boss <boss@example.org>" in told
    assert "| Room 12 | 3 nights | 412.50 EUR" in told


@pytest.mark.skipif(not CORPUS.is_dir(), reason="the files of others aren't on this machine")
def test_outlook_messages_of_others_are_read() -> None:
    for path in sorted(CORPUS.glob("*.msg")):
        told = text(path.read_bytes(), path.name)
        assert told.strip()
        assert "\0" not in told
