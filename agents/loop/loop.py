"""Runs the agent loop: think, ask the gate, act, observe. It reads earlier legs from the task's records."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby, islice

from agents.conversation.transcript import Transcript
from agents.hub_tools.coordination import MustWait
from agents.hub_tools.use_skill import use_skill_tool
from agents.loop.agent_trial_types import TriedTurn
from agents.loop.answer_to_turn_taken import turn_taken
from agents.loop.budget import NO_LIMITS, SpendingLimits, check_turns, spending_question
from agents.loop.compactor import Compactor
from agents.loop.context_window import RoughWindow, Window
from agents.loop.model_with_effort import ModelWithEffort
from agents.loop.run_tool_call import HUB_TOOLS, CallRunner, specs_for
from agents.loop.step_skills import USE_SKILL, prepare, skill_text, tools_left
from agents.loop.tools_shown_in_prompt import AgentTools, agent_tools
from agents.roster.agent_definition import Colleague
from agents.roster.roster import Roster
from agents.skills.library import SkillLibrary
from agents.tool import Tool
from agents.tool_source import NO_OFFER, ToolSource
from orchestrator.domain import events as e
from orchestrator.domain.approvals_and_questions import Waits
from orchestrator.domain.ids import Key
from orchestrator.domain.model_messages import Answer, Effort, Prompt, Reply
from orchestrator.domain.people import FileRef, Request
from orchestrator.domain.plan import Subtask
from orchestrator.domain.task import TaskState
from orchestrator.domain.tool_calls import Call, ToolSpec
from orchestrator.errors import ModelTooLong, NotHandedIn, NothingDone, Spent
from orchestrator.ports import AgentRow, Finished, Model, OnDraft, Outcome, Parked, Shelf, Work

MOST_TURNS = 200
"""Upper limit for every plan and agent."""


class LoopAgent:
    """Implements the Agent port: any agent of the roster, on any model and host."""

    def __init__(
        self,
        roster: Roster,
        model: Model,
        shelf: Shelf,
        *,
        default_model: str,
        roles: Mapping[str, str] | None = None,
        efforts: Mapping[str, Effort] | None = None,
        turns: int = 40,
        spending: SpendingLimits = NO_LIMITS,
        review: bool = True,
        tools: Sequence[Tool] = (),
        window: Window | None = None,
        source: ToolSource | None = None,
        skills: SkillLibrary | None = None,
    ) -> None:
        """`roles`, `efforts`: models and thinking efforts by agent name. `turns`: turn limit of an attempt, unless the
        plan sets one.

        `spending`: how much per task before people are asked. `review`: files wait for a person. `tools`: more tools
        that run in the hub. `window`: how large the models' prompts may be; None: a rough guess. `source`: tools that
        differ by task. `skills`: what agents can follow.
        """
        self._roster, self._model, self._shelf = roster, model, shelf
        self._default_model, self._roles, self._efforts = default_model, roles or {}, efforts or {}
        self._turns, self._spending, self._review = turns, spending, review
        self._window = window or RoughWindow()
        self._source, self._skills = source, skills
        more = [*tools, use_skill_tool(skills)] if skills else tools
        self._hub = {**HUB_TOOLS, **{tool.spec.name: tool for tool in more}}

    async def roster(self, request: Request | None = None) -> Sequence[AgentRow]:
        return await self._roster.rows(request)

    async def work(self, work: Work) -> Outcome:
        """Continues from the recorded turns until done or parked."""
        plan = work.state.plan
        row = plan.subtask(work.subtask) if plan else None
        assert row is not None, "a leg of a step that isn't in any plan"
        return await (await self._leg(work, row, await self._roster.of_step(work, row, self._shelf))).run()

    async def try_out(self, work: Work, colleague: Colleague) -> TriedTurn:
        """Takes the first turn of a plan's only step with this agent, and makes none of its calls."""
        assert work.state.plan is not None, "an agent is tried on a step"
        leg = await self._leg(work, work.state.plan.subtasks[0], colleague)
        specs = (*leg.tools.every.values(), *(tool.spec for tool in leg.tools.hidden.values()))
        return TriedTurn(await leg.first_answer(), leg.shown(), specs)

    async def _leg(self, work: Work, row: Subtask, colleague: Colleague) -> "LegRunner":
        specs = await specs_for(colleague, work.host, fed=bool(row.fed_by), hub=self._hub)
        able = any(spec.place == "host" for spec in specs.values())
        source = self._source
        offer = await source.offer(work.state, colleague.name, colleague.connectors) if source else NO_OFFER
        more = {name: tool.spec for name, tool in (*offer.shown.items(), *offer.hidden.items())}
        model, limits = self._model_for(colleague, row, work.state), colleague.limits
        left = await self._with_skills({**specs, **more}, work, colleague, row, model)
        tools = agent_tools(left, colleague.families, offer)
        return LegRunner(
            work=work,
            transcript=Transcript(work.task, work.subtask, work.attempt, colleague.prompt, able=able),
            hub={**self._hub, **tools.in_hub},
            tools=tools,
            model=ModelWithEffort(self._model, self._efforts.get(colleague.name) or colleague.effort),
            shelf=self._shelf,
            name=model,
            turns=min(row.turns or self._turns, limits.turns or MOST_TURNS),
            spending=(self._spending, SpendingLimits(limits.cost, limits.tokens, colleague.name)),
            review=self._review,
            window=self._window,
        )

    async def _with_skills(
        self, specs: Mapping[str, ToolSpec], work: Work, colleague: Colleague, row: Subtask, model: str
    ) -> Mapping[str, ToolSpec]:
        """Prepares the attempt's skills, and returns the tools that it then has. One that began without skills stays as
        it is."""
        mine = (r.event for r in work.records if isinstance(r.event, e.TurnTaken | e.SkillsListed))
        first = next((x for x in mine if (x.subtask, x.attempt) == (work.subtask, work.attempt)), None)
        if self._skills is None or isinstance(first, e.TurnTaken):
            return {name: spec for name, spec in specs.items() if name != USE_SKILL}
        await prepare(work, self._skills, colleague, row, room=await self._window.room(model))
        return tools_left(specs, work)

    def _model_for(self, colleague: Colleague, row: Subtask, state: TaskState) -> str:
        chosen = state.of(row.id).override or row.model
        return chosen or self._roles.get(colleague.name) or colleague.model or self._default_model


