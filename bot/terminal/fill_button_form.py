"""Asks for a button's form in the terminal, and returns the resulting press."""

import json
import os
from dataclasses import dataclass, replace
from pathlib import Path

from rich.console import Console

from bot.buttons import plan_text
from bot.buttons.form_values import has_begun
from bot.buttons.press import Press
from bot.cards.card import AskField, Button
from bot.cards.decisions_one_at_a_time import Need
from bot.cards.tool_call_wording import unhidden
from bot.terminal.draw_card import clean
from bot.terminal.external_editor import edited, edited_json, opens
from bot.terminal.line_input import Keyboard
from orchestrator.domain.ids import ApprovalId
from orchestrator.domain.task import TaskState
from orchestrator.errors import Refused
from orchestrator.ports import Shelf

QUESTIONS = {"reason": "Why not?", "changes": "What should change?", "words": "What should it do instead?"}


@dataclass(frozen=True, slots=True)
class Forms:
    """Everything a form needs: where to ask, and where a person's own file goes."""

    console: Console
    keyboard: Keyboard
    shelf: Shelf

    async def choose(self, need: Need) -> Button | None:
        """Returns the button a person chose by its number or first letters; None at the end of the input."""
        while True:
            listed = "  ".join(f"[{n}] {clean(b.label)}" for n, b in enumerate(need.buttons, 1))
            answer = await self._ask(f"{listed} > ")
            if answer is None:
                return None
            if answer.isdecimal() and 1 <= int(answer) <= len(need.buttons):
                return need.buttons[int(answer) - 1]
            fits = [b for b in need.buttons if answer and b.label.lower().startswith(answer.lower())]
            if len(fits) == 1:
                return fits[0]
            self.console.print(f"Type a number from 1 to {len(need.buttons)}.", style="yellow")

    async def fill(self, press: Press, button: Button, need: Need, state: TaskState) -> Press | None:
        """Returns the press with its form's values; None if the person gave nothing. Raises Refused."""
        match button.form:
            case "":
                return press
            case "plan":
                return await self._plan(press, state)
            case "arguments":
                shown = need.point.arguments if need.point else {}
                self._say(opens())
                after = await edited_json(json.dumps(shown, indent=2, ensure_ascii=False), "arguments")
                call = state.approvals[ApprovalId(press.ref)].approval
                return None if after is None else replace(press, arguments=unhidden(call.tool, after, call.args))
            case "answers":
                answers = await self._answers(need.point.fields if need.point else ())
                return None if answers is None else replace(press, answers=answers)
            case "file":
                return await self._file(press)
            case "reason" | "changes" | "words":
                words = await self._ask(f"{QUESTIONS[button.form]} ")
                return replace(press, words=words) if words else None
            case "skill":
                return None  # `needs` leaves drafts of skills to the chats and the workspace

    def _say(self, words: str) -> None:
        self.console.print(words, style="dim", markup=False, highlight=False)

    async def _ask(self, words: str) -> str | None:
        self.console.print(words, end="", markup=False, highlight=False)
        return await self.keyboard.line()

    async def _answers(self, fields: tuple[AskField, ...]) -> dict[str, str] | None:
        answers: dict[str, str] = {}
        for field in fields:
            options = f" ({', '.join(clean(o) for o in field.options)})" if field.options else ""
            answer = await self._ask(f"{clean(field.label)}{options}{'' if field.required else ' (optional)'}: ")
            while answer == "" and field.required:
                answer = await self._ask("This is required:  ")
            if answer is None:
                return None
            answers[field.name] = answer
        return answers

    async def _file(self, press: Press) -> Press | None:
        named = await self._ask("Path to your file: ")
        if not named:
            return None
        try:
            return replace(press, file=await self.shelf.put_file(Path(os.path.expanduser(named))))  # noqa: PTH111, ASYNC240
        except OSError as error:
            raise Refused(f"The file {named!r} can't be read: {error.strerror}.") from None

    async def _plan(self, press: Press, state: TaskState) -> Press | None:
        if state.plan is None:
            return None
        self._say(opens())
        after = await edited("\n".join([f"# {plan_text.HELP}", *plan_text.written(state.plan)]), "plan.txt")
        if after is None:
            return None
        begun = {s.id for s in state.plan.subtasks if has_begun(state, s)}
        return replace(press, plan=plan_text.read(after, title=state.plan.title, old=state.plan, begun=begun))
