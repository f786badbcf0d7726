"""Guards one call with a person's own account: it acts for them alone, and they see its answer first."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from agents.connectors.settings_file import Connector
from agents.hub_tools.coordination import POLICY, HubCallContext, MustWait
from orchestrator.domain import events as e
from orchestrator.domain.approvals_and_questions import Ask, Question, Waits
from orchestrator.domain.events import Record
from orchestrator.domain.ids import Key, PersonId, QuestionId, digest
from orchestrator.domain.people import Person, Request
from orchestrator.domain.skills import OWNERS, SkillSource
from orchestrator.domain.task import Answered
from orchestrator.domain.tool_calls import CallResult
from orchestrator.ports import Shelf

CHOICE = "account"
USE, KEEP_OUT = "Use my account", "Don't use it"
SHOW, SHOW_ALL, PRIVATE = "Use it in this thread", "Use all its answers in this task", "Keep it private"
Review = Callable[[CallResult], Awaitable[CallResult]]
_MOST_NAMED = 3
_SHARED: frozenset[SkillSource] = frozenset({"channel", "team", "folder"})


def may_use(connector: Connector, request: Request | None, ids: frozenset[str]) -> bool:
    """Returns whether a request may use the connector's account. A personal one never works for a program.

    `ids`: all ids of the person who asked.
    """
    account = connector.account
    if not account.personal:
        return True
    return request is not None and request.by.kind != "bot" and (not account.owner or account.owner in ids)


def owner_of(connector: Connector, request: Request | None) -> Person | None:
    """Returns whose account the connector acts with; None if it has none. Call it only if `may_use`."""
    account = connector.account
    if account.personal:
        return request.by if request else None
    return Person(id=PersonId(account.owner), name=account.owner) if account.whose else None


def others(records: Sequence[Record], mine: frozenset[str]) -> tuple[str, ...]:
    """Returns everyone else whose words or presses shaped the task, by name. `mine`: all ids of the owner.

    Agents don't hear remarks. A quoted message has only a name, which anyone can take, so each of them counts.
    """
    found = dict[str, None]()
    for record in records:
        event = record.event
        if isinstance(event, e.TaskOpened):
            found |= {one.by: None for one in event.request.background.quoted}
            found |= {one.name: None for one in (event.trial.others if event.trial else ()) if one.id not in mine}
        elif isinstance(event, e.PersonSaid):
            found |= {one.by: None for one in event.background.quoted}
        by = getattr(event, "by", None)
        if isinstance(by, Person) and by.id not in (*mine, POLICY.id) and not isinstance(event, e.PersonRemarked):
            found[by.name] = None
    return tuple(found)


def shared_skills(records: Sequence[Record]) -> tuple[str, ...]:
    """Returns the skills that the task used and that anyone may have written, in words: not those that came with
    threadwork, and not the owner's own. Who attached one to the task is among `others`."""
    used = (record.event.skill for record in records if isinstance(record.event, e.SkillUsed))
    return tuple(dict.fromkeys(f"“{one.name}” ({OWNERS[one.source]})" for one in used if one.source in _SHARED))


@dataclass(frozen=True)
class PersonalCall:
    """One call in one leg. Its owner's answers are in the ledger, so they survive restarts.

    `ids`: all ids of the owner.
    """

    side: HubCallContext
    connector: Connector
    owner: Person
    shelf: Shelf
    ids: frozenset[str]

    async def run(self, call: Callable[[Review], Awaitable[CallResult]]) -> CallResult:
        """Returns the result as the thread may have it. Raises MustWait until the owner has answered."""
        if (held := self._row("review")) is not None:
            return await self._released(held)
        records = self.side.work.records
        names, skills = others(records, self.ids), shared_skills(records)
        if names or skills:
            said = await self._asked(self._consent(names, skills))
            if said != USE:
                return self._kept(f"{self.owner.name} doesn't want their account used here.")
        return await call(self._reviewed)

    async def _reviewed(self, result: CallResult) -> CallResult:
        request = self.side.work.state.request
        alone = request is not None and request.place.private
        if alone or self.connector.account.share or self._shares_all():
            return result
        file = await self.shelf.put(result.model_dump_json().encode(), name="answer.json")
        await self._asked(self._question(
            "review", f"The connector “{self.connector.name}” answered. {self.owner.name} decides whether this thread "
            "may use it.", (SHOW, SHOW_ALL, PRIVATE),
        ).model_copy(update={"kept": file.sha}))  # fmt: skip
        return result

    async def _released(self, held: Answered) -> CallResult:
        if held.answers is None:
            raise MustWait(Waits(questions=(held.question.id,)))
        if held.answers.get(CHOICE) not in (SHOW, SHOW_ALL) or held.question.kept is None:
            return self._kept(f"{self.owner.name} keeps the answer private.")
        return CallResult.model_validate_json(await self.shelf.get(held.question.kept))

    def _shares_all(self) -> bool:
        """Returns whether the owner said so about an earlier answer of this connector in this task."""
        about = f"The connector “{self.connector.name}” answered."
        rows = self.side.work.state.questions.values()
        mine = (r for r in rows if r.question.kept and r.question.text.startswith(about) and r.question.only)
        return any(r.by is not None and r.by.id in self.ids and (r.answers or {}).get(CHOICE) == SHOW_ALL
                   for r in mine)  # fmt: skip

    def _consent(self, names: Sequence[str], skills: Sequence[str]) -> Question:
        told = [name for name in names if name != self.owner.name] or names
        parts = [f"what {_listed(told)} wrote or pressed"] if told else []
        parts += [f"the skill {_listed(skills)}"] if skills else []
        text = (
            f"This task also builds on {' and on '.join(parts)}. May it use {self.owner.name}'s account with "
            f"“{self.connector.name}” for “{self.side.call.tool.rpartition('__')[2]}”?"
        )
        return self._question("consent", text, (USE, KEEP_OUT))

    def _question(self, about: str, text: str, options: tuple[str, ...]) -> Question:
        ask = Ask(name=CHOICE, label="Your decision", options=options)
        return Question(
            id=self._id(about), subtask=self.side.work.subtask, text=text, fields=(ask,), only=self.owner
        )  # fmt: skip

    async def _asked(self, question: Question) -> str:
        """Returns the owner's choice. Raises MustWait while there is none."""
        row = self.side.work.state.questions.get(question.id)
        if row is None:
            key = Key(f"question:{self.side.call.id}:{question.id}")
            await self.side.work.record(key, e.QuestionAsked(question=question))
            row = self.side.work.state.questions[question.id]
        if row.answers is None:
            raise MustWait(Waits(questions=(question.id,)))
        return row.answers.get(CHOICE, "")

    def _row(self, about: str) -> Answered | None:
        return self.side.work.state.questions.get(self._id(about))

    def _id(self, about: str) -> QuestionId:
        return QuestionId(digest(self.side.work.task, self.side.call.id, about))

    def _kept(self, why: str) -> CallResult:
        return CallResult(ok=False, text=f"{why} Continue without it.")


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names[:_MOST_NAMED]) + (" and others" if len(names) > _MOST_NAMED else "")
