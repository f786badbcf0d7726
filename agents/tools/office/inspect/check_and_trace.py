"""Examines a file with its own library: runs checks, extracts text, and traces each figure."""

import csv
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from pydantic import JsonValue

from agents.pdf_reading.pdf_text import pdf_pages
from agents.tools.office import content_checks
from agents.tools.office.formulas import At, formula_text
from agents.tools.office.inspect import docx_checks, pdf_checks
from agents.tools.office.inspect.sheet_checks import stumbling
from agents.tools.office.inspect.sheet_looks import looks
from agents.tools.office.provenance import check_figures, derived_files, outline, text_readback, trace_figures
from agents.tools.office.provenance_file import Sidecar
from agents.tools.office.sheets.recalculate import stored
from agents.tools.office.sheets.workbook import read_book
from agents.tools.office.text_encoding import decoded
from agents.tools.office.word.read_document import footnotes, open_docx
from orchestrator.domain.deliverables import Check, Computed, Made, Origins, Part, Provenance, Stretch
from orchestrator.domain.plural import counted
from orchestrator.errors import ToolFailed

PICTURES = (".png", ".jpg", ".jpeg", ".gif", ".webp")
OFFICE = (".xlsx", ".docx", ".pptx")


class Examined(NamedTuple):
    """The results of examining a file."""

    checks: list[Check]
    traced: trace_figures.Traced
    parts: tuple[Part, ...] = ()
    formulas: tuple[Computed, ...] = ()
    made: Made | None = None


def examine(content: bytes, path: str, suffix: str, sidecar: Sidecar) -> Examined:
    """Checks any file except a workbook."""
    if not content:
        return Examined([Check(name="opens", ok=False, words=f"{path!r} is empty")], (sidecar.places, ()))
    try:
        if suffix in OFFICE and not (kind := content_checks.office_package(content, path, suffix)).ok:
            return Examined([kind], (sidecar.places, ()))
        if suffix == ".docx":
            return _word(open_docx(content, path), sidecar)
        if suffix == ".pptx":
            found = Examined([content_checks.office_package(content, path, suffix)], (sidecar.places, ()))
            return with_figures(found, content, sidecar)
        if suffix == ".pdf":
            return _pdf(content, path, sidecar)
        if suffix in PICTURES:
            return Examined([content_checks.picture(content)], (sidecar.places, ()))
        return _text(content, path, suffix, sidecar)
    except ToolFailed as error:
        return Examined([Check(name="opens", ok=False, words=str(error))], (sidecar.places, ()))


def examine_book(
    content: bytes, path: str, values: dict[At, Any] | None, unknown: set[At], sidecar: Sidecar, absent: str = ""
) -> Examined:
    """Checks a workbook. `values` are its computed formulas; None if `absent` is missing to compute them."""
    book = read_book(content, path)
    count = formulas_in(book)
    found = [
        Check(name="opens", ok=True, words=f"opens, {counted(len(book.worksheets), 'sheet')}"),
        content_checks.sheets_filled(book),
    ]
    if count and values is None:
        words = f"{counted(count, 'formula')} not computed: {absent or 'LibreOffice could not open the file'}"
        found.append(Check(name="formulas", ok=True, words=words))
    elif count:
        found.append(content_checks.formula_errors(values or {}, unknown, count))
    if typed := list(content_checks.typed_errors(book)):
        found.append(Check(name="errors", ok=False, words=f"error values: {content_checks.listed(typed)}"))
    cells = (
        (f"{s.title}!{c.coordinate}", c.value)
        for s in book.worksheets
        if s.title != sidecar.sources_sheet
        for row in s.iter_rows()
        for c in row
        if isinstance(c.value, str) and not formula_text(c.value)
    )
    found += [content_checks.left_over(cells), content_checks.columns_wide_enough(book, values or {})]
    found += [*stumbling(book, values or {}), *looks(book, sidecar.sheets)]
    found.append(_agreeing(sidecar, trace_figures.typed(book)))
    stands = derived_files.in_book(book, sidecar)
    traced = trace_figures.of_book(book, values or {}, sidecar, stands.places)
    return Examined(found, traced, outline.of_book(book, values or {}, sidecar), outline.computed(book), stands.made)


def _agreeing(sidecar: Sidecar, shown: Mapping[str, JsonValue], notes: Iterable[tuple[str, str]] = ()) -> Check:
    """Checks that the file and its notes agree with the findings they name."""
    wrong = check_figures.checked(sidecar.places, sidecar.findings, shown) + check_figures.noted(
        notes, sidecar.findings
    )
    return check_figures.check(wrong, sidecar.findings, len(sidecar.places))


