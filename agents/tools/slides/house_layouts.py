"""Draws the house template: grid, typography, master and layouts. All measures are inches and points."""

from typing import Final, NamedTuple
from xml.sax.saxutils import quoteattr

WIDTH, HEIGHT = 13.333, 7.5
_LEFT, _RIGHT = 0.8, 12.533
_WIDE = _RIGHT - _LEFT
_TOP, _BOTTOM = 1.95, 6.4
_NS: Final = (
    'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" '
    'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships" '
    'xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main"'
)


class _Box(NamedTuple):
    """A place on the slide, in inches."""

    left: float
    top: float
    width: float
    height: float

    def xml(self) -> str:
        x, y, w, h = (round(v * 914_400) for v in self)
        return f'<a:off x="{x}" y="{y}"/><a:ext cx="{w}" cy="{h}"/>'


class Slot(NamedTuple):
    """A placeholder: `kind` is PowerPoint's type. `look` is its first list level, empty to inherit."""

    name: str
    kind: str
    number: int
    box: _Box
    look: str = ""
    anchor: str = "t"
    prompt: str = "Text"

    def xml(self, shape: int) -> str:
        kind = f' type="{self.kind}"' if self.kind else ""
        index = f' idx="{self.number}"' if self.number else ""
        text = _FIELD if self.kind == "sldNum" else f'<a:r><a:rPr lang="en-US"/><a:t>{self.prompt}</a:t></a:r>'
        return (
            f'<p:sp><p:nvSpPr><p:cNvPr id="{shape}" name={quoteattr(self.name)}/><p:cNvSpPr><a:spLocks noGrp="1"/>'
            f"</p:cNvSpPr><p:nvPr><p:ph{kind}{index}/></p:nvPr></p:nvSpPr><p:spPr><a:xfrm>{self.box.xml()}</a:xfrm>"
            f'<a:prstGeom prst="rect"><a:avLst/></a:prstGeom></p:spPr><p:txBody><a:bodyPr vert="horz" lIns="0" tIns="0"'
            f' rIns="0" bIns="0" anchor="{self.anchor}"><a:noAutofit/></a:bodyPr><a:lstStyle>{self.look}</a:lstStyle>'
            f"<a:p>{text}</a:p></p:txBody></p:sp>"
        )


class _Layout(NamedTuple):
    """One slide layout: its decoration is behind its slots."""

    name: str
    slots: tuple[Slot, ...]
    decoration: str = ""
    background: str = ""
    framed: bool = True
    """Shows the master's bar, and has a footer and a page number."""

    def xml(self) -> str:
        slots = (*self.slots, *(_FOOTING if self.framed else ()))
        shapes = "".join(slot.xml(n) for n, slot in enumerate(slots, 50))
        show = "" if self.framed else ' showMasterSp="0"'
        ground = _ground(self.background) if self.background else ""
        return (
            f'<p:sldLayout {_NS} preserve="1"{show}><p:cSld name={quoteattr(self.name)}>{ground}'
            f"{_tree(self.decoration + shapes)}</p:cSld><p:clrMapOvr><a:masterClrMapping/></p:clrMapOvr></p:sldLayout>"
        )


_FIELD = (
    '<a:fld id="{5B1F7A0E-7C1D-4C7B-9A52-0E6D0B5C1A01}" type="slidenum"><a:rPr lang="en-US"/><a:t>‹#›</a:t></a:fld>'
)


def presentation() -> str:
    size = f'cx="{round(WIDTH * 914_400)}" cy="{round(HEIGHT * 914_400)}"'
    return (
        f'<p:presentation {_NS}><p:sldMasterIdLst><p:sldMasterId id="2147483648" r:id="rId1"/></p:sldMasterIdLst>'
        f'<p:sldIdLst/><p:sldSz {size}/><p:notesSz cx="6858000" cy="9144000"/><p:defaultTextStyle>{_OTHER_LOOK}'
        "</p:defaultTextStyle></p:presentation>"
    )


