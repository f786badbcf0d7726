"""What an office file is, by its content: names are often wrong."""

import pytest

from agents.tools.office.file_kind import FileKind, file_kind

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)
_SHEETS = b'<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"/>'


def ole(stream: str) -> bytes:
    return _OLE + stream.encode("utf-16-le") + bytes(90)


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"PK\x03\x04rest", "zip"),
        (ole("EncryptedPackage"), "locked"),
        (ole("EncryptedSummary"), "locked"),
        (ole("WordDocument"), "doc"),
        (ole("PowerPoint Document"), "ppt"),
        (ole("Workbook"), "xls"),
        (ole("Book"), "xls"),
        (_OLE, "ole"),
        (b"\x09\x08\x10\x00\x00\x06\x05\x00", "xls"),
        (b"\xdb\xa5\x2d\x00", "doc"),
        (b"{\\rtf1 a}", "rtf"),
        (b"\xef\xbb\xbf \r\n<!-- made by x --><HTML>", "html"),
        ("<table><tr><td>ü</td></tr></table>".encode("utf-16"), "html"),
        (b'<?xml version="1.0"?>\n<html xmlns="x">', "html"),
        (_SHEETS, "xml sheets"),
        (b'<w:wordDocument xmlns:w="http://schemas.microsoft.com/office/word/2003/wordml"/>', "xml word"),
        (b"%PDF-1.7", "pdf"),
        (b"a\tb\n", "text"),
        (b"\x00\x01\x02", "other"),
    ],
)  # fmt: skip
def test_a_file_is_known_by_its_content(content: bytes, kind: FileKind) -> None:
    assert file_kind(content) == kind
