"""LibreOffice's parts are packages of their own: one that is missing is named, and no file is called damaged for it."""

import io
import os
from collections.abc import AsyncGenerator
from pathlib import Path

import docx
import openpyxl
import pptx
import pytest

from agents import libreoffice_detection as install
from agents.tools.office.libreoffice import convert
from bot.doctor import optional_parts, program_checks
from orchestrator.domain.deliverables import Inspection
from orchestrator.errors import ToolFailed
from tests.hidden_parts import shown_again, without
from tests.long_tests import sampled
from tests.office_workspace import Desk

SOFFICE = install.soffice() or ""
_FILES = install.missing_files(SOFFICE) if SOFFICE else None
pytestmark = [
    pytest.mark.skipif(_FILES is None or not Path("/proc").exists(), reason="LibreOffice is not installed here"),
    pytest.mark.skipif(bool(_FILES), reason=f"parts of LibreOffice are not installed: {_FILES}"),
]
BY_NAME = {part.name: part for part in install.KINDS}
OLD = {"Writer": ".odt", "Calc": ".ods", "Impress": ".odp"}
NEW = {"Writer": ".docx", "Calc": ".xlsx", "Impress": ".pptx"}


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncGenerator[Desk]:
    (tmp_path / "desk").mkdir()
    yield Desk(tmp_path / "desk")
    await convert.close()


def hide(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, *hidden: str) -> str:
    """A LibreOffice without these files comes first on the PATH."""
    program = without(SOFFICE, tmp_path / "lo", *hidden)
    monkeypatch.setenv("PATH", f"{Path(program).parent}{os.pathsep}{os.environ['PATH']}")
    return program


def made(suffix: str) -> bytes:
    out = io.BytesIO()
    match suffix:
        case ".docx":
            document = docx.Document()
            document.add_heading("Costs")
            document.add_paragraph("They fall.")
            document.save(out)
        case ".xlsx":
            book = openpyxl.Workbook()
            book.active["A1"], book.active["A2"] = 21, "=A1*2"  # pyright: ignore[reportOptionalSubscript]
            book.save(out)
        case _:
            deck = pptx.Presentation()
            slide = deck.slides.add_slide(deck.slide_layouts[5])
            slide.shapes.title.text = "Costs fall"  # pyright: ignore[reportOptionalMemberAccess]
            deck.save(out)
    return out.getvalue()


def hidden_files() -> list[tuple[install.LibreOfficePart, str]]:
    """Each part by its registry, and by its libraries as Debian leaves a part that was removed."""
    files = {part: [part.registry, *(f"{name}.so" for name in part.libraries)] for part in install.KINDS}
    return [(part, file) for part, names in files.items() for file in names]


@pytest.mark.parametrize(("part", "file"), hidden_files())
def test_the_missing_part_and_its_package_are_named_by_doctor_and_at_the_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, part: install.LibreOfficePart, file: str
) -> None:
    program = hide(monkeypatch, tmp_path, file)
    assert install.missing_files(program) == (part,)
    row = program_checks.office()
    assert (row.level, row.next) == ("warn", f"Install {part.package}."), row
    assert f"lacks {part.name} (" in row.words
    assert optional_parts.office_hints() == [
        f"LibreOffice lacks {part.name} (for {part.purpose}): install {part.package}."
    ]


def test_two_missing_parts_and_the_python_bridge_are_all_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = hide(monkeypatch, tmp_path, "calc.xcd", "impress.xcd", "libpyuno.so")
    assert install.missing_files(program) == (install.CALC, install.IMPRESS, install.BRIDGE)
    (hint,) = optional_parts.office_hints()
    assert hint.endswith(": install libreoffice-calc, libreoffice-impress and python3-uno.")


def test_a_whole_libreoffice_lacks_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert install.missing_files(without(SOFFICE, tmp_path / "lo")) == ()
    assert optional_parts.office_hints() == []


