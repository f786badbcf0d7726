"""Files of the web workspace under attack: other people's, hidden ones, and those that want to be a page."""

import re

import pytest

from orchestrator.domain.deliverables import Deliverable
from orchestrator.domain.events import DeliverableOffered
from orchestrator.domain.ids import DeliverableId, TaskId
from tests.scenarios.report_job import SHEET, Job
from tests.scenarios.web_workspace import House, a_task


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


BIG = b"x" * (51 * 1024 * 1024)


async def test_a_file_that_is_too_large_is_named_and_the_rest_goes_on(home: House) -> None:
    visitor = await home.visitor()
    files = [("files", ("big.bin", BIG, "application/octet-stream")), ("files", ("a.csv", b"1", "text/csv"))]
    answer = await visitor.post("/c/general/say", {"text": "@threadwork x", "left_out": ["huge.bin"]}, files=files)
    assert "The file 'big.bin' is 51 MB, and the limit is 50 MB" in answer.json()["words"]
    (state,) = await home.desk.states()
    assert state.request is not None
    assert [file.name for file in state.request.files] == ["a.csv"]
    large, unsent = state.request.background.problems
    assert "'big.bin' is 51 MB" in large
    assert "'huge.bin' left out" in unsent
    assert "huge.bin" in (await visitor.http.get(f"/t/{state.id}")).text


async def test_a_message_of_nothing_but_a_file_that_is_too_large_is_refused(home: House) -> None:
    visitor = await home.visitor()
    big = {"files": ("big.bin", BIG, "application/octet-stream")}
    for text in ("@threadwork", ""):
        answer = await visitor.post("/c/general/say", {"text": text}, files=big)
        assert answer.status_code == 422
        assert "'big.bin' is 51 MB" in answer.json()["problem"]
    assert not await home.desk.states()


@pytest.mark.parametrize(
    ("name", "content", "seen"),
    [
        ("t.csv", b"company,price\nNorth<b>wind</b>,49\n", "<td>North&lt;b&gt;wind&lt;/b&gt;</td><td>49</td>"),
        ("t.md", b"**Key** <img src=x>\n", "<p><strong>Key</strong> &lt;img src=x&gt;</p>"),
        ("t.txt", b"**as** it <is>\n", "<pre>**as** it &lt;is&gt;</pre>"),
    ],
)
async def test_a_text_file_that_waits_shows_its_beginning_and_a_download_in_its_box(
    home: House, name: str, content: bytes, seen: str
) -> None:
    visitor = await home.visitor()
    task = await a_task(home, visitor)
    job = Job(home.desk, task)
    await job.draft()
    file = await home.desk.shelf.put(content, name=name)
    offered = Deliverable(id=DeliverableId("sheet/d1"), subtask=SHEET, file=file, version=1, words="**A** table")
    await job.fact(DeliverableOffered(deliverable=offered))
    page = (await visitor.http.get(f"/t/{task}")).text
    box = page[page.index('class="point deliverable"') :]
    box = box[: box.index("</article>")]
    assert seen in box
    assert f'href="/t/{task}/f/{file.sha}/{name}"' in box
    assert "<strong>A</strong> table" in box
