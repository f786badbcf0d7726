"""A year of a small subscription business: the tool calls that build its workbook, and its sums in plain Python."""

from datetime import date
from typing import Any

from openpyxl.utils import get_column_letter

from orchestrator.domain.findings import Finding
from tests.office_workspace import Desk, finding

PATH = "out/model.xlsx"
MONTHS = [date(2027, month, 1) for month in range(1, 13)]
LAST = get_column_letter(1 + len(MONTHS))
FINDINGS: tuple[Finding, ...] = (
    finding("f1", 49, quote="Team plan: $49 per month", url="https://acme.example/pricing"),
    finding("f2", 0.021, quote="Churn in the sector is 2.1% a month", url="https://panel.example/churn-2026"),
    finding("f3", 3.2, quote="Hosting comes to $3.20 per customer", url="https://cloud.example/calculator"),
)
SCENARIOS = ("Base", "Downside", "Upside")
INPUTS: dict[str, tuple[str, str, tuple[float, float, float], str | None]] = {
    "Start_customers": ("Customers at the start", "customers", (400, 400, 400), None),
    "New_customers": ("New customers in January", "customers a month", (60, 35, 90), None),
    "New_growth": ("Growth of new customers", "% a month", (0.05, 0.02, 0.08), None),
    "Churn": ("Customers lost", "% a month", (0.021, 0.034, 0.016), "f2"),
    "Price": ("Price", "USD a month", (49, 45, 49), "f1"),
    "Setup_fee": ("Set-up fee", "USD once", (120, 120, 120), None),
    "Hosting": ("Hosting", "USD per customer and month", (3.2, 3.6, 3.0), "f3"),
    "Team_size": ("Team in January", "people", (5, 5, 5), None),
    "Salary": ("Salary with taxes", "USD per person and month", (5400, 5400, 5400), None),
    "Hire_every": ("One more person every", "months", (4, 4, 3), None),
    "Marketing": ("Marketing", "% of revenue", (0.12, 0.12, 0.14), None),
    "Cash_start": ("Cash at the start", "USD", (60_000, 60_000, 60_000), None),
}
FIRST_INPUT = 3
_LINES = (
    ("Customers", None, None),
    ("At the start", "=Start_customers", "={p}6"),
    ("New", "=New_customers", "={p}4*(1+New_growth)"),
    ("Lost", "=-{c}3*Churn", "=-{c}3*Churn"),
    ("At the end", "=SUM({c}3:{c}5)", "=SUM({c}3:{c}5)"),
    ("Revenue, USD", None, None),
    ("Subscriptions", "=AVERAGE({c}3,{c}6)*Price", "=AVERAGE({c}3,{c}6)*Price"),
    ("Set-up fees", "={c}4*Setup_fee", "={c}4*Setup_fee"),
    ("Total revenue", "=SUM({c}8:{c}9)", "=SUM({c}8:{c}9)"),
    ("Costs, USD", None, None),
    ("Hosting", "=-{c}6*Hosting", "=-{c}6*Hosting"),
    ("People", "=-{c}20*Salary", "=-{c}20*Salary"),
    ("Marketing", "=-{c}10*Marketing", "=-{c}10*Marketing"),
    ("Total costs", "=SUM({c}12:{c}14)", "=SUM({c}12:{c}14)"),
    ("Result, USD", None, None),
    ("Operating result", "={c}10+{c}15", "={c}10+{c}15"),
    ("Operating margin, %", "={c}17/{c}10", "={c}17/{c}10"),
    ("Cash at the end", "=Cash_start+{c}17", "={p}19+{c}17"),
    ("Team, people", "=Team_size", "=Team_size+INT((MONTH({c}1)-1)/Hire_every)"),
)
_YEAR = {3: "=B3", 6: f"={LAST}6", 18: "=N17/N10", 19: f"={LAST}19", 20: f"={LAST}20"}
_SECTIONS, _TOTALS = (2, 7, 11, 16), (6, 10, 15, 17, 19)


async def build(desk: Desk, scenario: str = "Base") -> None:
    """The workbook, by the calls an agent makes."""
    await _inputs(desk, scenario)
    await _months(desk)
    await _summary(desk)


async def choose(desk: Desk, scenario: str) -> None:
    """Turns the scenario switch."""
    await desk.call("sheet_write", path=PATH, sheet="Inputs", cell="B2", rows=[[scenario]])


async def _inputs(desk: Desk, scenario: str) -> None:
    rows: list[list[Any]] = [["Input", "Used", *SCENARIOS, "Unit"], ["Scenario", scenario, None, None, None, "choose"]]
    for n, (words, unit, values, source) in enumerate(INPUTS.values(), FIRST_INPUT):
        shape = "percent" if unit.startswith("%") else "#,##0.00" if words == "Hosting" else "integer"
        base = {"value": values[0], "finding": source, "format": shape}
        others = [{"value": v, "format": shape} for v in values[1:]]
        used = {"value": f"=INDEX(C{n}:E{n},MATCH(Scenario,C$1:E$1,0))", "format": shape}
        rows.append([words, used, base, *others, unit])
    last = FIRST_INPUT + len(INPUTS) - 1
    await desk.call("sheet_write", path=PATH, sheet="Inputs", cell="A1", rows=rows)
    names = [{"do": "name", "name": name, "range": f"B{n}"} for n, name in enumerate(INPUTS, FIRST_INPUT)]
    await change(
        desk,
        "Inputs",
        {"do": "name", "name": "Scenario", "range": "B2"},
        *names,
        {"do": "choices", "range": "B2", "options": list(SCENARIOS)},
        {"do": "look", "range": "B2", "look": "input"},
        {"do": "look", "range": f"C{FIRST_INPUT}:E{last}", "look": "input"},
        {"do": "note", "cell": "B2", "text": "Base, Downside or Upside: all sheets follow."},
    )


