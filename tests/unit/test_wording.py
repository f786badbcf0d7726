"""The table of strings: it's current, and nothing in it reads as translated."""

import re

import pytest

from tests.wording import banned, python, table
from tests.wording.row import Row

CLEAN = ("agents", "bot", "deploy", "orchestrator")
"""Packages whose strings have been rewritten."""
DOCUMENTED = (*CLEAN, "tests/scenarios")
CODE = re.compile(r"`[^`]*`")


@pytest.mark.parametrize("package", table.PACKAGES)
def test_the_snapshot_of_the_strings_is_current(package: str) -> None:
    kept = table.snapshot(package).read_text()
    assert kept == table.text(package), "renew it with `python -m tests.wording --renew` and read the difference"


@pytest.mark.parametrize("package", CLEAN)
def test_no_string_uses_a_banned_phrase(package: str) -> None:
    found = [
        f"{path}: {fault} in {row.text!r}" for path, row in table.rows(package) for fault in banned.faults(row.text)
    ]
    assert found == []


def test_no_document_uses_a_banned_phrase() -> None:
    """Developers' documents may say subtask, as the code does."""
    documents = (p for folder in DOCUMENTED for p in (table.TOP / folder).rglob("*.md"))
    found = [
        f"{path.relative_to(table.TOP)}:{number}: {fault}"
        for path in (*table.TOP.glob("*.md"), *documents)
        for number, line in enumerate(path.read_text().splitlines(), 1)
        for fault in banned.faults(CODE.sub("x", line))
        if "subtask" not in fault.lower()
    ]
    assert found == []


@pytest.mark.parametrize(
    ("source", "row"),
    [
        ('raise ToolFailed(f"The file {path!r} is damaged.")', Row("error", "The file {path} is damaged.")),
        ('Button(label="Start")', Row("label", "Start")),
        ('size: int = Field(description="in bytes")', Row("field", "in bytes")),
        ('log.warning("the disk is slow: %s", why)', Row("log", "the disk is slow: %s")),
        (
            '@tool(effects=())\nasync def look(room: Room) -> str:\n    "Look at a file."',
            Row("tool", "Look at a file."),
        ),
        ('def look(path: Annotated[str, "where it is"]) -> str: ...', Row("field", "where it is")),
        ('class Lost(HostFailed):\n    """The host went away."""', Row("error", "The host went away.")),
        ('@cli.command()\ndef up() -> None:\n    """Start the hub."""', Row("help", "Start the hub.")),
        ('said = "Looking at the page"', Row("text", "Looking at the page")),
    ],
)
def test_what_people_and_models_read_is_found(source: str, row: Row) -> None:
    assert list(python.rows(source)) == [row]


@pytest.mark.parametrize(
    "source",
    [
        'said = re.compile("one of two")',
        'rows = db.execute("select seq, body from facts")',
        'def look() -> None:\n    """Looks at a file."""',
        'kind: Literal["one of", "the others"]',
        'name = "browser_open"',
    ],
)
def test_code_is_not_taken_for_prose(source: str) -> None:
    assert list(python.rows(source)) == []


@pytest.mark.parametrize(
    "text",
    [
        "It stands in the log.",
        "'x' is no cell",
        "Mend that",
        "each on an own step",
        "There is no step 'x'.",
        "'a.doc' isn't a workbook but a web page.",
        "Put it there.",
        "This was already decided.",
        "Wait a second, so that people can follow",
        "The agent called no tools.",
        "Earlier messages of this thread",
        "a request of the hub failed",
        "The server of 'm' crashed.",
        "'a.docx' has a part of {size} MB.",
        "growing by {rate} % per year",
        "The call was cancelled.",
        "A plan that waits for Start",
        "The host restarted, so the agent continues.",
        "the flow failed and ends",
        "even while a page uses it",
    ],
)
def test_a_banned_phrase_is_found(text: str) -> None:
    assert list(banned.faults(text))


@pytest.mark.parametrize(
    "text",
    [
        "There's no step 'x'.",
        "It is no longer there.",
        "Recommended: amend it",
        "its own step",
        "Files wait for approval, and the plan waits for a person.",
        "It has a limit of {most} MB.",
        "The server for 'm' failed while it was running.",
    ],
)
def test_plain_english_passes(text: str) -> None:
    assert list(banned.faults(text)) == []
