"""Writes the one-page summary: computes every sentence from the board."""

from typing import Any

from agents.models.rehearsal import replies
from agents.models.rehearsal.company_facts import CUSTOMERS, GROWTH, PRICE, RATING, REVENUE, Kind
from agents.models.rehearsal.findings_by_company import Company, companies
from agents.models.rehearsal.hand_in import hand_in
from agents.models.rehearsal.planner import SUMMARY_FILE
from agents.models.rehearsal.prompt_view import SortedConversation
from orchestrator.domain.model_messages import Reply
from orchestrator.domain.plural import counted

TITLE = "Five competitors at a glance"
_COLUMNS = {PRICE: "Price per seat", CUSTOMERS: "Customers", GROWTH: "Growth, %"}
"""Few, because each figure brings a footnote and all has to fit on one page."""
Block = dict[str, Any]


def summarise(desk: SortedConversation) -> Reply:
    """Returns the next turn of the agent that makes the summary."""
    path = desk.file_to_hand_in(".docx", SUMMARY_FILE)
    if not desk.of("read_findings"):
        return replies.act("Reading the findings.", replies.wish("read_findings"))
    rows = [row for row in companies(desk.facts, ()) if row.facts]
    if not rows:
        return replies.say("There are no findings about competitors, so there's nothing to summarize.")
    since = desk.changes[-1].at if desk.changes else -1
    writes = desk.of("document_write", since=since)
    if not any(d.ok for d in writes):
        if len(writes) > 1:
            return replies.say(f"I couldn't write {path!r}: {writes[-1].text[:300]}")
        wish = replies.wish("document_write", path=path, title=TITLE, blocks=_blocks(desk, rows))
        return replies.act("Writing the summary.", wish)
    words = _headline(rows)
    return hand_in(desk, path, words, f"{path} was handed in. {words}")


def _blocks(desk: SortedConversation, rows: list[Company]) -> list[Block]:
    blocks: list[Block] = [
        {"type": "callout", "text": _headline(rows), "findings": _ids(rows, PRICE, CUSTOMERS)},
        {"type": "heading", "text": "Key findings", "level": 2},
        {"type": "bullets", "items": _bullets(rows)},
        {"type": "heading", "text": "The market", "level": 2},
        {"type": "table", "rows": _table(rows)},
        {"type": "heading", "text": "Recommendation", "level": 2},
        {"type": "paragraph", "text": _recommendation(rows), "findings": _ids(rows, PRICE)},
    ]
    if desk.changes:
        asked = "; ".join(f"{c.who}: “{c.text}”" for c in desk.changes)
        note = f"Requested in review: {asked}. This rehearsal records the request; every figure was read again."
        blocks.append({"type": "paragraph", "text": note})
    return blocks


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
        items.append(_item(f"{text}, a factor of {high / low:.1f}.", PRICE, cheap, dear))
    if fast := _best(rows, GROWTH):
        items.append(_item(f"{fast.name} grows fastest: {_shown(fast, GROWTH)}% per year.", GROWTH, fast))
    if rich := _best(rows, REVENUE):
        items.append(_item(f"{rich.name} earns the most: ${_shown(rich, REVENUE)} million per year.", REVENUE, rich))
    if liked := _best(rows, RATING):
        items.append(_item(f"Customers rate {liked.name} highest, {_shown(liked, RATING)} out of 5.", RATING, liked))
    gaps = [f"{row.name} ({k.name})" for row in rows for k in (*_COLUMNS, REVENUE, RATING) if k.name not in row.facts]
    if gaps:
        items.append({"text": f"Not published: {replies.listing(gaps)}.", "findings": []})
    return items or [{"text": "No figures were found on the companies' pages.", "findings": []}]


def _item(text: str, kind: Kind, *rows: Company) -> Block:
    return {"text": text, "findings": [row.facts[kind.name].id for row in rows]}


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
    middle = sorted(priced)[len(priced) // 2]
    watch = f" Watch {fast.name}, the fastest grower, first." if fast else ""
    return f"Price our entry plan below the median of ${middle:,.2f} per seat per month.{watch}"


def _best(rows: list[Company], kind: Kind, *, low: bool = False) -> Company | None:
    known = [row for row in rows if row.number(kind) is not None]
    return (min if low else max)(known, key=lambda row: row.number(kind) or 0.0, default=None)


def _shown(row: Company, kind: Kind) -> str:
    number = row.number(kind) or 0
    return f"{number:,.2f}" if kind is PRICE else f"{number:,}"


def _ids(rows: list[Company], *kinds: Kind) -> list[str]:
    best = [(k, _best(rows, k, low=k is PRICE)) for k in kinds]
    return [row.facts[kind.name].id for kind, row in best if row is not None]
