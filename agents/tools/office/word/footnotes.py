"""Writes real Word footnotes, which python-docx lacks: their own part, its styles, and marks in the text."""

from typing import Any
from xml.sax.saxutils import escape

from docx.opc.constants import RELATIONSHIP_TYPE
from docx.opc.packuri import PackURI
from docx.opc.part import Part
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn

from agents.tools.office import xml
from orchestrator.domain.findings import Finding, Source
from orchestrator.domain.ids import FindingId

_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.footnotes+xml"
_SPACES = nsdecls("w", "r")
_SEPARATORS = (
    '<w:footnote w:type="separator" w:id="-1"><w:p><w:pPr><w:spacing w:after="0" w:line="240" w:lineRule="auto"/>'
    "</w:pPr><w:r><w:separator/></w:r></w:p></w:footnote>"
    '<w:footnote w:type="continuationSeparator" w:id="0"><w:p><w:pPr><w:spacing w:after="0" w:line="240" '
    'w:lineRule="auto"/></w:pPr><w:r><w:continuationSeparator/></w:r></w:p></w:footnote>'
)
_SETTINGS = f'<w:footnotePr {nsdecls("w")}><w:footnote w:id="-1"/><w:footnote w:id="0"/></w:footnotePr>'
_LONGEST_QUOTE = 280


class Footnotes:
    """One document's footnotes. A finding that is cited again keeps its number, even one from an earlier write."""

    def __init__(self, document: Any, findings: tuple[Finding, ...]) -> None:
        self._document = document
        self._findings = {f.id: f for f in findings}
        self._notes: list[str] = []
        self._first: dict[FindingId, int] = {}
        self.marked: list[tuple[Any, tuple[FindingId, ...]]] = []
        """Each paragraph element that was passed to `mark`, with the findings."""
        old = next(
            (r.target_part for r in document.part.rels.values() if r.reltype == RELATIONSHIP_TYPE.FOOTNOTES), None
        )
        self._old: Any = None if old is None else xml.parsed(old.blob)
        self._part: Any = old or Part(PackURI("/word/footnotes.xml"), _TYPE, b"", document.part.package)
        ends: Any = next(
            (r.target_part for r in document.part.rels.values() if r.reltype == RELATIONSHIP_TYPE.ENDNOTES), None
        )
        self._endnotes = None if ends is None else (ends, xml.parsed(ends.blob))
        self._last = max([0, *(int(n.get(qn("w:id"))) for n in self._bodies())])
        marks = document.element.body.iter(qn("w:bookmarkStart"))
        self._bookmark = max([0, *(int(m.get(qn("w:id")) or 0) for m in marks)])
        if old is not None:
            self._recall()

    def bodies(self) -> list[Any]:
        """Returns the notes that the document had, footnotes and endnotes; after changing one, call `rewritten`."""
        ends: list[Any] = [] if self._endnotes is None else self._endnotes[1].findall(qn("w:endnote"))
        return [note for note in (*self._bodies(), *ends) if note.get(qn("w:type")) in (None, "normal")]

    def rewritten(self) -> None:
        """Puts changed notes into the document."""
        if self._old is not None:
            self._part._blob = xml.written(self._old)
        if self._endnotes is not None:
            self._endnotes[0]._blob = xml.written(self._endnotes[1])

    def _bodies(self) -> list[Any]:
        return [] if self._old is None else self._old.findall(qn("w:footnote"))

    def _recall(self) -> None:
        """Returns notes that an earlier write made for these findings, recognized by their text."""
        known = {_flat(n): int(n.get(qn("w:id"))) for n in self._bodies()}
        for i, finding in self._findings.items():
            number = known.get(_plain(finding))
            if number is not None and self.anchor(number) is not None:
                self._first[i] = number

    def note_of(self, finding: FindingId) -> int | None:
        """Returns the id of the note that cites this finding, if there is one."""
        return self._first.get(finding)

    def anchor(self, number: int) -> Any:
        """Returns the run with the footnote's own mark, or None."""
        for mark in self._document.element.body.iter(qn("w:footnoteReference")):
            if mark.get(qn("w:id")) == str(number):
                return mark.getparent()
        return None

    def forget(self, numbers: set[int]) -> None:
        """Removes the bodies of notes without a mark."""
        for body in self._bodies():
            if int(body.get(qn("w:id"))) in numbers:
                self._old.remove(body)
        self._first = {i: n for i, n in self._first.items() if n not in numbers}
        if numbers:
            self._part._blob = xml.written(self._old)

    def mark(self, paragraph: Any, ids: tuple[FindingId, ...]) -> None:
        """Puts one mark per finding at the end of the paragraph; a finding cited before gets the same number."""
        self.marked.append((paragraph._p, ids))
        for n, i in enumerate(dict.fromkeys(ids)):
            if n:
                # A space, not a comma, which causes no trouble if the text is copied without the marks.
                paragraph.add_run("\u00a0").font.superscript = True
            if i in self._first:
                _again(paragraph, self._first[i], self._style("footnote reference"))
            else:
                self._first[i] = self._note(self._findings[i])
                self._anchor(paragraph, self._first[i])

    def _anchor(self, paragraph: Any, number: int) -> None:
        """Returns the footnote's own mark, bookmarked so that later marks can follow its number."""
        run = paragraph.add_run()
        run.style = "footnote reference"
        run._r.append(parse_xml(f'<w:footnoteReference {_SPACES} w:id="{number}"/>'))
        self.named(run._r, number)

    def named(self, run: Any, number: int) -> None:
        """Puts the bookmark of the footnote with this number around the run."""
        key = self._bookmark + number
        run.addprevious(parse_xml(f'<w:bookmarkStart {_SPACES} w:id="{key}" w:name="_RefNote{number}"/>'))
        run.addnext(parse_xml(f'<w:bookmarkEnd {_SPACES} w:id="{key}"/>'))

    def finish(self) -> None:
        """Adds the footnotes part to the document, if anything was marked."""
        if not self._notes:
            return
        if self._old is not None:
            made: Any = parse_xml(f"<w:footnotes {_SPACES}>{''.join(self._notes)}</w:footnotes>")
            for note in list(made):
                self._old.append(note)
            self._part._blob = xml.written(self._old)
            return
        body = f"{_SEPARATORS}{''.join(self._notes)}"
        head = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
        self._part._blob = f"{head}<w:footnotes {_SPACES}>{body}</w:footnotes>".encode()
        self._document.part.relate_to(self._part, RELATIONSHIP_TYPE.FOOTNOTES)
        settings = self._document.settings.element
        # The schema fixes the order of settings; compat follows the footnote settings.
        place = next((e for e in settings if e.tag.endswith(("}compat", "}rsids", "}themeFontLang"))), None)
        note = parse_xml(_SETTINGS)
        settings.append(note) if place is None else place.addprevious(note)

    def _note(self, finding: Finding) -> int:
        number = self._last + len(self._notes) + 1
        self._notes.append(
            f'<w:footnote w:id="{number}"><w:p><w:pPr><w:pStyle w:val="{self._style("footnote text")}"/></w:pPr>'
            f'<w:r><w:rPr><w:rStyle w:val="{self._style("footnote reference")}"/></w:rPr><w:footnoteRef/></w:r>'
            f"{_run(' ')}{self._words(finding)}</w:p></w:footnote>"
        )
        return number

    def _style(self, name: str) -> str:
        return str(self._document.styles[name].style_id)

    def _words(self, finding: Finding) -> str:
        source = finding.source
        if source is None:
            return _run(f"{finding.kind}: the agent's own statement, without a source.")
        where = self._link(source.url) if source.url and _opens(source.url) else _run(source.where)
        return where + _run(_rest(source))

    def _link(self, url: str) -> str:
        number = self._part.relate_to(url, RELATIONSHIP_TYPE.HYPERLINK, is_external=True)
        style = self._style("Hyperlink")
        run = _run(_shown(url), f'<w:rPr><w:rStyle w:val="{style}"/></w:rPr>')
        return f'<w:hyperlink r:id="{number}" w:history="1">{run}</w:hyperlink>'


