"""Opens and saves decks without needless changes, and moves, copies or drops one slide."""

import copy
import io
import posixpath
from collections.abc import Mapping
from itertools import count
from typing import Any
from zipfile import BadZipFile

import pptx
from pptx.exc import PythonPptxError
from pptx.opc.constants import RELATIONSHIP_TYPE as RT
from pptx.opc.packuri import PackURI
from pptx.oxml.ns import qn

from agents.tool import Workspace
from agents.tools.office import save_keeping_unchanged_parts, xml, zip_package
from orchestrator.errors import ToolFailed

_TEMPLATE = b"presentationml.template.main+xml"
_RELATED = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_OURS = "threadwork sources"


def open_deck(content: bytes, path: str) -> Any:
    """Opens a deck or a template (.potx). Raises ToolFailed if it isn't one."""
    parts = zip_package.parts(content, path)
    types = parts.get("[Content_Types].xml", b"")
    if _TEMPLATE in types:
        parts["[Content_Types].xml"] = types.replace(_TEMPLATE, b"presentationml.presentation.main+xml")
        content = zip_package.pack(parts)
    try:
        deck = pptx.Presentation(io.BytesIO(content))
        list(deck.slides)
    except (BadZipFile, KeyError, ValueError, PythonPptxError, SyntaxError, AttributeError) as error:
        raise ToolFailed(
            f"{path!r} can't be read as a presentation ({error}). Check the file or create it again."
        ) from error
    return deck


def emptied(deck: Any) -> Any:
    """Returns the deck without its slides: a template."""
    for n in range(len(deck.slides), 0, -1):
        drop(deck, n)
    listed = deck.part._element.find(qn("p:extLst"))
    if listed is None:
        return deck
    for extension in list(listed):
        if any(e.tag.endswith("sectionLst") for e in extension):  # names deleted slides
            listed.remove(extension)
    return deck


def save_deck(workspace: Workspace, path: str, deck: Any) -> None:
    """Writes the file if it has changed."""
    _named(deck, {})
    parts = zip_package.parts(_saved(deck), path)
    if not workspace.exists(path) or not zip_package.same(zip_package.parts(workspace.read(path), path), parts):
        workspace.write(path, zip_package.pack(parts))


def save_edited(workspace: Workspace, path: str, deck: Any, before: bytes) -> None:
    """Writes the deck in the place of `before`; parts that mean the same keep their names and bytes."""
    old = zip_package.parts(before, path)
    main = str(deck.part.partname).lstrip("/")
    folder, _, file = main.rpartition("/")
    links: Any = xml.parsed(old[f"{folder}/_rels/{file}.rels"])
    _named(deck, {str(r.get("Id")): posixpath.join(f"/{folder}", str(r.get("Target"))) for r in links})
    made = _saved(deck)
    content = save_keeping_unchanged_parts.kept(old, made, old.keys() - zip_package.parts(made, path).keys())
    if not zip_package.same(old, zip_package.parts(content, path)):
        workspace.write(path, content)


def _saved(deck: Any) -> bytes:
    out = io.BytesIO()
    deck.save(out)
    return out.getvalue()


def place(deck: Any, slide: Any, number: int) -> None:
    """Moves a slide so that it is the `number`th, counted from 1."""
    ids = deck.slides._sldIdLst
    mine = next(i for i in ids if deck.part.related_part(i.rId) is slide.part)
    ids.remove(mine)
    ids.insert(number - 1, mine)


def drop(deck: Any, number: int) -> None:
    ids = deck.slides._sldIdLst
    gone = ids[number - 1]
    deck.part.drop_rel(gone.rId)
    ids.remove(gone)


def _named(deck: Any, names: Mapping[str, str]) -> None:
    """Gives each slide's part its old name, by relation, or a free one; python-pptx numbers them whenever it likes."""
    ids = [str(i.rId) for i in deck.slides._sldIdLst]
    taken = {names[i] for i in ids if i in names}
    for i in ids:
        name = names.get(i) or next(n for k in count(1) if (n := f"/ppt/slides/slide{k}.xml") not in taken)
        deck.part.related_part(i).partname = PackURI(name)
        taken.add(name)


def duplicate(deck: Any, number: int) -> Any:
    """Copies a slide to right after it, with its pictures, charts, links and notes."""
    old = deck.slides[number - 1]
    new = deck.slides.add_slide(old.slide_layout)
    ids = {
        i: _taken_over(new.part, relation)
        for i, relation in old.part.rels.items()
        if relation.reltype not in (RT.SLIDE_LAYOUT, RT.NOTES_SLIDE)
    }
    content = copy.deepcopy(old._element.cSld)
    _renamed(content, ids)
    new._element.replace(new._element.cSld, content)
    for tag in ("p:clrMapOvr", "p:transition"):
        if (found := old._element.find(qn(tag))) is not None and new._element.find(qn(tag)) is None:
            new._element.append(copy.deepcopy(found))
    place(deck, new, number + 1)
    fresh = deck.slides[number]
    if old.has_notes_slide and (words := old.notes_slide.notes_text_frame):
        fresh.notes_slide.notes_text_frame.text = words.text
    return fresh


def _taken_over(part: Any, relation: Any) -> str:
    if relation.is_external:
        return str(part.relate_to(relation.target_ref, relation.reltype, is_external=True))
    target = relation.target_part
    if relation.reltype == RT.CHART:
        target = _copied(target)
    return str(part.relate_to(target, relation.reltype))


def _copied(part: Any) -> Any:
    """Gives the copy its own chart with its workbook, so that changing it leaves the original alone."""
    head, _, number = str(part.partname).rpartition("/")
    stem = number.rstrip("0123456789.xml") or "part"
    name = part.package.next_partname(f"{head}/{stem}%d.{part.partname.ext}")
    kind: Any = part.__class__
    new: Any = kind.load(name, part.content_type, part.package, part.blob)
    ids: dict[str, str] = {}
    for i, relation in part.rels.items():
        if relation.is_external:
            ids[i] = new.relate_to(relation.target_ref, relation.reltype, is_external=True)
            continue
        target: Any = relation.target_part
        if relation.reltype == RT.PACKAGE:
            inner = target.package.next_partname(f"/ppt/embeddings/Microsoft_Excel_Sheet%d.{target.partname.ext}")
            holder: Any = target.__class__
            target = holder.load(inner, target.content_type, target.package, target.blob)
        ids[i] = new.relate_to(target, relation.reltype)
    _renamed(new._element, ids)
    return new


def _renamed(tree: Any, ids: dict[str, str]) -> None:
    for element in tree.iter():
        for name, value in element.attrib.items():
            if name.startswith(_RELATED) and value in ids:
                element.set(name, ids[value])


def sources_slides(deck: Any) -> list[int]:
    """Returns the numbers of the Sources slides that we wrote."""
    return [n for n, s in enumerate(deck.slides, 1) if s._element.cSld.get("name") == _OURS]


def mark_sources(slide: Any) -> None:
    slide._element.cSld.set("name", _OURS)
