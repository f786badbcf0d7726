"""Writes small PDFs by hand: exactly the operators, fonts, and damage that a test is about."""

from dataclasses import dataclass, field

HELVETICA = "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>"


@dataclass
class PdfWriter:
    """Holds the objects of a PDF. Objects 1 and 2 are its catalogue and its list of pages."""

    catalogue: str = ""
    """More entries of the catalogue, such as its form."""
    pages: list[int] = field(default_factory=list[int])
    objects: list[bytes] = field(default_factory=lambda: [b"", b""])

    def add(self, text: str, stream: bytes | None = None) -> int:
        """Adds an object, given without `obj`, and returns its number."""
        body = text.encode("latin-1")
        if stream is not None:
            body = body.replace(b">>", b"/Length %d >>" % len(stream), 1) + b"\nstream\n" + stream + b"\nendstream"
        self.objects.append(body)
        return len(self.objects)

    def page(self, drawn: str, *, font: str = HELVETICA, more: str = "", size: str = "0 0 595 842") -> int:
        """Adds a page with these operators; its font is F1."""
        content = self.add("<< >>", drawn.encode("latin-1"))
        made = self.add(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [{size}] /Contents {content} 0 R {more} "
            f"/Resources << /Font << /F1 {font} >> >> >>"
        )
        self.pages.append(made)
        return made

    def written(self) -> bytes:
        """Returns the file."""
        self.objects[0] = f"<< /Type /Catalog /Pages 2 0 R {self.catalogue} >>".encode()
        kids = " ".join(f"{number} 0 R" for number in self.pages)
        self.objects[1] = f"<< /Type /Pages /Kids [{kids}] /Count {len(self.pages)} >>".encode()
        out, places = bytearray(b"%PDF-1.7\n"), list[int]()
        for number, body in enumerate(self.objects, 1):
            places.append(len(out))
            out += b"%d 0 obj\n" % number + body + b"\nendobj\n"
        table = b"".join(b"%010d 00000 n \n" % place for place in places)
        size = len(self.objects) + 1
        start = len(out)
        out += b"xref\n0 %d\n0000000000 65535 f \n" % size + table
        out += b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (size, start)
        return bytes(out)


def shown(text: str, x: float, y: float, *, size: float = 12, turn: str = "1 0 0 1") -> str:
    """Returns the operators that show a text at a place."""
    escaped = text.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")
    return f"BT /F1 {size} Tf {turn} {x} {y} Tm ({escaped}) Tj ET\n"


def one_page(drawn: str, **how: str) -> bytes:
    """Returns a PDF with one page."""
    writer = PdfWriter()
    writer.page(drawn, **how)
    return writer.written()


def to_unicode(writer: PdfWriter, codes: dict[int, str]) -> int:
    """Adds the table that names the letters of a font with one byte per letter."""
    rows = "".join(f"<{code:02X}> <{text.encode('utf-16-be').hex()}>\n" for code, text in codes.items())
    table = (
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap\n/CMapType 2 def\n"
        f"1 begincodespacerange\n<00> <FF>\nendcodespacerange\n{len(codes)} beginbfchar\n{rows}endbfchar\n"
        "endcmap end end"
    )
    return writer.add("<< >>", table.encode())


def type_3(writer: PdfWriter, codes: str, names: int | None = None) -> str:
    """Returns a font whose letters are boxes; `names`: its table of letters, if it has one."""
    glyph = writer.add("<< >>", b"500 0 0 0 500 700 d1 0 0 400 700 re f")
    last = max(map(ord, codes))
    differences = " ".join(f"{ord(code)} /g{ord(code)}" for code in codes)
    glyphs = " ".join(f"/g{ord(code)} {glyph} 0 R" for code in codes)
    known = f"/ToUnicode {names} 0 R" if names else ""
    return (
        f"<< /Type /Font /Subtype /Type3 /FontBBox [0 0 500 700] /FontMatrix [0.001 0 0 0.001 0 0] /FirstChar 0 "
        f"/LastChar {last} /Widths [{'500 ' * (last + 1)}] /Encoding << /Differences [{differences}] >> "
        f"/CharProcs << {glyphs} >> {known} >>"
    )
