"""Finds LibreOffice on this machine and its missing parts: packages may install them one by one."""

import io
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path
from typing import NamedTuple


class LibreOfficePart(NamedTuple):
    """Describes a part of LibreOffice: its Debian package, its purpose, and the files that it needs."""

    name: str
    package: str
    purpose: str
    registry: str
    libraries: tuple[str, ...]


WRITER = LibreOfficePart("Writer", "libreoffice-writer", "text documents", "writer.xcd", ("libswlo",))
CALC = LibreOfficePart("Calc", "libreoffice-calc", "workbooks", "calc.xcd", ("libsclo",))
IMPRESS = LibreOfficePart(
    "Impress", "libreoffice-impress", "presentations", "impress.xcd", ("libsdlo", "libslideshowlo")
)
BRIDGE = LibreOfficePart("the Python bridge", "python3-uno", "fast conversions", "pyuno.xcd", ("libpyuno",))
"""Without it, conversions are slow but still work."""
KINDS = (WRITER, CALC, IMPRESS)
_OF = {
    **dict.fromkeys((".xlsx", ".xlsm", ".xlsb", ".xls", ".xlt", ".ods", ".ots", ".csv"), CALC),
    **dict.fromkeys((".pptx", ".ppt", ".pps", ".pot", ".odp", ".otp"), IMPRESS),
}
_TRIALS = {
    WRITER: ("odt", "text", "<text:p>a</text:p>"),
    CALC: ("ods", "spreadsheet", '<table:table table:name="a"><table:table-row><table:table-cell '
                                 'office:value-type="float" office:value="1"/></table:table-row></table:table>'),
    IMPRESS: ("odp", "presentation", '<draw:page draw:name="a"/>'),
}  # fmt: skip
_SLOWEST = 90.0
_complete: set[str] = set()
"""Programs that a trial found complete. Incomplete ones are tried again, because a part may be installed in between."""


def soffice() -> str | None:
    """Returns where LibreOffice is, or None."""
    return shutil.which("soffice") or shutil.which("libreoffice")


def python_of(program: str) -> str:
    """Returns LibreOffice's bundled Python if there is one, else the system's (for Debian's python3-uno)."""
    return next((str(p) for p in (*_pythons(program), Path("/usr/bin/python3")) if p.is_file()), sys.executable)


def missing_files(program: str) -> tuple[LibreOfficePart, ...] | None:
    """Returns the parts whose files are missing; None where the program isn't in a folder of LibreOffice's. Quick.

    All files count: Debian leaves the registry of a removed package, and has Impress's first library in another one.
    """
    home = Path(program).resolve().parent
    registry = next((p for p in (home.parent / "share/registry", home.parent / "Resources/registry")
                     if (p / "main.xcd").is_file()), None)  # fmt: skip
    if registry is None:
        return None
    libraries = {p.name.partition(".")[0] for folder in (home, home.parent / "Frameworks") for p in folder.glob("lib*")}
    missing = [p for p in KINDS if not (registry / p.registry).is_file() or not libraries.issuperset(p.libraries)]
    bridged = any(p.is_file() for p in _pythons(program)) or libraries.issuperset(BRIDGE.libraries)
    return (*missing, *(() if bridged else (BRIDGE,)))


def missing_kinds(program: str) -> tuple[LibreOfficePart, ...]:
    """Returns which of Writer, Calc and Impress are missing. Blocks for seconds where only a trial can tell."""
    found = missing_files(program)
    if found is not None:
        return tuple(part for part in found if part in KINDS)
    return () if program in _complete else _tried(program)


def lacking(program: str | None, suffix: str) -> LibreOfficePart | None:
    """Returns the missing part that a file of this kind needs; None if it's installed. May block."""
    part = _OF.get(suffix.lower(), WRITER)
    return part if program is None or part in missing_kinds(program) else None


def _pythons(program: str) -> tuple[Path, Path]:
    home = Path(program).resolve().parent
    return home / "python", home.parent / "Resources/python"


def _tried(program: str) -> tuple[LibreOfficePart, ...]:
    """Returns the parts that can't convert an empty document to PDF; empty if LibreOffice makes nothing at all."""
    with tempfile.TemporaryDirectory(prefix="parts-", ignore_cleanup_errors=True) as folder:
        sources: list[str] = []
        for part, (suffix, kind, body) in _TRIALS.items():
            source = Path(folder) / f"{part.name}.{suffix}"
            source.write_bytes(_empty(kind, body))
            sources.append(str(source))
        place = (Path(folder) / "profile").as_uri()
        profile = (f"-env:UserInstallation={place}", f"-env:UNO_SHARED_PACKAGES_CACHE={place}/shared")
        options = ("--headless", "--norestore", "--nologo", "--convert-to", "pdf", "--outdir", folder)
        _run([program, *profile, *options, *sources])
        missing = tuple(part for part in KINDS if not (Path(folder) / f"{part.name}.pdf").is_file())
    if not missing:
        _complete.add(program)
    return missing if len(missing) < len(KINDS) else ()


def _run(command: list[str]) -> None:
    with subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    ) as process:
        try:
            process.wait(_SLOWEST)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)


def _empty(kind: str, body: str) -> bytes:
    """Returns the smallest document of its kind, zipped because Writer opens any plain XML as text."""
    names = " ".join(f'xmlns:{n}="urn:oasis:names:tc:opendocument:xmlns:{u}:1.0"' for n, u in (
        ("office", "office"), ("text", "text"), ("table", "table"), ("draw", "drawing")))  # fmt: skip
    media = f"application/vnd.oasis.opendocument.{kind}"
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as packed:
        packed.writestr("mimetype", media)
        packed.writestr(
            "content.xml",
            f'<office:document-content {names} office:version="1.2"><office:body><office:{kind}>{body}</office:{kind}>'
            "</office:body></office:document-content>",
        )
        packed.writestr(
            "META-INF/manifest.xml",
            '<m:manifest xmlns:m="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0" m:version="1.2">'
            f'<m:file-entry m:full-path="/" m:version="1.2" m:media-type="{media}"/>'
            '<m:file-entry m:full-path="content.xml" m:media-type="text/xml"/></m:manifest>',
        )
    return out.getvalue()
