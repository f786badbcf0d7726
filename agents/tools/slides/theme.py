"""Reads colors and fonts of a deck's theme."""

import colorsys
from typing import Any, NamedTuple

from pptx.oxml.ns import qn

from agents.tools.office import xml
from agents.tools.office.inspect.contrast import channels

_NAMED = {"black": "000000", "white": "FFFFFF", "red": "FF0000", "blue": "0000FF", "green": "008000", "gray": "808080"}
_PLAIN_MAP = {"bg1": "lt1", "tx1": "dk1", "bg2": "lt2", "tx2": "dk2"}


class Theme(NamedTuple):
    """`colours` by scheme name; `names` maps a slide's names (tx1, bg1) to those."""

    colours: dict[str, str]
    names: dict[str, str]
    major: str
    minor: str

    def font(self, typeface: str | None) -> str:
        match typeface:
            case "+mj-lt":
                return self.major
            case None | "" | "+mn-lt":
                return self.minor
            case _:
                return typeface

    def named(self, name: str) -> str:
        return self.colours.get(self.names.get(name, name), "000000")

    def colour(self, parent: Any) -> str | None:
        """Returns the hex color of the first color element in `parent`, with its changes; None if there is none."""
        for element in parent if parent is not None else ():
            kind = element.tag.rpartition("}")[2]
            value = element.get("lastClr") if kind == "sysClr" else element.get("val")
            if kind == "schemeClr" and value != "phClr":
                value = self.named(value)
            elif kind == "prstClr":
                value = _NAMED.get(value)
            elif kind not in ("srgbClr", "sysClr"):
                continue
            return _changed(value, element) if value else None
        return None


def theme_of(slide: Any) -> Theme:
    """Returns the theme of a slide, layout or master: its master's."""
    layout = getattr(slide, "slide_layout", slide)
    master = getattr(layout, "slide_master", layout)
    part = next(r.target_part for r in master.part.rels.values() if r.reltype.endswith("/theme"))
    tree: Any = xml.parsed(part.blob)
    scheme = tree.find(f".//{qn('a:clrScheme')}")
    colours = {c.tag.rpartition("}")[2]: c[0].get("lastClr") or c[0].get("val") for c in scheme}
    mapped = master._element.find(qn("p:clrMap"))
    fonts = [tree.find(f".//{qn(f'a:{w}Font')}/{qn('a:latin')}") for w in ("major", "minor")]
    major, minor = (f.get("typeface") or "Calibri" if f is not None else "Calibri" for f in fonts)
    return Theme(colours, dict(mapped.attrib) if mapped is not None else _PLAIN_MAP, major, minor)


def _changed(colour: str, element: Any) -> str:
    """Applies lumMod, lumOff, tint and shade to the color."""
    red, green, blue = channels(colour)
    for change in element:
        share = int(change.get("val") or 0) / 100_000
        hue, light, full = colorsys.rgb_to_hls(red, green, blue)
        match change.tag.rpartition("}")[2]:
            case "lumMod":
                red, green, blue = colorsys.hls_to_rgb(hue, light * share, full)
            case "lumOff":
                red, green, blue = colorsys.hls_to_rgb(hue, min(1.0, light + share), full)
            case "tint":
                red, green, blue = (c * share + 1 - share for c in (red, green, blue))
            case "shade":
                red, green, blue = (c * share for c in (red, green, blue))
            case _:
                pass
    return "".join(f"{round(min(1.0, max(0.0, c)) * 255):02X}" for c in (red, green, blue))
