"""Changes an open Word document, each change at the position it had when the document was read."""

from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

from docx.oxml.ns import qn
from docx.text.paragraph import Paragraph

from agents.tools.office.content_checks import listed
from agents.tools.office.word import change_schema, change_table_cells_and_rows, insert_blocks, runs
from agents.tools.office.word.find_blocks import Numbered, block_at, blocks, every, pattern_of, plainly, quoted
from agents.tools.office.word.revisions import settled
from agents.tools.office.word.template import borrow
from agents.tools.office.word.text_writer import WordTextWriter
from orchestrator.domain.ids import FindingId
from orchestrator.domain.plural import counted
from orchestrator.errors import ToolFailed


def apply(pen: WordTextWriter, wanted: Sequence[change_schema.Change]) -> list[str]:
    """Makes all changes, and says what was done. Raises ToolFailed naming the first that can't be made."""
    editor = Editor(pen)
    numbered = blocks(pen.document)
    for n, one in enumerate(wanted, 1):
        try:
            editor.make(one, numbered)
        except ToolFailed as error:
            raise ToolFailed(f"Nothing was changed because change {n} ({one.do}) failed: {error}") from error
    return editor.told


@dataclass
class Editor:
    """One document while it is changed. `told` says what was done."""

    pen: WordTextWriter
    told: list[str] = field(default_factory=list[str])

    def make(self, one: change_schema.Change, numbered: list[Numbered]) -> None:
        """One change."""
        match one:
            case change_schema.Replace():
                self._replace(one, numbered)
            case change_schema.Rewrite():
                block = self._paragraph(one.at, numbered)
                self.pen.write(block.element, one.text)
                self._source(block.element, one.findings)
                self.told.append(f"[{block.number}] rewritten")
            case change_schema.Level():
                self._level(one, self._paragraph(one.at, numbered))
            case change_schema.Insert():
                block = self._there(block_at(numbered, one.at), free=one.where == "before")
                made = insert_blocks.insert(self.pen, block, one)
                self.told.append(f"{made} added {one.where} [{block.number}]")
            case change_schema.Delete():
                self._delete(one, numbered)
            case change_schema.SetCell() | change_schema.AddRow() | change_schema.DeleteRow():
                block = self._there(block_at(numbered, one.at))
                self.told.append(change_table_cells_and_rows.change(self.pen, block, one))
            case change_schema.Settle():
                count = settled(self.pen.document, one.by, accept=one.do == "accept")
                if not count:
                    raise ToolFailed(f"The document has no tracked changes{f' by {one.by!r}' if one.by else ''}.")
                self.told.append(f"{counted(count, 'tracked change')} {one.do}ed")

    def _replace(self, one: change_schema.Replace, numbered: list[Numbered]) -> None:
        if one.every:
            self._everywhere(one, numbered)
            return
        among = numbered if one.at is None else [block_at(numbered, one.at)]
        if not any(every(among, one.old)) and self._beside(one, numbered):
            return
        found = quoted(among, one.old)
        self._there(found.block)
        self.pen.write(found.paragraph, one.new, found.start, found.end)
        self._source(found.paragraph, one.findings)
        self.told.append(f"[{found.block.number}] replaced")

    def _beside(self, one: change_schema.Replace, numbered: list[Numbered]) -> bool:
        """Replaces words that occur once and only beside the blocks, as in a note. Raises ToolFailed if there are
        several places."""
        pattern = pattern_of(one.old)
        places = [
            (paragraph, match)
            for paragraph in self._others(numbered)
            for match in (pattern.finditer(plainly(runs.whole(paragraph))) if pattern else ())
        ]
        if len(places) > 1:
            raise ToolFailed(
                f"{one.old[:80]!r} occurs {len(places)} times in text boxes, notes, headers, or footers; set 'every' "
                "to change all of them, or quote more."
            )
        for paragraph, match in places:
            copies = [p for p in self._others(numbered, copies=True) if runs.whole(p) == runs.whole(paragraph)]
            for same in (paragraph, *copies):
                self.pen.write(same, one.new, match.start(), match.end())
            self.pen.notes.rewritten()
            self.told.append("replaced in a text box, note, header, or footer")
        return bool(places)

    def _everywhere(self, one: change_schema.Replace, numbered: list[Numbered]) -> None:
        found = list(every(numbered, one.old))
        for place in reversed(found):
            self.pen.write(place.paragraph, one.new, place.start, place.end)
            self._source(place.paragraph, one.findings)
        seen = {q.paragraph for q in found}
        beside = [p for copies in (False, True) for p in self._others(numbered, copies=copies) if p not in seen]
        pattern, count = pattern_of(one.old), 0
        for paragraph in beside:
            text = plainly(runs.whole(paragraph))
            for match in reversed(list(pattern.finditer(text)) if pattern else []):
                self.pen.write(paragraph, one.new, match.start(), match.end())
                count += 1
        self.pen.notes.rewritten()
        if not found and not count:
            raise ToolFailed(f"The text {one.old[:80]!r} wasn't found; quote it as document_read shows it.")
        at = listed(f"[{n}]" for n in dict.fromkeys(q.block.number for q in found))
        self.told.append(f"replaced {counted(len(found) + count, 'time')}{f', in {at}' if at else ''}")

    def _others(self, numbered: list[Numbered], *, copies: bool = False) -> list[Any]:
        """Returns paragraphs of text boxes, headers, footers and notes; with `copies`, the copies for older programs
        instead."""
        edges = [r.target_part.element for r in self.pen.document.part.rels.values()
                 if r.reltype.endswith(("/header", "/footer"))]  # fmt: skip
        lines = {b.element for b in numbered if b.contents}
        roots = [self.pen.document.element.body, *edges, *self.pen.notes.bodies()]
        return [p for root in roots for p in root.iter(qn("w:p")) if p not in lines and _copied(p) == copies]

    def _level(self, one: change_schema.Level, block: Numbered) -> None:
        name = f"Heading {one.level}" if one.level else "Normal"
        before = deepcopy(block.element.get_or_add_pPr())
        if one.level:
            borrow(self.pen.document, (name,))
        Paragraph(block.element, self.pen.document).style = name
        if self.pen.revisions is not None:
            self.pen.revisions.restyled(block.element, before)
        self.told.append(f"[{block.number}] is now {f'a heading of level {one.level}' if one.level else 'a paragraph'}")

    def _delete(self, one: change_schema.Delete, numbered: list[Numbered]) -> None:
        first = block_at(numbered, one.at)
        last = first if one.to is None else block_at(numbered, one.to)
        if last.number < first.number:
            raise ToolFailed(f"[{last.number}] is before [{first.number}]; swap them.")
        for block in numbered[first.number - 1 : last.number]:
            self._there(block)
            if self.pen.revisions is not None:
                self.pen.revisions.went(block.element)
            elif not _only_emptied(block.element):
                block.element.getparent().remove(block.element)
        until = f" to [{last.number}]" if last is not first else ""
        self.told.append(f"[{first.number}]{until} deleted")

    def _paragraph(self, at: int | str, numbered: list[Numbered]) -> Numbered:
        block = self._there(block_at(numbered, at))
        if block.table:
            raise ToolFailed(
                f"[{block.number}] is a table; change its cells with 'cell', or words in it with 'replace'."
            )
        return block

    def _there(self, block: Numbered, *, free: bool = False) -> Numbered:
        """Returns the block if it can be changed; `free`: only its position is needed. Raises ToolFailed."""
        if block.contents and not free:
            raise ToolFailed(
                f"[{block.number}] is part of the table of contents, which follows the headings; change those."
            )
        if self.pen.document.element.body not in block.element.iterancestors():
            raise ToolFailed(f"[{block.number}] was deleted by an earlier change; omit one of the two.")
        return block

    def _source(self, paragraph: Any, findings: list[str] | None) -> None:
        if findings is not None:
            self.pen.source(paragraph, tuple(FindingId(i) for i in findings))


def _only_emptied(element: Any) -> bool:
    """Empties a paragraph that ends a section instead of removing it, since the section would go with it."""
    if element.tag != qn("w:p") or element.find(f"{qn('w:pPr')}/{qn('w:sectPr')}") is None:
        return False
    for child in [c for c in element if c.tag != qn("w:pPr")]:
        element.remove(child)
    return True


def _copied(paragraph: Any) -> bool:
    """Returns whether it's in a text box's copy for older programs, which Word doesn't show."""
    return any(str(a.tag).endswith("}Fallback") for a in paragraph.iterancestors())
