"""Presentations as people have them: each kind in a small file, with what a reader has to see in it."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.office_workspace import Desk
from tests.world.files.office_packages import package, relations, strict

_CHART = (
    "<c:chartSpace NAMES><c:chart><c:title><c:tx><c:strRef><c:strCache><c:pt idx='0'><c:v>Growth</c:v></c:pt>"
    "</c:strCache></c:strRef></c:tx></c:title><c:plotArea>{}<c:valAx><c:title><c:tx><c:rich><a:p><a:r><a:t>EUR</a:t>"
    "</a:r></a:p></c:rich></c:tx></c:title></c:valAx></c:plotArea></c:chart></c:chartSpace>"
)
_SMART = (
    "<dgm:dataModel NAMES><dgm:ptLst><dgm:pt><dgm:t><a:p><a:r><a:t>Hire</a:t></a:r></a:p></dgm:t></dgm:pt></dgm:ptLst>"
    "</dgm:dataModel>"
)
_TABLE = (
    "<p:graphicFrame><a:graphic><a:graphicData><a:tbl><a:tr><a:tc gridSpan='2'><a:txBody><a:p><a:r><a:t>Team</a:t>"
    "</a:r>"
    "</a:p></a:txBody></a:tc><a:tc hMerge='1'><a:txBody><a:p/></a:txBody></a:tc></a:tr><a:tr><a:tc><a:txBody><a:p><a:r>"
    "<a:t>Ada</a:t></a:r></a:p></a:txBody></a:tc><a:tc><a:txBody><a:p><a:r><a:t>2</a:t></a:r></a:p></a:txBody></a:tc>"
    "</a:tr></a:tbl></a:graphicData></a:graphic></p:graphicFrame>"
)
_CELL = "<a:tc {}><a:txBody><a:p><a:r><a:t>{}</a:t></a:r></a:p></a:txBody></a:tc>"


def table(*rows: tuple[tuple[str, str], ...]) -> str:
    """A table of cells: how each is merged, and its text."""
    lines = "".join(f"<a:tr>{''.join(_CELL.format(*cell) for cell in row)}</a:tr>" for row in rows)
    return (
        f"<p:graphicFrame><a:graphic><a:graphicData><a:tbl>{lines}</a:tbl></a:graphicData></a:graphic></p:graphicFrame>"
    )


_MERGED = table(
    (("rowSpan='2'", "Shop"), ("gridSpan='2'", "May"), ("hMerge='1'", ""), ("", "June")),
    (("vMerge='1'", "stale"), ("", "Goal"), ("", "Sold"), ("", "Goal")),
    (("", "Graz"), ("", "4"), ("", "3"), ("", "5")),
)
_THREE_DEEP = "<p:grpSp><p:nvGrpSpPr/><p:grpSp><p:nvGrpSpPr/>{}</p:grpSp></p:grpSp>"
_PICTURE = "<p:pic><p:nvPicPr><p:cNvPr id='2' {}/><p:nvPr>{}</p:nvPr></p:nvPicPr></p:pic>"
_ALTERNATIVE = (
    "<mc:AlternateContent><mc:Choice Requires='x'>{}</mc:Choice><mc:Fallback>{}</mc:Fallback></mc:AlternateContent>"
)
_COMMENTS = "<p:cmLst NAMES><p:cm authorId='0'><p:text>Too long?</p:text></p:cm></p:cmLst>"
_AUTHORS = "<p:cmAuthorLst NAMES><p:cmAuthor id='0' name='Bob'/></p:cmAuthorLst>"


def _cache(kind: str, *values: object, shape: str = "General") -> str:
    points = "".join(f"<c:pt idx='{n}'><c:v>{value}</c:v></c:pt>" for n, value in enumerate(values))
    return f"<c:{kind}Ref><c:{kind}Cache><c:formatCode>{shape}</c:formatCode>{points}</c:{kind}Cache></c:{kind}Ref>"


def _series(name: str, **data: str) -> str:
    inside = "".join(f"<c:{tag}>{cache}</c:{tag}>" for tag, cache in data.items())
    return f"<c:ser><c:tx>{_cache('str', name)}</c:tx>{inside}</c:ser>"


def _plot(kind: str, series: str) -> str:
    return f"<c:{kind}Chart>{series}</c:{kind}Chart>"


def sp(text: str, kind: str = "") -> str:
    holder = f"<p:nvPr><p:ph type='{kind}'/></p:nvPr>" if kind else "<p:nvPr/>"
    return (
        f"<p:sp><p:nvSpPr><p:cNvPr id='1' name='x'/>{holder}</p:nvSpPr><p:txBody><a:p><a:r><a:t>{text}</a:t></a:r>"
        "</a:p></p:txBody></p:sp>"
    )


def frame(inside: str) -> str:
    return f"<p:graphicFrame><a:graphic><a:graphicData>{inside}</a:graphicData></a:graphic></p:graphicFrame>"


def slide(shapes: str, attributes: str = "") -> str:
    return f"<p:sld NAMES {attributes}><p:cSld><p:spTree>{shapes}</p:spTree></p:cSld></p:sld>"


def deck(
    *slides: str, parts: Mapping[str, str | bytes] | None = None, linked: tuple[tuple[str, str], ...] = ()
) -> bytes:
    """A deck of these slides; `linked` are the first one's relations."""
    count = len(slides)
    ids = "".join(f'<p:sldId id="{255 + n}" r:id="rId{n}"/>' for n in range(1, count + 1))
    main = f"<p:presentation NAMES><p:sldIdLst>{ids}</p:sldIdLst><p:sldSz cx='9144000' cy='6858000'/></p:presentation>"
    files = {f"ppt/slides/slide{n}.xml": one for n, one in enumerate(slides, 1)}
    links = [("slide", f"slides/slide{n}.xml") for n in range(1, count + 1)]
    if parts and "ppt/authors.xml" in parts:
        links.append(("commentAuthors", "authors.xml"))
    own = {"ppt/slides/_rels/slide1.xml.rels": relations(*linked)} if linked else {}
    return package(
        "ppt/presentation.xml",
        {
            "ppt/presentation.xml": main,
            "ppt/_rels/presentation.xml.rels": relations(*links),
            **files,
            **own,
            **(parts or {}),
        },
    )


