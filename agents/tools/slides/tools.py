"""Defines the slide tools: write a deck, change one slide, read."""

import asyncio
from collections.abc import Sequence
from pathlib import PurePosixPath
from typing import Annotated, Any, Literal

from agents.tool import CallContext, Workspace, tool
from agents.tools.office import original_file, provenance_file, save_keeping_unchanged_parts, zip_package
from agents.tools.office.read_deck import deck_text
from agents.tools.slides import deck as decks
from agents.tools.slides import slide_sources, title_sizes
from agents.tools.slides.complete_citations import citing_all
from agents.tools.slides.compose import COVERS, compose
from agents.tools.slides.house_template import house_template
from agents.tools.slides.spec import Slide, checked, noted, traced, used
from agents.tools.slides.text_writer import SlideWriting
from agents.tools.slides.theme import theme_of
from orchestrator.domain.plural import by_kind, counted
from orchestrator.domain.tool_calls import Effect
from orchestrator.errors import ToolFailed

_MOST_SLIDES = 60
_DECKS = (".pptx", ".potx", ".pptm", ".ppsx", ".ppsm", ".potm")
Action = Literal["replace", "insert", "move", "duplicate", "delete"]


@tool(effects={Effect.READ, Effect.WRITE_WORKSPACE})
async def slides_write(
    room: CallContext,
    path: Annotated[str, "a .pptx file in the workspace; overwritten if it exists"],
    slides: Annotated[list[Slide], "the whole deck in order; cite the findings behind every figure and claim"],
    title: Annotated[str, "title of the deck, for the footer; default: the first slide's"] = "",
    template: Annotated[str | None, "a .pptx or .potx for layouts, fonts, and colors; default: house style"] = None,
) -> str:
    """Write a deck of slides (16:9). Design, page numbers, source lines, and a Sources slide are automatic.

    One message per slide. Content that doesn't fit is rejected with advice. To change one slide later, use slides_edit.
    """
    return await asyncio.to_thread(
        _write, room, zip_package.tidy(path), slides, title.strip(), zip_package.tidy(template) if template else None
    )


def _write(room: CallContext, path: str, slides: list[Slide], title: str, template: str | None) -> str:
    _named(path)
    checked(slides)
    if len(slides) > _MOST_SLIDES:
        raise ToolFailed(f"{len(slides)} slides are more than the limit of {_MOST_SLIDES}. Make several decks.")
    if template == path:
        raise ToolFailed(f"{path!r} is the template itself. Write the deck to another file.")
    provenance_file.resolve(room, [i for slide in slides for i in used(slide)])
    slides, also = citing_all(slides, room.call.findings)
    found = provenance_file.resolve(room, [i for slide in slides for i in used(slide)])
    with zip_package.one_at_a_time(f"{room.workspace.root}/{path}"):
        deck = _begun(room.workspace, template)
        deck.core_properties.title = title = title or slides[0].title
        places = [p for n, slide in enumerate(slides, 1) for p in (*traced(slide, n), *noted(slide, n, found))]
        sidecar = slide_sources.moved(provenance_file.Sidecar(file=path), (), places, found)
        pen = _pen(deck, sidecar)
        for n, given in enumerate(slides, 1):
            made = compose(pen._replace(slide=f"Slide {n}"), room.workspace, given, title)
            slide_sources.put_line(pen, made, slide_sources.of_slide(sidecar, n))
        slide_sources.put_sources(pen, sidecar.findings)
        title_sizes.even(
            pen, [s for n, s in enumerate(deck.slides) if n >= len(slides) or slides[n].layout not in COVERS]
        )
        decks.save_deck(room.workspace, path, deck)
        provenance_file.save(room.workspace, sidecar)
    return (
        f"Wrote {path}: {counted(len(slides), 'slide')} ({by_kind(s.layout for s in slides)}); "
        f"{counted(len(sidecar.findings), 'finding')} on the Sources slide.{also}"
    )


@tool(effects={Effect.READ, Effect.WRITE_WORKSPACE}, repeat=False)
async def slides_edit(
    room: CallContext,
    path: Annotated[str, "an existing .pptx file, including one that a person made"],
    action: Annotated[Action, "insert puts the new slide before `number`, duplicate puts the copy after it"],
    number: Annotated[int, "the slide, from 1; insert also accepts the count plus 1"],
    slide: Annotated[Slide | None, "the new content, for replace and insert"] = None,
    to: Annotated[int | None, "the new number, for move"] = None,
) -> str:
    """Replace, insert, move, duplicate, or delete one slide of a deck; the others stay unchanged."""
    return await asyncio.to_thread(_edit, room, zip_package.tidy(path), action, number, slide, to)


