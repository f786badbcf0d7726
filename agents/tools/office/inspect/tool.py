"""Defines the tool that the hub calls when a file is handed in: checks it, computes formulas, makes previews, traces
figures."""

import asyncio
import io
import shutil
from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Annotated, NamedTuple

from PIL import Image

from agents.libreoffice_detection import lacking
from agents.tool import CallContext, Tool, tool
from agents.tools.office import original_file, provenance_file, unsafe_files, zip_package
from agents.tools.office.inspect import preexisting_faults, provenance_json
from agents.tools.office.inspect.check_and_trace import OFFICE, PICTURES, Examined
from agents.tools.office.inspect.run_checks import Copies, Examiner, Programs, checked, converted, spared
from agents.tools.office.libreoffice import convert
from agents.tools.office.libreoffice.pool import LibreOfficeFailed
from agents.tools.office.provenance import derived_files
from orchestrator.domain.deliverables import Check, Inspection
from orchestrator.domain.people import FileRef
from orchestrator.domain.plural import counted
from orchestrator.domain.tool_calls import CallResult, Effect
from orchestrator.errors import ToolFailed

_MOST_PREVIEWS, _MOST_SLIDES, _PREVIEW_WIDTH = 6, 20, 1000


class _Pictured(NamedTuple):
    check: Check
    pictures: list[bytes]


def inspecting(looks: Mapping[str, Examiner]) -> Tool:
    """Returns the tool; `looks` are checks of other file types, by suffix."""

    @tool(effects={Effect.READ, Effect.WRITE_WORKSPACE})
    async def inspect_deliverable(room: CallContext, path: Annotated[str, "the file to check"]) -> CallResult:
        """Check a finished file, compute its formulas, preview its pages, and trace its figures."""
        programs = convert.soffice(), shutil.which("pdftoppm")
        return await inspected(room, zip_package.tidy(path), office=programs[0], drawer=programs[1], looks=looks)

    return inspect_deliverable


async def inspected(
    room: CallContext, path: str, *, office: str | None, drawer: str | None, looks: Mapping[str, Examiner] | None = None
) -> CallResult:
    """Inspects files with these programs; says what was left out if one is missing."""
    suffix = PurePosixPath(path).suffix.lower()
    content = await asyncio.to_thread(room.workspace.read, path)
    sidecar = await asyncio.to_thread(derived_files.load, room.workspace, path)
    sidecar = sidecar.model_copy(update={"board": room.call.findings})
    room.progress(f"checking {path}")
    if suffix in OFFICE and (refusal := await asyncio.to_thread(_refusal, content, path)):
        closed = Examined([Check(name="opens", ok=False, words=refusal)], (sidecar.places, ()))
        unseen = _Pictured(Check(name="preview", ok=True, words="not previewed because it wasn't opened"), [])
        return await asyncio.to_thread(_answer, room, path, content, sidecar, closed, unseen)
    absent = await asyncio.to_thread(_absent, suffix, office)
    programs = Programs(None if absent else office, drawer, absent, (looks or {}).get(suffix))
    made = Copies({})
    try:
        made = await converted(content, path, sidecar, programs)
    except LibreOfficeFailed as problem:
        absent = str(problem).rstrip(".")
        programs = programs._replace(absent=absent)
    async with asyncio.TaskGroup() as group:
        drawn = group.create_task(_pictures(content, suffix, made.copies.get("pdf"), absent, drawer))
        checks = group.create_task(_checked(room, content, path, sidecar, programs, made))
    content, found = checks.result()
    return await asyncio.to_thread(_answer, room, path, content, sidecar, found, drawn.result())


async def _checked(
    room: CallContext, content: bytes, path: str, sidecar: provenance_file.Sidecar, programs: Programs, made: Copies
) -> tuple[bytes, Examined]:
    """Runs the checks, stores computed values, and leaves out faults that a person's own file had before."""
    after, found = await checked(content, path, sidecar, programs, made)
    if after != content:
        await asyncio.to_thread(_keep_computed, room, path, content, after)
    original = await asyncio.to_thread(original_file.load, room.workspace, path)
    if original is None:
        return after, found
    found = await spared(found, original, path, programs)
    return after, await asyncio.to_thread(_told_once, room, path, found)