def charted(plots: str) -> bytes:
    return deck(
        slide(frame('<c:chart r:id="rId1"/>')), linked=(("chart", "../chart.xml"),),
        parts={"ppt/chart.xml": _CHART.format(plots)},
    )  # fmt: skip


class Kind(NamedTuple):
    """A kind of deck: how it's made, what reading it has to say, and what it must not."""

    name: str
    made: Callable[[], bytes]
    says: tuple[str, ...]
    never: tuple[str, ...] = ()


_DAYS = _cache("num", 45292, 45323, shape="mmm\\-yy")
KINDS = (
    Kind("no slides", lambda: deck(), ("a.pptx: 0 slides",)),
    Kind("a title and levels", lambda: deck(slide(sp("Plan", "title") + sp("First", "body"))), ("# Plan", "- First")),
    Kind(
        "a page number and a date",
        lambda: deck(slide(sp("7", "sldNum") + sp("today", "dt"))),
        ("[slide 1",),
        ("- 7", "today"),
    ),
    Kind(
        "a header with merged cells",
        lambda: deck(slide(_MERGED)),
        ("| Shop | May |  | June |\n|  | Goal | Sold | Goal |\n| Graz | 4 | 3 | 5 |",),
        ("stale",),
    ),
    Kind(
        "a hidden slide",
        lambda: deck(slide(sp("a")), slide(sp("b"), 'show="0"')),
        ("[slide 2, layout 'none', hidden]\n- b",),
    ),
    Kind(
        "two kinds of chart in one",
        lambda: charted(
            _plot("bar", _series("Sales", cat=_DAYS, val=_cache("num", 5, 7)))
            + _plot("line", _series("Margin", val=_cache("num", 0.5, 0.25)))
        ),
        (
            "[chart bar, line: Growth; val axis: EUR]",
            "| | Sales | Margin |",
            "| 2024-01-01 | 5 | 0.5 |",
            "| 2024-02-01 | 7 | 0.25 |",
        ),
    ),
    Kind(
        "a scatter chart",
        lambda: charted(_plot("scatter", _series("Fit", xVal=_cache("num", 1, 3), yVal=_cache("num", 2, 6)))),
        ("| | Fit (x) | Fit |", "| 1 | 1 | 2 |", "| 2 | 3 | 6 |"),
    ),
    Kind(
        "a bubble chart",
        lambda: charted(
            _plot("bubble", _series("S", xVal=_cache("num", 1), yVal=_cache("num", 2), bubbleSize=_cache("num", 9)))
        ),
        ("| | S (x) | S | S (size) |", "| 1 | 1 | 2 | 9 |"),
    ),
    Kind(
        "a 3-D chart without values",
        lambda: charted("<c:surface3DChart><c:ser/></c:surface3DChart>"),
        ("[chart surface3D: Growth",),
    ),
    Kind("a chart that is gone", lambda: deck(slide(sp("kept") + frame('<c:chart r:id="rId9"/>'))), ("- kept",)),
    Kind(
        "SmartArt",
        lambda: deck(
            slide(frame('<dgm:relIds r:dm="rId1"/>')),
            linked=(("diagramData", "../d.xml"),),
            parts={"ppt/d.xml": _SMART},
        ),
        ("[SmartArt]\n- Hire",),
    ),
    Kind(
        "a table and text in groups",
        lambda: deck(slide(_THREE_DEEP.format(_TABLE + sp("in")))),
        ("| Team |", "| Ada | 2 |", "- in"),
    ),
    Kind(
        "a notes page",
        lambda: deck(
            slide(sp("x")),
            linked=(("notesSlide", "../n.xml"),),
            parts={"ppt/n.xml": slide(sp("Say hello", "body") + sp("3", "sldNum"))},
        ),
        ("Notes: Say hello",),
        ("Say hello\n3",),
    ),
    Kind(
        "a notes page without a body",
        lambda: deck(
            slide(sp("x")), linked=(("notesSlide", "../n.xml"),), parts={"ppt/n.xml": slide(sp("Loose words"))}
        ),
        ("Notes: Loose words",),
    ),
    Kind(
        "a picture in the title's place",
        lambda: deck(slide(_PICTURE.format("name='p' descr='Harbour'", "<p:ph type='title'/>") + sp("x"))),
        ("[picture: Harbour]", "- x"),
    ),
    Kind(
        "a video",
        lambda: deck(slide(_PICTURE.format("name='tour.mp4'", "<a:videoFile r:link='rId7'/>"))),
        ("[video: tour.mp4]",),
    ),
    Kind(
        "an embedded workbook",
        lambda: deck(
            slide(frame("<p:oleObj progId='Excel.Sheet.12' r:id='rId1'/>")),
            linked=(("package", "../embeddings/b.xlsx"),),
            parts={"ppt/embeddings/b.xlsx": b"PK"},
        ),
        ("[embedded Excel.Sheet.12: b.xlsx]",),
    ),
    Kind(
        "comments",
        lambda: deck(
            slide(sp("x")),
            linked=(("comments", "../c.xml"),),
            parts={"ppt/c.xml": _COMMENTS, "ppt/authors.xml": _AUTHORS},
        ),
        ("[comment by Bob] Too long?",),
    ),
    Kind(
        "a damaged slide",
        lambda: deck(slide(sp("kept")), "no XML at all"),
        ("- kept", "[slide 2: damaged, not readable]"),
    ),
    Kind("strict Open XML", lambda: strict(deck(slide(sp("Zürich", "ctrTitle")))), ("# Zürich",)),
    Kind(
        "a shape of a newer program",
        lambda: deck(slide(_ALTERNATIVE.format(sp("new"), sp("old")))),
        ("- new",),
        ("- old",),
    ),
)


@pytest.mark.parametrize("tool", ["slides_read", "document_read"])
@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
async def test_a_deck_is_read_as_people_see_it(kind: Kind, tool: str, tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.workspace.write("a.pptx", kind.made())
    text = (await desk.call(tool, path="a.pptx")).text
    for words in kind.says:
        assert words in text
    for words in kind.never:
        assert words not in text
