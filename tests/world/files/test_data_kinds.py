"""Files that aren't tables, given to the data tools: bank statements become tables, others are called what they are."""

from datetime import date
from pathlib import Path

import pytest

from agents.tools.data.in_sandbox import read_tables
from agents.tools.data.in_sandbox.look import run as look
from agents.tools.data.in_sandbox.querying import run as query
from agents.tools.data.in_sandbox.read_tables import read
from agents.tools.data.in_sandbox.refusal import CannotDo
from tests.world.files.office_packages import package, zipped

_KINDS = {
    "053": ("BkToCstmrStmt", "Stmt"),
    "052": ("BkToCstmrAcctRpt", "Rpt"),
    "054": ("BkToCstmrDbtCdtNtfctn", "Ntfctn"),
}


def _balance(kind: str, amount: str, day: str) -> str:
    return (
        f"<Bal><Tp><CdOrPrtry><Cd>{kind}</Cd></CdOrPrtry></Tp><Amt Ccy='CHF'>{amount}</Amt>"
        f"<CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>{day}</Dt></Dt></Bal>"
    )


def _entry(amount: str, sign: str, day: str, *details: str) -> str:
    return (
        f"<Ntry><Amt Ccy='CHF'>{amount}</Amt><CdtDbtInd>{sign}</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts>"
        f"<BookgDt><Dt>{day}</Dt></BookgDt><ValDt><DtTm>{day}T00:00:00+02:00</DtTm></ValDt><NtryDtls>{''.join(details)}</NtryDtls>"
        "<AddtlNtryInf>Order</AddtlNtryInf></Ntry>"
    )


def _detail(text: str, *, party: str = "", iban: str = "") -> str:
    return (
        f"<TxDtls><Refs><EndToEndId>NOTPROVIDED</EndToEndId></Refs><RltdPties>{party}<DbtrAcct><Id><IBAN>{iban}</IBAN></Id>"
        f"</DbtrAcct></RltdPties><RmtInf><Ustrd>{text}</Ustrd></RmtInf></TxDtls>"
    )


def _statement(kind: str = "053", *, closing: str = "1204.80", entries: str | None = None) -> str:
    outer, inner = _KINDS[kind]
    payer = "<Dbtr><Pty><Nm>Bob AG</Nm></Pty></Dbtr>"
    body = entries if entries is not None else (
        _entry("310.50", "CRDT", "2024-05-02", _detail("Bill 88", party=payer, iban="CH1"))
        + _entry("105.70", "DBIT", "2024-05-03", _detail("Rent"), _detail("Fee", party="<Cdtr><Nm>Bank</Nm></Cdtr>"))
        + _entry("0.00", "DBIT", "2024-05-04")
    )  # fmt: skip
    return (
        f"<?xml version='1.0' encoding='UTF-8'?><Document xmlns='urn:iso:std:iso:20022:tech:xsd:camt.{kind}.001.08'>"
        f"<{outer}><GrpHdr><MsgId>1</MsgId></GrpHdr><{inner}><Acct><Id><IBAN>CH9300762011623852957</IBAN></Id></Acct>"
        f"{_balance('OPBD', '1000.00', '2024-05-01')}{_balance('CLBD', closing, '2024-05-04')}{body}</{inner}>"
        f"</{outer}></Document>"
    )


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(read_tables, "ROOT", tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("kind", "words"), [("053", "bank statement"), ("052", "bank report"), ("054", "notification")]
)
def test_entries_of_a_bank_statement_are_rows_with_signs(folder: Path, kind: str, words: str) -> None:
    (folder / "a.xml").write_text(_statement(kind), "utf-8")
    table = read("a.xml")
    assert words in table.kind
    assert [row[: table.column("currency")] for row in table.rows] == [
        [date(2024, 5, 2), date(2024, 5, 2), 310.5],
        [date(2024, 5, 3), date(2024, 5, 3), -105.7],
        [date(2024, 5, 4), date(2024, 5, 4), 0],
    ]
    one = dict(zip(table.columns, table.rows[0], strict=True))
    assert (one["other party"], one["other account"], one["text"], one["status"]) == (
        "Bob AG",
        "CH1",
        "Bill 88",
        "BOOK",
    )
    two = dict(zip(table.columns, table.rows[1], strict=True))
    assert (two["other party"], two["text"], two["transactions"]) == ("Bank", "Rent; Fee", 2)
    assert table.rows[2][table.column("text")] == "Order"


