"""Data tools say what a workbook's values alone don't show."""

from pathlib import Path

import pytest

from agents.tools.data.in_sandbox import read_tables
from agents.tools.data.in_sandbox.read_tables import read
from agents.tools.data.in_sandbox.refusal import CannotDo
from tests.world.files.office_packages import line, workbook, zipped


@pytest.mark.parametrize(
    ("cells", "note"),
    [
        ("<f>A2*2</f>", "2 formulas without a stored value, empty here"),
        ("<f>A2*2</f><v></v>", "2 formulas without a stored value, empty here"),
        ('<f t="shared" si="0"/><v/>', "2 formulas without a stored value, empty here"),
        ("<f>A2*2</f><v>4</v>", ""),
        ("<v>4</v>", ""),
    ],
)
def test_formulas_that_nobody_computed_are_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cells: str, note: str
) -> None:
    rows = "".join(f'<row r="{n}"><c r="A{n}"><v>{n}</v></c><c r="B{n}">{cells}</c></row>' for n in (2, 3))
    (tmp_path / "a.xlsx").write_bytes(workbook({"Plan": line(1, "Count", "Twice") + rows}))
    monkeypatch.setattr(read_tables, "ROOT", tmp_path)
    assert [n.partition(":")[0] for n in read("a.xlsx").notes if "formula" in n] == ([note] if note else [])


def test_hidden_rows_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = line(1, "Name") + line(2, "Ada").replace("<row ", '<row hidden="1" ') + line(3, "Bob")
    (tmp_path / "a.xlsx").write_bytes(workbook({"Plan": rows}))
    monkeypatch.setattr(read_tables, "ROOT", tmp_path)
    assert "1 hidden row included" in read("a.xlsx").notes


def test_an_xlsb_is_called_what_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.xlsb").write_bytes(zipped({"xl/workbook.bin": b"\0"}))
    monkeypatch.setattr(read_tables, "ROOT", tmp_path)
    with pytest.raises(CannotDo, match=r"is an \.xlsb file. Convert it first"):
        read("a.xlsb")
