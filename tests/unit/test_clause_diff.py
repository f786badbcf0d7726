"""The script of the skill `contract-comparison`: it finds each change, also in clauses that were moved."""

from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

import docx

from agents.skills.skill_folders import shipped_root

OLD = ["1. The Supplier delivers the Services.", "2. Payment is due within 30 days of the invoice.",
       "3. Either party may terminate with 3 months' notice.", "4. Liability is limited to EUR 50,000."]  # fmt: skip
NEW = ["1. The Supplier delivers the Services.", "2. Prices rise by 4 % each January.",
       "3. Either party may terminate with 3 months' notice.",
       "4. Payment is due within 14 days of the invoice."]  # fmt: skip
FOUND = [
    "CHANGED 2. -> 4.: Payment is due within [-30-] {+14+} days of the invoice.",
    "DELETED 4.: 4. Liability is limited to EUR 50,000.",
    "NEW 2.: 2. Prices rise by 4 % each January.",
    "Clauses: old 4, new 4; different 3, only renumbered 0, the same 2.",
]


def script() -> Any:
    spec = spec_from_file_location(
        "clause_diff", shipped_root().path / "contract-comparison" / "scripts" / "clause_diff.py"
    )
    assert spec is not None and spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_changed_new_and_deleted_clauses_are_told_apart() -> None:
    assert script().report(OLD, NEW).splitlines() == FOUND


def test_a_renumbered_clause_is_no_difference() -> None:
    new = ["1. A preamble that nobody has read.", *(f"{n}. {clause[3:]}" for n, clause in enumerate(OLD, 2))]
    told = script().report(OLD, new).splitlines()
    assert told[1:] == ["Clauses: old 4, new 5; different 1, only renumbered 4, the same 0."]


def test_a_word_file_with_a_table_and_a_text_file_are_read_alike(tmp_path: Path) -> None:
    document = docx.Document()
    for clause in OLD:
        document.add_paragraph(clause)
    table = document.add_table(rows=1, cols=2)
    table.rows[0].cells[0].text, table.rows[0].cells[1].text = "Annex", "Prices"
    document.save(str(tmp_path / "old.docx"))
    (tmp_path / "old.txt").write_text("\n\n".join([*OLD, "Annex | Prices"]))
    (tmp_path / "close.txt").write_text("\n".join(OLD) + "\n\nAnnex | Prices\n")
    read = script().paragraphs
    assert read(tmp_path / "old.docx") == read(tmp_path / "old.txt") == read(tmp_path / "close.txt")
