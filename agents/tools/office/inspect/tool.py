"""Defines the tool that the hub calls when a file is handed in: checks it, computes formulas, makes previews, traces
figures."""

import asyncio
import io
import shutil
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import PurePosixPath
from typing import Annotated, Any, NamedTuple

from PIL import Image

from agents.libreoffice_detection import lacking
from agents.tool import CallContext, Tool, tool
from agents.tools.office import file_checks, provenance_file, unsafe_files, zip_package
from agents.tools.office.formulas import At
from agents.tools.office.inspect import docx_checks, fonts, provenance_json, sheet_looks
from agents.tools.office.inspect.check_and_trace import (
    OFFICE,
    PICTURES,
    Examined,
    examine,
    examine_book,
    formulas_in,
    with_figures,
)
from agents.tools.office.libreoffice import convert
from agents.tools.office.libreoffice.pool import LibreOfficeFailed
from agents.tools.office.provenance import derived_files
from agents.tools.office.sheets import recalculate
from agents.tools.office.sheets.workbook import read_book
from orchestrator.domain.calls import CallResult, Effect
from orchestrator.domain.deliverables import Check, Inspection
from orchestrator.domain.people import FileRef
from orchestrator.domain.plural import counted
from orchestrator.errors import ToolFailed

_MOST_PREVIEWS, _MOST_SLIDES, _PREVIEW_WIDTH = 6, 20, 1000


class Examiner(NamedTuple):
    """Checks of another file type: `examine(content, path, sidecar, laid)`.

    `laid` is the copy from `loosened(content, path)`, laid out and saved by LibreOffice, or None.
    """

    examine: Callable[[bytes, str, provenance_file.Sidecar, bytes | None], Examined]
    loosened: Callable[[bytes, str], bytes | None]


class _Pictured(NamedTuple):
    check: Check
    pictures: list[bytes]


class _Computed(NamedTuple):
    content: bytes
    values: dict[At, Any] | None
    unknown: set[At]


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
    room.progress(f"checking {path}")
    if suffix in OFFICE and (refusal := await asyncio.to_thread(_refusal, content, path)):
        closed = Examined([Check(name="opens", ok=False, words=refusal)], (sidecar.places, ()))
        unseen = _Pictured(Check(name="preview", ok=True, words="not previewed because it wasn't opened"), [])
        return await asyncio.to_thread(_answer, room, path, content, sidecar, closed, unseen)
    absent = await asyncio.to_thread(_absent, suffix, office)
    office = None if absent else office
    suited = await asyncio.to_thread(_targets, content, path, suffix, drawer)
    made: dict[str, bytes] = {}
    try:
        made = await convert.convert_all(content, suffix, suited, program=office) if office else {}
    except LibreOfficeFailed as problem:
        absent = str(problem).rstrip(".")
    async with asyncio.TaskGroup() as group:
        drawn = group.create_task(_pictures(content, suffix, made.get("pdf"), absent, drawer))
        look = (looks or {}).get(suffix)
        looked = group.create_task(
            _looked(look, content, path, sidecar, office)
            if look is not None
            else _examined(room, content, path, sidecar, made.get("xlsx"), absent)
        )
    content, found = looked.result()
    if suffix == ".docx" and made.get("pdf"):
        found.checks.extend(await asyncio.to_thread(docx_checks.of_pages, content, path, made["pdf"]))
    if suffix == ".xlsx" and made.get("pdf"):
        found.checks.extend(await asyncio.to_thread(sheet_looks.of_pages, made["pdf"]))
        asked = partial(fonts.check, content, suffix, made["pdf"], ours=bool(sidecar.sheets))
        found.checks.extend(await asyncio.to_thread(asked))
    return await asyncio.to_thread(_answer, room, path, content, sidecar, found, drawn.result())


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


def _targets(content: bytes, path: str, suffix: str, drawer: str | None) -> list[str]:
    """Returns what LibreOffice makes of the file: a PDF to draw, and the workbook with computed formulas."""
    targets = ["pdf"] if drawer and suffix in OFFICE else []
    try:
        again = suffix == ".xlsx" and bool(formulas_in(read_book(content, path)))
    except ToolFailed:
        return targets
    return ["xlsx", *targets] if again else targets


async def _looked(
    look: Examiner, content: bytes, path: str, sidecar: provenance_file.Sidecar, office: str | None
) -> tuple[bytes, Examined]:
    suffix = PurePosixPath(path).suffix.lower()
    copy = await asyncio.to_thread(look.loosened, content, path) if office else None
    laid = await convert.if_possible(copy, suffix, suffix[1:], program=office) if copy and office else None
    seen = await asyncio.to_thread(look.examine, content, path, sidecar, laid)
    return content, await asyncio.to_thread(with_figures, seen, content, sidecar)


async def _examined(
    room: CallContext, content: bytes, path: str, sidecar: provenance_file.Sidecar, again: bytes | None, absent: str
) -> tuple[bytes, Examined]:
    suffix = PurePosixPath(path).suffix.lower()
    if suffix != ".xlsx":
        return content, await asyncio.to_thread(examine, content, path, suffix, sidecar)
    kind = await asyncio.to_thread(file_checks.office_package, content, path, suffix)
    if not kind.ok:
        return content, Examined([kind], (sidecar.places, ()))
    try:
        made = await asyncio.to_thread(_computed, content, path, again)
        found = await asyncio.to_thread(examine_book, made.content, path, made.values, made.unknown, sidecar, absent)
    except ToolFailed as error:
        return content, Examined([Check(name="opens", ok=False, words=str(error))], (sidecar.places, ()))
    if made.content != content:
        await asyncio.to_thread(_keep_computed, room, path, content, made.content)
    return made.content, found


def _computed(content: bytes, path: str, again: bytes | None) -> _Computed:
    """Returns the workbook with cached values from LibreOffice's copy `again`."""
    book = read_book(content, path)
    if again is None:
        return _Computed(content, None if formulas_in(book) else {}, set())
    values, unknown = recalculate.computed(again, book)
    return _Computed(recalculate.inject(content, values), values, unknown)


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
    traced = provenance_json.written(sidecar, content, found)
    file = room.keep(content, name)
    provenance = room.keep(traced, f"{stem}.provenance.json")
    previews: list[FileRef] = [room.keep(p, f"{stem}-page-{n}.png") for n, p in enumerate(drawn.pictures, 1)]
    inspection = Inspection(
        file=file,
        checks=(*found.checks, provenance_json.told(places, unsourced, found.made), drawn.check),
        previews=tuple(previews),
        provenance=provenance,
        findings=tuple(dict.fromkeys(i for p in places for i in p.findings)),
    )
    return CallResult(ok=True, text=inspection.model_dump_json(), files=(file, provenance, *previews))
