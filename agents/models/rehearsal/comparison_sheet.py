"""Fills the spreadsheet: each turn compares the target rows with those written."""

import re
from typing import Any, cast

from agents.models.rehearsal import attached_table, replies
from agents.models.rehearsal.company_facts import CUSTOMERS, EMPLOYEES, FOUNDED, KINDS, PRICE, REVENUE
from agents.models.rehearsal.findings_by_company import Company, companies
from agents.models.rehearsal.hand_in import hand_in
from agents.models.rehearsal.parse_prompt import SortedConversation
from agents.models.rehearsal.planner import SHEET_FILE
from orchestrator.domain.model_messages import Reply
from orchestrator.domain.plural import counted
from orchestrator.domain.tool_calls import Call

SHEET = "Comparison"
HEADER = ["Company", *(kind.header for kind in KINDS)]
WIDTHS = [18, 15, 14, 14, 13, 14, 12, 15, 44, 17, 14]
ENOUGH = 4
"""Findings to wait for: small enough that rows grow while others read, large enough to save turns."""
MOST_IDLE = 3
PRICES, SIZES = "Price per seat per month", "Customers"
Rows = list[list[Any]]


def fill(desk: SortedConversation) -> Reply:
    """Returns the next turn of the agent that makes the sheet."""
    path = desk.file_to_hand_in(".xlsx", SHEET_FILE)
    fed = bool(desk.feeders)
    if not fed and not desk.of("read_findings"):
        return replies.act("Reading the findings.", replies.wish("read_findings"))
    rows = companies(desk.facts, desk.feeders)
    ended = not fed or desk.ended or _idle(desk)
    wanted = _wanted(rows, ended=ended)
    written = _written(desk, path, SHEET)
    if changed := _first_change(wanted, written):
        return replies.act(changed.text, _write(path, SHEET, changed.cell, changed.rows))
    if not ended:
        return replies.act("", replies.wish("wait_for_findings", enough=ENOUGH))
    if step := attached_table.copy(desk, path) or _charts(desk, path, len(rows)) or _notes(desk, path):
        return step
    good = sum(row.complete for row in rows)
    compared = ", ".join(filter(None, ["compared by price, size, growth, and rating", attached_table.mention(desk)]))
    words = f"{counted(len(rows), 'competitor')} {compared}; {counted(good, 'complete row')}."
    return hand_in(desk, path, words, f"{path} was handed in: {words}")


def _idle(desk: SortedConversation) -> bool:
    """Returns whether waiting has become pointless."""
    last = desk.of("wait_for_findings")[-MOST_IDLE:]
    return len(last) == MOST_IDLE and all(not d.ok or d.text.startswith("No new findings") for d in last)


def _wanted(rows: list[Company], *, ended: bool) -> dict[int, list[Any]]:
    """Returns what each line of the sheet should contain; formulas come last, when the ranges are final."""
    last = len(rows) + 1
    wanted: dict[int, list[Any]] = {1: [*HEADER, "Revenue per customer, $", "Price rank"]}
    for number, row in enumerate(rows, 2):
        if row.facts or ended:
            wanted[number] = [*_cells(row), *(_computed(row, number, last) if ended else ())]
    if ended and rows:
        wanted |= _totals(last)
    return wanted


def _cells(row: Company) -> list[Any]:
    name = row.name if row.facts else f"{row.subtask} (no findings)"
    first = row.facts.get("company")
    cells: list[Any] = [{"value": name, "finding": first.id} if first else name]
    for kind in KINDS:
        fact = row.facts.get(kind.name)
        if fact is None or isinstance(fact.value, dict | list):
            cells.append(None)
            continue
        cell: dict[str, Any] = {"value": fact.value, "finding": fact.id}
        if shape := {PRICE: "currency", FOUNDED: "year", CUSTOMERS: "integer"}.get(kind):
            cell["format"] = shape
        cells.append(cell)
    return cells


def _computed(row: Company, number: int, last: int) -> list[Any]:
    price, size, money = (_letter(kind) for kind in (PRICE, CUSTOMERS, REVENUE))
    share = row.number(CUSTOMERS) and row.number(REVENUE) is not None
    priced = row.number(PRICE) is not None
    return [
        {"value": f"={money}{number}*1000000/{size}{number}", "format": "currency"} if share else None,
        {"value": f"=RANK({price}{number},{price}$2:{price}${last},1)", "format": "0"} if priced else None,
    ]


