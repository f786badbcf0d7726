"""What a call may do: a pure, total function. Silence means ask; nobody to ask means deny.

The table has the default for each effect class, by how tainted the run is. Rules come before it: deny, ask, allow; a
call's strictest effect decides.
"""

from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import Literal

from orchestrator.domain.base_value import Value
from orchestrator.domain.tool_calls import Effect, Label


class Verdict(StrEnum):
    """In increasing strictness."""

    ALLOW = "allow"
    ASK = "ask"
    DENY = "deny"


class Action(Value):
    """A call as the gate sees it: what it does, and to which domain."""

    tool: str
    effects: frozenset[Effect]
    domain: str | None = None


class Rule(Value):
    """One line of a policy. Empty fields match everything; `domain` matches exactly or as `*.suffix`."""

    verdict: Verdict
    tool: str | None = None
    effect: Effect | None = None
    domain: str | None = None
    why: str = ""

    def matches(self, action: Action) -> bool:
        return (
            (self.tool is None or self.tool == action.tool)
            and (self.effect is None or self.effect in action.effects)
            and (self.domain is None or (action.domain is not None and domain_fits(self.domain, action.domain)))
        )


class Judgement(Value):
    """The verdict, and the sentence that people read about it. `labels`: the taint that it was judged with."""

    verdict: Verdict
    why: str
    labels: frozenset[Label] = frozenset()


Taint = Literal["clean", "untrusted", "untrusted+private"]

_ALLOW, _ASK, _DENY = Verdict.ALLOW, Verdict.ASK, Verdict.DENY
DEFAULTS: dict[Effect, tuple[Verdict, Verdict, Verdict]] = {
    # effect: clean, untrusted, untrusted + private
    Effect.READ: (_ALLOW, _ALLOW, _ALLOW),
    Effect.WRITE_WORKSPACE: (_ALLOW, _ALLOW, _ALLOW),
    Effect.EXECUTE: (_ALLOW, _ALLOW, _ALLOW),
    Effect.NETWORK_READ: (_ASK, _ASK, _ASK),
    Effect.WRITE_OUTSIDE: (_ASK, _ASK, _ASK),
    Effect.NETWORK_SEND: (_ASK, _ASK, _ASK),
    Effect.MESSAGE_OTHERS: (_ASK, _ASK, _ASK),
    Effect.SPEND: (_ASK, _ASK, _ASK),
    Effect.USE_LOGIN: (_ASK, _ASK, _ASK),
    Effect.ADMIN: (_DENY, _DENY, _DENY),
}
WORDS = {
    Effect.READ: "reads this task's files",
    Effect.WRITE_WORKSPACE: "writes this task's files",
    Effect.EXECUTE: "runs code in the sandbox",
    Effect.NETWORK_READ: "opens a page on the network",
    Effect.WRITE_OUTSIDE: "writes outside this task's folder",
    Effect.NETWORK_SEND: "sends data to the network",
    Effect.MESSAGE_OTHERS: "writes to other people",
    Effect.SPEND: "spends money",
    Effect.USE_LOGIN: "uses a team login (created on first use)",
    Effect.ADMIN: "changes settings or permissions",
}

_CARRIED = "is allowed, but this agent has read private data and untrusted content; this request could leak it"


def judge(action: Action, labels: frozenset[Label], rules: Sequence[Rule], *, listed: Iterable[str] = ()) -> Judgement:
    """The verdict for `action`. `listed`: domains this run may read (by policy, the request's words, or a person)."""
    hits = [rule for rule in rules if rule.matches(action)]
    for verdict in (Verdict.DENY, Verdict.ASK, Verdict.ALLOW):
        if rule := next((r for r in hits if r.verdict is verdict), None):
            return Judgement(verdict=verdict, why=rule.why or f"a rule says {verdict} for {action.tool!r}")
    effects = action.effects or frozenset({Effect.EXECUTE, Effect.NETWORK_SEND})
    known = tuple(listed)
    return max((_default(e, action, labels, known) for e in sorted(effects)), key=strictness)


def narrowed(found: Judgement, action: Action, rules: Sequence[Rule]) -> Judgement:
    """Returns the strictest of a judgement and of these rules, which can't loosen it."""
    hits = [Judgement(verdict=rule.verdict, why=rule.why) for rule in rules if rule.matches(action)]
    return max((found, *hits), key=strictness)


def strictness(judgement: Judgement) -> int:
    """The stricter, the higher."""
    return list(Verdict).index(judgement.verdict)


def _default(effect: Effect, action: Action, labels: frozenset[Label], listed: tuple[str, ...]) -> Judgement:
    column = 0 if Label.UNTRUSTED not in labels else 2 if Label.PRIVATE in labels else 1
    where = f" ({action.domain})" if action.domain else ""
    if effect is Effect.NETWORK_READ and action.domain and any(domain_fits(p, action.domain) for p in listed):
        if column < 2:
            return Judgement(verdict=Verdict.ALLOW, why=f"{action.domain} is allowed for this task")
        return Judgement(verdict=DEFAULTS[effect][column], why=f"{action.domain} {_CARRIED}")
    return Judgement(verdict=DEFAULTS[effect][column], why=f"{action.tool} {WORDS[effect]}{where}")


def domain_fits(pattern: str, domain: str) -> bool:
    """Exact, or `*.example.com` for anything below it (not example.com itself). A port must be named to match."""
    pattern, domain = pattern.lower().rstrip("."), domain.lower().rstrip(".")
    if pattern.startswith("*."):
        return domain.endswith(pattern[1:]) and len(domain) > len(pattern) - 1
    return pattern == domain
