"""The pure parts of an agent: well-formed text, results that fit an event, the tools of ours."""

import pytest

from agents.host.host_tools import known_specs
from agents.loop.run_tool_call import HUB_TOOLS, MOST_RESULT, fitting
from agents.roster.roster import load
from orchestrator.domain.tool_calls import CallResult


@pytest.mark.parametrize("text", ["x" * 100_000, "語" * 40_000, '"\\\n' * 30_000])
def test_a_result_is_cut_until_its_json_fits_an_event(text: str) -> None:
    cut = fitting(CallResult(ok=True, text=text))
    assert len(cut.model_dump_json().encode()) < MOST_RESULT + 1000
    assert cut.text.endswith("[the rest was cut; read a smaller part]")


def test_every_shipped_family_has_tools_that_exist() -> None:
    known = {spec.name for specs in known_specs().values() for spec in specs} | {*HUB_TOOLS, "web_search"}
    assert [(c.name, {*c.every_tool} - known) for c in load().colleagues if not {*c.every_tool} <= known] == []
