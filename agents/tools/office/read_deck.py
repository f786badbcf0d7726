"""Reads any program's presentation as text: titles, tables, charts, SmartArt, pictures, notes, comments."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from agents.tools.office.drawing_text import (
    children,
    descendants,
    graphic_lines,
    local,
    paragraphs,
    rows,
    table_rows,
)
from agents.tools.office.package_reader import PackageReader, odd_content, relation_id
from orchestrator.domain.plural import counted
from orchestrator.errors import ToolFailed

_FURNITURE = ("sldNum", "dt", "ftr", "hdr", "sldImg")
_TITLES = ("title", "ctrTitle")
_NUMBERS = ("<number>", "<#>", "‹#›", "‹Nr.›", "‹N°›", "‹№›")
"""The places of slide numbers, as other programs write them."""
_EMU = 914_400
_MEDIA = ("videoFile", "audioFile", "quickTimeFile", "wavAudioFile", "media")


class _Deck(NamedTuple):
    package: PackageReader
    main: str
    tree: Any


def deck_text(content: bytes, path: str, first: int = 1, last: int | None = None) -> str:
    """Returns the slides from `first` to `last` with all their text. Raises ToolFailed if it isn't a presentation, or
    has no such slide."""
    with odd_content(path):
        deck = _opened(content, path)
        slides = _slides(deck)
        if (slides or first != 1) and not 1 <= first <= len(slides):
            raise ToolFailed(f"{path!r} has {counted(len(slides), 'slide')}; there's no slide {first}.")
        chosen = [(n, part) for n, part in enumerate(slides, 1) if first <= n <= (last or n)]
        pages = ["\n".join(_slide(deck, n, part)) for n, part in chosen]
        return "\n\n".join([_head(deck, len(slides)), *pages, *deck.package.notes()])


def _opened(content: bytes, path: str) -> _Deck:
    package = PackageReader(content, path)
    main = package.main()
    if "slides" not in package.kind and not main.lower().startswith("ppt/"):
        raise ToolFailed(f"{path!r} isn't a presentation; it's {package.kind}. Use the tool for that file type.")
    tree = package.tree(main)
    if tree is None:
        raise ToolFailed(f"{path!r} is damaged: its list of slides can't be read. Ask for the file again.")
    return _Deck(package, main, tree)


def _head(deck: _Deck, count: int) -> str:
    size = next(deck.tree.iter("{*}sldSz"), None)
    wide, high = (_number(size, name) / _EMU for name in ("cx", "cy"))
    masters = deck.package.related(deck.main, "slideMaster")
    layouts = [layout for master in masters for layout in deck.package.related(master.target, "slideLayout")]
    names = dict.fromkeys(repr(_layout_name(deck.package, layout.target)) for layout in layouts)
    made_of = f" Layouts: {', '.join(names)}." if names else ""
    return f"{deck.package.path}: {counted(count, 'slide')}, {wide:.2f} x {high:.2f} in.{made_of}"


def _slides(deck: _Deck) -> list[str]:
    """Returns the slides' parts in the order of the show."""
    parts = {r.id: r.target for r in deck.package.related(deck.main, "slide")}
    listed = [parts[key] for entry in deck.tree.iter("{*}sldId") if (key := relation_id(entry)) in parts]
    return listed or list(parts.values())


def _slide(deck: _Deck, number: int, part: str) -> Iterator[str]:
    package = deck.package
    tree = package.tree(part)
    layout = next((_layout_name(package, r.target) for r in package.related(part, "slideLayout")), "none")
    if tree is None:
        yield f"[slide {number}: damaged, not readable]"
        return
    hidden = ", hidden" if tree.get("show") in ("0", "false") else ""
    yield f"[slide {number}, layout {layout!r}{hidden}]"
    for shapes in tree.iter("{*}spTree"):
        yield from _shapes(package, part, shapes)
    yield from dict.fromkeys(_links(package, part, tree))
    notes = [text for r in package.related(part, "notesSlide") for text in _notes(package, r.target)]
    if notes:
        yield "Notes: " + "\n".join(notes)
    yield from _comments(deck, part)