def master() -> str:
    slots = (
        Slot("Title", "title", 0, _TITLE, anchor="b", prompt="Title"),
        Slot("Text", "body", 1, _Box(_LEFT, _TOP, _WIDE, _BOTTOM - _TOP)),
        *_FOOTING,
    )
    ids = "".join(f'<p:sldLayoutId id="{2147483648 + n}" r:id="rId{n}"/>' for n in range(1, len(LAYOUTS) + 1))
    return (
        f"<p:sldMaster {_NS}><p:cSld>{_ground('bg1')}"
        f"{_tree(_BAR + _RULE + ''.join(s.xml(n) for n, s in enumerate(slots, 50)))}</p:cSld>"
        '<p:clrMap bg1="lt1" tx1="dk1" bg2="lt2" tx2="dk2" accent1="accent1" accent2="accent2" accent3="accent3" '
        'accent4="accent4" accent5="accent5" accent6="accent6" hlink="hlink" folHlink="folHlink"/>'
        f"<p:sldLayoutIdLst>{ids}</p:sldLayoutIdLst><p:txStyles><p:titleStyle>{_TITLE_LOOK}</p:titleStyle>"
        f"<p:bodyStyle>{_BODY_LOOK}</p:bodyStyle><p:otherStyle>{_OTHER_LOOK}</p:otherStyle></p:txStyles></p:sldMaster>"
    )


def look(
    size: float,
    colour: str = "tx1",
    *,
    bold: bool = False,
    italic: bool = False,
    align: str = "l",
    before: float = 0,
    spacing: int = 100,
    level: int = 1,
    indent: float = 0.0,
    margin: float = 0.0,
    bullet: str = "<a:buNone/>",
    font: str = "+mn-lt",
) -> str:
    """One list level: sizes in points, indent and margin in inches."""
    return (
        f'<a:lvl{level}pPr marL="{round(margin * 914_400)}" indent="{round(indent * 914_400)}" algn="{align}">'
        f'<a:lnSpc><a:spcPct val="{spacing * 1000}"/></a:lnSpc><a:spcBef><a:spcPts val="{round(before * 100)}"/>'
        f'</a:spcBef>{bullet}<a:defRPr sz="{round(size * 100)}" b="{int(bold)}" i="{int(italic)}" kern="1200">'
        f'<a:solidFill><a:schemeClr val="{colour}"/></a:solidFill><a:latin typeface="{font}"/>'
        f'<a:ea typeface="+mn-ea"/><a:cs typeface="+mn-cs"/></a:defRPr></a:lvl{level}pPr>'
    )


def _shape(name: str, geometry: str, box: _Box, colour: str) -> str:
    return (
        f'<p:sp><p:nvSpPr><p:cNvPr id="{_number(name)}" name="{name}"/><p:cNvSpPr/><p:nvPr userDrawn="1"/></p:nvSpPr>'
        f'<p:spPr><a:xfrm>{box.xml()}</a:xfrm><a:prstGeom prst="{geometry}"><a:avLst/></a:prstGeom><a:solidFill>'
        f"{colour}</a:solidFill><a:ln><a:noFill/></a:ln></p:spPr>"
        "<p:txBody><a:bodyPr/><a:lstStyle/><a:p><a:endParaRPr/></a:p></p:txBody></p:sp>"
    )


def _number(name: str) -> int:
    """Returns an id that no slot and no other decoration of the same layout has."""
    return 10 + ("Accent", "Rule", "Arc", "Arc inside", "Panel", "Rule left", "Rule right", "Accent line").index(name)


def _scheme(name: str, *, lighter: int = 0) -> str:
    """A theme color; `lighter` percent of it is white."""
    mixed = f'<a:lumMod val="{(100 - lighter) * 1000}"/><a:lumOff val="{lighter * 1000}"/>' if lighter else ""
    return f'<a:schemeClr val="{name}">{mixed}</a:schemeClr>'


def _ground(colour: str) -> str:
    return f"<p:bg><p:bgPr><a:solidFill>{_scheme(colour)}</a:solidFill><a:effectLst/></p:bgPr></p:bg>"