@dataclass
class LegRunner:
    """Runs one leg."""

    work: Work
    transcript: Transcript
    hub: Mapping[str, Tool]
    tools: AgentTools
    model: Model
    shelf: Shelf
    name: str
    turns: int
    spending: Sequence[SpendingLimits]
    review: bool
    window: Window

    def __post_init__(self) -> None:
        self._compactor = Compactor(
            self.work, self.transcript, self.shown, self.model, self.shelf, self.name, self.window, self._observe
        )

    async def run(self) -> Outcome:
        """The loop."""
        while True:
            await self._observe()
            reply = self.transcript.reply
            if self.transcript.open:
                waits = await self._act()
                if waits is not None:
                    return Parked(waits=waits)
            elif reply is not None and not reply.calls and not self.transcript.has_news(self.work.state.seq):
                return self._finished(reply.text)
            elif self.work.state.phase == "paused":
                return Parked(waits=Waits(paused=True))
            elif (waits := await self._within_budget()) is not None:
                return Parked(waits=waits)
            else:
                await self._think()

    async def first_answer(self) -> Answer:
        """Returns what the model says first; nothing of it is recorded or done."""
        await self._observe()
        await self._compactor.fit()
        with self.work.draft(1) as on_draft:
            return (await self._ask(1, on_draft))[0]

    def _finished(self, said: str) -> Finished:
        """Raises NotHandedIn if a promised file is still missing after the reminders, NothingDone if no tool was
        called."""
        if missing := self.transcript.missing():
            was = "was" if len(missing) == 1 else "were"
            last = f" The agent's last message: {said[:1500]}" if said else ""
            raise NotHandedIn(f"{', '.join(missing)} {was} promised but not handed in.{last}")
        if self.transcript.idle():
            raise NothingDone(
                f"{self.name!r} didn't call any tools, so nothing was done on this step. Press Retry, or try a "
                "different model; `threadwork try-model` shows what a model can be trusted with. The agent's "
                "last message: "
                f"{said[:1500]}"
            )
        return Finished(summary=said or "Done.")

    async def _observe(self) -> None:
        """Reads what was recorded since the last call, by us and by others."""
        for record in islice(self.work.records, self.transcript.seq, None):  # also what is recorded in the meantime
            whole, notes = None, ""
            match record.event:
                case e.TurnTaken(subtask=self.work.subtask, whole=FileRef(sha=sha)):
                    whole = Reply.model_validate_json(await self.shelf.get(sha))
                case e.ConversationCompacted(subtask=self.work.subtask, whole=FileRef(sha=sha)):
                    notes = (await self.shelf.get(sha)).decode()
                case e.SkillUsed(subtask=self.work.subtask, shown=shown) if shown:
                    notes = await skill_text(record.event, self.shelf)
                case _:
                    pass
            self.transcript.absorb(record, whole, notes)

    async def _think(self) -> None:
        """Runs one model turn and records it before acting on it."""
        turn = self.transcript.turn + 1
        await self._compactor.fit()
        with self.work.draft(turn) as on_draft:
            answer, saw = await self._ask(turn, on_draft)
            event = await turn_taken(answer, self.work, turn, saw=saw, shelf=self.shelf)
            await self.work.record(self._key(f"turn:{turn}"), event)
        if answer.note:
            note = e.Noted(text=answer.note[:1000], subtask=self.work.subtask, level="warning")
            await self.work.record(self._key(f"turn:{turn}/note"), note)

    async def _ask(self, turn: int, on_draft: OnDraft) -> tuple[Answer, int]:
        """Returns the model's answer, and up to which fact it had the news. Compacts the conversation until the model
        can hold it; raises ModelTooLong when nothing is left to cut."""
        lost = Spent()
        while True:
            saw = self.transcript.seq
            prompt = Prompt(
                model=self.name,
                messages=tuple(self.transcript.before_next(saw)),
                tools=self.shown(),
                unopened=self.tools.not_shown(self.transcript.calls(self.transcript.turn)),
                topic=f"{self.work.task}/{self.work.subtask}/{self.work.attempt}.{turn}",
            )
            try:
                return (await self.model.complete(prompt, on_draft=on_draft)).with_lost(lost), saw
            except ModelTooLong as problem:
                lost = problem.spent = lost.plus(problem.spent)
                await self._compactor.after_overflow(prompt, problem)

    async def _within_budget(self) -> Waits | None:
        """Returns what people have to answer before the next turn, if anything. Raises OutOfBudget."""
        check_turns(self.transcript.turn + 1, self.turns)
        asked = (spending_question(self.work.state, limits, self.work.subtask) for limits in self.spending)
        if (question := next(filter(None, asked), None)) is None:
            return None
        if question.id not in self.work.state.questions:
            await self.work.record(Key(f"question:{question.id}"), e.QuestionAsked(question=question))
        return Waits(questions=(question.id,))

    async def _act(self) -> Waits | None:
        """Runs the open calls in order, parallel ones together; stops at the first that has to wait."""
        unopened = {spec.name for spec in self.tools.unopened(self.transcript.calls(self.transcript.turn - 1))}
        calling = CallRunner(
            self.work,
            self.transcript,
            self.tools.every,
            unopened=unopened,
            review=self.review,
            hub=self.hub,
            hidden=self.tools.hidden,
        )
        for together, group in groupby(self.transcript.open.values(), key=calling.may_run_beside_others):
            calls = list(group)
            try:
                if together:
                    await _at_once(calling, calls)
                else:
                    for call in calls:
                        await calling.run(call)
            except MustWait as wait:
                return wait.waits
        return None

    def shown(self) -> tuple[ToolSpec, ...]:
        """Returns the tools of the next prompt."""
        return self.tools.shown(self.transcript.calls(self.transcript.turn))

    def _key(self, what: str) -> Key:
        return Key(f"{self.work.subtask}/try:{self.work.attempt}/{what}")


async def _at_once(calling: CallRunner, calls: Sequence[Call]) -> None:
    """Runs all of them in parallel; if some must wait, finishes the others first."""
    results = await asyncio.gather(*(calling.run(c) for c in calls), return_exceptions=True)
    problems = [r for r in results if isinstance(r, BaseException)]
    if problems:
        raise next((p for p in problems if not isinstance(p, MustWait)), problems[0])
