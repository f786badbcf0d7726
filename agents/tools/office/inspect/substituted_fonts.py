"""Finds fonts that were substituted here, so that line and page breaks may differ for the reader."""

import io
import re
from collections.abc import Iterable, Iterator
from typing import Any

from pypdf import PdfReader

from agents.pdf_reading.open_pdf import BROKEN
from agents.tools.office import xml, zip_package
from agents.tools.office.content_checks import listed
from orchestrator.domain.deliverables import Check
from orchestrator.errors import ToolFailed

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_S = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_TWINS = {
    "calibri": "carlito",
    "cambria": "caladea",
    "arial": "liberationsans",
    "helvetica": "liberationsans",
    "arialnarrow": "liberationsansnarrow",
    "timesnewroman": "liberationserif",
    "times": "liberationserif",
    "couriernew": "liberationmono",
    "courier": "liberationmono",
}
"""Fonts of the same widths."""
_SIGNS = ("symbol", "wingding", "webding", "dingbat", "emoji", "math")
_LOOKS = re.compile(
    r"(bolditalic|boldoblique|semibold|demibold|bold|italic|oblique|regular|roman|medium|light|black|mt|psmt|ps)+$"
)


def check(content: bytes, suffix: str, pdf: bytes, *, ours: bool) -> list[Check]:
    """Checks that the pages use the requested fonts; never fails for a foreign file."""
    try:
        asked = _asked(zip_package.parts(content, "the file"), suffix)
        drawn = {_plain(f): f for f in embedded(pdf)}
    except (ToolFailed, *BROKEN):
        return []
    missing = sorted({name for name in asked if not _there(name, drawn)})
    known = {_plain(a) for a in asked} | {_TWINS.get(_plain(a), "") for a in asked}
    instead = [name for plain, name in sorted(drawn.items()) if plain not in known and not _sign(plain)]
    if not missing or not instead:
        return [Check(name="fonts", ok=True, words="shown with the requested fonts, or with fonts of the same width")]
    words = f"not installed here: {listed(missing)}, shown as {listed(instead)}; line and page breaks may differ"
    return [Check(name="fonts", ok=not ours, words=words, told=not ours)]


def embedded(pdf: bytes) -> set[str]:
    """Returns the names of the fonts that a PDF uses, without subset prefixes."""
    return {str(font["/BaseFont"]).lstrip("/").split("+")[-1] for font in fonts_of(PdfReader(io.BytesIO(pdf)))}


def fonts_of(reader: PdfReader) -> Iterator[Any]:
    """Yields each font of each page, and of the forms drawn on it."""
    for page in reader.pages:
        waiting: list[Any] = [page.get("/Resources")]
        for _ in range(200):
            if not waiting:
                break
            resources = _opened(waiting.pop())
            for font in _opened(resources.get("/Font")).values():
                if "/BaseFont" in _opened(font):
                    yield _opened(font)
            forms = [_opened(form) for form in _opened(resources.get("/XObject")).values()]
            waiting += [form.get("/Resources") for form in forms if form.get("/Subtype") == "/Form"]


def _opened(thing: Any) -> Any:
    return {} if thing is None else thing.get_object()


def _there(name: str, drawn: Iterable[str]) -> bool:
    plain = _plain(name)
    return plain in drawn or _TWINS.get(plain, plain) in drawn or _sign(plain)


def _sign(plain: str) -> bool:
    return any(s in plain for s in _SIGNS)


def _plain(name: str) -> str:
    flat = re.sub(r"[^a-z0-9]", "", name.split(",")[0].lower())
    return _LOOKS.sub("", flat) or flat


def _asked(parts: dict[str, bytes], suffix: str) -> set[str]:
    if suffix == ".xlsx":
        styles: Any = xml.parsed(parts["xl/styles.xml"])
        return {n.get("val") for n in styles.iterfind(f"{_S}fonts/{_S}font/{_S}name") if n.get("val")}
    theme = _theme(parts)
    styles = xml.parsed(parts["word/styles.xml"]) if "word/styles.xml" in parts else []
    bodies = [
        xml.parsed(p)
        for n, p in parts.items()
        if re.fullmatch(r"word/(document|header\d*|footer\d*|footnotes)\.xml", n)
    ]
    used = {e.get(f"{_W}val") for body in bodies for e in body.iter(f"{_W}pStyle", f"{_W}rStyle", f"{_W}tblStyle")}
    by_id = {s.get(f"{_W}styleId"): s for s in styles if s.tag == f"{_W}style"}
    used |= {i for i, s in by_id.items() if s.get(f"{_W}default") == "1"}
    waiting = [i for i in used if i in by_id]
    while waiting:
        base = by_id[waiting.pop()].find(f"{_W}basedOn")
        if base is not None and (i := base.get(f"{_W}val")) in by_id and i not in used:
            used.add(i)
            waiting.append(i)
    normal = (s for s in by_id.values() if s.get(f"{_W}default") == "1" and s.get(f"{_W}type") == "paragraph")
    named = any(
        fonts.get(f"{_W}ascii") or fonts.get(f"{_W}asciiTheme") for s in normal for fonts in s.iter(f"{_W}rFonts")
    )
    defaults = [] if named else [s for s in styles if s.tag == f"{_W}docDefaults"]
    runs = (
        f for root in [*bodies, *(by_id[i] for i in used if i in by_id), *defaults] for f in root.iter(f"{_W}rFonts")
    )
    return {name for fonts in runs for name in _named(fonts, theme) if name}


def _named(fonts: Any, theme: dict[str, str]) -> Iterator[str | None]:
    for script in ("ascii", "hAnsi"):
        by_theme = fonts.get(f"{_W}{script}Theme")
        yield theme.get(by_theme[:5]) if by_theme else fonts.get(f"{_W}{script}")


def _theme(parts: dict[str, bytes]) -> dict[str, str]:
    """Returns the fonts that a theme calls `major` and `minor`."""
    found: dict[str, str] = {}
    for name in (n for n in parts if re.fullmatch(r"word/theme/theme\d*\.xml", n)):
        tree: Any = xml.parsed(parts[name])
        for kind in ("major", "minor"):
            latin = tree.find(f".//{_A}{kind}Font/{_A}latin")
            if latin is not None:
                found[kind] = latin.get("typeface") or ""
    return found
