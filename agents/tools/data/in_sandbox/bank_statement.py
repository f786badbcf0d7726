"""Reads bank statements in XML (camt.052, camt.053, camt.054) as tables with one row per entry."""

import xml.etree.ElementTree as ET
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from decimal import Decimal, InvalidOperation

from agents.tools.data.in_sandbox.refusal import CannotDo
from agents.tools.data.in_sandbox.table import DataTable, NamedSource
from orchestrator.domain.plural import counted

_COLUMNS = ("booked", "value date", "amount", "currency", "status", "other party", "other account", "text",
            "end-to-end id", "account", "transactions")  # fmt: skip
_KINDS = {
    "Stmt": "bank statement (camt.053)",
    "Rpt": "bank report (camt.052)",
    "Ntfctn": "bank notification (camt.054)",
}
_BALANCES = {"OPBD": "opening balance", "PRCD": "opening balance", "CLBD": "closing balance", "ITBD": "interim balance"}
_OPENING = ("OPBD", "PRCD")
_MOST = 6
Node = ET.Element


def is_one(root: Node) -> bool:
    return _local(root) == "Document" and any(_local(one).startswith("BkToCstmr") for one in root)


def read(root: Node, name: NamedSource) -> DataTable:
    """Returns the entries with their signs, and notes about balances. Raises CannotDo if there are none."""
    found = [(part, _local(part)) for message in root for part in message if _local(part) in _KINDS]
    rows, notes = list[list[object]](), list[str]()
    for part, _ in found:
        entries = [_entry(entry, _account(part)) for entry in _all(part, "Ntry")]
        rows += entries
        notes += _balances(part, entries)
    if not rows:
        said = f" ({'; '.join(notes)})" if notes else ""
        raise CannotDo(f"{name.shown!r} is a bank statement without entries{said}. Ask for another period.")
    plain = [n for n, column in enumerate(_COLUMNS) if column != "transactions" or any(row[n] != 1 for row in rows)]
    kept = [n for n in plain if any(row[n] not in (None, "") for row in rows)]
    more = (f"{counted(len(notes) - _MOST, 'more balance')}",) if len(notes) > _MOST else ()
    return DataTable(
        [_COLUMNS[n] for n in kept], [[row[n] for n in kept] for row in rows], list(range(1, len(rows) + 1)), "record",
        _KINDS[found[0][1]], ("credits are positive, debits negative", *notes[:_MOST], *more),
    )  # fmt: skip


def _entry(entry: Node, account: str) -> list[object]:
    details = list(_all(entry, "TxDtls"))
    debit = _text(entry, "CdtDbtInd") == "DBIT"
    party, place = ("Cdtr", "CdtrAcct") if debit else ("Dbtr", "DbtrAcct")
    texts = [" ".join(t for t in _texts(one, "RmtInf", "Ustrd") if t) for one in details]
    texts = [text or _first(_texts(one, "CdtrRefInf", "Ref")) for one, text in zip(details, texts, strict=True)]
    said = _joined(texts) or _text(entry, "AddtlNtryInf")
    parties = (_first([*_texts(one, party, "Nm")]) for one in details)
    return [
        _day(entry, "BookgDt"), _day(entry, "ValDt"), _amount(entry), _currency(entry),
        _text(entry, "Sts") or _first(_texts(entry, "Sts", "Cd")), _joined(parties),
        _joined(_first([*_texts(one, place, "IBAN"), *_texts(one, place, "Id")]) for one in details), said,
        _joined(_first(_texts(one, "Refs", "EndToEndId")) for one in details), account, max(1, len(details)),
    ]  # fmt: skip


def _balances(part: Node, entries: list[list[object]]) -> Iterator[str]:
    """Yields each balance, and whether the entries lead from the first to the last."""
    found = list[tuple[str, float]]()
    for balance in (one for one in part if _local(one) == "Bal"):
        code = _first([*_texts(balance, "CdOrPrtry", "Cd"), *_texts(balance, "Tp", "Cd")])
        amount = _amount(balance)
        if amount is not None:
            found.append((code, amount))
            kind = _BALANCES.get(code, f"balance {code}")
            yield f"{kind} {_day(balance, 'Dt') or ''} {amount:,.2f} {_currency(balance)}"
    begun = next((amount for code, amount in found if code in _OPENING), None)
    ended = next((amount for code, amount in found if code == "CLBD"), None)
    booked = sum(row[2] for row in entries if isinstance(row[2], int | float) and row[4] != "PDNG")
    if begun is not None and ended is not None:
        off = round(begun + booked - ended, 2)
        yield (
            f"the entries don't add up to the closing balance: the difference is {off:,.2f}"
            if off
            else "the entries add up to the closing balance"
        )


def _amount(node: Node) -> float | None:
    try:
        value = float(Decimal(_text(node, "Amt")))
    except InvalidOperation:
        return None
    return -value if _text(node, "CdtDbtInd") == "DBIT" else value


def _currency(node: Node) -> str:
    return next((str(one.get("Ccy") or "") for one in node if _local(one) == "Amt"), "")


def _day(node: Node, name: str) -> date | str | None:
    for holder in (one for one in node if _local(one) == name):
        text = _first("".join(one.itertext()).strip() for one in holder.iter())
        try:
            return datetime.fromisoformat(text).date() if text else None
        except ValueError:
            return text
    return None


def _account(part: Node) -> str:
    return _first([*_texts(part, "Acct", "IBAN"), *_texts(part, "Acct", "Id")])


def _text(node: Node, name: str) -> str:
    """Returns the text of the direct child of this name."""
    return next(((one.text or "").strip() for one in node if _local(one) == name), "")


def _texts(node: Node, holder: str, name: str) -> list[str]:
    """Returns the texts of this name inside a holder."""
    return [(one.text or "").strip() for outer in _all(node, holder) for one in _all(outer, name)]


def _all(node: Node, name: str) -> Iterator[Node]:
    return (one for one in node.iter() if _local(one) == name)


def _first(texts: Iterable[str]) -> str:
    return next((text for text in texts if text), "")


def _joined(texts: Iterable[str]) -> str:
    return "; ".join(dict.fromkeys(text for text in texts if text))


def _local(node: Node) -> str:
    return str(node.tag).rpartition("}")[2]