def _links(package: PackageReader, part: str, tree: Any) -> Iterator[str]:
    """Yields the address behind each linked text or shape; a text that is its own address needs none."""
    for run in tree.iter("{*}r", "{*}fld"):
        words = " ".join("".join(t.text or "" for t in run.iter("{*}t")).split())
        for link in run.iter("{*}hlinkClick"):
            relation = package.relation(part, relation_id(link))
            if (
                relation
                and relation.external
                and relation.target.removeprefix("mailto:").rstrip("/") != words.rstrip("/")
            ):
                yield f"[link] {words or 'without words'}: {relation.target}"
    for shape in tree.iter("{*}cNvPr"):
        for link in shape.iter("{*}hlinkClick"):
            relation = package.relation(part, relation_id(link))
            if relation and relation.external:
                yield f"[link] {shape.get('descr') or shape.get('name') or 'a shape'}: {relation.target}"


def _layout_name(package: PackageReader, part: str) -> str:
    tree = package.tree(part)
    named = next(tree.iter("{*}cSld"), None) if tree is not None else None
    return str(named.get("name") or "") if named is not None else ""


def _shapes(package: PackageReader, part: str, parent: Any) -> Iterator[str]:
    for shape in children(parent):
        name = local(shape)
        if name == "grpSp":
            yield from _shapes(package, part, shape)
        elif name == "graphicFrame":
            yield from _frame(package, part, shape)
        elif name == "pic":
            yield _picture(shape)
        elif name in ("sp", "cxnSp") and (kind := _placeholder(shape)) not in _FURNITURE:
            for level, text in paragraphs(next((c for c in children(shape) if local(c) == "txBody"), None)):
                yield f"# {' '.join(text.split())}" if kind in _TITLES else f"{'  ' * level}- {text}"


def _frame(package: PackageReader, part: str, frame: Any) -> Iterator[str]:
    for table in descendants(frame, "tbl"):
        yield from rows(table_rows(table))
    yield from graphic_lines(package, part, frame)


def _picture(shape: Any) -> str:
    named = next(descendants(shape, "cNvPr"), None)
    words = (named.get("descr") or named.get("title") or "") if named is not None else ""
    media = next((local(e) for e in shape.iter() if local(e) in _MEDIA), "")
    if media:
        kind = "sound" if "udio" in media else "video"
        called = words or (named.get("name") if named is not None else "") or "without a name"
        return f"[{kind}: {' '.join(called.split())}]"
    return f"[picture: {' '.join(words.split()) or 'no description'}]"


def _placeholder(shape: Any) -> str:
    """Returns a placeholder's type, `body` if it doesn't say; empty for any other shape."""
    found = next(descendants(shape, "ph"), None)
    return str(found.get("type") or "body") if found is not None else ""


def _notes(package: PackageReader, part: str) -> Iterator[str]:
    tree = package.tree(part)
    for shape in descendants(tree, "sp") if tree is not None else ():
        if _placeholder(shape) not in _FURNITURE:
            yield from (text for _, text in paragraphs(shape) if text not in _NUMBERS)


def _comments(deck: _Deck, part: str) -> Iterator[str]:
    people: dict[str, str] = {}
    for relation in deck.package.related(deck.main, "commentAuthors", "authors"):
        tree = deck.package.tree(relation.target)
        for person in tree if tree is not None else ():
            people[str(person.get("id"))] = str(person.get("name") or "unknown")
    for relation in deck.package.related(part, "comments"):
        tree = deck.package.tree(relation.target)
        for comment in tree.iter("{*}cm", "{*}reply") if tree is not None else ():
            by = people.get(str(comment.get("authorId")), "unknown")
            if text := " ".join(_said(comment).split()):
                yield f"[comment by {by}] {text}"


def _said(comment: Any) -> str:
    own = [c for c in comment if local(c) in ("text", "txBody")]
    return " ".join("".join(e.text or "" for e in c.iter() if local(e) in ("text", "t")) for c in own)


def _number(element: Any, name: str) -> int:
    text = str(element.get(name) or "") if element is not None else ""
    return int(text) if text.isdigit() else 0
