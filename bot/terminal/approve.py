"""`threadwork approve`: one decision, whether or not a hub is running."""

import uuid
from dataclasses import dataclass
from typing import Any, cast

from rich.console import Console

from bot.bootstrap.open_desk import ledger_desk
from bot.buttons.press import Press, command
from bot.cards.card import Button
from bot.cards.card_projection import project
from bot.cards.decisions_one_at_a_time import Need, needs
from bot.cards.tool_call_wording import unhidden
from bot.config.settings import Settings
from bot.terminal import draw_card
from bot.terminal.local_person import own_desk_of, person
from orchestrator.desk import PersonalDesk
from orchestrator.domain import clean_outside_text
from orchestrator.domain.ids import ApprovalId
from orchestrator.domain.task import TaskState
from orchestrator.domain.task_list import TaskQuery
from orchestrator.errors import NotFound, Refused


@dataclass(frozen=True, slots=True)
class _Verdict:
    """What was typed; without any of it, approve once."""

    reject: str | None = None
    edit: str | None = None
    for_task: bool = False


async def approve(
    settings: Settings, name: str, *, reject: str | None = None, edit: str | None = None, for_task: bool = False
) -> int:
    """Decides about an approval, or a file that waits for review."""
    verdict = _Verdict(reject, edit, for_task)
    console = Console(highlight=False)
    async with ledger_desk(settings) as desk:
        own_desk = own_desk_of(desk)
        state, need = await find(own_desk, name)
        button = _button(need, verdict)
        press = Press(
            id=uuid.uuid4().hex, by=person(), task=state.id, verb=button.verb, ref=button.ref,
            words=verdict.reject or "", arguments=_arguments(verdict.edit, state, name),
        )  # fmt: skip
        receipt = await own_desk.submit(command(press))
    console.print(
        f"{button.label}: {draw_card.clean(need.title)}. {draw_card.clean(receipt.words)}".strip(), markup=False
    )
    return 0


async def find(own_desk: PersonalDesk, name: str) -> tuple[TaskState, Need]:
    """Returns the approval or file that waits under that name, and its task. Raises NotFound."""
    entries = await own_desk.desk.entries(TaskQuery(undecided=True, most=None))
    task = next((entry.task for entry in entries if any(ask.id == name for ask in entry.asks)), None)
    if task is not None:
        state = await own_desk.state(task)
        for need in needs(project(state)):
            if need.point is not None and need.point.id == name and need.kind != "question":
                return state, need
    raise NotFound(
        f"Nothing named {name!r} is waiting for approval; `threadwork tasks` and `threadwork show ID` list what is."
    )


def _button(need: Need, verdict: _Verdict) -> Button:
    if need.kind == "deliverable":
        if verdict.edit is not None or verdict.for_task:
            raise Refused("Approve the file, or use --reject to say what should change.")
        verb = "accept" if verdict.reject is None else "request-changes"
    else:
        chosen = {"reject": verdict.reject is not None, "edit": verdict.edit is not None}
        verb = next((v for v, is_it in chosen.items() if is_it), "approve-for-task" if verdict.for_task else "approve")
    return next(button for button in need.buttons if button.verb == verb)


def _arguments(text: str | None, state: TaskState, name: str) -> dict[str, Any] | None:
    if text is None:
        return None
    try:
        value = clean_outside_text.parsed(text)
    except clean_outside_text.Unfit as error:
        raise Refused(f"--edit takes a JSON object, but this is {error}.") from None
    if not isinstance(value, dict):
        raise Refused('--edit takes a JSON object in braces, e.g. {"path": "a.md"}.')
    call = state.approvals[ApprovalId(name)].approval
    return unhidden(call.tool, cast("dict[str, Any]", value), call.args)
