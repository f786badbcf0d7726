"""The web workspace under attack: every access rule by somebody who breaks it, and text that wants to be code."""

import asyncio
import re
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from bot.web.access import COOKIE, Seal, Session
from orchestrator.domain import events as e
from orchestrator.domain.findings import Finding, Source
from orchestrator.domain.ids import FindingId, PersonId, SubtaskId, TaskId
from orchestrator.domain.plan import Plan, Subtask
from tests.scenarios.report_job import Job
from tests.scenarios.web_house import HOST, SECRET, House, Visitor, house, use

EVIL = "<script>alert('x')</script><img src=x onerror=alert(1)>\"' onmouseover=alert(2) {{7*7}}"


@pytest.fixture
def home(tmp_path: Path) -> House:
    return house(tmp_path)


async def a_task(home: House, visitor: Visitor, text: str = "@threadwork make a report") -> TaskId:
    answer = await visitor.post("/c/general/say", {"text": text})
    assert answer.status_code == 200, answer.text
    return TaskId(answer.json()["go"].removeprefix("/t/"))


# --- coming in ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path", ["/", "/c/general", "/t/x", "/people", "/live", "/t/x/live", "/t/x/f/00/a", "/t/x/parts"]
)
async def test_without_a_login_nothing_is_shown(home: House, path: str) -> None:
    answer = await home.stranger().get(path)
    assert answer.status_code == 401
    assert "login link" in answer.text and "Traceback" not in answer.text


@pytest.mark.parametrize("path", ["/c/general/say", "/t/x/say", "/t/x/do", "/people", "/channels", "/leave"])
async def test_without_a_login_nothing_can_be_written(home: House, path: str) -> None:
    answer = await home.stranger().post(path, data={"text": "hi", "id": "command-1"})
    assert answer.status_code == 401


async def test_looking_at_a_login_link_does_not_use_it_up(home: House) -> None:
    link = await home.link()
    for _ in range(3):
        assert (await home.stranger().get(link)).status_code == 200
    assert (await use(home.stranger(), link)).status_code == 303


async def test_a_login_link_lets_in_once(home: House) -> None:
    link = await home.link()
    assert COOKIE in (await use(home.stranger(), link)).cookies
    second = await home.stranger().post(link, data={"session": "0" * 32})
    assert second.status_code == 403 and COOKIE not in second.cookies
    assert "already used" in (await home.stranger().get(link)).text


async def test_of_two_who_use_a_link_at_the_same_moment_one_gets_in(home: House) -> None:
    link = await home.link()
    sessions = [f"{n:032x}" for n in range(8)]
    answers = await asyncio.gather(*(home.stranger().post(link, data={"session": s}) for s in sessions))
    assert sorted(a.status_code for a in answers) == [303] + [403] * 7


async def test_an_old_login_link_lets_nobody_in(home: House) -> None:
    link = await home.link()
    home.desk.clock.move(timedelta(hours=25).total_seconds())
    assert (await home.stranger().get(link)).status_code == 403
    assert (await home.stranger().post(link, data={"session": "0" * 32})).status_code == 403


async def test_a_guessed_login_link_lets_nobody_in(home: House) -> None:
    await home.link()
    assert (await home.stranger().post("/enter/guessed", data={"session": "0" * 32})).status_code == 403


async def test_the_ledger_never_holds_a_token(home: House) -> None:
    token = (await home.link()).removeprefix("/enter/")
    assert token not in str(await home.desk.room("web"))


async def test_the_cookie_is_for_http_and_this_site_only(home: House) -> None:
    cookie = (await use(home.stranger(), await home.link())).headers["set-cookie"].lower()
    assert "httponly" in cookie and "samesite=strict" in cookie


async def test_a_forged_cookie_is_nobody(home: House) -> None:
    visitor = await home.visitor()
    good = visitor.http.cookies[COOKIE]
    session = Session(PersonId("web:ada-lovelace"), "x", home.desk.clock.now() + timedelta(days=1))
    other = Seal(b"another secret, also long enough").cookie(session)
    body, _, mac = good.partition(".")
    for forged in (other, f"{body}A.{mac}", f"{body}.{'0' * 64}", body, "", ".", "a.b.c", "é.é"):
        client = home.stranger()
        answer = await client.get("/c/general", headers={"cookie": f"{COOKIE}={forged}".encode()})
        assert answer.status_code == 401, forged


async def test_a_cookie_ends(home: House) -> None:
    visitor = await home.visitor()
    home.desk.clock.move(timedelta(days=31).total_seconds())
    assert (await visitor.http.get("/c/general")).status_code == 401


