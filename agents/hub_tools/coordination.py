"""Defines the tools that run in the hub: they write to the task's ledger and never touch the host's files."""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated

from pydantic import JsonValue

from agents.conversation.transcript import Transcript
from agents.conversation.updates_between_turns import finding_line
from agents.hub_tools.check_source_was_read import unchecked
from agents.tool import Tool, tool
from orchestrator.domain import events as e
from orchestrator.domain.approvals_and_questions import Ask, Question, Waits
from orchestrator.domain.deliverables import UNSOURCED, Check, Deliverable, Inspection
from orchestrator.domain.findings import Finding, Source
from orchestrator.domain.ids import CallId, DeliverableId, FindingId, Key, PersonId, QuestionId, digest
from orchestrator.domain.people import Person
from orchestrator.domain.plural import in_seconds
from orchestrator.domain.tool_calls import Call, HostCall
from orchestrator.errors import ToolFailed
from orchestrator.ports import Work

POLICY = Person(id=PersonId("policy"), name="This workspace's policy", kind="bot")
MOST_VALUE = 8_000
MOST_REFUSALS = 2
"""How often a file with failed checks goes back to the agent before people see it as it is."""


class MustWait(Exception):
    """The call has to wait for something; the leg parks."""

    def __init__(self, waits: Waits) -> None:
        super().__init__()
        self.waits = waits


@dataclass(frozen=True)
class HubCallContext:
    """Context of a hub tool's call; the counterpart of CallContext on the host."""

    work: Work
    transcript: Transcript
    call: Call
    review: bool = True
    """Whether files wait for a person."""


@tool(effects=(), place="hub")
async def share_finding(
    side: HubCallContext,
    kind: Annotated[str, "what it is, e.g. 'Northwind: price per seat'"],
    value: Annotated[JsonValue, "the value; a number if it is one"],
    source_url: Annotated[str | None, "the page it was read on"] = None,
    source_file: Annotated[str | None, "the workspace file it was read from"] = None,
    locator: Annotated[str, "where in the source: heading, table row, cell"] = "",
    quote: Annotated[str, "the exact words it was read from"] = "",
    supersedes: Annotated[str | None, "the ID of an earlier finding that this corrects"] = None,
) -> str:
    """Share one fact with the other agents immediately. One finding per fact, always with its source."""
    work = side.work
    if len(json.dumps(value)) > MOST_VALUE:
        raise ToolFailed(f"The value is longer than {MOST_VALUE} characters. Share smaller facts, or write a file.")
    known = {f.id for f in work.state.findings()}
    if supersedes is not None and supersedes not in known:
        raise ToolFailed(f"There's no finding {supersedes!r}. Call read_findings to list them.")
    source = None
    if source_url or source_file:
        source = Source(url=source_url, file=source_file, locator=locator[:300], quote=quote[:2000], seen_at=work.now())
        doubt = await asyncio.to_thread(unchecked, source, tuple(work.records), REPEATING)
        source = source.model_copy(update={"unchecked": doubt})
    number = 1 + sum(1 for f in work.state.findings() if f.by == work.subtask)
    finding = Finding(
        id=FindingId(f"{work.subtask}.{number}"),
        by=work.subtask,
        kind=kind[:80],
        value=value,
        source=source,
        supersedes=FindingId(supersedes) if supersedes else None,
    )
    kept = await work.record(Key(f"finding:{side.call.id}"), e.FindingShared(finding=finding))
    assert isinstance(kept, e.FindingShared)
    return f"Shared as [{kept.finding.id}].{_doubted(kept.finding)}"


def _doubted(finding: Finding) -> str:
    if finding.source is None:
        return " It has no source, so it's shown as your own statement."
    if not finding.source.unchecked:
        return ""
    again = f"read it there, then share it again with supersedes {finding.id!r} and the exact words as quote"
    return f" But {finding.source.unchecked}, so people see it as unchecked: {again}."


@tool(effects=(), place="hub", parallel=True)
async def read_findings(
    side: HubCallContext,
    kind: Annotated[str | None, "only kinds containing this text"] = None,
    by: Annotated[str | None, "only findings from this step"] = None,
) -> str:
    """List the findings from all agents on this task, with their IDs and sources."""
    gone = side.work.state.superseded()
    rows = [
        f
        for f in side.work.state.findings()
        if f.id not in gone and (kind is None or kind.lower() in f.kind.lower()) and (by is None or f.by == by)
    ]
    return "\n".join(finding_line(f) for f in rows) or "No findings match."


@tool(effects=(), place="hub")
async def wait_for_findings(
    side: HubCallContext,
    enough: Annotated[int, "how many new findings to wait for"] = 1,
    seconds: Annotated[int, "maximum wait in seconds"] = 600,
) -> str:
    """Wait for new findings. Call this when you have nothing to do; it costs nothing."""
    row = side.transcript.row
    if not row.fed_by:
        raise ToolFailed("No step sends you findings. Call read_findings to list what exists.")
    waited = side.transcript.waits
    mine = waited is not None and waited.findings_after == side.transcript.saw
    waits = waited if mine and waited is not None else None
    if waits is None:
        until = side.work.now() + timedelta(seconds=max(1, min(seconds, 86_400)))
        waits = Waits(findings_after=side.transcript.saw, enough=max(1, enough), until=until)
    if side.transcript.feeders_ended() or _arrived(side, waits):
        return "New findings follow."
    if waits.until is not None and side.work.now() >= waits.until:
        return f"No new findings within {in_seconds(seconds)}."
    raise MustWait(waits)


