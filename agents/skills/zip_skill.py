"""Packs a skill's folder into a zip archive that any client of the format can unpack."""

import io
import zipfile
from collections.abc import Mapping
from pathlib import Path

from agents.skills.read_folder import contents

_ALWAYS = (1980, 1, 1, 0, 0, 0)


def archive_of(folder: Path) -> bytes:
    """Returns the archive; the same files give the same bytes. Raises OSError, BadSkill. Blocks."""
    found = contents(folder)
    if not found:
        raise FileNotFoundError(f"The skill {folder.name!r} no longer exists")
    return archived(folder.name, found)


def archived(name: str, files: Mapping[str, bytes]) -> bytes:
    """Returns an archive with these files in a folder of that name; with an empty name, in none."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, content in sorted(files.items()):
            entry = zipfile.ZipInfo(f"{name}/{path}" if name else path, _ALWAYS)
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, content, zipfile.ZIP_DEFLATED)
    return out.getvalue()
