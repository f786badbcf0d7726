"""Plays one step that follows a shipped skill, with real tools on a real host, up to the file that it hands in."""

import shutil
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from agents.host.child_process_host import StdioHost
from agents.host.config import HostConfig
from agents.host.hub_side_host_link import LinkedHost
from agents.host.in_process_host import InProcessHost
from agents.skills.skill_folders import shipped_root
from agents.tools.office.libreoffice import convert
from orchestrator.domain import commands as c
from orchestrator.domain import events as e
from orchestrator.domain.approvals_and_questions import Decision
from orchestrator.domain.deliverables import Deliverable
from orchestrator.domain.ids import SubtaskId, TaskId
from orchestrator.domain.model_messages import Prompt, Reply
from orchestrator.domain.people import Place, Request
from orchestrator.domain.task import TaskState
from orchestrator.domain.tool_calls import CallResult
from orchestrator.ports import Shelf
from tests.browser_fixtures import EXECUTABLE
from tests.host_fixtures import open_folder
from tests.memory_hub import ADA, ScriptedModel, Stage, say, stage

Turn = Reply | Callable[[Prompt], Reply]
PICTURES = Path(__file__).parents[1] / "output" / "skills"
STEP = SubtaskId("step")
OFFICE = [
    pytest.mark.slow,
    pytest.mark.skipif(
        convert.soffice() is None or shutil.which("pdftoppm") is None, reason="LibreOffice or pdftoppm is missing"
    ),
]
"""Marks of runs whose files LibreOffice draws."""


@dataclass(frozen=True)
class Handed:
    """What a step handed in, by file name, and what its tools answered."""

    files: Mapping[str, bytes]
    deliverables: Mapping[str, Deliverable]
    results: Sequence[CallResult]
    state: TaskState

    def pages(self, name: str) -> int:
        return len(self.deliverables[name].previews)


async def follow(
    skill: str, agent: str, request: str, turns: Sequence[Turn], *, hand_in: Mapping[str, str],
    attached: Mapping[str, bytes | str] | None = None,
    near: Sequence[str] = (), research: Sequence[Turn] = (), here: bool = False,
) -> Handed:  # fmt: skip
    """The plan names the skill, the agent reads it, takes its turns, and hands in `hand_in`: paths and their sentences.

    `research`: what the browser agent does before, in a step `read` that follows the same skill. `here`: on a host in
    this process, which executes nothing. Every call must succeed and every check of every file must pass. What waits
    for a person is approved.
    """
    row = {"id": STEP, "title": "Step", "instructions": request, "agent": agent, "skills": [skill],
           "deliverables": [path.rpartition("/")[2] for path in hand_in]}  # fmt: skip
    reading = {"id": "read", "title": "Read", "instructions": request, "agent": "browser", "skills": [skill]}
    rows = [reading, {**row, "after": ["read"]}] if research else [row]
    handing = [say(deliver={"path": path, "words": words}) for path, words in hand_in.items()]
    model = ScriptedModel({
        "plan": [say(propose_plan={"title": "Work", "subtasks": rows})],
        "read": [say(use_skill={"name": skill}), *research, say("Read.")],
        STEP: [say(use_skill={"name": skill}), *turns, *handing, say("Done.")],
    })  # fmt: skip
    async with _on_a_real_host(model, near, here) as on:
        task = await _asked(on, request, attached or {})
        await on.press_start(task)
        state = await _worked(on, task)
        results = [r.event.result for r in await on.desk.records(task) if isinstance(r.event, e.ToolReturned)]
        failed = [one.text for one in results if not one.ok and not one.held]
        assert not failed, failed
        assert state.of(STEP).status == "review", state.of(STEP).problem
        assert "Follow this skill in this step." in str(model.prompts[1].messages)
        assert [one.name for one in state.of(STEP).skills] == [skill]
        handed = [row.deliverable for row in state.deliverables.values()]
        assert {one.path for one in handed} == {*hand_in}
        assert not [(one.path, check) for one in handed for check in one.checks if not check.ok]
        files = {one.file.name: await on.desk.shelf.get(one.file.sha) for one in handed}
        for one in handed:
            for n, page in enumerate(one.previews, 1):
                PICTURES.mkdir(parents=True, exist_ok=True)
                (PICTURES / f"{skill}-{one.file.name}-{n}.png").write_bytes(await on.desk.shelf.get(page.sha))
        return Handed(files, {one.file.name: one for one in handed}, results, state)


def told(then: Callable[[str], Reply]) -> Callable[[Prompt], Reply]:
    """A turn that depends on what the last tool answered."""
    return lambda prompt: then("\n".join(m.text for m in prompt.messages[-1:]))


def found(kind: str, value: Any, file: str, quote: str, at: str = "") -> Reply:
    """Shares a fact that was read from an attached file."""
    return say(
        share_finding={
            "kind": kind,
            "value": value,
            "source_file": f"attachments/{file}",
            "quote": quote,
            "locator": at,
        }
    )


@asynccontextmanager
async def _on_a_real_host(model: ScriptedModel, near: Sequence[str], here: bool) -> AsyncGenerator[Stage]:
    hosts: list[LinkedHost] = []

    def link(shelf: Shelf) -> LinkedHost:
        config = HostConfig(home=str(folder / "host"), near=tuple(near), browser=EXECUTABLE)
        hosts.append(InProcessHost(config, shelf) if here else StdioHost(config, shelf))
        return hosts[-1]

    with open_folder() as folder:
        try:
            async with stage(folder, model, link=link, shipped=shipped_root()) as on:
                yield on
        finally:
            for host in hosts:
                await host.close()


async def _asked(on: Stage, text: str, attached: Mapping[str, bytes | str]) -> TaskId:
    files = [
        await on.desk.shelf.put(content.encode() if isinstance(content, str) else content, name=name)
        for name, content in attached.items()
    ]
    request = Request(text=text, by=ADA, place=Place(platform="web", channel="general", thread="1"), files=tuple(files))
    return (await on.desk.submit(c.OpenTask(id="m1", by=ADA, request=request))).task


async def _worked(on: Stage, task: TaskId) -> TaskState:
    """The state once the step has handed in; approves what comes up on the way."""
    decided: set[str] = set()

    def waits(state: TaskState) -> list[str]:
        return [name for name, one in state.approvals.items() if one.decision is None and name not in decided]

    while True:
        state = await on.until(
            task, lambda s: waits(s) or s.of(STEP).status in ("review", "failed", "done"), seconds=180
        )
        if not waits(state):
            return state
        for name in waits(state):
            decided.add(name)
            await on.desk.submit(
                c.Decide(id=f"d-{name}", by=ADA, task=task, approval=name, decision=Decision(verb="approve"))  # pyright: ignore
            )
