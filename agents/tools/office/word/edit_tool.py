"""Defines the tool that changes an existing Word document and keeps everything else."""

import asyncio
from pathlib import PurePosixPath
from typing import Annotated, Any, NamedTuple

from docx.oxml.ns import qn

from agents.tool import CallContext, tool
from agents.tools.office import original_file, provenance_file, save_keeping_unchanged_parts, zip_package
from agents.tools.office.libreoffice import convert
from agents.tools.office.word import change_schema, refresh_table_of_contents
from agents.tools.office.word.blocks import cell_findings, stretches
from agents.tools.office.word.clean_up_after_edit import marks, settle, used_links
from agents.tools.office.word.edit import apply
from agents.tools.office.word.find_blocks import named
from agents.tools.office.word.footnotes import Footnotes
from agents.tools.office.word.read_document import as_it_was, has_macros, open_docx
from agents.tools.office.word.revisions import Revisions
from agents.tools.office.word.table_of_contents import pages_of
from agents.tools.office.word.template import names_of_word, plainly_saved
from agents.tools.office.word.text_writer import WordTextWriter
from orchestrator.domain.deliverables import Provenance
from orchestrator.domain.ids import FindingId
from orchestrator.domain.tool_calls import Effect
from orchestrator.errors import ToolFailed

_CHANGED = "w:trackRevisions"


class Edited(NamedTuple):
    """A changed document that is still open, where it came from, and what was done to it."""

    document: Any
    before: bytes
    dropped: set[str]
    sidecar: provenance_file.Sidecar
    told: list[str]
    contents: refresh_table_of_contents.Refreshed | None
    tracked: bool

    def content(self) -> bytes:
        with as_it_was(self.document, self.before):
            made = plainly_saved(self.document)
        return save_keeping_unchanged_parts.kept(zip_package.parts(self.before, "the document"), made, self.dropped)


@tool(effects={Effect.READ, Effect.WRITE_WORKSPACE}, repeat=False)
async def document_edit(
    room: CallContext,
    path: Annotated[str, "an existing .docx file: yours or a person's"],
    changes: Annotated[
        list[change_schema.Change], "all or none; numbers refer to the document before the first change"
    ],
    track: Annotated[
        bool | None, "as tracked changes a person can accept or reject in Word; default: if the file records changes"
    ] = None,
    to: Annotated[str, "where to save the result; default: in place. Keep files that people sent unchanged"] = "",
) -> str:
    """Change an existing Word document; everything else in it stays unchanged.

    Read it with document_read first: it shows each block's number. Contents, notes, and caption numbers update.
    """
    path = zip_package.tidy(path)
    if PurePosixPath(path).suffix.lower() != ".docx":
        raise ToolFailed(
            f"{path!r} isn't a .docx file, the only kind that document_edit changes. Use edit_file for text files, "
            "sheet_write for workbooks; for an .odt, .rtf, or .doc, ask for it as .docx or write a new one."
        )
    target = zip_package.tidy(to) if to.strip() else path
    if PurePosixPath(target).suffix.lower() != ".docx":
        raise ToolFailed(f"{target!r} isn't a .docx name. Use a name that ends in '.docx'.")
    edited = await asyncio.to_thread(_edited, room, path, changes, track)
    content, note = await _laid_out(edited)
    await asyncio.to_thread(_store, room, path, target, edited, content)
    done = "; ".join(edited.told)
    how = " They're tracked changes by threadwork that a person can accept or reject in Word." if edited.tracked else ""
    return f"{target}: {done}.{how}{note} Block numbers may have changed; document_read shows them."


def _edited(room: CallContext, path: str, wanted: list[change_schema.Change], track: bool | None) -> Edited:
    if not wanted:
        raise ToolFailed("Pass at least one change.")
    before = room.workspace.read(path)
    if has_macros(before, path):
        raise ToolFailed(f"{path!r} has macros, which can't be edited here. Save it without them first.")
    document = open_docx(before, path)
    tracked = _tracked(document, before, path, track)
    with names_of_word(document):
        return _changed(room, path, before, document, wanted, tracked=tracked)


def _changed(
    room: CallContext, path: str, before: bytes, document: Any, wanted: list[change_schema.Change], *, tracked: bool
) -> Edited:
    sidecar = provenance_file.load(room.workspace, path)
    new = provenance_file.resolve(room, [i for one in wanted for i in _findings(one)])
    known = {f.id: f for f in (*sidecar.findings, *new)}
    notes = Footnotes(document, tuple(known.values()))
    places = {p.place: p for p in sidecar.places}
    was = named(document)
    sources = {s.element: places[s.place].findings for s in was if s.place in places}
    noted, links = marks(document), used_links(document)
    pen = WordTextWriter(document, room.workspace, notes, Revisions(document) if tracked else None, sources)
    told = apply(pen, wanted)
    dropped = settle(document, notes, noted, links)
    notes.finish()
    contents = refresh_table_of_contents.refresh(document, None) if not tracked else None
    if tracked:
        refresh_table_of_contents.ask_word(document)
    sidecar = _retraced(sidecar, {s.element: s for s in was}, named(document), pen)
    sidecar = sidecar.model_copy(update={"findings": tuple(known.values())})
    return Edited(document, before, dropped, sidecar, told, contents, tracked)


