"""Examines a file with its own library: runs checks, extracts text, and traces each figure."""

import csv
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from pydantic import JsonValue

from agents.pdf_reading.pdf_text import pdf_pages
from agents.tools.office import content_checks
from agents.tools.office.claims import check_file, read_workbook_for_claims
from agents.tools.office.decode_text_file import decoded
from agents.tools.office.formulas import At, formula_text
from agents.tools.office.inspect import docx_checks, pdf_checks
from agents.tools.office.inspect.sheet_appearance_checks import looks
from agents.tools.office.inspect.sheet_checks import stumbling
from agents.tools.office.provenance import check_figures, derived_files, outline, read_traced_places, trace_figures
from agents.tools.office.provenance_file import Sidecar
from agents.tools.office.sheets.copy_computed_values import stored
from agents.tools.office.sheets.open_and_save_workbook import read_book
from agents.tools.office.word.blocks import Named
from agents.tools.office.word.find_blocks import titles as word_titles
from agents.tools.office.word.read_document import footnotes, open_docx
from orchestrator.domain.deliverables import Check, Claim, Computed, Made, Origins, Part, Provenance, Stretch
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
    claims: tuple[Claim, ...] = ()


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
    text = read_workbook_for_claims.read(book, values or {}, sidecar)
    claimed = check_file.claimed(text.words, _grounds(sidecar), text.grids)
    claimed = claimed._replace(wrong=(*claimed.wrong, *read_workbook_for_claims.chart_faults(book, sidecar.sheets)))
    found += _agreeing(sidecar, trace_figures.typed(book), claimed)
    stands = derived_files.in_book(book, sidecar)
    traced = trace_figures.of_book(book, values or {}, sidecar, stands.places)
    parts = outline.of_book(book, values or {}, sidecar)
    return Examined(found, traced, parts, outline.computed(book), stands.made, claimed.claims)


def _agreeing(
    sidecar: Sidecar,
    shown: Mapping[str, JsonValue],
    claimed: check_file.Claimed,
    notes: Iterable[tuple[str, str]] = (),
) -> list[Check]:
    """Checks that the file and its notes agree with the findings they name, and that what it claims follows."""
    right = {(c.place, c.words) for c in claimed.claims if c.findings and c.how}
    wrong = check_figures.checked(sidecar.places, sidecar.findings, shown, right) + check_figures.noted(
        notes, sidecar.findings
    )
    figures = check_figures.check(wrong, sidecar.findings, len(sidecar.places))
    return [figures, *([claimed.check()] if claimed.claims or claimed.wrong else [])]


def _grounds(sidecar: Sidecar) -> check_file.Grounds:
    return check_file.Grounds(sidecar.places, sidecar.findings, sidecar.board, sidecar.drawn)


def _told(stretches: Iterable[Named]) -> list[tuple[str, str]]:
    return [(s.place, s.text) for s in stretches]


def with_figures(found: Examined, content: bytes, sidecar: Sidecar) -> Examined:
    """Returns the results for a deck that opens: figures compared with findings, and its text."""
    if not all(c.ok for c in found.checks if c.name in ("type", "opens")):
        return found
    stretches = outline.deck_stretches(content, sidecar)
    claimed = check_file.claimed(_told(stretches), _grounds(sidecar))
    agreeing = _agreeing(sidecar, {s.place: s.text for s in stretches}, claimed)
    names = {(s.place.partition(" > ")[0], s.text[:300]): s.place for s in stretches}
    own = tuple(
        p.model_copy(update={"place": names.get((p.place.partition(" > ")[0], str(p.shows)), p.place)})
        for p in found.traced[1]
    )
    parts = outline.of_deck(stretches)
    return Examined([*found.checks, *agreeing], _sourced((found.traced[0], own), claimed), parts, claims=claimed.claims)


def _sourced(traced: trace_figures.Traced, claimed: check_file.Claimed) -> trace_figures.Traced:
    """Returns the places, where figures that follow from findings need no source of their own."""
    own = {c.place for c in claimed.claims if not c.findings}
    fine = {c.place for c in claimed.claims} - own
    return traced[0], tuple(p for p in traced[1] if p.place not in fine)


