"""Tries an agent without a hub: for the command line."""

import asyncio

from agents.host.host_tools import known_specs
from agents.loop.loop import LoopAgent
from agents.loop.run_tool_call import INTERNAL
from agents.loop.trial_work import TrialHost
from agents.loop.try_agent import try_agent
from agents.roster.roster import FOLDER, Roster
from agents.search.tool import search_tool
from bot.bootstrap.connectors import connectors_of
from bot.bootstrap.models import brain_of
from bot.bootstrap.skills import skills_of
from bot.bootstrap.try_agent_in_hub import NO_MODEL, in_words, request_of
from bot.bootstrap.web_search import search_of
from bot.config.settings import Settings
from bot.web.agent_views import TriedAgent
from orchestrator.domain.people import Person
from orchestrator.errors import Refused
from orchestrator.ledger.file_shelf import FolderShelf
from orchestrator.policy_gate import Gate


async def try_without_hub(settings: Settings, name: str, words: str, by: Person) -> TriedAgent:
    """Tries an agent as its file is now, with all tools that a host could have.

    Raises NotFound, ModelFailed, Refused.
    """
    colleague = (await (roster := Roster(settings.home / FOLDER)).now()).get(name)
    if settings.models.chosen is None:
        raise Refused(NO_MODEL)
    specs = [spec for specs in (await asyncio.to_thread(known_specs)).values() for spec in specs]
    nothing = TrialHost([spec for spec in specs if spec.name not in INTERNAL])
    shelf = FolderShelf(settings.home / "shelf")
    brain = brain_of(settings, "", shelf)
    gate = Gate(settings.policy.rules, frozenset(settings.policy.domains))
    try:
        async with await asyncio.to_thread(connectors_of, settings, shelf) as connectors:
            agent = LoopAgent(
                roster, brain.model, shelf, default_model=brain.default, roles=settings.models.roles,
                efforts=settings.models.efforts, tools=[search_tool(search_of(settings))], window=brain.windows,
                skills=skills_of(settings, shelf, brain).library, source=connectors,
            )  # fmt: skip
            return in_words(await try_agent(agent, colleague, request_of(words, by), nothing, gate.judge))
    finally:
        if brain.close is not None:
            await brain.close()
