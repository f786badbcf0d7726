"""Tries an agent out: one model turn with its real prompt and tools, of which nothing is done."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pydantic import JsonValue

from agents.loop.agent_trial_types import TriesAgents
from agents.loop.trial_work import Judge, TrialWork, used_for_trial
from agents.roster.agent_definition import Colleague
from orchestrator.domain.ids import Sha
from orchestrator.domain.people import FileRef, Request
from orchestrator.domain.policy import Judgement
from orchestrator.domain.token_usage import Usage
from orchestrator.ports import HostLink


@dataclass(frozen=True)
class TriedCall:
    """A call that the agent would make, and what the gate would say about it; None: the gate isn't asked."""

    tool: str
    args: Mapping[str, JsonValue]
    judged: Judgement | None


@dataclass(frozen=True)
class AgentTrial:
    """What an agent would do first. `tools`: names of those that its prompt shows; `cost` in US dollars."""

    said: str
    calls: Sequence[TriedCall]
    tools: Sequence[str]
    model: str
    usage: Usage
    cost: float


async def try_agent(
    agent: TriesAgents, colleague: Colleague, request: Request, host: HostLink, judge: Judge
) -> AgentTrial:
    """Runs the turn. Raises ModelFailed. `host`: only its tools are asked for; see `trial_work.TrialHost`."""
    used = None
    if colleague.edition is not None:
        content = FileRef(name=f"{colleague.name}.md", sha=Sha(colleague.edition.digest), size=len(colleague.source))
        used = used_for_trial(colleague.edition, content, colleague.policy)
    work = TrialWork(request, colleague.name, used, host, judge)
    turn = await agent.try_out(work, colleague)
    known = {spec.name: spec for spec in turn.specs}
    calls = [
        TriedCall(call.tool, call.args, work.judge(spec, call.args) if spec and spec.effects else None)
        for call in turn.answer.reply.calls
        for spec in [known.get(call.tool)]
    ]
    answer = turn.answer
    shown = [spec.name for spec in turn.shown]
    return AgentTrial(answer.reply.text, calls, shown, answer.model, answer.usage, answer.cost)
