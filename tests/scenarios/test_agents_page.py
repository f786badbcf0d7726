"""The workspace's page of agents: made, corrected, changed, tried, rolled back, removed; and who may do that."""

from pathlib import Path

from agents.roster.agent_file import read_agent
from orchestrator.domain.model_messages import Prompt
from orchestrator.domain.tool_calls import Effect, HostCall
from orchestrator.errors import ModelFailed
from tests.memory_hub import ScriptedModel, Stage, say, stage
from tests.scenarios.agent_workspace import USUAL, Browser, workspace
from tests.scenarios.web_people import Page


def shelled(on: Stage) -> None:
    async def ran(call: HostCall) -> str:
        raise AssertionError("nothing is done while an agent is tried")

    on.host.tool("read_file", ran, Effect.READ)
    on.host.tool("run_shell", ran, Effect.EXECUTE)


async def test_an_agent_is_made_changed_rolled_back_and_removed(tmp_path: Path) -> None:
    async with stage(tmp_path, ScriptedModel({})) as on:
        ada = await Browser(workspace(on, tmp_path), on).come_in()
        assert "Agents" in (await ada.page("/c/general")).text
        empty = await ada.form("/agents/new")
        assert (empty["family.files"], empty["family.code"]) == (["always"], [""])
        saved = Page((await ada.sends("/agents/save", USUAL)).text)
        assert "Saved. It counts from the next plan on." in saved.text
        file = tmp_path / "agents" / "contract-reader.md"
        assert file.read_text() == (
            "---\nname: contract-reader\ndescription: Reads contracts.\ntools: [delivery, read_file]\n---\n"
            "You read contracts.\n"
        )
        lines = (await ada.page("/agents")).text
        assert "contract-reader version 1 Reads contracts. The team’s" in lines
        assert "analyst Analyzes data" in lines

        fields = await ada.form("/agents/contract-reader")
        changed = {**fields, "prompt": "You read contracts slowly.", "turns": "20", "deny": "network-send"}
        assert "Version 2. Running tasks keep" in Page((await ada.sends("/agents/save", changed)).text).text
        agent = read_agent(file.read_bytes()).agent
        assert agent is not None
        assert (agent.limits.turns, len(agent.policy)) == (20, 1)

        late = await ada.sends("/agents/save", changed)
        assert late.status_code == 409
        assert "has changed since you opened this form" in late.text

        shown = Page((await ada.sends("/agents/rollback", {"agent": "contract-reader", "number": "1"})).text)
        assert "Version 1. Running tasks keep" in shown.text
        assert "slowly" not in file.read_text()
        assert (await ada.sends("/agents/remove", {"agent": "contract-reader"})).status_code == 200
        assert not file.exists()
        assert "contract-reader" not in (await ada.page("/agents")).text


async def test_mistakes_are_shown_at_their_fields_and_what_was_typed_stays(tmp_path: Path) -> None:
    async with stage(tmp_path, ScriptedModel({})) as on:
        ada = await Browser(workspace(on, tmp_path), on).come_in()
        wrong = {
            **USUAL, "name": "Contract Reader", "tools": "reed_file", "turns": "many", "cost": "0", "deny": "sending",
            "effort": "max", "prompt": " ", "description": "Keeps this.", "skills": "none-such",
        }  # fmt: skip
        answer = await ada.sends("/agents/save", wrong)
        assert answer.status_code == 422
        for key, words in {
            "name": "It needs 1 to 40 lower-case letters", "tools": "no tool or family &#39;reed_file&#39;",
            "limits-turns": "It has to be a whole number from 1 to 200.",
            "limits-cost": "It has to be a number of US dollars from 0.01 to 10,000.",
            "policy-deny": "&#39;sending&#39; isn&#39;t an effect", "effort": "isn&#39;t an effort",
            "prompt": "no prompt",
        }.items():  # fmt: skip
            at = answer.text.index(f'id="said-{key}"')
            assert words in answer.text[at : at + 300], key
        fields = Page(answer.text).forms[""]
        assert (fields["description"], fields["tools"], fields["turns"]) == (["Keeps this."], ["reed_file"], ["many"])
        assert not (tmp_path / "agents").exists()

        taken = await ada.sends("/agents/save", {**USUAL, "name": "analyst"})
        assert "is already the name of an agent" in taken.text
        doubtful = await ada.sends("/agents/save", {**USUAL, "skills": "none-such"})
        assert doubtful.status_code == 200
        assert "so the agent works without it." in doubtful.text


