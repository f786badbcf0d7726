"""A private task is seen and steered by its people alone: over every address of the web and every command."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast, get_args

import pytest
from starlette.routing import Mount, Route

from bot.web.asgi_app import web_app
from bot.web.private_routes import CALLBACK, CLIENT, FINISH, START
from bot.web.routes import CheckedAddress
from bot.web.sign_in import invite, person_named
from bot.web.takeover import Takeovers
from orchestrator.desk import PRIVACY, PersonalDesk
from orchestrator.domain import commands as c
from orchestrator.domain import events as e
from orchestrator.domain.approvals_and_questions import Decision
from orchestrator.domain.audience import Audience, Viewer
from orchestrator.domain.ids import ApprovalId, DeliverableId, PersonId, QuestionId, SubtaskId, TaskId
from orchestrator.domain.people import Person, Place, Request
from orchestrator.domain.skills import SkillText
from orchestrator.errors import NotFound
from orchestrator.policy_gate import Gate
from tests.scenarios.memory_desk import MemoryDesk, memory_desk
from tests.scenarios.report_job import Job, plan
from tests.scenarios.web_workspace import HOST, SECRET, House, use

DORA = Person(id=PersonId("slack:T1/DORA"), name="Dora")
EVE = Person(id=PersonId("slack:T1/EVE"), name="Eve")
SECRET_WORDS = "Salaries of the board"
DIRECT = Place(platform="slack", channel="T1/D1", thread="1", private=True)
CLOSED = Place(platform="slack", channel="T1/C7", thread="1", closed=True)
ANYBODYS = {"/enter/{token}", CALLBACK, CLIENT, FINISH, f"{START}/{{token}}"}
"""Used by whoever isn't signed in: links that work once, a service's answer to a sign-in, what services read of us."""
OPEN = Place(platform="slack", channel="T1/C1", thread="1")


async def ask(desk: MemoryDesk, place: Place, *, by: Person = DORA) -> TaskId:
    request = Request(text=SECRET_WORDS, by=by, place=place)
    return (await desk.submit(c.OpenTask(id=place.channel, by=by, request=request))).task


def a_house(folder: Path) -> House:
    """A workspace with every address that there can be."""
    desk = memory_desk(folder)
    takeovers = Takeovers(desk, cast("Any", None), Gate().readable)
    unused = cast("Any", object())
    return House(desk, web_app(
        desk, secret=SECRET, clock=desk.clock, public_hosts={HOST}, takeovers=takeovers, sign_ins=unused, board=unused
    ))  # fmt: skip


def routes(home: House) -> Iterator[Route]:
    for route in home.app.routes:
        if isinstance(route, Mount):
            assert route.path == "/static"
            continue
        assert isinstance(route, Route)
        yield route


def test_every_address_says_who_may_use_it(tmp_path: Path) -> None:
    for route in routes(a_house(tmp_path)):
        assert isinstance(route.app, CheckedAddress), f"{route.path} is no `Address`"
        assert route.app.address.who == ("task" if "{task}" in route.path else "people") or (
            route.path in ANYBODYS and route.app.address.who == "anybody"
        )


async def test_a_private_task_is_at_no_address_for_others(tmp_path: Path) -> None:
    home = a_house(tmp_path)
    await home.visitor("The Owner")
    task = await ask(home.desk, DIRECT)
    job = Job(home.desk, task)
    await job.draft()
    await job.at_work()
    offered = await job.deliver()
    state = await home.desk.state(task)
    file = state.deliverables[offered].file
    filled = {"task": task, "verb": "edit-plan", "deliverable": offered, "subtask": "sheet", "sha": file.sha,
              "name": file.name, "channel": "general", "token": "x", "question": "q"}  # fmt: skip
    seen = 0
    for route in routes(home):
        path = re.sub(r"\{(\w+)(:\w+)?\}", lambda m: filled[m.group(1)], route.path)
        if "/live" in path and "{task}" not in route.path:
            continue  # a stream; what it shows is looked at below
        for method in (route.methods or set()) - {"HEAD"}:
            bob = await home.visitor("Bob")
            form = {"csrf": bob.csrf, "id": "command-1", "text": "hi"} if method == "POST" else None
            answer = await bob.http.request(method, path, data=form)
            assert SECRET_WORDS not in answer.text, path
            if "{task}" in route.path:
                seen += 1
                assert answer.status_code == 404, (method, path, answer.status_code)
            else:
                assert task not in answer.text, path
    assert seen >= 16
    assert len(await home.desk.records(task)) == state.seq, "nothing was steered"


async def test_a_hidden_task_looks_like_one_that_does_not_exist(tmp_path: Path) -> None:
    home = a_house(tmp_path)
    bob, task = await home.visitor("Bob"), await ask(home.desk, DIRECT)
    hidden, none = [(await bob.http.get(f"/t/{name}")).text.replace(name, "?") for name in (task, "no-such-task")]
    assert hidden == none


async def test_the_people_of_a_private_task_see_it_in_the_web_too(tmp_path: Path) -> None:
    home = a_house(tmp_path)
    await home.visitor("The Owner")
    link = await invite(home.desk, person_named("Dora"), home.desk.clock, also=[DORA.id])
    dora = home.stranger()
    await use(dora, link)
    task = await ask(home.desk, DIRECT)
    assert (await dora.get(f"/t/{task}")).status_code == 200
    assert SECRET_WORDS in (await dora.get("/c/general")).text


async def test_lists_and_live_regions_leave_private_tasks_out(tmp_path: Path) -> None:
    home = a_house(tmp_path)
    owner = await home.visitor("The Owner")
    await ask(home.desk, DIRECT)
    await ask(home.desk, CLOSED)
    assert SECRET_WORDS not in (await owner.http.get("/c/general")).text
    await ask(home.desk, OPEN)
    assert SECRET_WORDS in (await owner.http.get("/c/general")).text


async def test_the_owner_sees_private_tasks_only_by_the_setting_and_that_is_on_record(tmp_path: Path) -> None:
    home = a_house(tmp_path)
    owner, bob = await home.visitor("The Owner"), await home.visitor("Bob")
    task = await ask(home.desk, DIRECT)
    assert (await owner.http.get(f"/t/{task}")).status_code == 404
    home.desk.audience = Audience(owner_sees_private=True)
    assert (await owner.http.get(f"/t/{task}")).status_code == 200
    assert (await bob.http.get(f"/t/{task}")).status_code == 404
    (record,) = await home.desk.room(PRIVACY)
    assert record.event == e.PrivateTaskSeen(task=task, by=person_named("The Owner"))


def every_command(task: TaskId, by: Person) -> dict[type[c.Command], c.AnyCommand]:
    """One of each command about a task."""
    about: dict[str, Any] = {"id": "command-1", "by": by, "task": task}
    step = SubtaskId("sheet")
    made: tuple[c.AnyCommand, ...] = (
        c.Say(**about, text="Hi"),
        c.Remark(**about, text="Hi"),
        c.EditPlan(**about, plan=plan(), base=1),
        c.StartPlan(**about, base=1),
        c.RetryPlanning(**about),
        c.Pause(**about),
        c.Resume(**about),
        c.Stop(**about),
        c.RetrySubtask(**about, subtask=step, attempt=1),
        c.SkipSubtask(**about, subtask=step),
        c.Decide(**about, approval=ApprovalId("A1"), decision=Decision(verb="approve")),
        c.AnswerQuestion(**about, question=QuestionId("Q1"), answers={}),
        c.StartTakeover(**about, subtask=step),
        c.EndTakeover(**about, subtask=step),
        c.AllowDomain(**about, subtask=step, domain="example.com"),
        c.Review(**about, deliverable=DeliverableId("D1"), verdict="approved"),
        c.SaveSkill(**about),
        c.EditSkill(**about, saving=1, revision=1, draft=SkillText(name="a", description="b", body="c"), scope="team"),
        c.DecideSkill(**about, saving=1, revision=1, approved=True),
        c.TrySkill(**about, saving=1, revision=1),
        c.DecideScript(**about, saving=1, revision=1, approved=True),
        c.ExportSkill(**about, saving=1),
        c.ReviveSkill(**about, saving=1),
        c.RollBackSkill(**about, saving=1),
    )
    return {type(one): one for one in made}


async def test_nobody_else_gives_any_command_to_a_private_task(tmp_path: Path) -> None:
    desk = memory_desk(tmp_path)
    task = await ask(desk, DIRECT)
    commands = every_command(task, EVE)
    assert set(commands) == set(get_args(c.TaskCommand)), "a command without an answer"
    before = len(await desk.records(task))
    for command in commands.values():
        for viewer in (Viewer(EVE), Viewer(EVE, owner=True), Viewer(EVE, at=("slack", DIRECT.channel))):
            with pytest.raises(NotFound):
                await PersonalDesk(desk, viewer).submit(command)
    assert len(await desk.records(task)) == before


@pytest.mark.parametrize(
    ("place", "viewer", "sees"),
    [
        (OPEN, Viewer(EVE), True),
        (DIRECT, Viewer(DORA), True),
        (DIRECT, Viewer(EVE), False),
        (DIRECT, Viewer(EVE, also=frozenset({DORA.id})), True),
        (DIRECT, Viewer(EVE, at=("slack", "T1/D1")), False),
        (CLOSED, Viewer(DORA), True),
        (CLOSED, Viewer(EVE), False),
        (CLOSED, Viewer(EVE, at=("slack", "T1/C7")), True),
        (CLOSED, Viewer(EVE, at=("discord", "T1/C7")), False),
        (CLOSED, Viewer(EVE, at=("slack", "T1/C8")), False),
        (CLOSED, Viewer(EVE, owner=True), False),
    ],
)
async def test_who_sees_what(tmp_path: Path, place: Place, viewer: Viewer, sees: bool) -> None:
    desk = memory_desk(tmp_path)
    task, own_desk = await ask(desk, place), PersonalDesk(desk, viewer)
    assert [s.id for s in await own_desk.states()] == ([task] if sees else [])
    if not sees:
        with pytest.raises(NotFound):
            await own_desk.records(task)
        with pytest.raises(NotFound):
            await anext(aiter(own_desk.watch(task)))


SURFACES = ("bot/web", "bot/terminal", "bot/inbox", "bot/inbox/interpret.py")
HUBS_OWN = {"bot/web/takeover.py"}
"""Return pages in the name of the hub; their addresses have asked before."""
RAW = re.compile(r"desk\.(submit|state|states|records|watch|watch_all)\(")


def test_no_surface_goes_around_the_rule() -> None:
    root = Path(__file__).parents[2]
    files = [f for name in SURFACES for f in (root / name, *sorted((root / name).rglob("*.py")))]
    around = [
        f"{file.relative_to(root)}: {line.strip()}"
        for file in files
        if file.is_file() and str(file.relative_to(root)) not in HUBS_OWN
        for line in file.read_text().splitlines()
        if RAW.search(line) and "own_desk." not in line and "# for the hub" not in line
    ]
    assert around == []
