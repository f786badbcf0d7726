"""Decides what this host refuses, whatever the hub decided. Pure.

The hub asks people; the host only refuses. So only rules that deny apply here.
"""

from orchestrator.domain.base_value import Value
from orchestrator.domain.policy import Action, Rule, Verdict, domain_fits
from orchestrator.domain.tool_calls import Effect, HostCall, ToolSpec


class HostPolicy(Value):
    """What this host allows at most, whatever the hub decided.

    `rules`: those with the verdict deny are applied here once more. `domains`: patterns of all that may ever be opened;
    None for any. `send`: whether data may be submitted at all.
    """

    rules: tuple[Rule, ...] = ()
    domains: tuple[str, ...] | None = None
    send: bool = True


def refusal(call: HostCall, spec: ToolSpec, policy: HostPolicy) -> str | None:
    """Returns why this host refuses the call, as a sentence, or None."""
    if call.send and not policy.send:
        return f"This host doesn't allow submitting data, so it refused {call.tool!r}. Use a host that does."
    for domain in call.domains:
        if policy.domains is not None and not any(domain_fits(pattern, domain) for pattern in policy.domains):
            return f"This host isn't allowed to open {domain!r}. The host's owner can add it to the host's domains."
    for rule in policy.rules:
        if rule.verdict is Verdict.DENY and _hits(rule, call, spec):
            return f"This host refuses {call.tool!r}: {rule.why or 'its own rules say so'}."
    return None


def opens(domain: str, policy: HostPolicy) -> bool:
    """Returns whether a page may reach the domain at all, with or without a login."""
    if policy.domains is not None and not any(domain_fits(pattern, domain) for pattern in policy.domains):
        return False
    refused = (rule.domain for rule in policy.rules if rule.verdict is Verdict.DENY and _of_pages(rule))
    return not any(pattern and _overlap(pattern, domain) for pattern in refused)


def _of_pages(rule: Rule) -> bool:
    return rule.tool in (None, "browser_open") and rule.effect in (None, Effect.NETWORK_READ, Effect.USE_LOGIN)


def _hits(rule: Rule, call: HostCall, spec: ToolSpec) -> bool:
    action = Action(tool=call.tool, effects=spec.does(call.args))
    if rule.domain is None:
        return rule.matches(action)
    anywhere = rule.model_copy(update={"domain": None})
    return anywhere.matches(action) and any(_overlap(rule.domain, domain) for domain in call.domains)


def _overlap(one: str, other: str) -> bool:
    """Returns whether some domain matches both patterns."""
    return domain_fits(one, other) or domain_fits(other, one)
