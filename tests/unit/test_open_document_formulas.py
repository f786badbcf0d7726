"""The formulas of OpenDocument files are read as text, with LibreOffice Math or without it."""

import pytest

from agents.mathml_text import mathml
from agents.tools.office import xml, zip_package
from agents.tools.office.odf_equations import with_formula_text

M = 'xmlns="http://www.w3.org/1998/Math/MathML"'
N = (
    'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
    'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" '
    'xmlns:draw="urn:oasis:names:tc:opendocument:xmlns:drawing:1.0" xmlns:xlink="http://www.w3.org/1999/xlink"'
)
ENERGY = "<mrow><mi>E</mi><mo>=</mo><mi>m</mi><msup><mi>c</mi><mn>2</mn></msup></mrow>"
FRAME = '<draw:frame><draw:object xlink:href="./Object 1"/><draw:image xlink:href="./r"/></draw:frame>'

FORMULAS = [
    ("a power", ENERGY, "E = mc^2"),
    ("a fraction", "<mfrac><mi>a</mi><mrow><mi>b</mi><mo>+</mo><mn>1</mn></mrow></mfrac>", "a/(b + 1)"),
    ("a root", "<msqrt><mi>x</mi><mo>-</mo><mn>1</mn></msqrt>", "√(x - 1)"),
    ("a third root", "<mroot><mi>x</mi><mn>3</mn></mroot>", "3√(x)"),
    (
        "a sum",
        "<mrow><munderover><mo>∑</mo><mrow><mi>i</mi><mo>=</mo><mn>1</mn></mrow><mi>n</mi></munderover><mi>i</mi></mrow>",
        "∑_(i = 1)^n i",
    ),
    ("a negative", "<mrow><mo>−</mo><mi>x</mi></mrow>", "−x"),
    ("a power of a sum", "<msup><mrow><mo>(</mo><mi>a</mi><mo>)</mo></mrow><mn>2</mn></msup>", "(a)^2"),
    ("a power of a product", "<msup><mrow><mi>a</mi><mi>b</mi></mrow><mn>2</mn></msup>", "(ab)^2"),
    ("a matrix", "<mtable><mtr><mtd><mn>1</mn></mtd><mtd><mn>2</mn></mtd></mtr></mtable>", "[1, 2]"),
    ("only its source", '<semantics><mrow/><annotation encoding="StarMath 5.0">a over b</annotation></semantics>',
     "a over b"),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "written", "text"), FORMULAS, ids=[row[0] for row in FORMULAS])
def test_a_formula_is_one_line_of_text(kind: str, written: str, text: str) -> None:
    assert mathml(xml.parsed(f"<math {M}>{written}</math>".encode())) == text


def document(body: str, formula: str = ENERGY) -> bytes:
    return zip_package.pack(
        {
            "mimetype": b"application/vnd.oasis.opendocument.text",
            "content.xml": f"<office:document {N}><office:body>{body}</office:body></office:document>".encode(),
            "Object 1/content.xml": f"<math {M}>{formula}</math>".encode(),
        }
    )


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (f"<text:p>So {FRAME} holds.</text:p>", b"<text:p>So <text:span>E = mc^2</text:span> holds.</text:p>"),
        (f"<draw:page>{FRAME}</draw:page>", b"<draw:text-box><text:p>E = mc^2</text:p></draw:text-box>"),
    ],
    ids=["in a text", "on a slide"],
)
def test_a_formula_is_put_where_it_stands(body: str, words: bytes) -> None:
    parts = zip_package.parts(with_formula_text(document(body), "a.odt"), "a.odt")
    assert words in parts["content.xml"]
    assert b"draw:object" not in parts["content.xml"]


@pytest.mark.parametrize("content", [b"no package", document("<text:p/>"), zip_package.pack({"a/content.xml": b""})])
def test_other_files_stay_as_they_are(content: bytes) -> None:
    assert with_formula_text(content, "a.odt") is content
