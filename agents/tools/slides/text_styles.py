"""Resolves the formatting of text on a slide: size, font, color and spacing after inheritance."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from pptx.oxml.ns import qn

from agents.tools.slides.theme import Theme

_POINT = 12_700
_TITLES = ("title", "ctrTitle")
_BODIES = ("body", "subTitle", "obj", "", "tbl", "chart", "pic")


class SlideRun(NamedTuple):
    """Text with one format. `colour` is hex, None if it isn't a solid color; `size` is in points."""

    text: str
    size: float
    bold: bool
    family: str
    colour: str | None
    raised: bool = False


class Paragraph(NamedTuple):
    """Measures in points; `spacing` is a share of a line, `exact` its height if given in points."""

    runs: list[SlideRun]
    margin: float
    indent: float
    before: float
    after: float
    spacing: float
    exact: float | None


def paragraphs(body: Any, chain: list[Any], theme: Theme) -> list[Paragraph]:
    """Returns the paragraphs of a `txBody`; `chain`: the list styles it inherits from, nearest first."""
    body_pr = body.find(qn("a:bodyPr"))
    fit = body_pr.find(qn("a:normAutofit")) if body_pr is not None else None
    scale = int(fit.get("fontScale", 100_000)) / 100_000 if fit is not None else 1.0
    less = int(fit.get("lnSpcReduction", 0)) / 100_000 if fit is not None else 0.0
    return [_paragraph(p, [_own(body), *chain], theme, scale, less) for p in body.findall(qn("a:p"))]


def chain_of(shape: Any, presentation: Any) -> list[Any]:
    """Returns the list styles a shape's text inherits from: layout, master, the master's text styles, the deck's."""
    found: list[Any] = []
    base = shape
    while (base := _base(base)) is not None:
        body = base._element.find(qn("p:txBody"))
        if body is not None:
            found.append(_own(body))
    slide = shape.part.slide if hasattr(shape.part, "slide") else None
    master = slide.slide_layout.slide_master if slide is not None else None
    kind = _placeholder(shape)
    if master is not None and (styles := master._element.find(qn("p:txStyles"))) is not None:
        which = "titleStyle" if kind in _TITLES else "bodyStyle" if kind in _BODIES else "otherStyle"
        found.append(styles.find(qn(f"p:{which}")))
    found.append(presentation._element.find(qn("p:defaultTextStyle")))
    return [f for f in found if f is not None]


def inset(shape: Any) -> tuple[float, float, float, float]:
    """Returns left, top, right and bottom inset of a text shape, in points, as it inherits them."""
    sides = {"lIns": 91_440, "tIns": 45_720, "rIns": 91_440, "bIns": 45_720}
    left, top, right, bottom = (int(_inherited(shape, k) or v) / _POINT for k, v in sides.items())
    return left, top, right, bottom


def anchor(shape: Any) -> str:
    return _inherited(shape, "anchor") or "t"


def centred(shape: Any, presentation: Any) -> bool:
    """Returns whether its first level is centered."""
    body = shape._element.find(qn("p:txBody"))
    own = body.find(f"{qn('a:p')}/{qn('a:pPr')}")
    levels = [s.find(qn("a:lvl1pPr")) for s in (_own(body), *chain_of(shape, presentation)) if s is not None]
    return _first([s for s in (own, *levels) if s is not None], "algn") == "ctr"


def wraps(shape: Any) -> bool:
    return _inherited(shape, "wrap") != "none"


def _inherited(shape: Any, name: str) -> str | None:
    base = shape
    while base is not None:
        body = base._element.find(qn("p:txBody"))
        properties = body.find(qn("a:bodyPr")) if body is not None else None
        if properties is not None and properties.get(name) is not None:
            return str(properties.get(name))
        base = _base(base)
    return None


def _base(shape: Any) -> Any:
    """Returns the placeholder it inherits from, in the layout or the master."""
    try:
        return getattr(shape, "_base_placeholder", None) if shape.is_placeholder else None
    except KeyError:  # a kind that masters don't have
        return None


def _placeholder(shape: Any) -> str | None:
    found = shape._element.find(f".//{qn('p:nvPr')}/{qn('p:ph')}")
    return None if found is None else found.get("type", "")


def _own(body: Any) -> Any:
    return body.find(qn("a:lstStyle"))


def _paragraph(element: Any, chain: list[Any], theme: Theme, scale: float, less: float) -> Paragraph:
    own = element.find(qn("a:pPr"))
    level = int(own.get("lvl", 0)) if own is not None else 0
    styles = [s.find(qn(f"a:lvl{level + 1}pPr")) for s in chain if s is not None]
    sources = [s for s in (own, *styles) if s is not None]
    defaults = [d for s in sources if (d := s.find(qn("a:defRPr"))) is not None]
    runs = [_run(r, defaults, theme, scale) for r in element if r.tag in (qn("a:r"), qn("a:fld"), qn("a:br"))]
    if not runs:
        runs = [_run(element, defaults, theme, scale)]
    spacing, exact = _spacing(sources, "lnSpc")
    before, after = (_gap(sources, name, runs[0].size) for name in ("spcBef", "spcAft"))
    margin, indent = (int(_first(sources, name) or 0) / _POINT for name in ("marL", "indent"))
    return Paragraph(runs, margin, indent, before, after, (spacing or 1.0) - less, exact)


def _run(element: Any, defaults: list[Any], theme: Theme, scale: float) -> SlideRun:
    own = element.find(qn("a:rPr"))
    if own is None:
        own = element.find(qn("a:endParaRPr"))
    sources = [s for s in (own, *defaults) if s is not None]
    latin = next((f.get("typeface") for s in sources if (f := s.find(qn("a:latin"))) is not None), None)
    text = "\n" if element.tag == qn("a:br") else "".join(t.text or "" for t in element.findall(qn("a:t")))
    raised = own is not None and int(own.get("baseline") or 0) > 0
    return SlideRun(
        text,
        int(_first(sources, "sz") or 1800) / 100 * scale,
        _first(sources, "b") in ("1", "true"),
        theme.font(latin),
        _colour(sources, theme),
        raised,
    )


def _colour(sources: list[Any], theme: Theme) -> str | None:
    for source in sources:
        for fill in ("gradFill", "blipFill", "pattFill", "noFill"):
            if source.find(qn(f"a:{fill}")) is not None:
                return None
        if (solid := source.find(qn("a:solidFill"))) is not None:
            return theme.colour(solid)
    return theme.named("tx1")


def _first(sources: list[Any], name: str) -> str | None:
    return next((s.get(name) for s in sources if s.get(name) is not None), None)


def _spacing(sources: list[Any], name: str) -> tuple[float | None, float | None]:
    """A share, or points."""
    for given in _given(sources, name):
        value = int(str(given.get("val")).rstrip("%"))
        return (value / 100_000, None) if given.tag == qn("a:spcPct") else (None, value / 100)
    return None, None


def _gap(sources: list[Any], name: str, size: float) -> float:
    share, points = _spacing(sources, name)
    return points if points is not None else (share or 0) * size * 1.2


def _given(sources: list[Any], name: str) -> Iterator[Any]:
    return (g[0] for s in sources if (g := s.find(qn(f"a:{name}"))) is not None and len(g))