async def test_a_well_signed_cookie_of_nobody_we_know_is_nobody(home: House) -> None:
    await home.visitor()
    cookie = Seal(SECRET).cookie(Session(PersonId("web:eve"), "x", home.desk.clock.now() + timedelta(days=1)))
    answer = await home.stranger().get("/c/general", headers={"cookie": f"{COOKIE}={cookie}"})
    assert answer.status_code == 401


async def test_only_the_owner_invites(home: House) -> None:
    owner, guest = await home.visitor(), await home.visitor("Bob")
    assert (await guest.post("/people", {"name": "Eve"})).status_code == 403
    page = (await owner.post("/people", {"name": "Cleo"})).text
    link = re.search(r'value="http://127\.0\.0\.1:8321(/enter/[\w-]+)"', page)
    assert link and (await use(home.stranger(), link.group(1))).status_code == 303
    assert link.group(1) not in (await owner.http.get("/people")).text


async def test_a_name_that_is_taken_makes_no_second_key_to_the_same_person(home: House) -> None:
    owner = await home.visitor()
    answer = await owner.post("/people", {"name": "ada  lovelace"})
    assert answer.status_code == 422 and "already here" in answer.json()["problem"]


async def test_whoever_left_is_out(home: House) -> None:
    visitor = await home.visitor()
    assert (await visitor.post("/leave", {})).status_code == 200
    assert (await visitor.http.get("/c/general")).status_code == 401


# --- other sites ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:8321", "127.0.0.1.evil.example", "127.0.0.1:9", "", "[::1]"]
)
async def test_a_foreign_host_name_gets_nothing(home: House, host: str) -> None:
    visitor = await home.visitor()
    answer = await visitor.http.get("/c/general", headers={"host": host})
    assert answer.status_code == 403 and "general" not in answer.text


async def test_a_name_without_port_stands_for_every_port(home: House) -> None:
    visitor = await home.visitor()
    assert (await visitor.http.get("/c/general", headers={"host": "localhost:5000"})).status_code == 200


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "null", "", f"http://{HOST}.evil.example", "http://127.0.0.1:1"]
)
async def test_a_write_from_another_site_is_refused(home: House, origin: str) -> None:
    visitor = await home.visitor()
    form = {"csrf": visitor.csrf, "id": "command-1", "text": "hi"}
    answer = await visitor.http.post("/c/general/say", data=form, headers={"origin": origin})
    assert answer.status_code == 403
    assert not [r for r in await home.desk.room("web") if isinstance(r.event, e.MessagePosted)]


async def test_a_login_by_another_site_is_refused(home: House) -> None:
    link = await home.link()
    answer = await home.stranger().post(link, data={"session": "0" * 32}, headers={"origin": "https://evil.example"})
    assert answer.status_code == 403
    assert (await use(home.stranger(), link)).status_code == 303


@pytest.mark.parametrize("token", [None, "", "0" * 64, "é"])
async def test_a_write_without_the_sessions_own_token_is_refused(home: House, token: str | None) -> None:
    visitor = await home.visitor()
    form = {"id": "command-1", "text": "hi"} | ({} if token is None else {"csrf": token})
    assert (await visitor.http.post("/c/general/say", data=form)).status_code == 403


async def test_one_persons_token_is_no_use_to_another(home: House) -> None:
    ada, bob = await home.visitor(), await home.visitor("Bob")
    form = {"csrf": ada.csrf, "id": "command-1", "text": "hi"}
    assert (await bob.http.post("/c/general/say", data=form)).status_code == 403


async def test_no_other_site_may_read_frame_or_sniff(home: House) -> None:
    visitor = await home.visitor()
    for path in ("/c/general", "/nope", "/static/app.js", "/t/none"):
        headers = (await visitor.http.get(path, headers={"origin": "https://evil.example"})).headers
        assert "access-control-allow-origin" not in headers
        assert headers["x-content-type-options"] == "nosniff"
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert "default-src 'self'" in headers["content-security-policy"]
        assert "unsafe" not in headers["content-security-policy"]
        assert headers["referrer-policy"] == "same-origin"
    refused = await visitor.http.get("/", headers={"host": "evil.example"})
    assert refused.headers["x-content-type-options"] == "nosniff"


async def test_a_page_holds_no_inline_script_or_style(home: House) -> None:
    visitor = await home.visitor()
    task = await a_task(home, visitor)
    job = Job(home.desk, task)
    await job.draft()
    await job.at_work()
    await job.deliver()
    for path in (f"/t/{task}", "/c/general", "/people", f"/t/{task}/form/edit-plan?ref=1"):
        page = (await visitor.http.get(path)).text
        assert not re.search(r"<script(?! src=\"/static/)", page)
        assert not re.search(r"\s(style|on\w+)=", page) and "<style" not in page
        assert not re.search(r'(src|href)="(https?:)?//(?!northwind|lakeview|harbor|summit|meridian)', page)


