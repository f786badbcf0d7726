"""Runs the checks of one file, with LibreOffice's copies of it; a workbook gets the values of its formulas."""

import asyncio
import contextlib
from collections.abc import Callable
from functools import partial
from pathlib import PurePosixPath
from typing import Any, NamedTuple

from agents.tools.office import content_checks
from agents.tools.office.formulas import At
from agents.tools.office.inspect import docx_checks, preexisting_faults, sheet_appearance_checks, substituted_fonts
from agents.tools.office.inspect.check_and_trace import (
    OFFICE,
    Examined,
    examine,
    examine_book,
    formulas_in,
    with_figures,
)
from agents.tools.office.libreoffice import convert
from agents.tools.office.libreoffice.pool import LibreOfficeFailed
from agents.tools.office.provenance_file import Sidecar
from agents.tools.office.sheets import copy_computed_values
from agents.tools.office.sheets.open_and_save_workbook import read_book
from orchestrator.domain.deliverables import Check
from orchestrator.errors import ToolFailed


class Examiner(NamedTuple):
    """Checks of another file type: `examine(content, path, sidecar, laid)`.

    `laid` is the copy from `loosened(content, path)`, laid out and saved by LibreOffice, or None.
    """

    examine: Callable[[bytes, str, Sidecar, bytes | None], Examined]
    loosened: Callable[[bytes, str], bytes | None]


class Programs(NamedTuple):
    """What checks a file. `absent`: why LibreOffice is missing, in words; `look`: another file type's own checks."""

    office: str | None
    drawer: str | None
    absent: str
    look: Examiner | None


class Copies(NamedTuple):
    """What LibreOffice made of a file, by type. `trusted`: it used the values that the file has for its formulas."""

    copies: dict[str, bytes]
    trusted: bool = True


class _Computed(NamedTuple):
    content: bytes
    values: dict[At, Any] | None
    unknown: set[At]


async def converted(content: bytes, path: str, sidecar: Sidecar, programs: Programs) -> Copies:
    """Returns LibreOffice's copies of the file: a PDF to draw, and a workbook with computed formulas."""
    suffix = PurePosixPath(path).suffix.lower()
    if programs.office is None:
        return Copies({})
    suited = await asyncio.to_thread(_targets, content, path, suffix, programs.drawer)
    dummies = (
        "xlsx" in suited and not sidecar.edited and await asyncio.to_thread(copy_computed_values.dummy_values, content)
    )
    given = await asyncio.to_thread(copy_computed_values.without_values, content) if dummies else content
    return Copies(await convert.convert_all(given, suffix, suited, program=programs.office), not dummies)


async def checked(
    content: bytes, path: str, sidecar: Sidecar, programs: Programs, made: Copies
) -> tuple[bytes, Examined]:
    """Returns the file, with computed values if it's a workbook, and what the checks found."""
    suffix, pdf = PurePosixPath(path).suffix.lower(), made.copies.get("pdf")
    if programs.look is not None:
        return await _looked(programs.look, content, path, sidecar, programs.office)
    content, found = await _examined(content, path, sidecar, made, programs.absent)
    if suffix == ".docx" and pdf:
        found.checks.extend(await asyncio.to_thread(docx_checks.of_pages, content, path, pdf))
    if suffix == ".xlsx" and pdf:
        found.checks.extend(await asyncio.to_thread(sheet_appearance_checks.of_pages, pdf))
        asked = partial(substituted_fonts.check, content, suffix, pdf, ours=bool(sidecar.sheets))
        found.checks.extend(await asyncio.to_thread(asked))
    return content, found


async def spared(found: Examined, original: bytes, path: str, programs: Programs) -> Examined:
    """Returns the results without faults and figures that the person's own file had before an agent changed it."""
    if all(c.ok for c in found.checks) and not found.traced[1]:
        return found
    sidecar = Sidecar(file=path)
    pages = programs if not all(c.ok for c in found.checks) else programs._replace(office=None)
    made = Copies({})
    with contextlib.suppress(LibreOfficeFailed):
        made = await converted(original, path, sidecar, pages)
    _, was = await checked(original, path, sidecar, pages, made)
    left = preexisting_faults.new_figures(found.traced[1], was.traced[1])
    checks = preexisting_faults.spared(found.checks, was.checks)
    return found._replace(checks=checks, traced=(found.traced[0], left))


def _targets(content: bytes, path: str, suffix: str, drawer: str | None) -> list[str]:
    """Returns what LibreOffice makes of the file: a PDF to draw, and the workbook with computed formulas."""
    targets = ["pdf"] if drawer and suffix in OFFICE else []
    try:
        again = suffix == ".xlsx" and bool(formulas_in(read_book(content, path)))
    except ToolFailed:
        return targets
    return ["xlsx", *targets] if again else targets


async def _looked(
    look: Examiner, content: bytes, path: str, sidecar: Sidecar, office: str | None
) -> tuple[bytes, Examined]:
    suffix = PurePosixPath(path).suffix.lower()
    copy = await asyncio.to_thread(look.loosened, content, path) if office else None
    laid = await convert.if_possible(copy, suffix, suffix[1:], program=office) if copy and office else None
    seen = await asyncio.to_thread(look.examine, content, path, sidecar, laid)
    return content, await asyncio.to_thread(with_figures, seen, content, sidecar)


async def _examined(content: bytes, path: str, sidecar: Sidecar, made: Copies, absent: str) -> tuple[bytes, Examined]:
    suffix = PurePosixPath(path).suffix.lower()
    if suffix != ".xlsx":
        return content, await asyncio.to_thread(examine, content, path, suffix, sidecar)
    kind = await asyncio.to_thread(content_checks.office_package, content, path, suffix)
    if not kind.ok:
        return content, Examined([kind], (sidecar.places, ()))
    try:
        it = await asyncio.to_thread(_computed, content, path, made)
        found = await asyncio.to_thread(examine_book, it.content, path, it.values, it.unknown, sidecar, absent)
    except ToolFailed as error:
        return content, Examined([Check(name="opens", ok=False, words=str(error))], (sidecar.places, ()))
    return it.content, found


def _computed(content: bytes, path: str, made: Copies) -> _Computed:
    """Returns the workbook with a value for every formula that LibreOffice could compute in its copy."""
    book = read_book(content, path)
    known = copy_computed_values.stored(content, book)
    if (again := made.copies.get("xlsx")) is None:
        return _Computed(content, known if len(known) >= formulas_in(book) else None, set())
    it = copy_computed_values.computed(again, book, known, trusted=made.trusted)
    return _Computed(copy_computed_values.inject(content, it.new), it.values, it.unknown)
