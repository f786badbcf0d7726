"""What people read while a tool runs."""

import pytest

from agents.roster.roster import load
from bot.cards import tool_call_wording
from tests.office_workspace import BY_NAME

LISTED = {name for c in load().colleagues for name in c.every_tool}
SHIPPED = sorted(LISTED | {"more_tools"} | BY_NAME.keys() - {"inspect_deliverable"})


@pytest.mark.parametrize("tool", SHIPPED)
def test_every_shipped_tool_has_words_of_its_own(tool: str) -> None:
    said = tool_call_wording.tool_words(tool, {})
    assert said != tool.replace("_", " ").capitalize()


@pytest.mark.parametrize(
    ("tool", "args", "said"),
    [
        ("pdf_make", {"path": "a.pdf", "source": "a.docx"}, "Creating a PDF from a.docx"),
        ("pdf_picture", {"path": "a.pdf", "page": 2}, "Rendering a page of a.pdf"),
        ("archive_extract", {"path": "a.zip", "member": "in/b.csv"}, "Extracting in/b.csv from its archive"),
        ("chart_picture", {"path": "c.png", "title": "Prices fell"}, "Drawing the chart Prices fell"),
        ("slides_edit", {"path": "d.pptx"}, "Changing the slides d.pptx"),
    ],
)
def test_a_call_reads_as_a_sentence(tool: str, args: dict[str, str | int], said: str) -> None:
    assert tool_call_wording.tool_words(tool, dict(args)) == said
