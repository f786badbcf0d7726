"""Tells what a Word document contains beyond the text people see: proposed changes, hidden text, addresses of links."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

from docx.oxml.ns import qn

from agents.tools.office.package_reader import relation_id
from agents.tools.office.word.find_blocks import Numbered

_MOST = 60
_LONGEST = 200
_CODE = re.compile(r'HYPERLINK\s+"([^"]+)"')
_OFF = ("0", "false", "off")


def revision_lines(blocks: Sequence[Numbered]) -> Iterator[str]:
    """Yields a line for each paragraph with tracked changes, with the words that would come and go."""
    yield from _first(
        f"[tracked changes at [{block.number}] by {author}] {', '.join(said)}"
        for block in blocks
        for author, said in _revised(block.element)
    )


def hidden_lines(blocks: Sequence[Numbered], styles: Any) -> Iterator[str]:
    """Yields the text that Word neither shows nor prints."""
    hidden = hiding_styles(styles)
    found = ((b.number, _words(run for run in b.element.iter(qn("w:r")) if is_hidden(run, hidden))) for b in blocks)
    yield from _first(f"[hidden in Word, at [{number}]] {words}" for number, words in found if words)


def struck_lines(blocks: Sequence[Numbered]) -> Iterator[str]:
    """Yields the text that is crossed out, such as an old price beside the new one."""
    found = ((b.number, _words(filter(_is_struck, b.element.iter(qn("w:r"))))) for b in blocks)
    yield from _first(f"[crossed out at [{number}]] {words}" for number, words in found if words)


def _is_struck(run: Any) -> bool:
    return any(_on(run.find(f"{qn('w:rPr')}/{qn(name)}")) for name in ("w:strike", "w:dstrike"))


def link_lines(blocks: Sequence[Numbered], addresses: Mapping[str, str]) -> Iterator[str]:
    """Yields the address behind each linked text; a text that is its own address needs none."""
    yield from _first(
        f"[link at [{block.number}]] {words or 'without words'}: {url}"
        for block in blocks
        if not block.contents
        for words, url in _links(block.element, addresses)
        if url and url.removeprefix("mailto:").rstrip("/") != words.rstrip("/")
    )


_LOOK = f"{qn('w:rPr')}/{qn('w:vanish')}"


def hiding_styles(styles: Any) -> set[str]:
    """Returns the ids of styles whose text is hidden."""
    return {str(s.get(qn("w:styleId"))) for s in styles if s.tag == qn("w:style") and _on(s.find(_LOOK))}


def is_hidden(run: Any, styles: Iterable[str] = ()) -> bool:
    """Returns whether Word hides the run; `styles`: the ids of styles that hide."""
    own = run.find(_LOOK)
    if own is not None:
        return _on(own)
    styled = (run.find(f"{qn('w:rPr')}/{qn('w:rStyle')}"), _style_of(run))
    return any(style is not None and style.get(qn("w:val")) in styles for style in styled)


def _style_of(run: Any) -> Any:
    paragraph = next(run.iterancestors(qn("w:p")), None)
    return None if paragraph is None else paragraph.find(f"{qn('w:pPr')}/{qn('w:pStyle')}")


def _on(vanish: Any) -> bool:
    return vanish is not None and vanish.get(qn("w:val")) not in _OFF


def _revised(element: Any) -> Iterator[tuple[str, list[str]]]:
    marks = [m for m in element.iter(*_VERBS) if _words([m])]
    for author, made in groupby(marks, key=lambda mark: str(mark.get(qn("w:author")) or "unknown")):
        yield author, [f"{_VERBS[mark.tag]} {_words([mark])!r}" for mark in made]


_VERBS = {
    qn("w:del"): "deleted", qn("w:ins"): "inserted", qn("w:moveFrom"): "moved away", qn("w:moveTo"): "moved here",
}  # fmt: skip


def _links(element: Any, addresses: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for link in element.iter(qn("w:hyperlink")):
        url = addresses.get(relation_id(link), "")
        yield _words([link]), f"{url}#{link.get(qn('w:anchor'))}" if url and link.get(qn("w:anchor")) else url
    for field in element.iter(qn("w:fldSimple")):
        if code := _CODE.search(str(field.get(qn("w:instr")) or "")):
            yield _words([field]), code[1]
    for start in element.iter(qn("w:instrText")):
        if code := _CODE.search(start.text or ""):
            yield _result(start), code[1]


def _result(code: Any) -> str:
    """Returns what a field shows: the text between its separator and its end."""
    shown: list[str] = []
    seen = False
    run = next(code.iterancestors(qn("w:r")))
    for later in run.itersiblings(qn("w:r")):
        kinds = [mark.get(qn("w:fldCharType")) for mark in later.iter(qn("w:fldChar"))]
        if "end" in kinds:
            break
        seen = seen or "separate" in kinds
        shown += [t.text or "" for t in later.iter(qn("w:t")) if seen]
    return " ".join("".join(shown).split())


def _words(elements: Iterable[Any]) -> str:
    text = "".join(t.text or "" for element in elements for t in element.iter(qn("w:t"), qn("w:delText")))
    flat = " ".join(text.split())
    return flat if len(flat) <= _LONGEST else f"{flat[:_LONGEST]}…"


def _first(lines: Iterable[str]) -> Iterator[str]:
    for n, line in enumerate(lines):
        if n == _MOST:
            yield "[more of these aren't shown]"
            return
        yield line