def _totals(last: int) -> dict[int, list[Any]]:
    """Returns averages, and who is best at what, as formulas."""
    numbers = KINDS[:-1]

    def line(name: str, formula: str, *, shaped: bool) -> list[Any]:
        cells: list[Any] = [name]
        for kind in numbers:
            column = _letter(kind)
            best = "MIN" if kind is PRICE else "MAX"
            area = f"{column}$2:{column}${last}"
            # A mean founding year means nothing, and most employees or oldest isn't best.
            if kind is FOUNDED or (kind is EMPLOYEES and not shaped):
                cells.append(None)
                continue
            text = formula.format(area=area, best=best, names=f"$A$2:$A${last}")
            shape = {PRICE: "currency", CUSTOMERS: "integer"}.get(kind, "0.0") if shaped else None
            cells.append({"value": text, "format": shape} if shape else text)
        return [*cells, *[None] * (len(WIDTHS) - len(cells))]

    return {
        last + 1: line("Average", '=IF(COUNT({area})=0,"",AVERAGE({area}))', shaped=True),
        last + 2: line("Best", '=IF(COUNT({area})=0,"",INDEX({names},MATCH({best}({area}),{area},0)))', shaped=False),
    }


class _Block:
    """Returns neighboring lines to write in one call."""

    def __init__(self, start: int, rows: Rows) -> None:
        self.cell, self.rows = f"A{start}", rows
        names = ["the header" if row[: len(HEADER)] == HEADER else _words(row[0]) for row in rows]
        self.text = f"Writing {replies.listing(names)}."


def _words(cell: Any) -> str:
    return str(cast("dict[str, Any]", cell)["value"] if isinstance(cell, dict) else cell)


def _first_change(wanted: dict[int, list[Any]], written: dict[int, list[Any]]) -> _Block | None:
    """Returns the first run of lines that differ from what they should be."""
    start = next((n for n in sorted(wanted) if wanted[n] != written.get(n)), None)
    if start is None:
        return None
    stop = start
    while stop in wanted and wanted[stop] != written.get(stop):
        stop += 1
    return _Block(start, [wanted[n] for n in range(start, stop)])


def _written(desk: SortedConversation, path: str, sheet: str) -> dict[int, list[Any]]:
    """Returns the lines that are in the sheet by now. What failed twice is skipped, so that the work ends."""
    lines: dict[int, list[Any]] = {}
    failed: list[dict[str, Any]] = []
    for done in desk.of("sheet_write"):
        args: dict[str, Any] = done.call.args
        start = re.fullmatch(r"A(\d+)", str(args.get("cell")))
        if args.get("path") != path or args.get("sheet") != sheet or not start:
            continue
        if done.ok or args in failed:
            lines |= {int(start[1]) + n: row for n, row in enumerate(args["rows"])}
        else:
            failed.append(args)
    return lines


def _write(path: str, sheet: str, cell: str, rows: Rows) -> Call:
    widths = {"widths": WIDTHS} if cell == "A1" and sheet == SHEET else {}
    return replies.wish("sheet_write", path=path, sheet=sheet, cell=cell, rows=rows, **widths)


def _charts(desk: SortedConversation, path: str, count: int) -> Reply | None:
    drawn = {str(d.call.args.get("title")) for d in desk.of("sheet_chart")}
    calls = [
        replies.wish(
            "sheet_chart",
            path=path,
            sheet=SHEET,
            kind=shape,
            title=title,
            categories=f"A2:A{count + 1}",
            values=[f"{_letter(kind)}2:{_letter(kind)}{count + 1}"],
            at=f"{column}{count + 6}",
        )
        for title, kind, shape, column in ((PRICES, PRICE, "column", "A"), (SIZES, CUSTOMERS, "bar", "G"))
        if title not in drawn and count
    ]
    return replies.act("Drawing the charts.", *calls) if calls else None


def _notes(desk: SortedConversation, path: str) -> Reply | None:
    """Notes a person's change request beside the table, which was read again from the board."""
    if not desk.changes:
        return None
    rows: Rows = [["Asked by", "Request", "What was done"]]
    rows += [
        [change.who, change.text, "Checked every row against the findings, which is all a rehearsal can do."]
        for change in desk.changes
    ]
    written = _written(desk, path, "Notes")
    if [written.get(n) for n in range(1, len(rows) + 1)] == rows:
        return None
    return replies.act("Recording the request.", _write(path, "Notes", "A1", rows))


def _letter(kind: Any) -> str:
    return "BCDEFGHI"[KINDS.index(kind)]
