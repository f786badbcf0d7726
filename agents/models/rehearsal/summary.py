"""Writes the one-page summary: computes every sentence from the board, and cites all that it rests on."""

import statistics
from typing import Any

from agents.models.rehearsal import replies
from agents.models.rehearsal.company_facts import CUSTOMERS, GROWTH, PRICE, RATING, REVENUE, Kind
from agents.models.rehearsal.findings_by_company import Company, companies
from agents.models.rehearsal.hand_in import hand_in, last_change
from agents.models.rehearsal.parse_prompt import SortedConversation
from agents.models.rehearsal.planner import SUMMARY_FILE
from orchestrator.domain.model_messages import Reply
from orchestrator.domain.plural import counted

_COUNTS = ("No", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine", "Ten")
_COLUMNS = {PRICE: "Price per seat", CUSTOMERS: "Customers", GROWTH: "Growth, %"}
"""Few, because each figure brings a footnote and all has to fit on one page. The text compares only these."""
Block = dict[str, Any]


def summarise(desk: SortedConversation) -> Reply:
    """Returns the next turn of the agent that makes the summary."""
    path = desk.file_to_hand_in(".docx", SUMMARY_FILE)
    since = last_change(desk)
    if not desk.of("read_findings", since=since):
        return replies.act("Reading the findings.", replies.wish("read_findings"))
    rows = [row for row in companies(desk.facts, ()) if row.facts]
    if not rows:
        return replies.say("There are no findings about competitors, so there's nothing to summarize.")
    writes = desk.of("document_write", since=since)
    if not any(d.ok for d in writes):
        if len(writes) > 1:
            return replies.say(f"I couldn't write {path!r}: {writes[-1].text[:300]}")
        wish = replies.wish("document_write", path=path, title=_title(rows), blocks=_blocks(desk, rows))
        return replies.act("Writing the summary.", wish)
    words = _headline(rows)
    return hand_in(desk, path, words, f"{path} was handed in. {words}")


def _blocks(desk: SortedConversation, rows: list[Company]) -> list[Block]:
    blocks: list[Block] = [
        {"type": "callout", "text": _headline(rows), "findings": _all(rows, PRICE, CUSTOMERS)},
        {"type": "heading", "text": "Key findings", "level": 2},
        {"type": "bullets", "items": _bullets(rows)},
        {"type": "heading", "text": "The market", "level": 2},
        {"type": "table", "rows": _table(rows)},
        {"type": "heading", "text": "Recommendation", "level": 2},
        {"type": "paragraph", "text": _recommendation(rows), "findings": _all(rows, PRICE, GROWTH)},
    ]
    if desk.changes:
        asked = "; ".join(f"{c.who}: “{c.text}”" for c in desk.changes)
        note = f"Requested in review: {asked}. This rehearsal records the request; every figure was read again."
        blocks.append({"type": "paragraph", "text": note})
    return blocks


def _title(rows: list[Company]) -> str:
    count = _COUNTS[len(rows)] if len(rows) < len(_COUNTS) else str(len(rows))
    return f"{count} {'competitor' if len(rows) == 1 else 'competitors'} at a glance"


def _headline(rows: list[Company]) -> str:
    cheap, large = _best(rows, PRICE, low=True), _best(rows, CUSTOMERS)
    parts: list[str] = []
    if cheap:
        parts.append(f"{cheap.name} is the cheapest at ${_shown(cheap, PRICE)} per seat per month")
    if large:
        parts.append(f"{large.name} has the most customers ({_shown(large, CUSTOMERS)})")
    return (
        f"{replies.listing(parts)}."
        if parts
        else f"Researched {counted(len(rows), 'competitor')}; some figures are missing."
    )


def _bullets(rows: list[Company]) -> list[Block]:
    items: list[Block] = []
    cheap, dear = _best(rows, PRICE, low=True), _best(rows, PRICE)
    if cheap and dear and cheap is not dear:
        low, high = cheap.number(PRICE) or 0, dear.number(PRICE) or 0
        text = f"Prices run from ${low:,.2f} ({cheap.name}) to ${high:,.2f} ({dear.name}) per seat per month"
        items.append(_item(f"{text}, a factor of {high / low:.1f}.", rows, PRICE))
    if fast := _best(rows, GROWTH):
        items.append(_item(f"{fast.name} grows fastest: {_shown(fast, GROWTH)}% per year.", rows, GROWTH))
    large, small = _best(rows, CUSTOMERS), _best(rows, CUSTOMERS, low=True)
    if large and small and large is not small:
        times = (large.number(CUSTOMERS) or 0) / (small.number(CUSTOMERS) or 1)
        text = f"{large.name} has {times:.1f} times as many customers as {small.name}, the smallest by customers."
        items.append(_item(text, rows, CUSTOMERS))
    gaps = [f"{row.name} ({k.name})" for row in rows for k in (*_COLUMNS, REVENUE, RATING) if k.name not in row.facts]
    if gaps:
        items.append({"text": f"Not published: {replies.listing(gaps)}.", "findings": []})
    return items or [{"text": "No figures were found on the companies' pages.", "findings": []}]


def _item(text: str, rows: list[Company], kind: Kind) -> Block:
    return {"text": text, "findings": _all(rows, kind)}


def _table(rows: list[Company]) -> list[list[Any]]:
    lines: list[list[Any]] = [["Company", *_COLUMNS.values()]]
    for row in sorted(rows, key=lambda r: r.number(PRICE) or float("inf")):
        cells: list[Any] = [row.name]
        for kind in _COLUMNS:
            fact = row.facts.get(kind.name)
            shape = {"format": "currency"} if kind is PRICE else {}
            usable = fact is not None and row.number(kind) is not None
            cells.append({"value": fact.value, "finding": fact.id, **shape} if fact and usable else "–")
        lines.append(cells)
    return lines


def _recommendation(rows: list[Company]) -> str:
    priced = [p for row in rows if (p := row.number(PRICE)) is not None]
    fast = _best(rows, GROWTH)
    if not priced:
        return "No prices are published; ask for quotes before setting ours."
    watch = f" Watch {fast.name}, the fastest grower, first." if fast else ""
    if len(priced) < 2:
        return f"Only one price is published, ${priced[0]:,.2f} per seat per month; ask the others for quotes.{watch}"
    return f"Price our entry plan below the median of ${statistics.median(priced):,.2f} per seat per month.{watch}"


def _best(rows: list[Company], kind: Kind, *, low: bool = False) -> Company | None:
    known = [row for row in rows if row.number(kind) is not None]
    return (min if low else max)(known, key=lambda row: row.number(kind) or 0.0, default=None)


def _shown(row: Company, kind: Kind) -> str:
    number = row.number(kind) or 0
    return f"{number:,.2f}" if kind is PRICE else f"{number:,}"


def _all(rows: list[Company], *kinds: Kind) -> list[str]:
    """Returns every finding with a number of these kinds: who is first or in the middle rests on all of them."""
    known = sorted(rows, key=lambda row: row.name)  # findings arrive in any order; the file is always the same
    return [row.facts[kind.name].id for kind in kinds for row in known if row.number(kind) is not None]