def _arrived(side: HubCallContext, waits: Waits) -> bool:
    after, feeders = waits.findings_after or 0, side.transcript.row.fed_by
    fresh = sum(1 for s in side.work.state.board if s.seq > after and s.finding.by in feeders)
    spoken = any(
        x.seq > after and x.by is not None and x.subtask in (None, side.work.subtask) for x in side.work.state.lines
    )
    return fresh >= waits.enough or spoken


@tool(effects=(), place="hub")
async def ask_person(
    side: HubCallContext,
    question: Annotated[str, "what you need to know, in one sentence"],
    fields: Annotated[list[Ask] | None, "one field per answer; with options, people choose one"] = None,
) -> str:
    """Ask the people on this task something only they know. Ask it all at once; your work pauses until they answer."""
    name = QuestionId(digest(side.work.task, side.call.id))
    asked = side.work.state.questions.get(name)
    if asked is None:
        asks = tuple(fields or [Ask(name="answer", label="Your answer")])[:8]
        event = e.QuestionAsked(
            question=Question(id=name, subtask=side.work.subtask, text=question[:2000], fields=asks)
        )
        await side.work.record(Key(f"question:{side.call.id}"), event)
        asked = side.work.state.questions[name]
    if asked.answers is None:
        raise MustWait(Waits(questions=(name,)))
    who = asked.by.name if asked.by else "The person"
    return f"{who} answered: " + "; ".join(f"{key}: {text}" for key, text in asked.answers.items())


@tool(effects=(), place="hub")
async def deliver(
    side: HubCallContext,
    path: Annotated[str, "the finished file in the workspace"],
    words: Annotated[str, "one sentence that says what it shows"],
) -> str:
    """Hand in a finished file. It is checked first; you get back any problems to fix."""
    work = side.work
    found = await _inspected(side, path)
    checks = (*found.checks, *_corrected(found, work))
    wrong = [c for c in checks if not c.ok]
    if wrong and side.transcript.refused.get(path, 0) < MOST_REFUSALS:
        lines = "\n".join(f"- {c.name}: {c.words}" for c in wrong)
        raise ToolFailed(f"{path} wasn't handed in. Fix this and call deliver again:\n{lines}")
    name = DeliverableId(digest(work.task, side.call.id))
    rows = [
        r for r in work.state.deliverables.values() if _same(r.deliverable, found, work) and r.deliverable.id != name
    ]
    if rows and _unchanged(rows[-1].deliverable, found, checks):
        asked = " People asked for changes; make them first." if rows[-1].verdict == "changes" else ""
        return (
            f"{found.file.name} has already been handed in (version {rows[-1].deliverable.version}), unchanged.{asked}"
        )
    versions = [r.deliverable.version for r in rows]
    one = Deliverable(
        id=name,
        subtask=work.subtask,
        file=found.file,
        version=max(versions, default=0) + 1,
        words=words[:1000],
        checks=checks,
        previews=found.previews,
        findings=found.findings,
        provenance=found.provenance,
        path=path,
        skills=work.state.of(work.subtask).skills,
    )
    await work.record(Key(f"deliver:{side.call.id}"), e.DeliverableOffered(deliverable=one))
    if not side.review or work.state.trial is not None:
        accepted = e.DeliverableDecided(deliverable=one.id, verdict="approved", by=POLICY)
        offered = work.state.deliverables[one.id].seq  # the key of a person's decision on it: the first one counts
        await work.record(Key(f"review:{one.id}:{offered}"), accepted)
    rest = f" These checks still fail, and people will see them: {'; '.join(c.words for c in wrong)}" if wrong else ""
    rest += "".join(
        f" {c.words}. If findings support these figures, cite the findings and hand the file in again. "
        "Any figure without a source is shown as your own."
        for c in found.checks
        if c.ok and UNSOURCED in c.words
    )
    rest += "".join(f" People will see: {c.words}." for c in found.checks if c.ok and c.told)
    return f"{found.file.name} was handed in (version {one.version}).{rest}"


async def _inspected(side: HubCallContext, path: str) -> Inspection:
    """Lets the host check the file. Raises ToolFailed."""
    work = side.work
    host_call = HostCall(
        id=CallId(f"{work.task}/{side.call.id}"),
        task=work.task,
        subtask=work.subtask,
        tool="inspect_deliverable",
        args={"path": path},
        findings=work.state.comparable(),
        skills=work.state.of(work.subtask).skills,
    )
    result = await work.host.call(host_call)
    if not result.ok:
        raise ToolFailed(result.text)
    return Inspection.model_validate_json(result.text)


def _corrected(found: Inspection, work: Work) -> list[Check]:
    """Returns a failed check if findings that the file uses were corrected since."""
    newer = [(i, new) for i in found.findings if (new := work.state.newest(i))]
    if not newer:
        return []
    said = "; ".join(f"{i} was corrected by {n.id} ({n.kind} = {json.dumps(n.value)[:200]})" for i, n in newer)
    words = (
        f"it uses findings that have since been corrected: {said}. uses_of_findings {[i for i, _ in newer]} lists the "
        f"places to revise"
    )
    return [Check(name="corrections", ok=False, words=words)]


def _unchanged(old: Deliverable, found: Inspection, checks: Sequence[Check]) -> bool:
    """Returns whether people would see nothing new."""
    now = (found.file.sha, found.provenance, found.findings, tuple(checks))
    return (old.file.sha, old.provenance, old.findings, old.checks) == now


def _same(deliverable: Deliverable, found: Inspection, work: Work) -> bool:
    return deliverable.file.name == found.file.name and deliverable.subtask == work.subtask


TOOLS: Sequence[Tool] = (share_finding, read_findings, wait_for_findings, ask_person, deliver)
REPEATING = frozenset((*(t.spec.name for t in TOOLS), "recall", "use_skill"))
"""Their results repeat what agents and people said; they read no source."""