# --- files ----------------------------------------------------------------------------------------------------------


async def test_a_file_of_another_task_is_not_served(home: House) -> None:
    visitor = await home.visitor()
    mine = await a_task(home, visitor)
    answer = await visitor.post(
        "/c/general/say", {"text": "@threadwork look"}, files={"files": ("secret.csv", b"a,b", "text/csv")}
    )
    other = answer.json()["go"].removeprefix("/t/")
    sha = next(iter((await home.desk.state(TaskId(other))).request.files)).sha  # type: ignore[union-attr]
    assert (await visitor.http.get(f"/t/{other}/f/{sha}/secret.csv")).content == b"a,b"
    assert (await visitor.http.get(f"/t/{mine}/f/{sha}/secret.csv")).status_code == 404
    assert (await home.stranger().get(f"/t/{other}/f/{sha}/secret.csv")).status_code == 401


async def test_what_lies_on_the_shelf_without_a_fact_is_not_served(home: House) -> None:
    visitor = await home.visitor()
    task = await a_task(home, visitor)
    hidden = await home.desk.shelf.put(b"hidden", name="hidden.txt")
    assert (await visitor.http.get(f"/t/{task}/f/{hidden.sha}/hidden.txt")).status_code == 404


@pytest.mark.parametrize(
    "path", ["/static/../client.py", "/static/%2e%2e/client.py", "/static/..%2fclient.py", "/t/../../etc/passwd",
             "/t/{task}/f/..%2f..%2fetc%2fpasswd/x", "/t/{task}/f/%2e%2e/passwd", "/t/room%2fweb", "/t/web/parts"],
)  # fmt: skip
async def test_a_path_leads_nowhere_else(home: House, path: str) -> None:
    visitor = await home.visitor()
    task = await a_task(home, visitor)
    answer = await visitor.http.get(path.replace("{task}", task))
    assert answer.status_code == 404
    assert "import" not in answer.text and "root:" not in answer.text


@pytest.mark.parametrize(
    ("name", "media"), [("x.html", "text/html"), ("x.svg", "image/svg+xml"), ("x.png", "image/png")]
)
async def test_what_people_send_is_only_ever_a_download(home: House, name: str, media: str) -> None:
    visitor = await home.visitor()
    content = b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"
    answer = await visitor.post("/c/general/say", {"text": "@threadwork x"}, files={"files": (name, content, media)})
    task = TaskId(answer.json()["go"].removeprefix("/t/"))
    sha = (await home.desk.state(task)).request.files[0].sha  # type: ignore[union-attr]
    for path in (f"/t/{task}/f/{sha}/{name}", f"/c/general/f/{sha}/{name}"):
        served = await visitor.http.get(path)
        assert served.status_code == 200
        assert served.headers["content-type"] == "application/octet-stream"
        assert served.headers["content-disposition"].startswith("attachment")
        assert "sandbox" in served.headers["content-security-policy"]


async def test_a_picture_that_is_none_is_not_shown_in_the_page(home: House) -> None:
    visitor = await home.visitor()
    task = await a_task(home, visitor)
    job = Job(home.desk, task)
    await job.draft()
    lie = await home.desk.shelf.put(b"<html><script>alert(1)</script>", name="p.png", media="image/png")
    call = await job.turn("northwind", "browser_open", url="http://x.example")
    await job.returned("northwind", call, "browser_open", picture=lie)
    served = await visitor.http.get(f"/t/{task}/f/{lie.sha}/p.png")
    assert served.headers["content-type"] == "application/octet-stream"


async def test_a_picture_of_ours_is_shown_in_the_page(home: House) -> None:
    visitor = await home.visitor()
    task = await a_task(home, visitor)
    job = Job(home.desk, task)
    await job.draft()
    await job.start_all()
    await job.read("northwind")
    page = (await visitor.http.get(f"/t/{task}")).text
    found = re.search(r'<img src="(/t/[^"]+northwind.jpg)"', page)
    assert found and (await visitor.http.get(found.group(1))).headers["content-type"] == "image/jpeg"


