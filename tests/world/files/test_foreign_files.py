"""Files that nobody of this project made are read, or refused in one sentence, in bounded time and memory."""

import asyncio
import re
from pathlib import Path

import pytest

from agents.tools.office.libreoffice import convert
from orchestrator.errors import ToolFailed
from tests.office_workspace import Desk

_CORPUS = Path(__file__).parents[4] / "shared" / "corpus"
_FILES = sorted(p for p in _CORPUS.glob("*.*") if p.suffix not in (".md", ".msg"))
_EXCEPTION = re.compile(r"\b[A-Z]\w+(Error|Exception)\b")


@pytest.mark.slow
@pytest.mark.skipif(not _FILES, reason="the folder of foreign files isn't here")
async def test_each_foreign_file_is_read_or_refused_in_a_sentence(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    wrong: list[str] = []
    for file in _FILES:
        desk.workspace.write(file.name, file.read_bytes())
        tool = "sheet_read" if file.suffix.startswith(".xls") else "document_read"
        try:
            async with asyncio.timeout(120):
                text = (await desk.call(tool, path=file.name)).text
            wrong += [f"{file.name}: {text[:200]}"] if " object at 0x" in text else []
        except ToolFailed as error:
            wrong += [f"{file.name}: {error}"] if "\n" in str(error) or _EXCEPTION.search(str(error)) else []
    await convert.close()
    assert wrong == []
