"""The gate turns policy, what people allowed, and what the request itself names into allow, ask or deny."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pydantic import JsonValue

from orchestrator.domain.ids import SubtaskId
from orchestrator.domain.policy import WORDS, Action, Judgement, Rule, Verdict, judge, narrowed, strictness
from orchestrator.domain.task import TaskState
from orchestrator.domain.tool_calls import Effect, Label, ToolSpec, domain_of, fingerprint

URL = re.compile(r"https?://[^\s<>\"')\]]+")


@dataclass(frozen=True)
class Gate:
    """`rules` come from the settings; `domains` may be read by every task."""

    rules: Sequence[Rule] = ()
    domains: frozenset[str] = frozenset()

    def judge(self, spec: ToolSpec, args: Mapping[str, JsonValue], state: TaskState, subtask: SubtaskId) -> Judgement:
        """Returns the verdict for one call of a subtask. People's *for this task* answers loosen an ask, never a
        deny."""
        taint = labels(state, subtask)
        return self._verdict(spec, args, state, subtask, taint).model_copy(update={"labels": taint})

    def _verdict(
        self,
        spec: ToolSpec,
        args: Mapping[str, JsonValue],
        state: TaskState,
        subtask: SubtaskId,
        taint: frozenset[Label],
    ) -> Judgement:
        aims = spec.aims(args)
        actions = [Action(tool=spec.name, effects=spec.does(args), domain=domain) for domain in aims or (None,)]
        listed = self.readable(state, subtask) | ({spec.at} if spec.at else set[str]())
        own = state.of(subtask).policy
        verdict = max(
            (narrowed(judge(action, taint, self.rules, listed=listed), action, own) for action in actions),
            key=strictness,
        )
        if login := spec.login_in(args):
            return _of_login(verdict, login, held=bool(aims) and all((login, aim) in state.logins for aim in aims))
        approved = {spec.scope, fingerprint(spec.name, dict(args))} & state.allowed
        if verdict.verdict is Verdict.ASK and approved and Effect.NETWORK_SEND not in spec.does(args):
            return Judgement(verdict=Verdict.ALLOW, why=f"{spec.name} was approved for this task")
        return verdict

    def readable(self, state: TaskState, subtask: SubtaskId) -> frozenset[str]:
        """Returns domains the subtask may open: by policy, named by a person in the request or a reply, or approved.

        Its agent's own policy takes some of them away.
        """
        asked_for = state.request.text if state.request and not state.request.relayed else ""
        words = [asked_for, *(x.text for x in state.lines if x.by is not None)]
        named = {d for text in words for url in URL.findall(text) if (d := domain_of(url))}
        asked = {
            row.approval.target
            for row in state.approvals.values()
            if row.approval.subtask == subtask
            and row.approval.effects <= {Effect.NETWORK_READ, Effect.WRITE_WORKSPACE, Effect.READ}
            and row.approval.target
            and row.decision is not None
            and row.decision.verb == "approve"
        }
        own = [rule for rule in state.of(subtask).policy if rule.tool is None]
        open_ = {d for d in self.domains | named if not _closed(d, own)}
        denied = [rule for rule in own if rule.verdict is Verdict.DENY]
        return frozenset(open_ | {d for d in state.domains | asked if not _closed(d, denied)})


def _closed(domain: str, rules: Sequence[Rule]) -> bool:
    """Returns whether one of these rules is about reading from the domain."""
    reading = Action(tool="", effects=frozenset({Effect.NETWORK_READ}), domain=domain)
    return any(rule.matches(reading) for rule in rules)


def _of_login(found: Judgement, login: str, *, held: bool) -> Judgement:
    """Only a person's approval in this task opens a login; a call that is otherwise allowed still has to ask, and a
    denial stays."""
    if held and found.verdict is Verdict.ASK:
        return Judgement(verdict=Verdict.ALLOW, why=f"the login {login!r} was approved for this task")
    if held or found.verdict is Verdict.DENY:
        return found
    return Judgement(verdict=Verdict.ASK, why=WORDS[Effect.USE_LOGIN])


def _quotes_others(state: TaskState) -> bool:
    """Returns whether another assistant wrote the request, or it or a reply builds on other messages: words of others
    that every agent reads."""
    request = (state.request.background,) if state.request else ()
    relayed = state.request is not None and state.request.relayed
    return relayed or any(one.title or one.quoted for one in (*request, *(line.background for line in state.lines)))


def labels(state: TaskState, subtask: SubtaskId) -> frozenset[Label]:
    """Returns the subtask's own taint, and that of everything it builds on."""
    found: frozenset[Label] = frozenset({Label.UNTRUSTED}) if _quotes_others(state) else frozenset()
    seen: set[SubtaskId] = set()
    queue = [subtask]
    while queue:
        name = queue.pop()
        if name in seen:
            continue
        seen.add(name)
        found |= state.of(name).labels
        row = state.plan.subtask(name) if state.plan else None
        queue += [*row.after, *row.fed_by] if row else []
    return found
