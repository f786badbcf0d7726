"""A finding is corrected: who used the old one is told which cells to revise, and people see which file is outdated."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl

from agents.host.config import HostConfig
from agents.host.in_process_host import InProcessHost
from bot.cards.card_projection import project
from orchestrator.domain import commands as c
from orchestrator.domain.ids import SubtaskId
from orchestrator.domain.model_messages import Prompt, Reply
from orchestrator.domain.task import TaskState
from orchestrator.ports import Shelf
from tests.memory_hub import ADA, ScriptedModel, say, stage

ROWS = [["Company", "Price"], ["Acme", {"value": 12, "finding": "find.1"}], ["Twice", "=B2*2"]]
OUTDATED = "1 finding behind it has been corrected since: press Revise to update it"


def price(value: int, **more: str) -> Reply:
    return say(share_finding={"kind": "price", "value": value, "source_url": "http://a.test", **more})


def sheet(cell: str, rows: list[list[Any]]) -> Reply:
    return say(sheet_write={"path": "out/prices.xlsx", "sheet": "Prices", "cell": cell, "rows": rows})


def after(words: str, reply: Reply) -> Callable[[Prompt], Reply]:
    """The reply, once the agent has just been told those words."""

    def line(prompt: Prompt) -> Reply:
        heard = "\n".join(m.text for m in prompt.messages[-2:])
        assert words in heard, heard
        return reply

    return line


def problems(state: TaskState) -> list[tuple[int, tuple[str, ...]]]:
    return [(line.version, line.problems) for line in project(state).files]


async def test_a_correction_reaches_the_sheet_and_the_file_says_so_until_it_is_revised(tmp_path: Path) -> None:
    handed_in = say(deliver={"path": "out/prices.xlsx", "words": "Prices."})
    revise = after(
        "out/prices.xlsx, Prices!B2: shows 12, uses find.1", sheet("B2", [[{"value": 15, "finding": "find.2"}]])
    )
    refused = "find.1 was corrected by find.2 (price = 15). uses_of_findings ['find.1'] lists the places to revise"
    told = "find.2 corrects find.1: uses_of_findings ['find.1'] lists"
    model = ScriptedModel(
        {
            "plan": [
                say(
                    propose_plan={
                        "title": "Prices",
                        "subtasks": [
                            {"id": "find", "title": "Find", "instructions": "Find.", "agent": "browser"},
                            {"id": "sheet", "title": "Sheet", "instructions": "Fill.", "agent": "document",
                             "fed_by": ["find"]},
                        ],
                    }
                )
            ],
            "find": [price(12), say(ask_person={"question": "Look again?"}), price(15, supersedes="find.1"),
                     say(ask_person={"question": "Enough?"}), say("Found.")],
            "sheet": [say(ask_person={"question": "Now?"}), sheet("A1", ROWS), handed_in, say(wait_for_findings={}),
                      after(told, handed_in), after(refused, say(uses_of_findings={"findings": ["find.1"]})), revise,
                      handed_in, say("Filled.")],
        }
    )  # fmt: skip
    hosts: list[InProcessHost] = []

    def link(shelf: Shelf) -> InProcessHost:
        hosts.append(InProcessHost(HostConfig(home=str(tmp_path / "host")), shelf))
        return hosts[-1]

    async with stage(tmp_path, model, link=link) as on:
        task = await on.ask("Prices, please")
        await on.press_start(task)

        async def answer(question: str, fact: Callable[[TaskState], object]) -> TaskState:
            """Answers once somebody asks that and the fact holds."""
            state = await on.until(
                task, lambda s: fact(s) and question in [q.question.text for q in s.questions.values()], seconds=60
            )
            name = next(n for n, q in state.questions.items() if q.question.text == question)
            given = c.AnswerQuestion(id=question, by=ADA, task=task, question=name, answers={"answer": "yes"})
            await on.desk.submit(given)
            return state

        await answer("Now?", lambda s: s.board)
        state = await answer("Look again?", lambda s: s.deliverables and s.of(SubtaskId("sheet")).status == "parked")
        assert problems(state) == [(1, ())]
        state = await on.until(task, lambda s: len(s.board) == 2, seconds=60)
        assert problems(state) == [(1, (OUTDATED,))]
        state = await on.until(task, lambda s: len(s.deliverables) == 2, seconds=60)
        assert problems(state)[1] == (2, ())
        newest = list(state.deliverables.values())[-1].deliverable
        assert (newest.findings, newest.path) == (("find.2",), "out/prices.xlsx")
        await hosts[0].close()
    book = openpyxl.load_workbook(next((tmp_path / "host").rglob("prices.xlsx")))
    assert book["Prices"]["B2"].value == 15
