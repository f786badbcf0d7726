"""Which thinking effort is asked for, and what doctor says about efforts without an effect."""

from pathlib import Path

from agents.models.thinking_effort import effort_to_send
from bot.bootstrap.model_notices import model_notices
from bot.config.settings import load


async def test_doctor_names_the_models_without_an_effort(tmp_path: Path) -> None:
    models = {
        "default": "openai/gpt-4o",
        "planner": "openai/gpt-5",
        "roles": {"browser": "anthropic/claude-3-haiku-20240307"},
        "efforts": {"planner": "high", "browser": "low"},
        "rows": {"mine": {"model": "openai/x", "api_base": "http://127.0.0.1:9/v1", "effort": "low"}},
    }
    found = await model_notices(load(home=tmp_path, models=models, environment={}))
    assert list(found.effortless) == ["anthropic/claude-3-haiku-20240307"]


def test_what_was_refused_is_not_asked_for_again() -> None:
    assert effort_to_send("none", refused={"none"}, claude=False, said=[]) == "minimal"
    assert effort_to_send("none", refused={"none", "minimal", "low"}, claude=False, said=[]) is None
    assert effort_to_send("high", refused={"low"}, claude=False, said=[]) == "high"
    assert effort_to_send(None, refused=set(), claude=True, said=[]) is None
    bare = [{"role": "assistant", "tool_calls": [{}]}]
    assert effort_to_send("high", refused=set(), claude=True, said=bare) is None
    assert effort_to_send("none", refused=set(), claude=True, said=bare) == "none"
