"""Writes down what every tool of the host tells a model: `python -m tests.tool_specs`. Run it after changing a tool.

The host reads the file instead of importing the tools' libraries, which takes seconds. A reviewer sees in it what
models will read.
"""

import json
import tempfile
from pathlib import Path
from typing import Any

from agents.host.config import HostConfig
from agents.host.host_tools import own_sets
from agents.sandbox.call_grants import SandboxAccess
from agents.sandbox.refuse_without_sandbox import NoSandbox
from orchestrator.domain.tool_calls import ToolSpec

FILE = Path(__file__).parents[1] / "agents/tools/specs.json"


def text() -> str:
    """What the file holds when it's up to date."""
    with tempfile.TemporaryDirectory() as home:
        sets = own_sets(HostConfig(home=home), SandboxAccess(NoSandbox("")), {})
        rows = {name: [_row(spec) for spec in load().specs] for name, load in sets.items()}
    return json.dumps(rows, indent=1, ensure_ascii=False) + "\n"


def _row(spec: ToolSpec) -> dict[str, Any]:
    """The spec without what has its usual value; sets in order."""
    row = spec.model_dump(mode="json", exclude_defaults=True)
    return {name: sorted(value) if name in ("effects", "taints") else value for name, value in row.items()}


if __name__ == "__main__":
    FILE.write_text(text())