def _tree(shapes: str) -> str:
    return (
        '<p:spTree><p:nvGrpSpPr><p:cNvPr id="1" name=""/><p:cNvGrpSpPr/><p:nvPr/></p:nvGrpSpPr><p:grpSpPr/>'
        f"{shapes}</p:spTree>"
    )


def _bullet(sign: str) -> str:
    return f'<a:buClr>{_scheme("accent1")}</a:buClr><a:buFont typeface="Arial"/><a:buChar char="{sign}"/>'


_TITLE = _Box(_LEFT, 0.5, _WIDE, 0.92)
_SUBTITLE = Slot("Subtitle", "body", 20, _Box(_LEFT, 1.46, _WIDE, 0.34), look(16, "accent6"), prompt="Subtitle")
_TITLE_LOOK = look(30, bold=True, spacing=90, font="+mj-lt")
_BODY_LOOK = (
    look(22, before=13, margin=0.3, indent=-0.3, bullet=_bullet("•"))
    + look(18, before=5, margin=0.62, indent=-0.27, bullet=_bullet("–"), level=2)
    + "".join(look(16, before=4, margin=0.9, indent=-0.25, bullet=_bullet("–"), level=n) for n in range(3, 10))
)
_OTHER_LOOK = "".join(look(18, level=n) for n in range(1, 10))
_BAR = _shape("Accent", "rect", _Box(_LEFT, 0, 1.1, 0.1), _scheme("accent2"))
_RULE = _shape("Rule", "rect", _Box(_LEFT, 6.9, _WIDE, 0.01), '<a:srgbClr val="D3DCE0"/>')
_FOOTING = (
    Slot("Footer", "ftr", 31, _Box(_LEFT, 6.98, 9.5, 0.26), look(10, "accent6"), "ctr", "Deck title"),
    Slot("Slide number", "sldNum", 32, _Box(_RIGHT - 1.2, 6.98, 1.2, 0.26), look(10, "accent6", align="r"), "ctr"),
)
_HEADER = Slot("Title", "title", 0, _TITLE, anchor="b", prompt="The slide's message, as a sentence")
_HALF = (_WIDE - 0.7) / 2
_SECOND = _LEFT + _HALF + 0.7
_MAIN = 7.6
_ASIDE = _Box(_LEFT + _MAIN + 0.5, _TOP, _WIDE - _MAIN - 0.5, _BOTTOM - _TOP)
_ASIDE_LOOK = look(18, before=10, margin=0.26, indent=-0.26, bullet=_bullet("•")) + look(
    16, before=5, margin=0.55, indent=-0.25, bullet=_bullet("–"), level=2
)
_WHOLE = _Box(_LEFT, _TOP, _WIDE, _BOTTOM - _TOP)
_PART = _Box(_LEFT, _TOP, _MAIN, _BOTTOM - _TOP)
_ARCS = _shape("Arc", "ellipse", _Box(9.25, 2.1, 8.0, 8.0), _scheme("accent1", lighter=7)) + _shape(
    "Arc inside", "ellipse", _Box(10.85, 3.7, 4.8, 4.8), _scheme("accent1", lighter=14)
)
_COLUMN = look(20, before=12, margin=0.28, indent=-0.28, bullet=_bullet("•")) + look(
    16, before=5, margin=0.58, indent=-0.25, bullet=_bullet("–"), level=2
)
_HEADING = look(20, "accent1", bold=True)


def _dark(name: str, size: float, top: float) -> _Layout:
    return _Layout(
        name,
        (
            Slot("Title", "title", 0, _Box(_LEFT, top, 8.2, 1.75), look(size, "bg1", bold=True, spacing=90), "b"),
            Slot("Subtitle", "body", 20, _Box(_LEFT, top + 2.05, 8.2, 0.95), look(20, "bg2")),
        ),
        _ARCS + _shape("Accent", "rect", _Box(_LEFT, top + 1.86, 1.1, 0.06), _scheme("accent2")),
        background="accent1",
        framed=False,
    )


