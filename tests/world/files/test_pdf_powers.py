"""PDFs with powers and indices: smaller letters that stand higher or lower keep their meaning."""

from pathlib import Path

import pytest

from tests.office_workspace import Desk
from tests.world.files.pdf_writer import one_page, shown


def small(*parts: tuple[str, float, float, float]) -> bytes:
    return one_page("".join(shown(text, x, y, size=size) for text, x, y, size in parts))


CASES = [
    ("a unit and a line that goes on", small(("25 m", 60, 700, 12), ("2", 85.4, 704.5, 8), (", E = mc", 89.8, 700, 12),
                                             ("2", 134.3, 704.5, 8)), "25 m², E = mc²"),
    ("a word below", small(("x", 60, 650, 12), ("max", 66, 647, 8)), "x_max"),
    ("below and above", small(("p", 60, 600, 12), ("2", 66.7, 597, 8), ("n+1", 71.2, 604.5, 8)), "p₂ⁿ⁺¹"),
    ("small capitals", small(("SI", 60, 550, 12), ("ZE 5", 71.4, 550, 9)), "SIZE 5"),
    ("an initial of several lines", small(("O", 60, 500, 40), ("nce upon", 91.2, 520, 12)), "nce upon"),
    ("the next line in small letters", small(("Sum", 60, 450, 12), ("1 without tax", 60, 438, 8)),
     "Sum\n1 without tax"),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "content", "words"), CASES, ids=[row[0] for row in CASES])
async def test_a_power_is_read_as_one(kind: str, content: bytes, words: str, tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.workspace.write("a.pdf", content)
    text = (await desk.call("document_read", path="a.pdf")).text
    assert words in text
    assert not set(text) & set("^_⁰") - set(words)