def _tracked(document: Any, content: bytes, path: str, track: bool | None) -> bool:
    """Returns whether changes are recorded. Raises ToolFailed for a document that must not be changed."""
    save_keeping_unchanged_parts.refuse_signed(content, path)
    settings = document.settings.element
    guard = settings.find(qn("w:documentProtection"))
    kind = (
        guard.get(qn("w:edit")) if guard is not None and guard.get(qn("w:enforcement")) in ("1", "true", "on") else ""
    )
    if kind in ("readOnly", "forms", "comments"):
        raise ToolFailed(f"{path!r} is protected by its owner ({kind}). Ask for an editable copy.")
    recording = settings.find(qn(_CHANGED))
    records = recording is not None and recording.get(qn("w:val")) not in ("0", "false", "off")
    if kind == "trackedChanges" and track is False:
        raise ToolFailed(f"{path!r} only accepts tracked changes. Omit 'track'.")
    return (records or kind == "trackedChanges") if track is None else track


def _findings(one: change_schema.Change) -> list[FindingId]:
    match one:
        case change_schema.Replace() | change_schema.Rewrite():
            return [FindingId(i) for i in one.findings or []]
        case change_schema.Insert():
            return [i for s in stretches(one.blocks) for i in s.findings] + [
                FindingId(i) for b in one.blocks for i in b.findings
            ]
        case change_schema.SetCell():
            return list(cell_findings(one.value))
        case change_schema.AddRow():
            return [i for cell in one.row for i in cell_findings(cell)]
        case _:
            return []


def _retraced(
    sidecar: provenance_file.Sidecar, was: dict[Any, Any], now: list[Any], pen: WordTextWriter
) -> provenance_file.Sidecar:
    """Returns the places under their current names; rewritten ones with their new sources."""
    old = {p.place: p for p in sidecar.places}
    marked: dict[Any, tuple[FindingId, ...]] = {}
    for paragraph, ids in pen.notes.marked:
        holder = next(paragraph.iterancestors(qn("w:tc")), paragraph)
        marked[holder] = (*marked.get(holder, ()), *(i for i in ids if i not in marked.get(holder, ())))
    touched = {next(p.iterancestors(qn("w:tc")), p) for p in pen.touched}
    places: list[Provenance] = []
    for stretch in now:
        ids = marked.get(stretch.element, pen.sources.get(stretch.element, ()))
        before = old.get(was[stretch.element].place) if stretch.element in was else None
        if before is not None and stretch.element not in marked and stretch.element not in touched:
            places.append(before.model_copy(update={"place": stretch.place}))
        elif ids:
            places.append(Provenance(place=stretch.place, shows=stretch.text[:500], findings=ids))
    return sidecar.model_copy(update={"places": tuple(places)})


async def _laid_out(edited: Edited) -> tuple[bytes, str]:
    """Returns the file with the page numbers of its contents, and what to say about them."""
    content = await asyncio.to_thread(edited.content)
    if edited.contents is None:
        left = edited.tracked and refresh_table_of_contents.contents_of(edited.document) is not None
        return content, " Word updates the table of contents when it opens the file." if left else ""
    program = await convert.program_for(".docx")
    pdf = await convert.if_possible(content, ".docx", "pdf", program=program) if program else None
    pages = await asyncio.to_thread(pages_of, edited.contents.headings, pdf) if pdf else None
    if pages is None or not edited.contents.headings:
        return content, " Word updates the table of contents when it opens the file."
    return await asyncio.to_thread(_paged, edited, pages), " The table of contents is up to date."


def _paged(edited: Edited, pages: list[int]) -> bytes:
    with names_of_word(edited.document):
        refresh_table_of_contents.refresh(edited.document, pages)
    return edited.content()


def _store(room: CallContext, path: str, target: str, edited: Edited, content: bytes) -> None:
    with zip_package.one_at_a_time(f"{room.workspace.root}/{target}"):
        if room.workspace.read(path) != edited.before:
            raise ToolFailed(f"{path!r} was just changed by someone else. Read it again and repeat your changes.")
        original_file.keep(room.workspace, path, edited.before, target)
        room.workspace.write(target, content)
        provenance_file.save(room.workspace, edited.sidecar.model_copy(update={"file": target}))
