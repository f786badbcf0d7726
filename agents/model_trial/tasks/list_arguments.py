"""Tasks about lists as arguments. Pure."""

from agents.model_trial.trial_task import Attempt, Graded, TrialTask, failed, items, only_call, same, spec, text

_TABLE = spec(
    "write_table",
    "Write a table with one row for each entry.",
    rows=items(
        {
            "type": "object",
            "properties": {"name": text(), "seats": {"type": "integer"}, "price": {"type": "number"}},
            "required": ["name", "seats", "price"],
            "additionalProperties": False,
        }
    ),
)
_STOCK = spec("read_stock", "Read the stock list.")
_ORDER = spec("order_parts", "Order parts.", numbers=items(text(), "part numbers"))
_ROWS = [
    {"name": "Alder", "seats": 12, "price": 49},
    {"name": "Birch", "seats": 8, "price": 39.5},
    {"name": "Cedar", "seats": 30, "price": 99},
    {"name": "Dogwood", "seats": 4, "price": 19},
]


def _ordered(attempt: Attempt) -> Graded:
    orders = attempt.named("order_parts")
    if not attempt.named("read_stock") or not orders:
        return failed("didn't read the list and order from it")
    found = orders[0].args.get("numbers")
    given = sorted(map(str, found)) if isinstance(found, list) else found
    return (
        only_call(attempt, "read_stock") if same(given, ["P-11", "P-14", "P-17"]) else failed("ordered the wrong parts")
    )


TASKS = (
    TrialTask(
        name="writes every row of a table",
        kind="lists",
        request="Write a table of our rooms, in this order: Alder has 12 seats and costs 49, Birch 8 seats and 39.50, "
        "Cedar 30 seats and 99, Dogwood 4 seats and 19.",
        tools=(_TABLE,),
        judge=lambda it: only_call(it, "write_table", rows=_ROWS),
    ),
    TrialTask(
        name="picks list entries that match a rule",
        kind="lists",
        request="Read the stock list and order, in one call, every part with fewer than 10 left.",
        tools=(_STOCK, _ORDER),
        answers={
            "read_stock": "part,left\nP-10,25\nP-11,9\nP-12,10\nP-13,44\nP-14,0\nP-15,31\nP-16,12\nP-17,3",
            "order_parts": "Ordered.",
        },
        judge=_ordered,
    ),
)
