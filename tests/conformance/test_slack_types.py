"""A referee nobody here wrote: TypeScript reads what we render as Slack's own published types (npm: @slack/types).

`./run test` installs TypeScript and the types beside the environment's Python; lengths are judged by the strict server.
Read are a card with everything in it, every form, and what stands in the thread at any moment of any recorded task.
"""

import asyncio
import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.cards.card import Button, Card, CardFact, Checkpoint, FileLine, Post, StepRow
from bot.chat_platform import CardItem, FileItem, Form, Home, Input, Item, PointItem, WordsItem
from bot.outbox.desired_messages import Mark, wanted
from bot.slack.home_page import home
from bot.slack.modal import modal
from bot.slack.render import message
from orchestrator.domain.ids import Sha, TaskId
from orchestrator.domain.people import FileRef, Place
from tests.recorded_tasks import TALES, prefixes, shape

FOLDER = Path(sys.prefix) / "slack-types"
TASK = TaskId("t")
PRESS = (Button(verb="retry", label="Retry", ref="a:1", tone="primary"), Button(verb="skip", label="Skip", ref="a"))
FILE = FileLine(
    id="d", file=FileRef(name="a.docx", sha=Sha("a" * 64), size=3), version=1, words="Prices", by="Writer",
    verdict="Waits", problems=("no title",),
)  # fmt: skip
POINT = Checkpoint(
    id="c", kind="approval", title="Open", facts=(CardFact(label="Site", value="x.example"),), buttons=PRESS
)
CARD = Card(
    task=TASK, seq=1, title="T", state="running", headline="H", plan_version=1, turns=2, cost=0.1, rehearsal=True,
    rows=tuple(
        StepRow(id=state, title=state, agent="a", state=state, doing="d", problem="p", buttons=PRESS)
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


@pytest.mark.skipif(
    not (FOLDER / "installed.json").exists(), reason="npm installed no TypeScript here; ./run test tries to"
)
async def test_typescript_agrees_with_every_payload(tmp_path: Path) -> None:
    items: list[Item] = [
        CardItem(card=CARD),
        PointItem(task=TASK, title="T", point=POINT),
        PointItem(task=TASK, title="T", point=POINT.model_copy(update={"decided": "Yes"})),
        WordsItem(text="hello", level="error"),
        FileItem(task=TASK, line=FILE, link="https://x.example"),
    ]
    for tale in TALES:
        told = prefixes(await tale(tmp_path))
        items += [w.item for _, state in told for w in wanted(state, link="https://x") if not isinstance(w.item, Mark)]
    every = {shape(block): block for item in items for block in message(item).blocks}
    blocks = list(every.values())
    place = Place(platform="slack", channel="T/C", thread="1")
    source = (
        "import type { KnownBlock, HomeView, ModalView, TaskCardBlock } from '@slack/types';\n"
        f"export const blocks: KnownBlock[] = {json.dumps(blocks)};\n"
        f"export const tasks: TaskCardBlock[] = {json.dumps([t for b in blocks for t in b.get('tasks', [])])};\n"
        f"export const page: HomeView = {json.dumps(home(Home(cards=(CARD,), words='Yours')))};\n"
        f"export const form: ModalView = {json.dumps(modal(FORM, place))};\n"
    )
    (tmp_path / "payloads.ts").write_text(source)
    (tmp_path / "node_modules").symlink_to(FOLDER / "node_modules")
    found = await asyncio.to_thread(_compiled, tmp_path)
    assert found.returncode == 0, found.stdout[:3000]


def _compiled(folder: Path) -> subprocess.CompletedProcess[str]:
    tsc = FOLDER / "node_modules" / ".bin" / "tsc"
    options = ["--noEmit", "--strict", "--skipLibCheck", "--moduleResolution", "node", "payloads.ts"]
    return subprocess.run([str(tsc), *options], cwd=folder, capture_output=True, text=True, timeout=100, check=False)


def test_the_lock_names_versions_and_hashes_and_no_address() -> None:
    lock = (Path(__file__).parents[1] / "slack_types/package-lock.json").read_text()
    assert "://" not in lock and lock.count('"integrity": "sha512-') == 2