def _told_once(room: CallContext, path: str, found: Examined) -> Examined:
    """Leaves out what people were told with an earlier version of the file."""
    sidecar = provenance_file.load(room.workspace, path)
    now = [preexisting_faults.said(c) for c in found.checks if c.told]
    once = preexisting_faults.told_once(found.checks, sidecar.told)
    if all(c.ok for c in found.checks) and now:
        told = tuple(dict.fromkeys((*sidecar.told, *now)))
        provenance_file.save(room.workspace, sidecar.model_copy(update={"told": told}))
    return found._replace(checks=once)


def _refusal(content: bytes, path: str) -> str:
    """Returns why an office file must not be opened; empty if it may be."""
    try:
        unsafe_files.looked_at(content, path)
    except ToolFailed as error:
        return str(error)
    return ""


def _absent(suffix: str, office: str | None) -> str:
    """Returns the missing LibreOffice part that this file type needs, in words; empty if it's installed."""
    part = lacking(office, suffix) if suffix in OFFICE else None
    return f"LibreOffice {part.name} isn't installed (package {part.package})" if part else ""


def _keep_computed(room: CallContext, path: str, before: bytes, after: bytes) -> None:
    """Writes the computed file to the workspace, unless it changed in the meantime."""
    with zip_package.one_at_a_time(f"{room.workspace.root}/{path}"):
        if room.workspace.read(path) == before:
            room.workspace.write(path, after)


async def _pictures(content: bytes, suffix: str, made: bytes | None, absent: str, drawer: str | None) -> _Pictured:
    if suffix in PICTURES:
        return _Pictured(
            Check(name="preview", ok=True, words="the picture itself"), await asyncio.to_thread(_smaller, content)
        )
    if suffix not in (*OFFICE, ".pdf"):
        return _Pictured(Check(name="preview", ok=True, words="text, shown as is"), [])
    if absent:
        return _Pictured(Check(name="preview", ok=True, words=f"not previewed: {absent}"), [])
    if drawer is None:
        return _Pictured(
            Check(name="preview", ok=True, words="not previewed: pdftoppm (poppler-utils) isn't installed"), []
        )
    pdf = content if suffix == ".pdf" else made
    most = _MOST_SLIDES if suffix == ".pptx" else _MOST_PREVIEWS
    try:
        drawn = await convert.pages(pdf, program=drawer, most=most, width=_PREVIEW_WIDTH) if pdf else []
    except ToolFailed as problem:
        return _Pictured(Check(name="preview", ok=True, words=f"not previewed: {str(problem).rstrip('.')}"), [])
    by = "pdftoppm" if pdf else "LibreOffice"
    words = (
        f"{counted(len(drawn), 'page')} rendered"
        if drawn
        else f"{by} couldn't render its pages; the file may be damaged"
    )
    return _Pictured(Check(name="preview", ok=bool(drawn), words=words), drawn)


def _smaller(content: bytes) -> list[bytes]:
    try:
        with Image.open(io.BytesIO(content)) as image:
            image.thumbnail((_PREVIEW_WIDTH, _PREVIEW_WIDTH * 2))
            out = io.BytesIO()
            image.convert("RGB").save(out, "PNG")
            return [out.getvalue()]
    except (OSError, Image.DecompressionBombError):
        return []


def _answer(
    room: CallContext, path: str, content: bytes, sidecar: provenance_file.Sidecar, found: Examined, drawn: _Pictured
) -> CallResult:
    name = PurePosixPath(path).name
    stem = PurePosixPath(path).stem
    places, unsourced = found.traced
    traced = provenance_json.written(sidecar, content, found, room.call.skills)
    file = room.keep(content, name)
    provenance = room.keep(traced, f"{stem}.provenance.json")
    previews: list[FileRef] = [room.keep(p, f"{stem}-page-{n}.png") for n, p in enumerate(drawn.pictures, 1)]
    inspection = Inspection(
        file=file,
        checks=(*found.checks, provenance_json.told(places, unsourced, found.made), drawn.check),
        previews=tuple(previews),
        provenance=provenance,
        findings=tuple(dict.fromkeys(i for p in (*places, *found.claims) for i in p.findings)),
    )
    return CallResult(ok=True, text=inspection.model_dump_json(), files=(file, provenance, *previews))
