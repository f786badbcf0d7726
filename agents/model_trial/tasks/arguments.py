"""Tasks about getting a call's arguments right. Pure."""

from agents.model_trial.tasks.shared_tools import WRITE_FILE
from agents.model_trial.trial_task import TrialTask, items, only_call, spec, text

_TICKET = spec(
    "open_ticket",
    "Open a ticket for the workshop.",
    title=text("what is wrong"),
    priority=text("how urgent it is", enum=["low", "normal", "high"]),
    hours={"type": "number", "description": "estimated hours of work"},
)
_PAYMENT = spec(
    "book_payment",
    "Book a payment.",
    cents={"type": "integer", "description": "the amount in cents"},
    due=text("the day it is due, YYYY-MM-DD"),
)
_CONTACT = spec(
    "add_contact",
    "Add a contact.",
    name=text("full name"),
    address={
        "type": "object",
        "properties": {"street": text("street and number"), "postcode": text(), "city": text()},
        "required": ["street", "postcode", "city"],
        "additionalProperties": False,
    },
    phones=items(text(), "phone numbers as they were given"),
)
_ADDRESS = {"street": "Quay Street 12", "postcode": "BS1 4QA", "city": "Bristol"}
_LINE = "She said: \"50 % of C:\\new is 'free'\" – naïve? ✓"

TASKS = (
    TrialTask(
        name="fills in text, a choice, and a number",
        kind="arguments",
        request="Open a ticket titled 'Third-floor printer keeps jamming'. "
        "It's high priority and will take about 2.5 hours.",
        tools=(_TICKET,),
        judge=lambda it: only_call(
            it, "open_ticket", title="Third-floor printer keeps jamming", priority="high", hours=2.5
        ),
    ),
    TrialTask(
        name="converts an amount and a date",
        kind="arguments",
        request="Book a payment of 1,249.50 euros, due on the third of March 2027.",
        tools=(_PAYMENT,),
        judge=lambda it: only_call(it, "book_payment", cents=124_950, due="2027-03-03"),
    ),
    TrialTask(
        name="fills in a nested object",
        kind="arguments",
        request="Add Ines Calder to the contacts: Quay Street 12, BS1 4QA Bristol, phones 555-0101 and 555-0188.",
        tools=(_CONTACT,),
        judge=lambda it: only_call(
            it, "add_contact", name="Ines Calder", address=_ADDRESS, phones=["555-0101", "555-0188"]
        ),
    ),
    TrialTask(
        name="keeps quotes, backslashes, and accents",
        kind="arguments",
        request=f"Write exactly this line, and nothing else, into notes/quote.txt:\n{_LINE}",
        tools=(WRITE_FILE,),
        judge=lambda it: only_call(it, "write_file", path="notes/quote.txt", content=_LINE),
    ),
)
