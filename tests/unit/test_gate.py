"""The gate on one call: what its very arguments do, and where they aim."""

from dataclasses import replace

import pytest
from pydantic import JsonValue

from orchestrator.domain import policy
from orchestrator.domain.ids import PersonId
from orchestrator.domain.people import Person, Place, Request
from orchestrator.domain.policy import Rule, Verdict
from orchestrator.domain.task import TaskState
from orchestrator.domain.tool_calls import Effect, Label, ToolSpec, fingerprint
from orchestrator.policy_gate import Gate, labels
from tests.unit.task_facts import READ, TASK

SHELL = ToolSpec(
    name="run_shell",
    description="",
    parameters={},
    effects=frozenset({Effect.EXECUTE, Effect.WRITE_WORKSPACE}),
    reaches="domains",
)
STATE = TaskState(TASK)


def verdict(gate: Gate, *domains: JsonValue, state: TaskState = STATE) -> Verdict:
    return gate.judge(SHELL, {"command": "x", "domains": list(domains)}, state, READ).verdict


def test_code_without_a_network_is_allowed_and_with_one_it_is_asked_about() -> None:
    assert verdict(Gate()) is Verdict.ALLOW
    assert verdict(Gate(), "pypi.org") is Verdict.ASK


def test_a_domain_that_may_be_read_may_not_be_talked_to_by_code() -> None:
    assert verdict(Gate(domains=frozenset({"pypi.org"})), "pypi.org") is Verdict.ASK


def test_what_was_allowed_for_the_task_never_opens_a_network() -> None:
    allowed = replace(STATE, allowed=frozenset({fingerprint("run_shell", {"command": "x", "domains": []})}))
    asking = Gate((Rule(verdict=Verdict.ASK, tool="run_shell"),))
    assert verdict(asking, state=allowed) is Verdict.ALLOW
    assert verdict(asking, "pypi.org", state=allowed) is Verdict.ASK


@pytest.mark.parametrize(
    ("second", "expected"), [("a.test", Verdict.ALLOW), ("b.test", Verdict.ASK), ("c.test", Verdict.DENY)]
)
def test_the_strictest_of_the_domains_decides(second: str, expected: Verdict) -> None:
    rules = (Rule(verdict=Verdict.ALLOW, domain="a.test"), Rule(verdict=Verdict.DENY, domain="c.test"))
    assert verdict(Gate(rules), "a.test", second.upper()) is expected


def test_a_request_that_another_assistant_wrote_is_untrusted_and_opens_no_domain() -> None:
    ada = Person(id=PersonId("web:ada"), name="Ada")
    place = Place(platform="mcp", channel="ada", thread="1")
    own = Request(text="Read https://a.test/x", by=ada, place=place)
    for request, opened, found in (
        (own, {"a.test"}, frozenset[Label]()),
        (own.model_copy(update={"relayed": True}), set[str](), frozenset({Label.UNTRUSTED})),
    ):
        state = replace(STATE, request=request)
        assert Gate().readable(state, READ) == opened
        assert labels(state, READ) == found


OPEN = ToolSpec(
    name="browser_open",
    description="",
    parameters={},
    effects=frozenset({Effect.NETWORK_READ}),
    target="url",
    login="login",
    beside="login_hosts",
)


def opening(gate: Gate, state: TaskState = STATE, **args: JsonValue) -> Verdict:
    return gate.judge(OPEN, {"url": "https://app.a.test/x", **args}, state, READ).verdict


def test_a_login_is_asked_about_whatever_may_be_opened_without_it() -> None:
    gate = Gate((Rule(verdict=Verdict.ALLOW, tool="browser_open"),), frozenset({"app.a.test"}))
    assert opening(gate) is Verdict.ALLOW
    assert opening(gate, login="crm") is Verdict.ASK
    asked = gate.judge(OPEN, {"url": "https://app.a.test", "login": "crm"}, STATE, READ)
    assert policy.WORDS[Effect.USE_LOGIN] in asked.why
    assert opening(gate, replace(STATE, allowed=frozenset({"browser_open"})), login="crm") is Verdict.ASK
    assert opening(gate, replace(STATE, domains=frozenset({"app.a.test"})), login="crm") is Verdict.ASK


def test_a_login_that_was_approved_for_the_task_is_not_asked_about_again() -> None:
    held = replace(STATE, logins=frozenset({("crm", "app.a.test")}))
    assert opening(Gate(), held, login="crm") is Verdict.ALLOW
    assert opening(Gate(), held, login="erp") is Verdict.ASK
    assert opening(Gate(), held, login="crm", url="https://b.test") is Verdict.ASK
    assert opening(Gate(), held, login="crm", login_hosts=["cdn.test"]) is Verdict.ASK
    assert opening(Gate(), held) is Verdict.ASK


def test_a_denial_holds_for_a_login_that_people_approved() -> None:
    held = replace(STATE, logins=frozenset({("crm", "app.a.test"), ("crm", "cdn.test")}))
    for rule in (Rule(verdict=Verdict.DENY, effect=Effect.USE_LOGIN), Rule(verdict=Verdict.DENY, domain="cdn.test")):
        assert opening(Gate((rule,)), held, login="crm", login_hosts=["cdn.test"]) is Verdict.DENY
