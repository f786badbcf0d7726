"""Defines the house style of Word documents with real styles, so that a person can continue the file."""

from typing import Any

from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_LINE_SPACING
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Cm, Pt, RGBColor

from agents.tools.office import house_style


def table_style(accent: str = house_style.ACCENT) -> str:
    """Returns the XML of the house's table style, with rules and header in `accent`."""
    return f"""
<w:style {nsdecls("w")} w:type="table" w:customStyle="1" w:styleId="HouseTable">
  <w:name w:val="House Table"/><w:basedOn w:val="TableNormal"/><w:uiPriority w:val="99"/><w:qFormat/>
  <w:pPr><w:spacing w:before="50" w:after="50" w:line="240" w:lineRule="auto"/></w:pPr>
  <w:tblPr><w:tblBorders>
    <w:top w:val="single" w:sz="8" w:space="0" w:color="{accent}"/>
    <w:bottom w:val="single" w:sz="8" w:space="0" w:color="{accent}"/>
    <w:insideH w:val="single" w:sz="4" w:space="0" w:color="{house_style.LINE}"/></w:tblBorders>
    <w:tblCellMar><w:top w:w="20" w:type="dxa"/><w:left w:w="115" w:type="dxa"/>
    <w:bottom w:w="20" w:type="dxa"/><w:right w:w="115" w:type="dxa"/></w:tblCellMar></w:tblPr>
  <w:tblStylePr w:type="firstRow"><w:rPr><w:b/><w:color w:val="{house_style.WHITE}"/></w:rPr>
    <w:tcPr><w:shd w:val="clear" w:color="auto" w:fill="{accent}"/></w:tcPr></w:tblStylePr>
</w:style>"""


def dress(document: Any) -> None:
    """Gives a new document its page, its language and its styles, and nothing else."""
    section = document.sections[0]
    section.page_width, section.page_height = Cm(21.0), Cm(29.7)
    section.left_margin = section.right_margin = Cm(2.4)
    section.top_margin, section.bottom_margin = Cm(2.2), Cm(2.0)
    section.header_distance, section.footer_distance = Cm(1.0), Cm(0.9)
    styles = document.styles
    _letters(styles["Normal"], 10.5, house_style.INK)
    _spacing(styles["Normal"], 0, 7, line=1.18)
    styles["Normal"].paragraph_format.widow_control = True
    _heading(styles["Title"], 24, house_style.ACCENT, before=0, after=10)
    _rule_below(styles["Title"])
    _heading(styles["Subtitle"], 12, house_style.MUTED, before=0, after=14, bold=False)
    for apart in styles["Subtitle"].element.rPr.findall(qn("w:spacing")):
        styles["Subtitle"].element.rPr.remove(apart)
    for level, (size, colour, before) in enumerate(
        [(16, house_style.ACCENT, 20), (12.5, house_style.ACCENT, 13), (11, house_style.INK, 10)], 1
    ):
        _heading(styles[f"Heading {level}"], size, colour, before=before, after=5)
    for name in ("List Bullet", "List Number"):
        _spacing(styles[name], 0, 3, line=1.12)
    _callout(styles.add_style("Callout", WD_STYLE_TYPE.PARAGRAPH), styles["Normal"])
    _quote(styles["Quote"])
    _letters(styles["Caption"], 9, house_style.MUTED, bold=False)
    _spacing(styles["Caption"], 8, 5, line=1.1)
    _contents(styles)
    for name in ("Header", "Footer"):
        _letters(styles[name], 8.5, house_style.MUTED)
    _notes(styles)
    link = styles.add_style("Hyperlink", WD_STYLE_TYPE.CHARACTER, builtin=True)
    link.font.color.rgb, link.font.underline = RGBColor.from_string(house_style.LINK), True
    styles.element.append(parse_xml(table_style()))


