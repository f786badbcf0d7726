"""What the agents' side knows of this machine's LibreOffice, for `doctor` and the start."""

from agents.libreoffice_detection import (
    BRIDGE,
    KINDS,
    LibreOfficePart,
    missing_files,
    missing_kinds,
    python_of,
    soffice,
)

__all__ = ["BRIDGE", "KINDS", "LibreOfficePart", "missing_files", "missing_kinds", "python_of", "soffice"]
