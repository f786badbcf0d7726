"""Runs one tool call: asks the gate, calls the tool where it runs, records the result."""

import json
from collections.abc import Collection, Mapping, Sequence

from agents.conversation.transcript import Transcript
from agents.explain_argument_errors import misfit
from agents.hub_tools import ask_to_take_over, recall
from agents.hub_tools.coordination import TOOLS, HubCallContext, MustWait
from agents.roster.agent_definition import Colleague
from agents.tool import Tool, clipped
from agents.tool_source import meant
from orchestrator.domain import clean_outside_text
from orchestrator.domain import events as e
from orchestrator.domain.approvals_and_questions import Approval, Waits
from orchestrator.domain.findings import Finding
from orchestrator.domain.ids import ApprovalId, CallId, Key, digest
from orchestrator.domain.policy import Judgement, Verdict
from orchestrator.domain.task import Decided
from orchestrator.domain.tool_calls import (
    Call,
    CallResult,
    Effect,
    HeldSend,
    HostCall,
    Label,
    ToolSpec,
    fingerprint,
    texts,
)
from orchestrator.errors import HostRefused, ToolFailed
from orchestrator.ports import HostLink, Work
from orchestrator.press_log import passing

HUB_TOOLS: Mapping[str, Tool] = {t.spec.name: t for t in (*TOOLS, *ask_to_take_over.TOOLS, *recall.TOOLS)}
INTERNAL = frozenset({"inspect_deliverable"})
FOR_THE_FED = frozenset({"wait_for_findings"})
"""Only for agents whose subtask has feeders; others could wait forever."""
FOR_ALL = ("recall", "use_skill")
"""For every agent, whatever its roster file lists: notes may replace anyone's older turns, and a skill may fit any
step."""
MOST_RESULT = 56_000
"""Bytes of a result's JSON in its event."""


async def specs_for(
    colleague: Colleague, host: HostLink, *, fed: bool, hub: Mapping[str, Tool] = HUB_TOOLS
) -> Mapping[str, ToolSpec]:
    """Returns the tools that this agent may use and that the host or hub offers, by name. `fed`: findings stream to
    it."""
    offered = {s.name: s for s in await host.tools() if s.name not in INTERNAL}
    every = {name: t.spec for name, t in hub.items()} | offered
    names = dict.fromkeys((*colleague.every_tool, *FOR_ALL))
    return {name: every[name] for name in names if name in every and (fed or name not in FOR_THE_FED)}


