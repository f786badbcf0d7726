"""Takes one turn with an agent of a team's own in the hub, and says in words what it would do."""

import json
from collections.abc import Awaitable, Callable

from agents.loop.agent_trial_types import TriesAgents
from agents.loop.trial_work import Judge, TrialHost
from agents.loop.try_agent import AgentTrial, TriedCall, try_agent
from agents.roster.agent_definition import Colleague
from bot.cards.spending_wording import spent
from bot.web.agent_views import TriedAgent, TriedCallView
from orchestrator.domain.people import Person, Place, Request
from orchestrator.domain.policy import Verdict
from orchestrator.errors import Refused
from orchestrator.ports import HostLink

TryOut = Callable[[Colleague, str, Person], Awaitable[TriedAgent]]
"""Takes a turn with an agent, for this request of this person. Raises ModelFailed, Refused."""
NO_MODEL = "No model is set, so no agent can be tried. `threadwork init` sets one."
_VERDICTS = {Verdict.ALLOW: "would run", Verdict.ASK: "would ask first", Verdict.DENY: "wouldn't be allowed"}
_MOST_ARGS = 4_000


def in_hub(agent: TriesAgents, host: HostLink, judge: Judge, *, rehearsal: bool) -> TryOut:
    """Returns what tries agents with a hub's models and with the tools that its host has."""

    async def try_out(colleague: Colleague, words: str, by: Person) -> TriedAgent:
        if rehearsal:
            raise Refused(NO_MODEL)
        nothing = TrialHost(await host.tools(), host.notices)
        return in_words(await try_agent(agent, colleague, request_of(words, by), nothing, judge))

    return try_out


def request_of(words: str, by: Person) -> Request:
    """Returns the request that the agent gets."""
    return Request(text=words, by=by, place=Place(platform="web", channel="general", thread="try-out"))


def in_words(tried: AgentTrial) -> TriedAgent:
    """Returns the trial as people read it."""
    calls = [_call(one) for one in tried.calls]
    return TriedAgent(tried.said, calls, tried.tools, tried.model, spent(tried.cost, tried.usage))


def _call(one: TriedCall) -> TriedCallView:
    args = json.dumps(dict(one.args), ensure_ascii=False, indent=2)
    cut = args if len(args) <= _MOST_ARGS else f"{args[:_MOST_ARGS]} …"
    if one.judged is None:
        return TriedCallView(one.tool, cut, "would run")
    why = "" if one.judged.verdict is Verdict.ALLOW else f": {one.judged.why}"
    return TriedCallView(one.tool, cut, f"{_VERDICTS[one.judged.verdict]}{why}")