def _plain(finding: Finding) -> str:
    """Returns the text of a finding's note, as it is read back."""
    source = finding.source
    if source is None:
        return "".join(f"{finding.kind}: the agent's own statement, without a source.".split())
    where = _shown(source.url) if source.url and _opens(source.url) else source.where
    return "".join((where + _rest(source)).split())


def _flat(note: Any) -> str:
    return "".join("".join(t.text or "" for t in note.iter(qn("w:t"))).split())


def _opens(url: str) -> bool:
    return url.lower().startswith(("http://", "https://"))


def _rest(source: Source) -> str:
    rest = f", {source.locator}" if source.locator else ""
    rest += f": “{_short(source.quote)}”" if source.quote else ""
    rest += f" (seen {source.seen_at:%Y-%m-%d %H:%M %Z})".replace(" )", ")") if source.seen_at else ""
    return f"{rest}{'; not checked' if source.unchecked else ''}."


def _again(paragraph: Any, number: int, style: str) -> None:
    """Returns a field that repeats the number of an earlier mark; Word updates it when notes move.

    It's a simple field, so that its digits don't run into the paragraph's text in programs that read it.
    """
    run = f'<w:r><w:rPr><w:rStyle w:val="{style}"/></w:rPr><w:t>{number}</w:t></w:r>'
    field = f'<w:fldSimple {_SPACES} w:instr=" NOTEREF _RefNote{number} \\h ">{run}</w:fldSimple>'
    paragraph._p.append(parse_xml(field))


def _run(text: str, look: str = "") -> str:
    return f'<w:r>{look}<w:t xml:space="preserve">{escape(text)}</w:t></w:r>'


def _shown(url: str) -> str:
    short = url.split("://", 1)[1].rstrip("/")
    return short if len(short) <= 90 else short[:89] + "…"


def _short(quote: str) -> str:
    flat = " ".join(quote.split())
    return flat if len(flat) <= _LONGEST_QUOTE else flat[: _LONGEST_QUOTE - 1].rstrip() + "…"
