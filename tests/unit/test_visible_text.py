"""What people read while a reply streams: its words, never a mark, a thought or a call."""

import pytest

from agents.models.visible_text import VisibleText

CALL = '<tool_call>{"name": "read_file", "arguments": {"path": "a.txt"}}</tool_call>'


def streamed(text: str, final: str | None = None, *, piece: int = 1) -> list[str]:
    """What was passed on, up to each piece and at the end."""
    said: list[str] = []
    visible = VisibleText(said.append)
    for at in range(0, len(text), piece):
        visible.take(text[at : at + piece])
    if final is not None:
        visible.end(final)
    return said


@pytest.mark.parametrize("piece", [1, 3, 7, 1000])
@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("Two and three are five, as far as anybody knows.", "Two and three are five, as far as anybody knows."),
        ("Less than <5> of [them] {here}.", "Less than <5> of [them] {here}."),
        (f"I read it.\n{CALL}", "I read it."),
        (CALL, ""),
        ("<think>They want a sum.</think>\n\nIt is five.", "It is five."),
        ("<think>never ends", ""),
        ('[TOOL_CALLS] [{"name": "read_file"}]', ""),
        ('{"name": "read_file", "arguments": {}}', ""),
        ('I read it.\n```json\n{"name": "read_file"}\n```', "I read it."),
        ("Code:\n```\n1 < 2\n```\nThat is all.", "Code:\n```\n1 < 2\n```\nThat is all."),
    ],
)
def test_only_words_are_shown(text: str, read: str, piece: int) -> None:
    assert "".join(streamed(text, piece=piece)) == read


def test_what_was_held_back_and_is_only_text_comes_at_the_end() -> None:
    text = '{"rows": [1, 2]}'
    assert "".join(streamed(text)) == ""
    assert "".join(streamed(text, text)) == text


def test_words_arrive_before_the_end() -> None:
    assert len(streamed("Two and three are five.")) > 10
