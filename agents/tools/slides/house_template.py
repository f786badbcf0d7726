"""Builds the house template: a 16:9 deck without slides, once per process."""

import io
import re
from functools import cache
from pathlib import Path

import pptx

from agents.tools.office import house_style, zip_package
from agents.tools.slides import house_layouts

_KIND = "application/vnd.openxmlformats-officedocument"
_REL = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_RELS = "http://schemas.openxmlformats.org/package/2006/relationships"
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_SCHEME = {
    "dk1": house_style.INK,
    "lt1": house_style.WHITE,
    "dk2": house_style.ACCENT,
    "lt2": house_style.TINT,
    **{f"accent{n}": colour for n, colour in enumerate((*house_style.SERIES[:5], house_style.MUTED), 1)},
    "hlink": house_style.LINK,
    "folHlink": house_style.MUTED,
}


@cache
def house_template() -> bytes:
    """A .pptx with one master and the house layouts. python-pptx's own is 4:3; only its format scheme is kept."""
    source = Path(pptx.__file__).with_name("templates") / "default.pptx"
    parts = zip_package.parts(source.read_bytes(), source.name)
    theme = parts["ppt/theme/theme1.xml"].decode()
    made = {
        "[Content_Types].xml": _types(len(house_layouts.LAYOUTS)),
        "_rels/.rels": _relations({"rId1": ("officeDocument", "ppt/presentation.xml")}),
        "ppt/presentation.xml": house_layouts.presentation(),
        "ppt/_rels/presentation.xml.rels": _relations(
            {"rId1": ("slideMaster", "slideMasters/slideMaster1.xml"), "rId2": ("theme", "theme/theme1.xml")}
        ),
        "ppt/theme/theme1.xml": _theme(theme),
        "ppt/slideMasters/slideMaster1.xml": house_layouts.master(),
        "ppt/slideMasters/_rels/slideMaster1.xml.rels": _relations(
            {f"rId{n}": ("slideLayout", f"../slideLayouts/slideLayout{n}.xml") for n in _numbers()}
            | {"rId99": ("theme", "../theme/theme1.xml")}
        ),
    }
    for n, layout in zip(_numbers(), house_layouts.LAYOUTS, strict=True):
        made[f"ppt/slideLayouts/slideLayout{n}.xml"] = layout.xml()
        made[f"ppt/slideLayouts/_rels/slideLayout{n}.xml.rels"] = _relations(
            {"rId1": ("slideMaster", "../slideMasters/slideMaster1.xml")}
        )
    return _settled(zip_package.pack({name: (_HEAD + text).encode() for name, text in made.items()}))


def _settled(content: bytes) -> bytes:
    """Returns the file as python-pptx writes it, with the document properties it has to have."""
    deck = pptx.Presentation(io.BytesIO(content))
    deck.core_properties.author = "threadwork"
    out = io.BytesIO()
    deck.save(out)
    return zip_package.pack(zip_package.parts(out.getvalue(), "template"))


def _numbers() -> range:
    return range(1, len(house_layouts.LAYOUTS) + 1)


def _theme(theme: str) -> str:
    colours = "".join(f'<a:{name}><a:srgbClr val="{value}"/></a:{name}>' for name, value in _SCHEME.items())
    theme = re.sub(r"<\?xml[^>]*\?>\s*", "", theme)
    theme = re.sub(
        r"<a:clrScheme.*?</a:clrScheme>", f'<a:clrScheme name="House">{colours}</a:clrScheme>', theme, flags=re.DOTALL
    )
    fonts = "".join(
        f'<a:{which}Font><a:latin typeface="{house_style.FONT}"/><a:ea typeface=""/><a:cs typeface=""/></a:{which}Font>'
        for which in ("major", "minor")
    )
    return re.sub(
        r"<a:fontScheme.*?</a:fontScheme>", f'<a:fontScheme name="House">{fonts}</a:fontScheme>', theme, flags=re.DOTALL
    )


def _relations(targets: dict[str, tuple[str, str]]) -> str:
    rows = "".join(
        f'<Relationship Id="{i}" Type="{_REL}/{kind}" Target="{path}"/>' for i, (kind, path) in targets.items()
    )
    return f'<Relationships xmlns="{_RELS}">{rows}</Relationships>'


def _types(layouts: int) -> str:
    kinds = {
        "/ppt/presentation.xml": "presentationml.presentation.main",
        "/ppt/theme/theme1.xml": "theme",
        "/ppt/slideMasters/slideMaster1.xml": "presentationml.slideMaster",
    } | {f"/ppt/slideLayouts/slideLayout{n}.xml": "presentationml.slideLayout" for n in range(1, layouts + 1)}
    rows = "".join(f'<Override PartName="{name}" ContentType="{_KIND}.{kind}+xml"/>' for name, kind in kinds.items())
    return (
        '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Default Extension="xml" ContentType="application/xml"/>{rows}</Types>'
    )
