"""A Word document as a person makes it: its looks are set by hand, and it holds things that our writer never makes."""

import io
import zipfile
from typing import Any

import docx
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
from docx.shared import Pt, RGBColor
from PIL import Image


def foreign() -> bytes:
    """A person's letter: fonts set on the runs, a list, a comment, a picture, a text box, a part nobody knows."""
    document: Any = docx.Document()
    document.sections[0].header.paragraphs[0].text = "Northwind Ltd., offer for Acme"
    document.add_heading("Offer", 1)
    paragraph = document.add_paragraph()
    for text, bold in (("The price is ", False), ("49 dol", True), ("lars", True), (" a month, as Acme said.", False)):
        run = paragraph.add_run(text)
        run.bold, run.font.name, run.font.size = bold or None, "Liberation Serif", Pt(13)
    document.add_comment(paragraph.runs[1:2], text="Is this right?", author="Ada", initials="A")
    document.add_paragraph("First point of several", style="List Bullet")
    document.add_paragraph("Second point", style="List Bullet")
    picture = io.BytesIO()
    Image.new("RGB", (600, 300), "navy").save(picture, "PNG")
    document.add_picture(picture)
    table = document.add_table(2, 2, style="Table Grid")
    for cell, text in zip(
        (c for row in table.rows for c in row.cells), ("Item", "Price", "Licence", "1.50"), strict=True
    ):
        cell.paragraphs[0].add_run(text).font.color.rgb = RGBColor(0x80, 0, 0)
    box = (
        f'<w:r {nsdecls("w")}><w:pict><v:shape xmlns:v="urn:schemas-microsoft-com:vml"><v:textbox><w:txbxContent><w:p>'
        "<w:r><w:t>Acme in a box</w:t></w:r></w:p></w:txbxContent></v:textbox></v:shape></w:pict></w:r>"
    )
    document.add_paragraph("Signed by Acme.")._p.append(parse_xml(box))
    out = io.BytesIO()
    document.save(out)
    with zipfile.ZipFile(out, "a") as archive:
        archive.writestr("customXml/note.xml", "<a  b='1' ></a>")
    return out.getvalue()