LAYOUTS: Final = (
    _Layout(
        "Title",
        (
            Slot("Title", "ctrTitle", 0, _Box(_LEFT, 1.7, 8.0, 2.2), look(44, "bg1", bold=True, spacing=90), "b"),
            Slot("Subtitle", "subTitle", 1, _Box(_LEFT, 4.25, 8.0, 1.2), look(20, "bg2", before=4)),
        ),
        _ARCS + _shape("Accent", "rect", _Box(_LEFT, 4.02, 1.1, 0.06), _scheme("accent2")),
        background="accent1",
        framed=False,
    ),
    _Layout(
        "Agenda",
        (
            Slot("Title", "title", 0, _Box(_LEFT, 1.843, 3.0, 1.6), look(30, bold=True, spacing=90)),
            Slot(
                "Points",
                "body",
                11,
                _Box(5.3, 1.9, 7.2, 4.5),
                look(
                    22,
                    before=16,
                    margin=0.65,
                    indent=-0.65,
                    bullet=f"<a:buClr>{_scheme('accent1')}</a:buClr><a:buFont typeface='+mj-lt'/>"
                    '<a:buAutoNum type="arabicPlain"/>',
                )
                + look(16, "accent6", before=2, margin=0.65, level=2),
            ),
        ),
        _shape("Panel", "rect", _Box(0, 0, 4.5, HEIGHT), _scheme("bg2"))
        + _shape("Accent", "rect", _Box(_LEFT, 0, 1.1, 0.1), _scheme("accent2")),
        framed=True,
    ),
    _dark("Section", 40, 2.0),
    _Layout("Text", (_HEADER, _SUBTITLE, Slot("Points", "body", 11, _Box(_LEFT, _TOP, 10.6, _BOTTOM - _TOP)))),
    _Layout(
        "Columns",
        (
            _HEADER,
            _SUBTITLE,
            Slot("Heading left", "body", 12, _Box(_LEFT, _TOP + 0.1, _HALF, 0.4), _HEADING, "b"),
            Slot("Points left", "", 13, _Box(_LEFT, _TOP + 0.72, _HALF, _BOTTOM - _TOP - 0.72), _COLUMN),
            Slot("Heading right", "body", 14, _Box(_SECOND, _TOP + 0.1, _HALF, 0.4), _HEADING, "b"),
            Slot("Points right", "", 15, _Box(_SECOND, _TOP + 0.72, _HALF, _BOTTOM - _TOP - 0.72), _COLUMN),
        ),
        _shape("Rule left", "rect", _Box(_LEFT, _TOP + 0.58, _HALF, 0.02), _scheme("accent1"))
        + _shape("Rule right", "rect", _Box(_SECOND, _TOP + 0.58, _HALF, 0.02), _scheme("accent1")),
    ),
    _Layout("Table", (_HEADER, _SUBTITLE, Slot("Table", "tbl", 11, _WHOLE))),
    _Layout("Chart", (_HEADER, _SUBTITLE, Slot("Chart", "chart", 11, _WHOLE))),
    _Layout(
        "Chart and text",
        (_HEADER, _SUBTITLE, Slot("Chart", "chart", 11, _PART), Slot("Points", "body", 12, _ASIDE, _ASIDE_LOOK)),
    ),
    _Layout("Picture", (_HEADER, _SUBTITLE, Slot("Picture", "pic", 11, _WHOLE))),
    _Layout(
        "Picture and text",
        (_HEADER, _SUBTITLE, Slot("Picture", "pic", 11, _PART), Slot("Points", "body", 12, _ASIDE, _ASIDE_LOOK)),
    ),
    _Layout(
        "Quote",
        (
            _HEADER,
            Slot(
                "Quote",
                "body",
                11,
                _Box(2.1, 2.2, 9.6, 3.2),
                look(30, spacing=105) + look(18, "accent6", before=16, level=2),
                "ctr",
            ),
        ),
        _shape("Accent line", "rect", _Box(1.55, 2.5, 0.07, 2.6), _scheme("accent2")),
    ),
    _Layout("Title only", (_HEADER, _SUBTITLE)),
    _dark("Closing", 40, 2.0),
)
"""In PowerPoint's order."""