@pytest.mark.parametrize("name", BY_NAME)
async def test_no_tool_calls_a_file_damaged_for_want_of_a_part(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    hide(monkeypatch, tmp_path, BY_NAME[name].registry)
    desk.workspace.write(f"a{OLD[name]}", b"PK\5\6" + bytes(18))
    desk.workspace.write(f"b{NEW[name]}", made(NEW[name]))
    calls = (
        ("document_read", {"path": f"a{OLD[name]}"}),
        ("look_at", {"path": f"b{NEW[name]}"}),
        ("pdf_make", {"path": "b.pdf", "source": f"b{NEW[name]}"}),
    )
    for tool, arguments in calls:
        with pytest.raises(ToolFailed) as failed:
            await desk.call(tool, **arguments)
        said = str(failed.value)
        assert (
            f"needs LibreOffice {name}, which isn't installed on this host" in said and BY_NAME[name].package in said
        ), tool
        assert "damaged" not in said and "Check the file" not in said


@pytest.mark.parametrize("name", BY_NAME)
async def test_a_file_is_handed_in_without_the_part_that_would_draw_it(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    hide(monkeypatch, tmp_path, BY_NAME[name].registry)
    desk.workspace.write(f"b{NEW[name]}", made(NEW[name]))
    found = Inspection.model_validate_json((await desk.call("inspect_deliverable", path=f"b{NEW[name]}")).text)
    words = {check.name: check.words for check in found.checks}
    absent = f"LibreOffice {name} isn't installed (package {BY_NAME[name].package})"
    assert words["preview"] == f"not previewed: {absent}"
    assert name != "Calc" or words["formulas"] == f"1 formula not computed: {absent}"
    assert all(c.ok for c in found.checks if c.name in ("opens", "type", "preview"))
    assert not [c for c in found.checks if "damaged" in c.words]


async def test_a_document_is_written_without_writer_and_says_what_word_does(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hide(monkeypatch, tmp_path, "writer.xcd")
    blocks = [{"type": "contents"}, {"type": "heading", "text": "Costs"}, {"type": "paragraph", "text": "They fall."}]
    answer = await desk.call("document_write", path="a.docx", title="Costs", blocks=blocks)
    assert "The table of contents shows page numbers once Word has opened the file." in answer.text


async def test_other_kinds_are_converted_as_ever(desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hide(monkeypatch, tmp_path, "impress.xcd")
    desk.workspace.write("a.docx", made(".docx"))
    desk.workspace.write("a.xlsx", made(".xlsx"))
    for source in ("a.docx", "a.xlsx"):
        await desk.call("pdf_make", path=f"{source}.pdf", source=source)
    assert desk.workspace.read("a.docx.pdf").startswith(b"%PDF")


@pytest.mark.slow
async def test_a_part_that_is_installed_later_is_used_by_the_libreoffice_that_was_kept(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = hide(monkeypatch, tmp_path, "impress.xcd")
    desk.workspace.write("a.docx", made(".docx"))
    desk.workspace.write("a.pptx", made(".pptx"))
    await desk.call("pdf_make", path="a.pdf", source="a.docx")
    with pytest.raises(ToolFailed, match="LibreOffice Impress"):
        await desk.call("pdf_make", path="b.pdf", source="a.pptx")
    shown_again(SOFFICE, program, "impress.xcd")
    await desk.call("pdf_make", path="b.pdf", source="a.pptx")
    assert desk.workspace.read("b.pdf").startswith(b"%PDF")


@pytest.mark.parametrize("part", sampled(install.KINDS, 3))
def test_behind_a_script_a_trial_finds_the_missing_part(tmp_path: Path, part: install.LibreOfficePart) -> None:
    assert install.missing_kinds(scripted(without(SOFFICE, tmp_path / "lo", part.registry), tmp_path / "bin")) == (
        part,
    )


def scripted(program: str, folder: Path) -> str:
    """A script that starts it, as Homebrew and some distributions install one: nobody can say where its files are."""
    folder.mkdir()
    script = folder / "soffice"
    script.write_text(f'#!/bin/sh\nexec {program} "$@"\n')
    script.chmod(0o755)
    return str(script)


@pytest.mark.slow
async def test_behind_a_script_the_missing_part_is_named_until_it_is_there(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = without(SOFFICE, tmp_path / "lo", "impress.xcd")
    script = scripted(program, tmp_path / "bin")
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}")
    assert install.missing_files(script) is None
    assert optional_parts.office_hints() == []
    assert program_checks.office().next == "Install libreoffice-impress."
    desk.workspace.write("a.pptx", made(".pptx"))
    with pytest.raises(ToolFailed, match="needs LibreOffice Impress, which isn't installed on this host"):
        await desk.call("pdf_make", path="b.pdf", source="a.pptx")
    shown_again(SOFFICE, program, "impress.xcd")
    await desk.call("pdf_make", path="b.pdf", source="a.pptx")


def test_a_program_that_does_nothing_lacks_no_part(tmp_path: Path) -> None:
    script = tmp_path / "soffice"
    script.write_text("#!/bin/sh\nexit 1\n")
    script.chmod(0o755)
    assert install.missing_kinds(str(script)) == ()