def test_a_bank_statement_can_be_queried_and_its_balances_are_checked(folder: Path) -> None:
    (folder / "a.xml").write_text(_statement(), "utf-8")
    (folder / "b.xml").write_text(_statement(closing="1300.00"), "utf-8")
    looked = look({"file": "a.xml"})
    assert "Note: opening balance 2024-05-01 1,000.00 CHF." in looked
    assert "Note: the entries add up to the closing balance." in looked
    assert "the difference is -95.20" in look({"file": "b.xml"})
    answer = query({"sql": "SELECT sum(amount) AS moved FROM t", "files": {"t": "a.xml"}, "save_as": "", "rows": 5})
    assert "| 204.8 |" in str(answer)


def test_a_bank_statement_without_entries_says_its_balances(folder: Path) -> None:
    (folder / "a.xml").write_text(_statement(entries=""), "utf-8")
    with pytest.raises(CannotDo, match=r"without entries \(opening balance 2024-05-01 1,000\.00 CHF;"):
        read("a.xml")


_INVOICE = "<?xml version='1.0'?><Invoice><Line><Item>a</Item></Line><Line><Item>b</Item></Line></Invoice>"
_BOMB = "<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>"
OTHERS = [
    ("i.xml", _INVOICE.encode(), "is XML (<Invoice>) with 2 <Line> elements, not a table. Read it with document_read,"),
    ("i.csv", b"\xef\xbb\xbf" + _INVOICE.encode(), "is XML (<Invoice>)"),
    ("i.xml", _INVOICE.encode("utf-16"), "is XML (<Invoice>)"),
    ("w.csv", b"<!DOCTYPE html><html><body><p>a,b</p></body></html>", "is a web page, not a table."),
    ("c.csv", b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n", "is a calendar"),
    ("m.txt", b"From: a@b.org\nSubject: Hi, you\nMessage-ID: <1>\nMIME-Version: 1.0\n\na,b\n", "is an email"),
    ("d.csv", b"%PDF-1.7\n", "is a PDF"),
    ("d.xlsx", package("word/document.xml", {"word/document.xml": "<a/>"}), "is a Word document"),
    ("s.xlsx", package("ppt/presentation.xml", {"ppt/presentation.xml": "<a/>"}), "is a slide deck"),
    ("z.csv", zipped({"a.txt": "a"}), "is a zip archive"),
    ("x.xml", b'<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"/>', "Copy it to a name"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "content", "said"), OTHERS, ids=[f"{n} {row[0]}" for n, row in enumerate(OTHERS)])
def test_a_file_that_is_no_table_is_called_what_it_is(folder: Path, name: str, content: bytes, said: str) -> None:
    (folder / name).write_bytes(content)
    with pytest.raises(CannotDo) as refused:
        read(name)
    assert said in str(refused.value)


def test_entities_are_not_expanded(folder: Path) -> None:
    (folder / "a.xml").write_text(_BOMB, "utf-8")
    assert read("a.xml").kind.startswith("text table")


@pytest.mark.parametrize("text", ["Subject: a,b\n1,2\n3,4\n", "<5,1\n>5,2\n", "a <b>,c\n1,2\n"])
def test_a_table_that_looks_a_little_like_something_else_stays_one(folder: Path, text: str) -> None:
    (folder / "a.csv").write_text(text, "utf-8")
    assert read("a.csv").kind.startswith("text table")
