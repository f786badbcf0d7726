"""Records how the skills of a finished task did; a version that does worse than the one before it falls back."""

import logging

from orchestrator.domain import events as e
from orchestrator.domain.ids import Key, Stream, TaskId
from orchestrator.domain.skill_rates import ROOM, ratings, tally, worse_version
from orchestrator.errors import Refused
from orchestrator.ports import SkillKeeper
from orchestrator.task_event_logs import Logs, TaskLog

logger = logging.getLogger(__name__)


class RateFlow:
    """The durable function behind the engine's flow `rate`."""

    def __init__(self, logs: Logs, keeper: SkillKeeper) -> None:
        self._logs, self._keeper = logs, keeper

    async def __call__(self, task: str, round: int) -> None:
        """Rates each skill once per round; nothing if the task has continued since."""
        log = await self._logs.open(TaskId(task))
        for rated in ratings(log.state):
            ledger = self._logs.ledger
            await ledger.record(Stream(ROOM), Key(f"{task}/{rated.skill.name}/{round}"), rated)
            await self._fall_back(log, rated, round)

    async def crashed(self, error: Exception, task: str, round: int) -> None:
        """Rating matters less than anything that people could do about it."""
        logger.warning("%s: its skills can't be rated in round %s: %s", task, round, error)

    async def _fall_back(self, log: TaskLog, rated: e.SkillRated, number: int) -> None:
        rates, skill = tally(await self._logs.ledger.read(Stream(ROOM))), rated.skill
        worse = worse_version(rates, rated.owner, skill)
        if not worse or log.state.request is None:
            return
        try:
            back = await self._keeper.roll_back(log.state, skill, log.state.request.by)
        except Refused as error:  # a newer version counts already, or somebody changed the files
            logger.info("%s: %s stays: %s", log.task, skill.edition, error)
            return
        now, before = rates[(rated.owner, skill.name, skill.version)], rates[(rated.owner, skill.name, worse)]
        words = (
            f"The skill {skill.name} fell back from version {skill.version} to version {back}. "
            f"Version {skill.version}: {now.words}. Version {worse}: {before.words}."
        )
        await log.record_patiently(Key(f"fell-back:{skill.name}:{number}"), e.Noted(text=words, level="warning"))