async def test_a_file_name_is_only_a_name(home: House) -> None:
    visitor = await home.visitor()
    name = "../../etc/<script>alert(1)<.csv"
    answer = await visitor.post("/c/general/say", {"text": "@threadwork x"}, files={"files": (name, b"a", "text/csv")})
    task = TaskId(answer.json()["go"].removeprefix("/t/"))
    request = (await home.desk.state(task)).request
    assert request and "/" not in request.files[0].name and not request.files[0].name.startswith(".")


async def test_a_file_that_is_too_large_is_refused_with_a_sentence(home: House) -> None:
    visitor = await home.visitor()
    big = {"files": ("big.bin", b"x" * (26 * 1024 * 1024), "application/octet-stream")}
    answer = await visitor.post("/c/general/say", {"text": "@threadwork x"}, files=big)
    assert answer.status_code == 422
    assert answer.json()["problem"] == "'big.bin' has 26 MB; at most 25 MB fit."
    assert not await home.desk.states()


# --- text that wants to be code -------------------------------------------------------------------------------------


def tags(page: str) -> set[str]:
    return set(re.findall(r"<(?:script|img|iframe|svg:script)\b[^>]*>", page))


async def test_whatever_models_and_people_write_stays_text(home: House) -> None:
    visitor = await home.visitor()
    await home.link(EVIL[:50])
    task = await a_task(home, visitor, f"@threadwork {EVIL}")
    job = Job(home.desk, task)
    row = Subtask(id=SubtaskId("a"), title=EVIL, instructions=EVIL, agent=EVIL, model=EVIL)
    await job.fact(e.PlanDrafted(plan=Plan(title=EVIL, subtasks=(row,)), version=1))
    clean = set[str]()
    await job.fact(e.PlanStarted(version=1))
    await job.fact(e.SubtaskStarted(subtask=SubtaskId("a"), attempt=1, leg=1, host=EVIL))
    await job.turn("a", EVIL, url=EVIL)
    await job.approval()
    await job.question()
    source = Source(url="javascript:alert(1)", locator=EVIL, quote=EVIL)
    evil = Finding(id=FindingId(EVIL), by=SubtaskId("a"), kind=EVIL[:80], value=EVIL, source=source)
    await job.fact(e.FindingShared(finding=evil))
    await job.fact(e.Noted(text=EVIL, level="error"))
    await job.fact(e.SubtaskFailed(subtask=SubtaskId("a"), attempt=1, problem=EVIL, again=False))
    await visitor.post(f"/t/{task}/say", {"text": EVIL}, files={"files": (EVIL, b"x", EVIL)})
    for path in (f"/t/{task}", f"/t/{task}?at=9", "/c/general", "/people", f"/t/{task}/form/edit-plan",
                 f"/t/{task}/form/redirect?ref={EVIL}", f"/t/{task}/form/edit?ref=A1", f"/c/{EVIL}"):  # fmt: skip
        page = (await visitor.http.get(path)).text
        clean |= tags(page)
        assert 'href="javascript' not in page and "49" not in re.findall(r"onmouseover=alert\(2\) (\S+)", page)
    assert clean == {'<script src="/static/app.js" defer>'}


# --- friendly refusals ----------------------------------------------------------------------------------------------


async def test_a_stale_press_is_a_sentence_with_409(home: House) -> None:
    ada, bob = await home.visitor(), await home.visitor("Bob")
    task = await a_task(home, ada)
    job = Job(home.desk, task)
    await job.draft()
    await job.approval()
    press = {"verb": "approve", "ref": "A1"}
    assert (await ada.post(f"/t/{task}/do", press)).status_code == 200
    late = await bob.post(f"/t/{task}/do", press)
    assert (late.status_code, late.json()) == (409, {"problem": "Ada Lovelace already decided this."})


async def test_a_press_sent_twice_counts_once(home: House) -> None:
    visitor = await home.visitor()
    task = await a_task(home, visitor)
    await Job(home.desk, task).draft()
    press = {"verb": "start", "ref": "1", "id": "the-same-press"}
    first, second = [await visitor.post(f"/t/{task}/do", press) for _ in range(2)]
    assert (first.status_code, second.status_code) == (200, 200)
    assert sum(isinstance(r.event, e.PlanStarted) for r in await home.desk.records(task)) == 1


async def test_a_mention_sent_twice_opens_one_task_and_one_message(home: House) -> None:
    visitor = await home.visitor()
    form = {"text": "@threadwork report", "id": "the-same-message"}
    first, second = [await visitor.post("/c/general/say", form) for _ in range(2)]
    assert first.json() == second.json() and len(await home.desk.states()) == 1
    assert sum(isinstance(r.event, e.MessagePosted) for r in await home.desk.room("web")) == 1


