"""What a model reads about arguments that do not fit."""

from typing import Any

import pytest

from agents.conversation.first_message import Before, assignment
from agents.explain_argument_errors import misfit
from agents.hub_tools.coordination import deliver
from agents.tools.office.sheets.change_tool import sheet_change
from agents.tools.office.word.document_and_csv_write_tools import document_write
from agents.tools.office.word.edit_tool import document_edit
from orchestrator.domain.ids import SubtaskId
from orchestrator.domain.plan import Plan, Subtask


def change(**fields: Any) -> dict[str, Any]:
    return {"path": "a.docx", "changes": [fields]}


@pytest.mark.parametrize(
    ("tool", "args", "words"),
    [
        (
            deliver,
            {"path": "a", "summary": "x"},
            "it has no argument 'summary' and needs 'words' (text); its arguments",
        ),
        (document_edit, change(do="replace", find="x", new="y"), "changes.0 has no field 'find' (did you mean"),
        (
            document_edit,
            change(do="replace", find="x", new="y"),
            "and needs 'old' (text); its fields are: do, old, new",
        ),
        (document_edit, change(do="replac", old="x"), "changes.0: its 'do' must be one of"),
        (document_edit, change(do="replac", old="x"), "(did you mean 'replace'?)"),
        (document_edit, change(old="x"), "changes.0: its 'do' must be one of"),
        (document_edit, {"path": "a", "changes": "x"}, "changes: it must be a list"),
        (
            document_write,
            {"path": "d", "title": "T", "blocks": [{"type": "bullet"}]},
            "blocks.0.type: it must be one of",
        ),
        (
            sheet_change,
            {"path": "d", "sheet": "T", "changes": [{"do": "freeze", "cel": "A1"}]},
            "changes.0 has no field 'cel' (did you mean 'cell'?) and needs 'cell' (text); its fields are: do, cell",
        ),
    ],
)
def test_a_misfit_names_the_place_the_field_and_what_it_takes(tool: Any, args: dict[str, Any], words: str) -> None:
    said = misfit(tool.spec.parameters, args)
    assert words in said
    assert "not permitted" not in said
    assert "\n" not in said


def test_what_fits_has_no_misfit() -> None:
    assert not misfit(document_edit.spec.parameters, change(do="replace", old="x", new="y"))


def test_the_value_is_never_repeated() -> None:
    assert "s3cret" not in misfit(deliver.spec.parameters, {"path": ["s3cret"], "words": {"s3cret": 1}})


@pytest.mark.parametrize(
    ("problem", "told"),
    [
        (
            "The reply from 'm' can't be used: it was empty. Press Retry, or choose another model.",
            ": The reply from 'm'",
        ),
        ("Press Retry.", "An earlier attempt failed. Check"),
    ],
)
def test_advice_for_people_is_not_told_to_a_model(problem: str, told: str) -> None:
    step = Subtask(id=SubtaskId("a"), title="A", agent="writer", instructions="Do.")
    before = Before((), SubtaskId("a"))
    before.problem = problem
    words = assignment(before, step, Plan(title="A", subtasks=(step,)))
    assert told in words
    assert "Retry" not in words