async def _months(desk: Desk) -> None:
    head: list[Any] = ["2027", *({"value": m.isoformat(), "format": "month"} for m in MONTHS), "Year"]
    rows = [head]
    for row, (words, first, later) in enumerate(_LINES, 2):
        if first is None or later is None:
            rows.append([words, *[None] * (len(MONTHS) + 1)])
            continue
        cells = [
            (first if n == 2 else later).format(c=get_column_letter(n), p=get_column_letter(n - 1))
            for n in range(2, 2 + len(MONTHS))
        ]
        rows.append([words, *cells, _YEAR.get(row, f"=SUM(B{row}:{LAST}{row})")])
    await desk.call("sheet_write", path=PATH, sheet="Months", cell="A1", rows=rows)
    await change(
        desk,
        "Months",
        *({"do": "look", "range": f"A{row}:N{row}", "look": "section"} for row in _SECTIONS),
        *({"do": "look", "range": f"A{row}:N{row}", "look": "total"} for row in _TOTALS),
        {"do": "format", "range": "B3:N17", "format": "integer"},
        {"do": "format", "range": "B18:N18", "format": "percent"},
        {"do": "format", "range": "B19:N20", "format": "integer"},
        {"do": "highlight", "range": "B17:N17", "rule": "less", "value": 0, "tone": "bad"},
        {"do": "highlight", "range": "B19:N19", "rule": "less", "value": 20_000, "tone": "warning"},
        {"do": "freeze", "cell": "B2"},
    )


async def _summary(desk: Desk) -> None:
    rows = [
        ["Figure", "2027"],
        ["Scenario", "=Scenario"],
        ["Revenue, USD", {"value": "=Months!N10", "format": "integer"}],
        ["Operating result, USD", {"value": "=Months!N17", "format": "integer"}],
        ["Operating margin, %", {"value": "=Months!N18", "format": "percent"}],
        ["Customers in December", {"value": "=Months!N6", "format": "integer"}],
        ["Lowest cash, USD", {"value": f"=MIN(Months!B19:{LAST}19)", "format": "integer"}],
        ["First month with a profit", {"value": _FIRST_PROFIT, "format": "month"}],
    ]
    await desk.call("sheet_write", path=PATH, sheet="Summary", cell="A1", rows=rows)
    await change(desk, "Summary", {"do": "move_sheet", "position": 1})
    chart: dict[str, Any] = {"path": PATH, "sheet": "Months", "on": "Summary", "categories": f"B1:{LAST}1"}
    costs = [f"A{row}:{LAST}{row}" for row in (10, 17)]
    titles = "Revenue and operating result", "Cash at the end of the month"
    await desk.call("sheet_chart", kind="column", title=titles[0], values=costs, at="D2", y_title="USD", **chart)
    cash = [f"A19:{LAST}19"]
    await desk.call("sheet_chart", kind="line", title=titles[1], values=cash, at="D16", y_title="USD", **chart)


_FIRST_PROFIT = f'=IFERROR(INDEX(Months!B1:{LAST}1,MATCH(TRUE,INDEX(Months!B17:{LAST}17>0,0),0)),"none in 2027")'


async def change(desk: Desk, sheet: str, *changes: dict[str, Any]) -> None:
    await desk.call("sheet_change", path=PATH, sheet=sheet, changes=list(changes))


def expected(scenario: str) -> dict[int, list[float]]:
    """The rows of the months by number, each with the year behind its months."""
    given = {name: values[SCENARIOS.index(scenario)] for name, (_, _, values, _) in INPUTS.items()}
    rows: dict[int, list[float]] = {row: [] for row in (3, 4, 5, 6, 8, 9, 10, 12, 13, 14, 15, 17, 18, 19, 20)}
    customers, new, cash = given["Start_customers"], given["New_customers"], given["Cash_start"]
    for n in range(len(MONTHS)):
        lost = customers * given["Churn"]
        end = customers + new - lost
        subscriptions, fees = (customers + end) / 2 * given["Price"], new * given["Setup_fee"]
        people = given["Team_size"] + n // given["Hire_every"]
        revenue = subscriptions + fees
        costs = [-end * given["Hosting"], -people * given["Salary"], -revenue * given["Marketing"]]
        result = revenue + sum(costs)
        cash += result
        line = [customers, new, -lost, end, subscriptions, fees, revenue, *costs, sum(costs), result]
        for row, value in zip(rows, [*line, result / revenue, cash, people], strict=True):
            rows[row].append(value)
        customers, new = end, new * (1 + given["New_growth"])
    sums = {row: sum(values) for row, values in rows.items()}
    whole = sums | {3: rows[3][0], 6: rows[6][-1], 18: sums[17] / sums[10], 19: rows[19][-1], 20: rows[20][-1]}
    return {row: [*values, whole[row]] for row, values in rows.items()}
