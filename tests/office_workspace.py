"""A small real room for the document tools: a folder, a shelf in memory, findings."""

import hashlib
import os
import shutil
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from agents.host.task_workspace import TaskFolder
from agents.tool import CallContext
from agents.tools import charts, office, pdf, reading, slides, vision
from orchestrator.domain.findings import Finding, Source
from orchestrator.domain.ids import CallId, FindingId, Sha, SubtaskId, TaskId
from orchestrator.domain.people import FileRef
from orchestrator.domain.tool_calls import CallResult, HostCall

INSPECTION = office.inspecting({".pptx": slides.LOOK})
BROWSER = shutil.which("chromium-headless-shell") or shutil.which("chromium")
PDF = pdf.tools(BROWSER, as_root=os.geteuid() == 0)
BY_NAME = {
    tool.spec.name: tool
    for tool in (*office.TOOLS, *charts.TOOLS, *reading.TOOLS, *vision.TOOLS, *PDF, *slides.TOOLS, INSPECTION)
}


def finding(
    name: str, value: Any, *, quote: str = "Team: $49", url: str | None = "https://acme.example/pricing"
) -> Finding:
    seen = datetime(2026, 3, 4, 9, 30, tzinfo=UTC)
    source = Source(url=url, locator="Pricing table", quote=quote, seen_at=seen) if url else None
    return Finding(id=FindingId(name), by=SubtaskId("browse"), kind="price", value=value, source=source)


FINDINGS = (finding("f1", 49), finding("f2", 39.5, url="https://borealis.example/plans"), finding("f3", 8, url=None))


@dataclass
class Desk:
    """Calls tools in one workspace, as the host does."""

    folder: Path
    findings: tuple[Finding, ...] = FINDINGS
    shelf: dict[str, bytes] = field(default_factory=dict[str, bytes])

    @property
    def workspace(self) -> TaskFolder:
        return TaskFolder(self.folder)

    def room(self, tool: str, args: dict[str, Any]) -> CallContext:
        call = HostCall(
            id=CallId("c1"), task=TaskId("t"), subtask=SubtaskId("s"), tool=tool, args=args, findings=self.findings
        )
        return CallContext(call, self.workspace, self._keep, lambda words: None)

    async def call(self, tool: str, **args: Any) -> CallResult:
        return await BY_NAME[tool](self.room(tool, args))

    def _keep(self, content: bytes, name: str) -> FileRef:
        sha = hashlib.sha256(content).hexdigest()
        self.shelf[name] = content
        return FileRef(name=name, sha=Sha(sha), size=len(content))
