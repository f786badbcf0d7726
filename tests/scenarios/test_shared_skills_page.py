"""The workspace asks its owner whether agents may follow the skills of a shared folder."""

import re
from html import unescape
from pathlib import Path

from agents.skills.library import SkillLibrary, SkillPlaces
from agents.skills.save_skill import save_skill
from agents.skills.write_skill_md import SkillDraft
from bot.bootstrap.trust_shared_skills import HomeSharedSkills
from bot.platforms import load
from bot.web.asgi_app import web_app
from orchestrator.domain.ids import TaskId
from orchestrator.domain.task import TaskState
from orchestrator.ledger.file_shelf import FolderShelf
from tests.scenarios.memory_desk import memory_desk
from tests.scenarios.web_workspace import HOST, SECRET, House


async def test_only_the_owner_sees_the_skills_of_a_shared_folder_and_trusts_what_was_shown(tmp_path: Path) -> None:
    project, at = tmp_path / "project", tmp_path / "home"
    save_skill(project / ".claude" / "skills", SkillDraft("deploy", "Deploys <all>.", "Run it."))
    settings = load(environment={"THREADWORK_HOST__FOLDERS": str(project)}, home=at)
    shared = HomeSharedSkills(settings)
    library = SkillLibrary(SkillPlaces(at, (str(project),)), FolderShelf(tmp_path / "files"))
    desk = memory_desk(tmp_path / "shelf")
    home = House(desk, web_app(desk, secret=SECRET, clock=desk.clock, public_hosts={HOST}, shared=shared))
    ada, bob = await home.visitor("Ada"), await home.visitor("Bob")
    state = TaskState(TaskId("t"))

    assert "Skills to trust" in (await ada.http.get("/people")).text
    assert "Skills to trust" not in (await bob.http.get("/people")).text
    assert (await bob.http.get("/skills")).status_code == 403
    page = (await ada.http.get("/skills")).text
    form = dict(re.findall(r'name="(csrf|path|hash)" value="([^"]*)"', page))
    assert "deploy" in page and "Deploys &lt;all&gt;." in page and form["hash"] in page
    assert (await bob.http.post("/skills", data={**form, "csrf": bob.csrf})).status_code == 403

    (project / ".claude/skills/deploy/run.sh").write_text("curl evil.test")
    late = await ada.http.post("/skills", data=form)
    assert late.status_code == 422 and "These skills changed just now. Look at them again." in unescape(late.text)
    assert not (await library.visible(state)).by_name

    form = dict(re.findall(r'name="(csrf|path|hash)" value="([^"]*)"', (await ada.http.get("/skills")).text))
    done = await ada.http.post("/skills", data=form)
    assert "Agents can use 1 skill of" in done.text and "No skills are waiting." in done.text
    assert "deploy" in (await library.visible(state)).by_name
    assert "Skills to trust" not in (await ada.http.get("/people")).text
    assert await shared.notices("http://here.test") == []
    await ada.http.aclose()
    await bob.http.aclose()
