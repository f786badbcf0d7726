"""Finds the best layout and placeholders for a slide in any template."""

import re
from typing import Any, NamedTuple

from pptx.enum.shapes import PP_PLACEHOLDER as PH

from agents.tools.slides.spec import Kind
from orchestrator.errors import ToolFailed

EMU = 914_400
_ASIDE = PH.DATE, PH.FOOTER, PH.SLIDE_NUMBER, PH.HEADER
_TITLES = PH.TITLE, PH.CENTER_TITLE
_UPRIGHT = PH.VERTICAL_BODY, PH.VERTICAL_OBJECT, PH.VERTICAL_TITLE
_NAMES: dict[str, str] = {
    "title": r"^title$|title slide|cover|^front",
    "agenda": r"agenda|contents",
    "section": r"section|divider|chapter",
    "text": r"^text$|title and content|title, content|title and text|bullet",
    "columns": r"columns|comparison|two content",
    "table": r"^table$|title and table|title only",
    "chart": r"^chart$|title and chart|title only",
    "picture": r"^picture$|title and picture|title only",
    "quote": r"quot|statement",
    "closing": r"clos|thank|^end\b|end slide",
    "chart aside": r"^chart and text$",
    "picture aside": r"^picture and text$",
}
_INSTEAD = {
    "closing": "title",
    "section": "title",
    "agenda": "text",
    "quote": "text",
    "chart aside": "chart",
    "picture aside": "picture",
    "table aside": "table",
}


class Area(NamedTuple):
    """A place on the slide in EMU."""

    left: int
    top: int
    width: int
    height: int

    @property
    def right(self) -> int:
        return self.left + self.width

    @property
    def bottom(self) -> int:
        return self.top + self.height


class Slots(NamedTuple):
    """Returns a layout's or slide's placeholders by use; bodies and headings from left to right."""

    title: Any
    subtitle: Any
    bodies: list[Any]
    headings: list[Any]

    @classmethod
    def of(cls, owner: Any, width: int) -> "Slots":
        title, subtitle, bodies, headings = None, None, list[Any](), list[Any]()
        for shape in owner.placeholders:
            kind = shape.placeholder_format.type
            if kind in _TITLES:
                title = shape
            elif kind == PH.SUBTITLE:
                subtitle = shape
            elif kind in _ASIDE:
                continue
            elif kind == PH.BODY and shape.height <= EMU:
                headings.append(shape)
            else:
                bodies.append(shape)
        highest = min((int(b.top) for b in bodies), default=None)
        for shape in headings:
            above = highest is None or shape.top < highest
            if subtitle is None and shape.width > width * 0.6 and above:
                subtitle = shape
        order = _by_place
        return cls(
            title, subtitle, sorted(bodies, key=order), sorted((h for h in headings if h is not subtitle), key=order)
        )


class Stage(NamedTuple):
    """A layout for one kind of slide."""

    layout: Any
    slots: Slots
    fits: bool
    """Returns whether it was made for this kind. Otherwise only its title is used, and the rest is placed by
    measure."""


def choose(deck: Any, kind: Kind, *, aside: bool) -> Stage:
    """Returns the best layout of the deck's first master. Raises ToolFailed if none has a title."""
    name = f"{kind} aside" if aside else str(kind)
    stages = [(layout, Slots.of(layout, deck.slide_width)) for layout in deck.slide_layouts]
    stages = [(lay, slots) for lay, slots in stages if not _upright(lay)]
    while True:
        ranked = [(score, -n) for n, (lay, slots) in enumerate(stages) if (score := _score(name, lay, slots))]
        if ranked:
            layout, slots = stages[-max(ranked)[1]]
            return Stage(layout, slots, fits=True)
        if name not in _INSTEAD:
            break
        name = _INSTEAD[name]
    for layout, slots in sorted(stages, key=lambda s: len(s[1].bodies)):
        if slots.title is not None:
            return Stage(layout, slots, fits=False)
    raise ToolFailed("The template doesn't have a layout with a title. Use another template, or omit it.")


def _score(name: str, layout: Any, slots: Slots) -> int:
    """Returns a score; 0: unusable."""
    pattern = _NAMES.get(name)
    called = bool(pattern and re.search(pattern, layout.name.strip().lower()))
    if slots.title is None and name != "quote":
        return 0
    bodies = len(slots.bodies)
    match name:
        case "title":
            suits = (slots.title is not None and slots.title.placeholder_format.type == PH.CENTER_TITLE) or (
                slots.subtitle is not None and not bodies and called
            )
        case "section" | "closing" | "agenda":
            suits = called
        case "quote":
            suits = called and bodies >= 1
        case "text":
            suits = bodies == 1
        case "columns":
            suits = bodies == 2 and slots.bodies[0].left + slots.bodies[0].width <= slots.bodies[1].left
        case "chart aside" | "picture aside":
            suits = called and bodies == 2
        case "table" | "chart" | "picture":
            suits = bodies <= 1 and (called or bodies == 1)
        case _:
            suits = False
    return (1 + 4 * called + 2 * (name == "columns" and len(slots.headings) >= 2)) if suits else 0


def box(shape: Any) -> Area:
    return Area(int(shape.left or 0), int(shape.top or 0), int(shape.width or 0), int(shape.height or 0))


def free_area(deck: Any, slots: Slots, layout: Any) -> Area:
    """Returns where content may go: the layout's own bodies, or the area between title and footer."""
    if slots.bodies:
        boxes = [box(b) for b in slots.bodies]
        left, top = min(b.left for b in boxes), min(b.top for b in boxes)
        return Area(left, top, max(b.right for b in boxes) - left, max(b.bottom for b in boxes) - top)
    title = box(slots.title)
    top = title.bottom + EMU // 5
    if slots.subtitle is not None:
        top = max(top, box(slots.subtitle).bottom + EMU // 7)
    return Area(title.left, top, title.width, floor(deck, layout) - top - EMU * 2 // 5)


def floor(deck: Any, layout: Any) -> int:
    """Returns the lower edge of the area for content, in EMU."""
    feet = [int(s.top) for s in layout.placeholders if s.placeholder_format.type in (PH.FOOTER, PH.SLIDE_NUMBER)]
    return min([int(deck.slide_height * 0.95), *(f for f in feet if f > deck.slide_height * 0.8)])


def _by_place(shape: Any) -> tuple[int, int]:
    return int(shape.left), int(shape.top)


def _upright(layout: Any) -> bool:
    return any(s.placeholder_format.type in _UPRIGHT for s in layout.placeholders) or "vertical" in layout.name.lower()