def with_figures(found: Examined, content: bytes, sidecar: Sidecar) -> Examined:
    """Returns the results for a deck that opens: figures compared with findings, and its text."""
    if not all(c.ok for c in found.checks if c.name in ("type", "opens")):
        return found
    stretches = outline.deck_stretches(content, sidecar)
    agreeing = _agreeing(sidecar, {s.place: s.text for s in stretches})
    names = {(s.place.partition(" > ")[0], s.text[:300]): s.place for s in stretches}
    own = tuple(
        p.model_copy(update={"place": names.get((p.place.partition(" > ")[0], str(p.shows)), p.place)})
        for p in found.traced[1]
    )
    return Examined([*found.checks, agreeing], (found.traced[0], own), outline.of_deck(stretches))


def formulas_in(book: Any) -> int:
    return sum(formula_text(c.value) is not None for s in book.worksheets for row in s.iter_rows() for c in row)


def _word(document: Any, sidecar: Sidecar) -> Examined:
    stretches = trace_figures.docx_stretches(document)
    words = sum(len(s.text.split()) for s in stretches)
    notes = footnotes(document)
    found = [
        Check(name="opens", ok=True, words="opens without errors"),
        Check(
            name="content",
            ok=words > 0,
            words=f"{counted(words, 'word')}, {counted(len(notes), 'footnote')}" if words else "it is empty",
        ),
        content_checks.left_over((s.place, s.text) for s in stretches),
        *docx_checks.structure(document),
        _agreeing(sidecar, {s.place: s.text for s in stretches}, [(f"footnote {n}", t) for n, t in notes.items()]),
    ]
    return Examined(found, trace_figures.of_document(stretches, sidecar), outline.of_text(stretches))


def _pdf(content: bytes, path: str, sidecar: Sidecar) -> Examined:
    texts = pdf_pages(content, path)
    source = sidecar.printed or Origins()
    found = [
        Check(name="opens", ok=True, words=f"opens, {counted(len(texts), 'page')}"),
        content_checks.left_over((f"page {n}", text) for n, text in enumerate(texts, 1)),
        *pdf_checks.checks(content),
        _agreeing(sidecar, text_readback.of_pdf("\n".join(texts), sidecar.places)),
    ]
    unsourced = tuple(Provenance(place=s.place, shows=s.shows, findings=()) for s in source.unsourced)
    return Examined(found, (sidecar.places, unsourced), source.parts, source.formulas, source.made)


def printed(content: bytes, path: str, suffix: str, sidecar: Sidecar) -> Sidecar:
    """Returns the sidecar for a PDF made from this file, with its current values."""
    if suffix == ".xlsx":
        found = examine_book(content, path, stored(content, read_book(content, path)), set(), sidecar)
    elif suffix == ".pptx":
        found = with_figures(Examined([], (sidecar.places, ())), content, sidecar)
    else:
        found = examine(content, path, suffix, sidecar)
    now = {s.place: s.shows for part in found.parts for row in part.rows for s in row}
    places, unsourced = found.traced
    shown = tuple(p.model_copy(update={"shows": now.get(p.place, p.shows)}) for p in places)
    own = tuple(Stretch(place=p.place, shows=p.shows) for p in unsourced)
    source = Origins(
        file=path,
        parts=found.parts,
        formulas=found.formulas,
        unsourced=own,
        unsourced_count=len(own),
        made=found.made,
    )
    return sidecar.model_copy(update={"places": shown, "printed": source})


def _text(content: bytes, path: str, suffix: str, sidecar: Sidecar) -> Examined:
    text, encoding, *_ = decoded(content, path)
    found = [content_checks.source_text(text, suffix)]
    if not encoding.startswith("UTF-"):
        found.append(Check(name="encoding", ok=False, words=f"{path!r} isn't UTF-8; write it as UTF-8"))
    if suffix == ".csv":
        return _table(text, sidecar, [*found, content_checks.even_rows(text)])
    if suffix not in (".md", ".txt"):
        return Examined(found, (sidecar.places, ()))
    found.append(content_checks.left_over((f"line {n}", line) for n, line in enumerate(text.splitlines(), 1)))
    stretches = text_readback.of_markdown(text, sidecar.places)
    found.append(_agreeing(sidecar, {s.place: s.text for s in stretches}, text_readback.notes_of_markdown(text)))
    traced = trace_figures.of_document(stretches, sidecar) if suffix == ".md" else (sidecar.places, ())
    return Examined(found, traced, outline.of_text(stretches) if suffix == ".md" else ())


def _table(text: str, sidecar: Sidecar, found: list[Check]) -> Examined:
    try:
        rows = text_readback.of_csv(text)
    except csv.Error:
        return Examined(found, (sidecar.places, ()))
    cells = [cell for row in rows for cell in row]
    found.append(_agreeing(sidecar, {c.place: c.text for c in cells}))
    stands = derived_files.in_csv(text, sidecar)
    known = {p.place for p in sidecar.places} | stands.places
    ours = sidecar.typed or sidecar.made is not None
    own = [c for c in cells if ours and c.place not in known and check_figures.number(c.text)]
    unsourced = tuple(Provenance(place=c.place, shows=c.text, findings=()) for c in own)
    return Examined(found, (sidecar.places, unsourced), outline.of_rows(rows), made=stands.made)
