"""Writes the locks of the catalogue's packages: `python -m tests.connector_locks [NAME …]`, with uv and npm.

To update a package, change its version in `catalogue.json` first.
"""

import hashlib
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from agents.connectors import npm_packages

FOLDER = Path(npm_packages.__file__).parent
CATALOGUE, LOCKS = FOLDER / "catalogue.json", FOLDER / "locks"
UV = (
    "uv", "pip", "compile", "-q", "--universal", "--python-version", "3.11", "--generate-hashes", "--no-header",
    "--no-annotate", "--no-emit-index-url", "-",
)  # fmt: skip


OLDER = {"sqlite": "mcp<2"}
"""Rows whose package says too little about what it needs."""


def lock(row: str, package: dict[str, Any]) -> bytes:
    """The lock of one package, for every machine."""
    if package["kind"] == "npm":
        with tempfile.TemporaryDirectory() as place:
            return npm_packages.lock((f"{package['name']}@{package['version']}",), Path(place)).content
    wanted = f"{package['name']}=={package['version']}\n{OLDER.get(row, '')}"
    return subprocess.run(UV, input=wanted.encode(), capture_output=True, check=True).stdout


def main(names: list[str]) -> None:
    rows = json.loads(CATALOGUE.read_text())
    LOCKS.mkdir(exist_ok=True)
    for name, row in rows.items():
        if (package := row.get("package")) and (not names or name in names):
            content = lock(name, package)
            (LOCKS / f"{name}.{'json' if package['kind'] == 'npm' else 'txt'}").write_bytes(content)
            package["sha"] = hashlib.sha256(content).hexdigest()
    CATALOGUE.write_text(json.dumps(rows, indent=2, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
