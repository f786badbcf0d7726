"""Keeps a person's file as it was before our first change, so that a check can tell whose faults it finds."""

from agents.tool import Workspace
from agents.tools.office import provenance_file, zip_package
from orchestrator.errors import ToolFailed

_FOLDER = ".threadwork/original"
_LIBRARIES = (b"python-docx", b"python-pptx", b"Openpyxl")
"""What libraries write into a file's properties; agents' programs use them, people's don't."""


def keep(workspace: Workspace, path: str, content: bytes, target: str | None = None) -> None:
    """Keeps `content`, the file at `path`, before it's changed into `target`; a file that agents made isn't kept."""
    if (known := load(workspace, path)) is None:
        if workspace.exists(provenance_file.beside(path)) or _by_a_library(content, path):
            return
        known = content
    if not workspace.exists(_copy(target or path)):
        workspace.write(_copy(target or path), known)


def load(workspace: Workspace, path: str) -> bytes | None:
    """Returns the person's file; None if agents made it, or nothing of ours has changed it."""
    return workspace.read(_copy(path)) if workspace.exists(_copy(path)) else None


def _by_a_library(content: bytes, path: str) -> bool:
    try:
        parts = zip_package.parts(content, path)
    except ToolFailed:
        return False
    properties = parts.get("docProps/core.xml", b"") + parts.get("docProps/app.xml", b"")
    return any(name in properties for name in _LIBRARIES)


def _copy(path: str) -> str:
    return f"{_FOLDER}/{zip_package.tidy(path)}"