def _edit(room: CallContext, path: str, action: Action, number: int, slide: Slide | None, to: int | None) -> str:
    _named(path)
    with zip_package.one_at_a_time(f"{room.workspace.root}/{path}"):
        before = room.workspace.read(path)
        save_keeping_unchanged_parts.refuse_signed(before, path)
        deck = decks.open_deck(before, path)
        sidecar = provenance_file.load(room.workspace, path)
        own = set(decks.sources_slides(deck))
        count = len(deck.slides) - len(own)
        _possible(path, action, number, slide, to, count)
        if any(n <= count for n in own):
            raise ToolFailed(f"The Sources slides in {path!r} aren't last. Move them to the end first.")
        given = [slide] if slide is not None and action in ("replace", "insert") else []
        checked_given(given)
        found = provenance_file.resolve(room, [i for s in given for i in used(s)])
        order = _order(action, number, to, count)
        at = order.index(None) + 1 if None in order else number
        fresh = slide_sources.moved(
            sidecar, order, [p for s in given for p in (*traced(s, at), *noted(s, at, found))], found
        )
        pen = _pen(deck, fresh)
        _apply(pen, room.workspace, action, number, given, to)
        slides = list(deck.slides)[: len(order)]
        slide_sources.renumber(
            (s for s, before in zip(slides, order, strict=True) if before),
            [f.id for f in sidecar.findings],
            pen.numbers,
        )
        for n, one in enumerate(slides, 1):
            if findings := slide_sources.of_slide(fresh, n):
                slide_sources.put_line(pen, one, findings)
        slide_sources.put_sources(pen, fresh.findings)
        if given and given[0].layout not in COVERS:
            title_sizes.even(pen, [slides[at - 1]], [s for n, s in enumerate(slides, 1) if n != at])
        original_file.keep(room.workspace, path, before)
        decks.save_edited(room.workspace, path, deck, before)
        provenance_file.save(room.workspace, fresh)
    return f"{path}: {_told(action, number, to)}; it has {counted(len(order), 'slide')}" + (
        f" and {counted(len(fresh.findings), 'finding')} on its Sources slide." if fresh.findings else "."
    )


def checked_given(given: Sequence[Slide]) -> None:
    if given:
        checked(given)


def _possible(path: str, action: Action, number: int, slide: Slide | None, to: int | None, count: int) -> None:
    last = count + (action == "insert")
    if not 1 <= number <= last:
        raise ToolFailed(f"{path!r} has {counted(count, 'slide')}; there's no slide {number}.")
    if action in ("replace", "insert") and slide is None:
        raise ToolFailed(f"To {action} a slide, pass its content as 'slide'.")
    if action == "move" and (to is None or not 1 <= to <= count):
        raise ToolFailed(f"To move a slide, pass its new number as 'to', from 1 to {count}.")
    if action == "delete" and count == 1:
        raise ToolFailed(f"{path!r} has only this slide. Replace it, or don't hand in the file.")


def _order(action: Action, number: int, to: int | None, count: int) -> list[int | None]:
    """Returns each slide's previous number; None for a new one."""
    order: list[int | None] = list(range(1, count + 1))
    match action:
        case "replace":
            order[number - 1] = None
        case "insert":
            order.insert(number - 1, None)
        case "move":
            order.insert((to or 1) - 1, order.pop(number - 1))
        case "duplicate":
            order.insert(number, number)
        case "delete":
            order.pop(number - 1)
    return order


def _apply(
    pen: SlideWriting, workspace: Workspace, action: Action, number: int, given: Sequence[Slide], to: int | None
) -> None:
    match action:
        case "replace" | "insert":
            title = pen.deck.core_properties.title
            made = compose(pen._replace(slide=f"Slide {number}"), workspace, given[0], title)
            decks.place(pen.deck, made, number)
            if action == "replace":
                decks.drop(pen.deck, number + 1)
        case "move":
            decks.place(pen.deck, pen.deck.slides[number - 1], to or 1)
        case "duplicate":
            decks.duplicate(pen.deck, number)
        case "delete":
            decks.drop(pen.deck, number)


def _told(action: Action, number: int, to: int | None) -> str:
    done = {"replace": "replaced", "insert": "inserted", "duplicate": "duplicated", "delete": "deleted"}
    return f"moved slide {number} to {to}" if action == "move" else f"{done[action]} slide {number}"


@tool(effects={Effect.READ}, parallel=True)
async def slides_read(
    room: CallContext,
    path: Annotated[str, "a .pptx or .potx file in the workspace"],
    first: Annotated[int, "the first slide, from 1"] = 1,
    last: Annotated[int | None, "the last slide; default: the end"] = None,
) -> str:
    """Read a deck slide by slide: text, tables, charts, SmartArt, pictures, notes, and comments, and its layouts."""
    return await asyncio.to_thread(_read, room.workspace, path, first, last)


def _read(workspace: Workspace, path: str, first: int, last: int | None) -> str:
    if PurePosixPath(path).suffix.lower() not in _DECKS:
        raise ToolFailed(f"{path!r} isn't a .pptx or .potx file. Use document_read or read_file.")
    return deck_text(workspace.read(path), path, first, last)


def _named(path: str) -> None:
    if PurePosixPath(path).suffix.lower() != ".pptx":
        raise ToolFailed(f"{path!r} doesn't end in '.pptx'. Use a name that does.")


def _begun(workspace: Workspace, template: str | None) -> Any:
    if template is None:
        return decks.open_deck(house_template(), "the house template")
    if PurePosixPath(template).suffix.lower() not in (".pptx", ".potx"):
        raise ToolFailed(f"The template {template!r} isn't a .pptx or .potx file. Use one of those, or none.")
    return decks.emptied(decks.open_deck(workspace.read(template), template))


def _pen(deck: Any, sidecar: provenance_file.Sidecar) -> SlideWriting:
    return SlideWriting(
        deck, theme_of(deck.slide_layouts[0]), slide_sources.numbered(f.id for f in sidecar.findings), "The slide"
    )