def formulas_in(book: Any) -> int:
    return sum(formula_text(c.value) is not None for s in book.worksheets for row in s.iter_rows() for c in row)


def _word(document: Any, sidecar: Sidecar) -> Examined:
    stretches = trace_figures.docx_stretches(document)
    words = sum(len(s.text.split()) for s in stretches)
    notes = footnotes(document)
    claimed = check_file.claimed(_told([*word_titles(document), *stretches]), _grounds(sidecar))
    found = [
        Check(name="opens", ok=True, words="opens without errors"),
        Check(
            name="content",
            ok=words > 0,
            words=f"{counted(words, 'word')}, {counted(len(notes), 'footnote')}" if words else "it is empty",
        ),
        content_checks.left_over((s.place, s.text) for s in stretches),
        *docx_checks.structure(document),
        *_agreeing(
            sidecar, {s.place: s.text for s in stretches}, claimed, [(f"footnote {n}", t) for n, t in notes.items()]
        ),
    ]
    traced = trace_figures.of_document(stretches, sidecar)
    return Examined(found, _sourced(traced, claimed), outline.of_text(stretches), claims=claimed.claims)


def _pdf(content: bytes, path: str, sidecar: Sidecar) -> Examined:
    texts = pdf_pages(content, path)
    source = sidecar.printed or Origins()
    told = (*sidecar.titles, *(s for part in source.parts for row in part.rows for s in row))
    stretches = [Named(s.place, str(s.shows)) for s in told]
    claimed = check_file.claimed(_told(stretches), _grounds(sidecar))
    found = [
        Check(name="opens", ok=True, words=f"opens, {counted(len(texts), 'page')}"),
        content_checks.left_over((f"page {n}", text) for n, text in enumerate(texts, 1)),
        *pdf_checks.checks(content),
        *_agreeing(sidecar, read_traced_places.of_pdf("\n".join(texts), sidecar.places), claimed),
    ]
    unsourced = tuple(Provenance(place=s.place, shows=s.shows, findings=()) for s in source.unsourced)
    return Examined(found, (sidecar.places, unsourced), source.parts, source.formulas, source.made, claimed.claims)


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
    titles = tuple(Stretch(place=n.place, shows=n.text) for n in _titles(content, path, suffix))
    return sidecar.model_copy(update={"places": shown, "printed": source, "titles": titles})


def _titles(content: bytes, path: str, suffix: str) -> list[Named]:
    if suffix == ".docx":
        return word_titles(open_docx(content, path))
    return read_traced_places.titles(decoded(content, path).text) if suffix == ".md" else []


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
    stretches = read_traced_places.of_markdown(text, sidecar.places)
    claimed = check_file.claimed(_told([*read_traced_places.titles(text), *stretches]), _grounds(sidecar))
    notes = read_traced_places.notes_of_markdown(text)
    found += _agreeing(sidecar, {s.place: s.text for s in stretches}, claimed, notes)
    if suffix != ".md":
        return Examined(found, (sidecar.places, ()))
    traced = trace_figures.of_document(stretches, sidecar)
    return Examined(found, _sourced(traced, claimed), outline.of_text(stretches), claims=claimed.claims)


def _table(text: str, sidecar: Sidecar, found: list[Check]) -> Examined:
    try:
        rows = read_traced_places.of_csv(text)
    except csv.Error:
        return Examined(found, (sidecar.places, ()))
    cells = [cell for row in rows for cell in row]
    claimed = check_file.claimed(_told(cells), _grounds(sidecar))
    found += _agreeing(sidecar, {c.place: c.text for c in cells}, claimed)
    stands = derived_files.in_csv(text, sidecar)
    known = {p.place for p in sidecar.places} | stands.places
    ours = sidecar.typed or sidecar.made is not None
    own = [c for c in cells if ours and c.place not in known and check_figures.number(c.text)]
    unsourced = tuple(Provenance(place=c.place, shows=c.text, findings=()) for c in own)
    return Examined(found, (sidecar.places, unsourced), outline.of_rows(rows), made=stands.made, claims=claimed.claims)
