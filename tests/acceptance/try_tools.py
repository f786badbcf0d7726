"""`python -m tests.acceptance.try_tools HOME`: has a host on that home use a shell, Python, data and office tools.

Prints a JSON object: the host's notices, and for each tool whether it went well and its words.
"""

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

from agents.host.child_process_host import StdioHost
from agents.host.config import HostConfig
from orchestrator.ledger.file_shelf import FolderShelf
from tests.host_fixtures import a_call

PYTHON = "import sys, pandas, docx; print(sys.prefix, sys.version_info[:2], pandas.DataFrame([1]).size)"
BLOCKS = [{"type": "paragraph", "text": "It works here."}]
CALLS: dict[str, dict[str, Any]] = {
    "run_shell": {"command": "printf 'a,b\\n1,2\\n' > data.csv; command -v python; git --version; id -u"},
    "run_python": {"code": PYTHON},
    "data_query": {"sql": "select sum(a + b) as total from t", "files": {"t": "data.csv"}},
    "document_write": {"path": "Bericht für alle.docx", "title": "Report", "blocks": BLOCKS},
    "look_at": {"path": "Bericht für alle.docx"},
}


async def main(home: Path) -> dict[str, Any]:
    said: dict[str, Any] = {}
    async with StdioHost(HostConfig(home=str(home)), FolderShelf(home.parent / "shelf")) as host:
        for tool, args in CALLS.items():
            result = await host.call(a_call(tool, **args))
            said[tool] = [result.ok, result.text]
        return {"notices": host.notices, "said": said}


if __name__ == "__main__":
    sys.stdout.write(json.dumps(asyncio.run(main(Path(sys.argv[1])))))
