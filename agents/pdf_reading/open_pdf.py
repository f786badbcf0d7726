"""Opens PDFs: with PDFium to read and draw them, with pypdf to look into their structure."""

import io
import re
import threading
from collections.abc import Generator
from contextlib import contextmanager, suppress
from typing import Any, NoReturn

import pypdfium2  # pyright: ignore[reportMissingTypeStubs]
from pypdf import PdfReader, PdfWriter
from pypdf.errors import PyPdfError

from orchestrator.errors import ToolFailed

pdfium = threading.Lock()
"""PDFium isn't thread-safe."""
BROKEN = (
    PyPdfError,
    ValueError,
    KeyError,
    TypeError,
    IndexError,
    AttributeError,
    RecursionError,
    OSError,
    NotImplementedError,
)
"""What pypdf raises for a damaged PDF."""
_WRONG_PASSWORD, _OTHER_LOCK = 4, 5
_DAMAGED = "{!r} can't be read as a PDF: it is damaged. Ask for a new copy of it."
_CATALOGUE = re.compile(rb"(\d+ \d+) obj\s*<<(?:(?!endobj).){0,300}?/Type\s*/Catalog", re.DOTALL)


@contextmanager
def drawable(content: bytes, path: str) -> Generator[Any]:
    """Yields the PDF as PDFium sees it, while no other thread uses PDFium. Raises ToolFailed as `structure` does."""
    _refuse_others(content, path)
    with pdfium:
        document = _opened(content, path)
        try:
            if len(document) == 0:
                raise ToolFailed(f"{path!r} is a PDF without any pages. Check the file.")
            yield document
        except pypdfium2.PdfiumError as error:
            raise ToolFailed(_DAMAGED.format(path)) from error
        finally:
            document.close()


def structure(content: bytes, path: str) -> PdfReader:
    """Returns the PDF as pypdf sees it. Raises ToolFailed if it is damaged, empty, or password-protected."""
    _refuse_others(content, path)
    try:
        reader = PdfReader(io.BytesIO(content))
        if reader.is_encrypted and not reader.decrypt(""):
            _locked(path)
        count = len(reader.pages)
    except BROKEN as error:
        raise ToolFailed(_DAMAGED.format(path)) from error
    if count == 0:
        raise ToolFailed(f"{path!r} is a PDF without any pages. Check the file.")
    return reader


def _refuse_others(content: bytes, path: str) -> None:
    if b"%PDF-" not in content[:1024] and b"endobj" not in content:
        raise ToolFailed(f"{path!r} isn't a PDF file. Check the file.")


def _locked(path: str) -> NoReturn:
    raise ToolFailed(f"{path!r} is password-protected. Ask for an unprotected copy.")


def _opened(content: bytes, path: str) -> Any:
    """Opens the file itself; what PDFium refuses, with a new end if it was cut off, or as pypdf repairs it."""
    try:
        return _kept(content)
    except pypdfium2.PdfiumError as error:
        if getattr(error, "err_code", None) == _WRONG_PASSWORD:
            _locked(path)
        if getattr(error, "err_code", None) == _OTHER_LOCK:
            raise ToolFailed(f"{path!r} is encrypted for certain people. Ask for an unprotected copy.") from error
    with suppress(pypdfium2.PdfiumError):
        return _kept(_with_end(content))
    writer, out = PdfWriter(), io.BytesIO()
    try:
        for page in structure(content, path).pages:
            writer.add_page(page)
        writer.write(out)  # pyright: ignore[reportUnknownMemberType]
        return _kept(out.getvalue())
    except (pypdfium2.PdfiumError, *BROKEN) as error:
        raise ToolFailed(_DAMAGED.format(path)) from error


def _with_end(content: bytes) -> bytes:
    catalogues = _CATALOGUE.findall(content)
    root = catalogues[-1] if catalogues else b"1 0"
    return content + b"\nendobj\ntrailer\n<< /Root " + root + b" R >>\nstartxref\n0\n%%EOF\n"


def _kept(content: bytes) -> Any:
    document: Any = pypdfium2.PdfDocument(content)
    with suppress(pypdfium2.PdfiumError):
        document.init_forms()  # without it, the answers in a form are neither drawn nor read
    return document
