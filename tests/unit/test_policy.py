"""The default table, the order of rules, and how domains match."""

import pytest

from orchestrator.domain.policy import DEFAULTS, Action, Rule, Verdict, domain_fits, judge
from orchestrator.domain.tool_calls import Effect, Label, domain_of

CLEAN: frozenset[Label] = frozenset()
READ_WEB = Action(tool="browser_open", effects=frozenset({Effect.NETWORK_READ}), domain="a.test")


@pytest.mark.parametrize("effect", list(Effect))
def test_every_effect_has_a_default_in_every_column(effect: Effect) -> None:
    assert len(DEFAULTS[effect]) == 3


def test_reading_a_listed_domain_is_allowed_until_the_run_is_tainted_and_private() -> None:
    both = frozenset({Label.UNTRUSTED, Label.PRIVATE})
    assert judge(READ_WEB, CLEAN, (), listed=["a.test"]).verdict is Verdict.ALLOW
    assert judge(READ_WEB, frozenset({Label.UNTRUSTED}), (), listed=["a.test"]).verdict is Verdict.ALLOW
    assert judge(READ_WEB, both, (), listed=["a.test"]).verdict is Verdict.ASK
    assert judge(READ_WEB, CLEAN, (), listed=["b.test"]).verdict is Verdict.ASK


def test_the_strictest_effect_of_a_call_decides() -> None:
    action = Action(tool="x", effects=frozenset({Effect.READ, Effect.NETWORK_SEND}))
    assert judge(action, CLEAN, ()).verdict is Verdict.ASK


def test_a_tool_that_names_no_effect_is_asked_about() -> None:
    assert judge(Action(tool="x", effects=frozenset()), CLEAN, ()).verdict is Verdict.ASK


def test_agents_never_administer() -> None:
    assert judge(Action(tool="x", effects=frozenset({Effect.ADMIN})), CLEAN, ()).verdict is Verdict.DENY


def test_a_deny_beats_an_ask_and_an_ask_beats_an_allow() -> None:
    allow, ask, deny = (Rule(verdict=v, tool="browser_open") for v in (Verdict.ALLOW, Verdict.ASK, Verdict.DENY))
    assert judge(READ_WEB, CLEAN, [allow]).verdict is Verdict.ALLOW
    assert judge(READ_WEB, CLEAN, [allow, ask]).verdict is Verdict.ASK
    assert judge(READ_WEB, CLEAN, [allow, ask, deny]).verdict is Verdict.DENY


@pytest.mark.parametrize(
    ("pattern", "domain", "fits"),
    [
        ("a.test", "a.test", True),
        ("A.test.", "a.test", True),
        ("*.a.test", "b.a.test", True),
        ("*.a.test", "a.test", False),
        ("*.a.test", "evila.test", False),
        ("a.test", "evila.test", False),
        ("a.test", "a.test:8080", False),
        ("127.0.0.1:80", "127.0.0.1:81", False),
    ],
)
def test_domains_match_exactly_or_below_a_star(pattern: str, domain: str, fits: bool) -> None:
    assert domain_fits(pattern, domain) is fits


@pytest.mark.parametrize(
    ("url", "domain"),
    [
        ("https://A.Test/x", "a.test"),
        ("https://a.test:443/", "a.test"),
        ("http://a.test:8080", "a.test:8080"),
        ("http://good.test@evil.test/", "evil.test"),
        ("file:///etc/passwd", None),
        ("javascript:alert(1)", None),
        ("http://[::1]:9/", "[::1]:9"),
        ("http://a.test:99999/", None),
        ("not a url", None),
    ],
)
def test_the_domain_of_a_url_is_where_it_really_goes(url: str, domain: str | None) -> None:
    assert domain_of(url) == domain