class CallRunner:
    """Runs the calls of one leg."""

    def __init__(
        self,
        work: Work,
        transcript: Transcript,
        specs: Mapping[str, ToolSpec],
        *,
        unopened: Collection[str] = (),
        review: bool = True,
        hub: Mapping[str, Tool] = HUB_TOOLS,
        hidden: Mapping[str, Tool] | None = None,
    ) -> None:
        """`unopened`: tools whose schemas the agent hadn't seen when it made the calls. `hidden`: tools that aren't
        listed, but may be called; see `agents/tool_source.py`."""
        self._work, self._transcript, self._specs = work, transcript, specs
        self._unopened, self._review, self._hidden = unopened, review, hidden or {}
        self._hub = {**hub, **self._hidden}

    def may_run_beside_others(self, call: Call) -> bool:
        """Returns whether the tool may run in parallel with its neighbors."""
        return call.tool in self._specs and self._specs[call.tool].parallel

    async def run(self, call: Call) -> None:
        """Runs the call and records its result. Raises MustWait when people have to decide first."""
        call = meant(call, self._hidden)
        spec = found.spec if (found := self._hidden.get(call.tool)) else self._specs.get(call.tool)
        if spec is None:
            words = (f"There's no tool {call.tool!r}.", *self._work.host.notices)
            result = CallResult(ok=False, text=f"{' '.join(words)} Available tools: {', '.join(self._specs)}.")
        elif call.tool in self._unopened and (wrong := misfit(spec.parameters, call.args)):
            words = f"The arguments to {call.tool!r} are wrong: {wrong}. You have its schema now; make the call again."
            result = CallResult(ok=False, text=words)
        elif spec.place == "hub" and not spec.effects:
            result = await self._in_hub(call)
        else:
            result = await self._past_the_gate(call, spec)
        event = e.ToolReturned(
            subtask=self._work.subtask,
            attempt=self._work.attempt,
            call=call.id,
            tool=call.tool,
            result=fitting(result),
        )
        await self._work.record(Key(f"{self._work.subtask}/try:{self._work.attempt}/call:{call.id}"), event)
        passing("returned", self._work.task, call.id, more="ok" if result.ok else "not ok")

    async def _in_hub(self, call: Call) -> CallResult:
        tool = self._hub[call.tool]
        try:
            given = tool.parse(call.args)
            fields = {name: getattr(given, name) for name in type(given).model_fields}
            words = await tool.function(HubCallContext(self._work, self._transcript, call, self._review), **fields)
        except ToolFailed as error:
            return CallResult(ok=False, text=str(error), labels=tool.spec.taints)
        if isinstance(words, CallResult):
            return words
        return CallResult(ok=True, text=clipped(words), labels=tool.spec.taints)

    async def _past_the_gate(self, call: Call, spec: ToolSpec) -> CallResult:
        if spec.releases and self._held(call, spec) is None:
            name = call.args.get(spec.releases)
            return CallResult(
                ok=False, text=f"Nothing is held back as {str(name)[:300]!r}. Use a name from a page's answer."
            )
        try:
            asked = await self._settled(call, spec)
            if isinstance(asked, CallResult):
                return asked
            words = ""
            if asked.args != call.args:
                words = f"[A person changed the arguments to {json.dumps(asked.args, ensure_ascii=False)}]\n"
            if spec.place == "hub":
                result = await self._in_hub(asked)
            else:
                passing("sent", self._work.task, asked.id, more=asked.tool)
                result = await self._work.host.call(self._host_call(asked, spec))
        except HostRefused as error:
            return CallResult(ok=False, text=str(error))
        return result.model_copy(update={"text": words + result.text}) if words else result

    async def _settled(self, call: Call, spec: ToolSpec) -> Call | CallResult:
        """Returns the call as it may run now, with a person's corrections, or why it may not. Raises MustWait.

        A corrected call is judged like any other. It needs no further approval as long as it does, reaches and uses
        nothing that the person who corrected it hadn't been shown.
        """
        shown: list[Approval] = []
        while True:
            judged = self._work.judge(spec, call.args)
            row = self._work.state.approvals.get(self._approval_id(call, again=bool(shown)))
            said = row.decision.verb if row and row.decision else judged.verdict.value
            passing("gate", self._work.task, call.id, more=f"{call.tool} {said}")
            if judged.verdict is Verdict.DENY:
                return CallResult(ok=False, text=f"Not allowed: {judged.why}. Find another way, or call ask_person.")
            if shown and not _asks_for_more(call, spec, judged, shown):
                return call
            if row is None and judged.verdict is not Verdict.ASK:
                return call
            row = await self._decided(call, spec, judged, row, again=bool(shown))
            if row.decision is None or row.decision.verb == "reject":
                return _rejected(row)
            if row.decision.verb != "edit" or row.decision.args is None:
                return call
            shown.append(row.approval)
            call = call.model_copy(update={"args": row.decision.args})

    async def _decided(
        self, call: Call, spec: ToolSpec, judged: Judgement, row: Decided | None, *, again: bool
    ) -> Decided:
        """Returns the approval with its decision. Raises MustWait while there is none. `again`: for a corrected
        call."""
        name = self._approval_id(call, again=again)
        if row is None:
            approval = Approval(
                id=name,
                subtask=self._work.subtask,
                call=call.id,
                tool=call.tool,
                args=call.args,
                fingerprint=fingerprint(call.tool, call.args),
                effects=spec.does(call.args),
                labels=judged.labels,
                target="" if spec.at else ", ".join(spec.aims(call.args)),
                login=spec.login_in(call.args),
                scope=spec.scope,
                held=self._held(call, spec),
                why=f"the edited call needs more permissions: {judged.why}" if again else judged.why,
                parameters=spec.parameters,
                only=spec.only,
            )
            key = f"approval:{name}" if again else f"approval:{call.id}"
            await self._work.record(Key(key), e.ApprovalRequested(approval=approval))
            row = self._work.state.approvals[name]
        if row.decision is None:
            raise MustWait(Waits(approvals=(name,)))
        if row.approval.fingerprint != fingerprint(call.tool, call.args):
            return Decided(row.approval)  # not the call that people saw
        return row

    def _host_call(self, call: Call, spec: ToolSpec) -> HostCall:
        args = call.args
        domains = {*self._work.domains(), *spec.aims(args)}
        named = set(texts(args))
        found: tuple[Finding, ...] = tuple(f for f in self._work.state.findings() if f.id in named)
        if found:  # what a file derives from findings rests on all of their measure, named or not
            found += tuple(f for f in self._work.state.comparable() if f.id not in named)
        return HostCall(
            id=CallId(f"{self._work.task}/{call.id}"),
            task=self._work.task,
            subtask=self._work.subtask,
            tool=call.tool,
            args=args,
            domains=tuple(sorted(domains)),
            send=Effect.NETWORK_SEND in spec.does(args),
            team=request.place.team if (request := self._work.state.request) else "",
            findings=found,
            private=Label.PRIVATE in self._work.judge(spec, args).labels,
            endpoints=tuple(sorted(self._work.state.endpoints())),
            skills=self._work.state.of(self._work.subtask).skills,
        )

    def _held(self, call: Call, spec: ToolSpec) -> HeldSend | None:
        return self._transcript.held(call.args.get(spec.releases)) if spec.releases else None

    def _approval_id(self, call: Call, *, again: bool) -> ApprovalId:
        corrected = (fingerprint(call.tool, call.args),) if again else ()
        return ApprovalId(digest(self._work.task, "approval", call.id, *corrected))


def _asks_for_more(call: Call, spec: ToolSpec, judged: Judgement, shown: Sequence[Approval]) -> bool:
    """Returns whether a corrected call does, reaches or uses something the person hadn't been shown, or could leak
    more."""
    tainted = judged.labels.difference(*(approval.labels for approval in shown))
    return bool(tainted) or spec.exceeds(call.args, [approval.args for approval in shown])


def _rejected(row: Decided) -> CallResult:
    if row.decision is None:
        return CallResult(ok=False, text="This isn't the call that was approved. Make the call again.")
    who = row.by.name if row.by else "A person"
    reason = row.decision.reason.strip() or "no reason was given"
    reason += "" if reason.endswith((".", "!", "?", "…")) else "."
    return CallResult(ok=False, text=f"{who} rejected this: {reason} Don't retry it; find another way.")


def fitting(result: CallResult) -> CallResult:
    """Returns the result, its text cut until the event is small enough."""
    result = clean_outside_text.value(result)
    text = result.text
    while len(json.dumps(text, ensure_ascii=False).encode()) > MOST_RESULT:
        text = text[: len(text) * 3 // 4]
    if text == result.text:
        return result
    return result.model_copy(update={"text": f"{text}\n[the rest was cut; read a smaller part]"})
