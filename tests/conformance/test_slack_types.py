"""A referee nobody here wrote: TypeScript reads what we render as Slack's own published types (npm: @slack/types).

Runs where `SLACK_TYPES` names a folder in which `npm install @slack/types typescript` was run; lengths are judged by
the strict server.
"""

import json
import os
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.card import Button, Card, Checkpoint, Fact, FileLine, Post, Row
from bot.chat import CardItem, FileItem, Form, Home, Input, PointItem, WordsItem
from bot.slack.home import home
from bot.slack.modal import modal
from bot.slack.render import message
from orchestrator.domain.ids import Sha, TaskId
from orchestrator.domain.people import FileRef, Place

FOLDER = os.environ.get("SLACK_TYPES", "")
TASK = TaskId("t")
PRESS = (Button(verb="retry", label="Retry", ref="a:1", tone="primary"), Button(verb="skip", label="Skip", ref="a"))
FILE = FileLine(
    id="d", file=FileRef(name="a.docx", sha=Sha("a" * 64), size=3), version=1, words="Prices", by="Writer",
    verdict="Waits", problems=("no title",),
)  # fmt: skip
POINT = Checkpoint(id="c", kind="approval", title="Open", facts=(Fact(label="Site", value="x.example"),), buttons=PRESS)
CARD = Card(
    task=TASK, seq=1, title="T", state="running", headline="H", plan_version=1, turns=2, cost=0.1, rehearsal=True,
    rows=tuple(
        Row(id=state, title=state, agent="a", state=state, doing="d", problem="p", buttons=PRESS)
        for state in ("waiting", "running", "needs-you", "done", "failed", "skipped", "paused", "stopped")
    ),
    checkpoints=(POINT,), files=(FILE,), buttons=PRESS,
    posts=(Post(seq=1, at=datetime(2026, 1, 1, tzinfo=UTC), by="", text="bad", level="error"),),
)  # fmt: skip
FORM = Form(
    title="F", task=TASK, verb="v", ref="r", submit="S", problem="no",
    fields=(
        *(
            Input(name=kind, label=kind, kind=kind, value="a", options=(("a", "A"), ("b", "B")), help="h")
            for kind in ("line", "text", "choice", "choices", "file")
        ),
        Input(name="many", label="m", kind="choice", options=tuple((str(n), str(n)) for n in range(20))),
    ),
)  # fmt: skip


@pytest.mark.skipif(not FOLDER, reason="SLACK_TYPES names no folder with @slack/types and typescript")
def test_typescript_agrees_with_every_payload(tmp_path: Path) -> None:
    items = [
        CardItem(card=CARD),
        PointItem(task=TASK, title="T", point=POINT),
        PointItem(task=TASK, title="T", point=POINT.model_copy(update={"decided": "Yes"})),
        WordsItem(text="hello", level="error"),
        FileItem(task=TASK, line=FILE, link="https://x.example"),
    ]
    blocks = [block for item in items for block in message(item).blocks]
    place = Place(platform="slack", channel="T/C", thread="1")
    source = (
        "import type { KnownBlock, HomeView, ModalView, TaskCardBlock } from '@slack/types';\n"
        f"export const blocks: KnownBlock[] = {json.dumps(blocks)};\n"
        f"export const tasks: TaskCardBlock[] = {json.dumps([t for b in blocks for t in b.get('tasks', [])])};\n"
        f"export const page: HomeView = {json.dumps(home(Home(cards=(CARD,), words='Yours')))};\n"
        f"export const form: ModalView = {json.dumps(modal(FORM, place))};\n"
    )
    (tmp_path / "payloads.ts").write_text(source)
    (tmp_path / "node_modules").symlink_to(Path(FOLDER) / "node_modules")
    tsc = Path(FOLDER) / "node_modules" / ".bin" / "tsc"
    options = ["--noEmit", "--strict", "--skipLibCheck", "--moduleResolution", "node", "payloads.ts"]
    found = subprocess.run([str(tsc), *options], cwd=tmp_path, capture_output=True, text=True, timeout=100)
    assert found.returncode == 0, found.stdout[:3000]
