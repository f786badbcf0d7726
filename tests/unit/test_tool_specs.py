"""The host answers with the tools' specs before it has imported them: the file that holds them is true."""

import subprocess
import sys

from tests.tool_specs import FILE, text

HEAVY = ("docx", "duckdb", "matplotlib", "openpyxl", "playwright", "pptx", "pypdf", "pypdfium2", "trafilatura")


def test_the_written_specs_are_those_of_the_tools() -> None:
    assert FILE.read_text() == text(), "run `python -m tests.tool_specs`"


def test_a_host_starts_without_the_tools_libraries() -> None:
    code = f"""
import asyncio, sys, tempfile
from agents.host.config import HostConfig
from agents.host.host_tools import equip
found = asyncio.run(equip(HostConfig(home=tempfile.mkdtemp())))
assert {{"list_files", "sheet_read"}} <= {{spec.name for spec in found.toolbox.specs}}
print([name for name in {HEAVY!r} if name in sys.modules])
"""
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ended.stdout.strip() == "[]"