def _contents(styles: Any) -> None:
    """Word hides its styles for contents until they are used, so they are created here."""
    _heading(styles["TOC Heading"], 16, house_style.ACCENT, before=0, after=8)
    for level, (before, indent, bold) in enumerate([(7, 0.0, True), (2, 0.5, None), (1, 1.0, None)], 1):
        style = styles.add_style(f"toc {level}", WD_STYLE_TYPE.PARAGRAPH, builtin=True)
        style.base_style = styles["Normal"]
        _letters(style, 10.5, house_style.INK, bold=bold)
        _spacing(style, before, 1, line=1.1)
        style.paragraph_format.left_indent = Cm(indent)


def _quote(style: Any) -> None:
    _letters(style, 11, house_style.MUTED)
    style.font.italic = True
    _spacing(style, 6, 10, line=1.2)
    style.paragraph_format.left_indent, style.paragraph_format.right_indent = Cm(0.8), Cm(0.8)


def _notes(styles: Any) -> None:
    text = styles.add_style("footnote text", WD_STYLE_TYPE.PARAGRAPH, builtin=True)
    text.base_style = styles["Normal"]
    _letters(text, 8.5, house_style.MUTED)
    _spacing(text, 0, 1, line=1.0)
    mark = styles.add_style("footnote reference", WD_STYLE_TYPE.CHARACTER, builtin=True)
    mark.font.superscript = True
    mark.font.color.rgb = RGBColor.from_string(house_style.LINK)


def _callout(style: Any, normal: Any) -> None:
    style.base_style = normal
    _letters(style, 11, house_style.INK)
    _spacing(style, 6, 10, line=1.15)
    style.paragraph_format.left_indent = style.paragraph_format.right_indent = Cm(0.3)
    properties = style.element.get_or_add_pPr()
    edges = "".join(
        f'<w:{side} w:val="single" w:sz="{size}" w:space="{space}" w:color="{colour}"/>'
        for side, size, space, colour in (
            ("top", 4, 5, house_style.TINT),
            ("left", 24, 8, house_style.ACCENT),
            ("bottom", 4, 5, house_style.TINT),
            ("right", 4, 6, house_style.TINT),
        )
    )
    # The schema wants borders before shading, and both before spacing.
    spacing = properties.find(qn("w:spacing"))
    spacing.addprevious(parse_xml(f"<w:pBdr {nsdecls('w')}>{edges}</w:pBdr>"))
    spacing.addprevious(parse_xml(f'<w:shd {nsdecls("w")} w:val="clear" w:color="auto" w:fill="{house_style.TINT}"/>'))


def _heading(style: Any, size: float, colour: str, *, before: int, after: int, bold: bool = True) -> None:
    _letters(style, size, colour, bold=bold)
    _spacing(style, before, after, line=1.0)
    style.paragraph_format.keep_with_next = True


def _rule_below(style: Any) -> None:
    properties = style.element.get_or_add_pPr()
    for old in properties.findall(qn("w:pBdr")):
        properties.remove(old)
    line = f'w:val="single" w:sz="10" w:space="6" w:color="{house_style.ACCENT}"'
    rule = f"<w:pBdr {nsdecls('w')}><w:bottom {line}/></w:pBdr>"
    properties.find(qn("w:spacing")).addprevious(parse_xml(rule))


def _letters(style: Any, size: float, colour: str, *, bold: bool | None = None) -> None:
    style.font.name, style.font.size, style.font.bold = house_style.FONT, Pt(size), bold
    style.font.italic = False if bold is not None else None
    style.font.color.rgb = RGBColor.from_string(colour)
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    # Theme fonts would override the named one.
    for name in [a for a in fonts.attrib if a.endswith("Theme")]:
        del fonts.attrib[name]
    for script in ("w:ascii", "w:hAnsi", "w:cs", "w:eastAsia"):
        fonts.set(qn(script), house_style.FONT)


def _spacing(style: Any, before: float, after: float, *, line: float | None = None) -> None:
    form = style.paragraph_format
    form.space_before, form.space_after = Pt(before), Pt(after)
    if line is not None:
        form.line_spacing_rule, form.line_spacing = WD_LINE_SPACING.MULTIPLE, line
