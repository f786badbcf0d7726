"""Runs a zip of `in_sandbox/` in the sandbox and turns its exit into an answer or a failure."""

import io
import json
import zipfile
from functools import cache
from pathlib import Path
from typing import Any

from agents.sandbox import atomic_file_writer
from agents.sandbox.call_grants import SandboxAccess
from agents.sandbox.sandbox_interface import Ended, Job
from agents.tool import CallContext
from agents.tools.data.workbook_copies import copies
from agents.tools.office.libreoffice import convert
from orchestrator.domain.plural import in_seconds
from orchestrator.errors import ToolFailed

SECONDS = 120
_REFUSED, _UNREADABLE = 3, 4
_HERE = Path(__file__).parent
_ROOT = _HERE.parents[2]
_PACKAGE = "agents/tools/data/in_sandbox"
_FOLDERS = (
    "agents", "agents/tools", "agents/tools/data", "agents/tools/office", "orchestrator", "orchestrator/domain"
)  # fmt: skip
_SHARED = (
    "agents/delimited_text.py", "agents/encoding_scores.py", "agents/text_decoding.py",
    "agents/tools/office/house_style.py", "agents/number_format.py",
    "agents/number_format_dates.py", "agents/number_format_sections.py",
    "agents/unescaped_quotes.py", "orchestrator/domain/escape_file_names.py",
    "orchestrator/domain/plural.py",
)  # fmt: skip


async def run(workshop: SandboxAccess, room: CallContext, what: str, request: dict[str, Any]) -> str:
    """Runs `in_sandbox/<what>.py` on the request over the room's workspace. Raises ToolFailed with its sentence.

    After the text comes how a saved file was made; see `in_sandbox/saved_file_answer.py`. Workbooks that its library
    can't read are tried once more as LibreOffice's copies.
    """
    ended = await _ended(workshop, room, what, request, again=False)
    if ended.code == _UNREADABLE and await convert.program_for(".xlsx"):
        ended = await _ended(workshop, room, what, request, again=True)
    return _answer(ended)


async def _ended(
    workshop: SandboxAccess, room: CallContext, what: str, request: dict[str, Any], *, again: bool
) -> Ended:
    files = [request["file"]] if "file" in request else request["files"].values()
    made = await copies(room, files, again=again)
    told = json.dumps({**request, "copies": made.request}).encode()
    code = {"data.pyz": program(what), "request.json": told, **made.code}
    job = Job((workshop.sandbox.python, "-I", "/code/data.pyz"), room.workspace.root, SECONDS, code)
    return await atomic_file_writer.run(workshop, room, job)


def _answer(ended: Ended) -> str:
    words = ended.output.strip()
    if ended.why == "seconds":
        raise ToolFailed(
            f"The call took more than {in_seconds(ended.seconds)}. Process the data in parts, or use run_python."
        )
    if ended.why == "disk":
        raise ToolFailed("The workspace is full. Delete what you don't need, or save less.")
    if ended.code in (_REFUSED, _UNREADABLE):
        raise ToolFailed(words)
    if ended.killed:
        raise ToolFailed(
            "The system killed the process, perhaps because memory ran out. Try again, or process the data in parts."
        )
    if ended.code:
        last = words.splitlines()[-1] if words else f"exit code {ended.code}"
        raise ToolFailed(f"The data couldn't be processed ({last[:300]}). Check it with run_python.")
    return words


@cache
def program(what: str) -> bytes:
    """A Python zip that starts `in_sandbox/<what>.py`. Isolated Python finds nothing in it but the zip itself."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for folder in _FOLDERS:
            archive.writestr(f"{folder}/__init__.py", "")
        for path in _SHARED:
            archive.writestr(path, (_ROOT / path).read_bytes())
        for file in sorted((_HERE / "in_sandbox").glob("*.py")):
            archive.writestr(f"{_PACKAGE}/{file.name}", file.read_bytes())
        start = f"from agents.tools.data.in_sandbox import main, {what}\n\nmain.main({what}.run)\n"
        archive.writestr("__main__.py", start)
    return out.getvalue()