async def test_a_message_without_a_mention_stays_a_message(home: House) -> None:
    visitor = await home.visitor()
    answer = await visitor.post("/c/general/say", {"text": "mail me at ada@threadworks.example"})
    assert answer.json()["go"] == "/c/general" and not await home.desk.states()
    assert "mail me at" in (await visitor.http.get("/c/general")).text


@pytest.mark.parametrize(
    ("path", "form", "words"),
    [
        ("/c/general/say", {"text": "   "}, "Write something first."),
        ("/c/general/say", {"text": "@threadwork"}, "Write after @threadwork what you want done."),
        ("/c/nowhere/say", {"text": "hi"}, "There is no channel 'nowhere'"),
        ("/c/general/say", {"text": "hi", "id": "x"}, "no valid id"),
        ("/t/none/say", {"text": "hi"}, "There is no task 'none'"),
        ("/t/{task}/do", {"verb": "explode"}, "There is no button 'explode'"),
        ("/t/{task}/do", {"verb": "edit", "ref": "none"}, "There is no approval 'none'"),
        ("/t/{task}/do", {"verb": "start", "ref": "x"}, "is not a number"),
        ("/t/{task}/do", {"verb": "edit", "ref": "A1", "a.url": "u", "a.method": "GET", "a.body": "{"}, "'body'"),
        ("/t/{task}/do", {"verb": "answer", "ref": "Q1", "q.currency": ""}, "Fill in 'Which currency?' first."),
        ("/t/{task}/do", {"verb": "answer", "ref": "Q1", "q.currency": "GBP"}, "'GBP' is not a choice"),
        ("/t/{task}/do", {"verb": "edit-plan", "ref": "1", "title": "T"}, "The plan has no subtask"),
        ("/channels", {"name": "!!!"}, "needs a letter or digit"),
    ],
)  # fmt: skip
async def test_what_does_not_fit_is_one_clear_sentence(
    home: House, path: str, form: dict[str, object], words: str
) -> None:
    visitor = await home.visitor()
    task = await a_task(home, visitor)
    job = Job(home.desk, task)
    await job.draft()
    await job.approval()
    await job.question()
    answer = await visitor.post(path.replace("{task}", task), form)
    assert 400 <= answer.status_code < 500
    assert words in answer.json()["problem"]


async def test_an_edited_approval_reaches_the_desk_with_its_types(home: House) -> None:
    visitor = await home.visitor()
    task = await a_task(home, visitor)
    job = Job(home.desk, task)
    await job.draft()
    await job.approval()
    form = {"verb": "edit", "ref": "A1", "a.url": "https://other.example", "a.method": "GET", "a.body": '{"seats": 9}'}
    assert (await visitor.post(f"/t/{task}/do", form)).status_code == 200
    decision = next(iter((await home.desk.state(task)).approvals.values())).decision
    assert decision and decision.args == {"url": "https://other.example", "method": "GET", "body": {"seats": 9}}


async def test_a_plan_edit_keeps_what_the_form_does_not_show_and_names_new_steps(home: House) -> None:
    visitor = await home.visitor()
    task = await a_task(home, visitor)
    await Job(home.desk, task).draft()
    form: dict[str, object] = {
        "verb": "edit-plan", "ref": "1", "title": "New", "row": ["sheet", "new-1", "northwind"], "remove": "northwind",
        "sheet.title": "Sheet", "sheet.instructions": "Fill it", "sheet.agent": "document",
        "sheet.fed_by": ["new-1", "northwind"], "new-1.title": "Read the archive", "new-1.instructions": "Open it",
        "new-1.agent": "browser", "new-1.model": "ollama/small",
    }  # fmt: skip
    answer = await visitor.post(f"/t/{task}/do", form)
    assert answer.status_code == 200, answer.text
    plan = (await home.desk.state(task)).plan
    assert plan and [s.id for s in plan.subtasks] == ["sheet", "read-the-archive"]
    assert plan.subtasks[0].deliverables == ("comparison.xlsx",) and plan.subtasks[0].fed_by == ("read-the-archive",)
    assert plan.subtasks[1].model == "ollama/small"


async def test_a_mistake_of_ours_is_a_friendly_page(home: House) -> None:
    visitor = await home.visitor()
    task = await a_task(home, visitor)

    async def broken(*_: object, **__: object) -> None:
        raise RuntimeError("secret detail")

    home.desk.records = broken  # type: ignore[assignment,method-assign]
    answer: httpx.Response = await visitor.http.get(f"/t/{task}")
    assert answer.status_code == 500
    assert "default-src 'self'" in answer.headers["content-security-policy"]
    assert "our mistake" in answer.text and "secret detail" not in answer.text
