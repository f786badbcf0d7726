"""Code that wants a network: a person sees the domains, and the host hears of exactly those."""

from pathlib import Path
from typing import Any

from agents.sandbox.background_processes import Background
from agents.sandbox.call_grants import SandboxAccess
from agents.sandbox.refuse_without_sandbox import NoSandbox
from agents.tools.shell import tools
from orchestrator.domain import commands as c
from orchestrator.domain.approvals_and_questions import Decision
from orchestrator.domain.ids import SubtaskId
from orchestrator.domain.tool_calls import Effect
from tests.memory_hub import ADA, ScriptedModel, say, stage
from tests.scenarios.test_request_to_files import plan, row


async def test_people_read_the_domains_before_code_may_use_them(tmp_path: Path) -> None:
    fetch = {"command": "pip download x", "domains": ["PyPI.org", "*.pythonhosted.org"]}
    model = ScriptedModel(
        {
            "plan": [plan(row("code", "developer"))],
            "code": [say(run_shell={"command": "ls"}), say(run_shell=fetch), lambda p: say(p.messages[-1].text)],
        }
    )
    async with stage(tmp_path, model) as on:

        async def ran(call: Any) -> str:
            return f"send={call.send} {call.domains}"

        spec = next(
            t.spec for t in tools.tools(SandboxAccess(NoSandbox("")), Background()) if t.spec.name == "run_shell"
        )
        on.host.tools_by_name["run_shell"] = (spec, ran)
        task = await on.ask("Fetch it")
        await on.press_start(task)
        state = await on.until(task, lambda s: s.approvals)
        assert [(call.send, call.domains) for call in on.host.calls] == [(False, ())]  # `ls` asked nobody
        ((name, asked),) = state.approvals.items()
        assert asked.approval.target == "*.pythonhosted.org, pypi.org"
        assert asked.approval.effects >= {Effect.EXECUTE, Effect.NETWORK_SEND}
        await on.desk.submit(c.Decide(id="d", by=ADA, task=task, approval=name, decision=Decision(verb="approve")))
        state = await on.until(task, lambda s: s.phase == "done")
        assert "send=True ('*.pythonhosted.org', 'pypi.org')" in state.of(SubtaskId("code")).summary