async def test_ours_can_be_replaced_and_a_broken_file_is_corrected_in_the_form(tmp_path: Path) -> None:
    async with stage(tmp_path, ScriptedModel({})) as on:
        ada = await Browser(workspace(on, tmp_path), on).come_in()
        page = await ada.page("/agents/document")
        assert "Built in. Saving makes a version of your own" in page.text
        fields = page.forms[""]
        assert fields["every-connector"] == ["yes"]
        saved = await ada.sends("/agents/save", {**fields, "prompt": "Be brief."})
        assert saved.status_code == 200, saved.text
        assert "document version 1" in (await ada.page("/agents")).text
        mine = (await on.roster.now()).get("document")
        assert mine.prompt == "Be brief."
        assert [*mine.families["slides"]] == ["slides_write", "slides_edit", "slides_read"]

        (tmp_path / "agents" / "odd.md").write_text("---\nname: odd\ndescription: Odd.\ntools: [filez]\n---\nDo.")
        (tmp_path / "agents" / "junk.md").write_text("junk")
        lines = (await ada.page("/agents")).text
        assert "'odd.md', tools: There's no tool or family 'filez'. Did you mean 'files'?" in lines
        assert "'junk.md': It doesn't begin with settings." in lines
        odd = await ada.page("/agents/odd")
        assert "Did you mean 'files'?" in odd.text
        right = await ada.sends("/agents/save", {**odd.forms[""], "tools": "", "family.files": "always"})
        assert "Saved." in right.text
        assert (await ada.http.get("/agents/junk")).status_code == 200


async def test_one_turn_is_taken_and_nothing_is_done(tmp_path: Path) -> None:
    def first(prompt: Prompt):
        assert prompt.messages[0].text.startswith("You read contracts.")
        assert "Read the contract with Acme" in prompt.messages[1].text
        assert [spec.name for spec in prompt.tools] == ["read_file", "run_shell", "deliver", "recall"]
        return say("I begin.", read_file={"path": "acme.txt"}, run_shell={"command": "ls"}, deliver={"path": "a"})

    model = ScriptedModel({"try-out": [first, ModelFailed("The model is down.")]})
    async with stage(tmp_path, model) as on:
        shelled(on)
        ada = await Browser(workspace(on, tmp_path), on).come_in()
        typed = {**USUAL, "tools": "read_file, run_shell", "family.delivery": "", "deny": "run_shell",
                 "family.code": "", "words": "Read the contract with Acme"}  # fmt: skip
        typed["tools"] = "read_file, run_shell, deliver"
        page = Page((await ada.sends("/agents/try", typed)).text).text
        assert "What it would do first I begin." in page
        assert 'read_file would run { "path": "acme.txt" }' in page
        assert "run_shell wouldn't be allowed: this agent's policy says that it may not do that (run_shell)" in page
        assert "deliver would run" in page
        assert "scripted · $0.01 · 12 tokens" in page
        assert not (tmp_path / "agents").exists()
        assert await on.desk.states() == []
        assert on.host.calls == []

        failed = await ada.sends("/agents/try", typed)
        assert "The model is down." in failed.text
        nothing = await ada.sends("/agents/try", {**typed, "words": " "})
        assert "Write what the agent is asked to do." in nothing.text


async def test_only_the_owner_changes_and_tries_agents(tmp_path: Path) -> None:
    async with stage(tmp_path, ScriptedModel({})) as on:
        app = workspace(on, tmp_path)
        ada, bob = await Browser(app, on).come_in(), await Browser(app, on).come_in("Bob")
        assert "New agent" not in (await bob.page("/agents")).text
        for path in ("/agents/new", "/agents/analyst"):
            assert (await bob.http.get(path)).status_code == 403
        for path in ("save", "try", "rollback", "remove"):
            answer = await bob.sends(f"/agents/{path}", {**USUAL, "agent": "analyst"})
            assert answer.status_code == 403
            assert "Only the owner of this workspace can change or try agents." in answer.text
        stranger = Browser(app, on)
        assert (await stranger.http.get("/agents")).status_code == 401
        forged = await ada.http.post("/agents/save", data={**USUAL, "csrf": "0" * 64})
        assert forged.status_code == 403
        assert not (tmp_path / "agents").exists()
