"""Writes into one open Word document: formatted text, its sources, and revisions if they are recorded."""

from dataclasses import dataclass, field
from typing import Any

from docx.oxml.ns import qn
from docx.text.paragraph import Paragraph

from agents.tool import Workspace
from agents.tools.office.inline_markup import spans
from agents.tools.office.word.footnotes import Footnotes
from agents.tools.office.word.replace_text import Writing, rewrite
from agents.tools.office.word.revisions import Revisions
from agents.tools.office.word.runs import whole
from agents.tools.office.word.template import borrow
from orchestrator.domain.ids import FindingId


@dataclass
class WordTextWriter:
    """`sources` are the findings each paragraph or cell had when it was read."""

    document: Any
    workspace: Workspace
    notes: Footnotes
    revisions: Revisions | None
    sources: dict[Any, tuple[FindingId, ...]]
    touched: list[Any] = field(default_factory=list[Any])
    """Paragraphs whose text has changed."""
    rows: dict[Any, list[Any]] = field(default_factory=dict[Any, list[Any]])
    """The rows of each changed table, as they were when it was read."""
    last: dict[Any, Any] = field(default_factory=dict[Any, Any])
    """What was last inserted after a block or row; the next insertion goes after it."""

    def write(self, paragraph: Any, text: str, start: int = 0, end: int | None = None) -> None:
        """Replaces the paragraph's letters from `start` to `end` with the text, which may have simple markup."""
        given = spans(text)
        if any(s.url for s in given):
            borrow(self.document, ("Hyperlink",))
        end = len(whole(paragraph)) if end is None else end
        rewrite(paragraph, start, end, given, Writing(self.document.part, self.revisions))
        self.touched.append(paragraph)

    def source(self, paragraph: Any, ids: tuple[FindingId, ...]) -> None:
        """Makes these the paragraph's sources: removes earlier marks and puts new ones at its end."""
        cell = next(paragraph.iterancestors(qn("w:tc")), None)
        had = self.sources.get(paragraph, self.sources.get(cell, ()))
        for finding in (i for i in had if i not in ids):
            self._unmark(paragraph, finding)
        new = tuple(i for i in ids if i not in had)
        if new:
            borrow(self.document, ("footnote text", "footnote reference", "Hyperlink"))
        before = len(paragraph)
        self.notes.mark(Paragraph(paragraph, self.document), new)
        self.notes.marked[-1] = (paragraph, ids)
        if self.revisions is not None:
            self.revisions.added(list(paragraph)[before:])

    def _unmark(self, paragraph: Any, finding: FindingId) -> None:
        number = self.notes.note_of(finding)
        for mark in list(paragraph.iter(qn("w:footnoteReference"), qn("w:fldSimple"))):
            own = mark.tag == qn("w:footnoteReference") and mark.get(qn("w:id")) == str(number)
            again = mark.tag == qn("w:fldSimple") and f"NOTEREF _RefNote{number} " in (mark.get(qn("w:instr")) or "")
            if number is None or not (own or again):
                continue
            if self.revisions is not None:
                for run in [mark.getparent()] if own else list(mark.iter(qn("w:r"))):
                    self.revisions.deleted(run)
                continue
            gone = mark.getparent() if own else mark
            _space_before(gone)
            gone.getparent().remove(gone)


def _space_before(mark: Any) -> None:
    """Removes the raised space between two marks together with the second."""
    before = mark.getprevious()
    while before is not None and before.tag in (qn("w:bookmarkStart"), qn("w:bookmarkEnd")):
        before = before.getprevious()
    if before is not None and before.tag == qn("w:r") and "".join(before.itertext()) == "\u00a0":
        before.getparent().remove(before)
