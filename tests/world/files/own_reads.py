"""Prints the slowest reads of the files that the tests of this folder make, with their memory.

`python -m tests.world.files.own_reads` runs the tests, keeps what they write, and reads each different file.
"""

import hashlib
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.world.files.foreign_edits import costs

_HERE = Path(__file__).parent
_SHOWN = 3
_KINDS = {".docx", ".doc", ".xlsx", ".xls", ".xlsb", ".pptx", ".ppt", ".pdf", ".eml", ".msg", ".csv", ".png", ".jpg",
          ".gif", ".tif", ".heic", ".avif", ".webp", ".rtf", ".odt"}  # fmt: skip


def files(folder: Path) -> list[Path]:
    """Returns one file of each content that a person could have attached."""
    found: dict[str, Path] = {}
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.suffix.lower() in _KINDS and ".threadwork" not in path.parts:
            found.setdefault(hashlib.sha256(path.read_bytes()).hexdigest(), path)
    return list(found.values())


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="own-") as folder:
        kept = (
            "-o",
            "tmp_path_retention_policy=all",
            "-o",
            "tmp_path_retention_count=9999",
            "--basetemp",
            f"{folder}/it",
        )
        subprocess.run([sys.executable, "-m", "pytest", "-q", str(_HERE), *kept], check=True)
        found = costs(files(Path(folder)))
        print(f"{len(found)} files; the {_SHOWN} slowest reads, and the {_SHOWN} that took most memory:")
        for cost in (*found[:_SHOWN], *sorted(found, key=lambda c: c.memory, reverse=True)[:_SHOWN]):
            print(f"{cost.name}: {cost.seconds:.2f} s, {cost.memory:.0f} MB")


if __name__ == "__main__":
    main()
