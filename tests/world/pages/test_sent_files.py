"""Kind: a page that sends a file. It leaves as it was shown: by field, name, size and hash."""

import re
from hashlib import sha256
from pathlib import Path

import pytest
from aiohttp import web

from tests.browser_fixtures import ref_of
from tests.long_tests import sampled
from tests.world.pages.conftest import Visit
from tests.world.pages.test_sends import held_after, unasked

pytestmark = pytest.mark.asyncio(loop_scope="session")

LIFE = b"my whole life"
ATTACHED = f"file 'cv.txt' (13 bytes, SHA-256 {sha256(LIFE).hexdigest()[:16]})"
UPLOADS = {
    "form": ("<form method=post action=/apply enctype=multipart/form-data><input name=who value=Ada>"
             "<input type=file name=cv><button>Apply</button></form>", f"/apply: who: Ada, cv: {ATTACHED}"),
    "at once": ("<form><input type=file name=cv onchange=\"fetch('/up', {method: 'POST', "
                "body: new FormData(this.form)})\"></form>", f"/up: cv: {ATTACHED}"),
    "bare": ("<input type=file onchange=\"fetch('/api/search', {method: 'POST', body: this.files[0]})\">",
             f"/api/search: {ATTACHED}"),
    "coded": ("<input type=file onchange=\"const r = new FileReader(); r.onload = () => fetch('/list', "
              "{method: 'POST', body: JSON.stringify({doc: r.result})}); r.readAsDataURL(this.files[0])\">",
              f"/list: doc: {ATTACHED}"),
    "address": ("<input type=file onchange=\"this.files[0].text().then(t => fetch('/a?q=' + t + '&n=' + btoa(t)))\">",
                   f"/a: q: my whole life, n: {ATTACHED}"),
}  # fmt: skip


@pytest.mark.parametrize("way", sampled([*UPLOADS], 3))
async def test_a_chosen_file_is_shown_by_name_size_and_hash_before_it_leaves(
    visit: Visit, way: str, tmp_path: Path
) -> None:
    """Kind: an application with an attachment, and fields that upload by themselves."""
    body, said = UPLOADS[way]
    desk, site = await visit({"/": f"<title>Job</title>{body}"})
    (tmp_path / "cv.txt").write_bytes(LIFE)
    seen = (await desk.do("browser_open", url=site.url())).text
    result = await desk.do("browser_upload", ref=re.findall(r"\[(\S+) button", seen)[0], path="cv.txt")
    assert "asks for a file" not in result.text
    if way == "form":
        assert not result.held
        result = await desk.do("browser_click", ref=ref_of(await desk.see(), "Apply"))
    held = await held_after(desk, result)
    assert held.words.endswith(said) and not unasked(site)
    assert "It was sent" in (await desk.do("browser_send", send=True, message=held.id)).text
    (sent,) = unasked(site)
    assert way == "address" or LIFE.decode() in sent.body or "bXkgd2hvbGUgbGlmZQ" in sent.body


async def test_a_page_that_changed_since_the_question_is_asked_about_again(visit: Visit, tmp_path: Path) -> None:
    desk, site = await visit({"/": f"<title>Job</title>{UPLOADS['form'][0]}"})
    (tmp_path / "cv.txt").write_bytes(LIFE)
    (tmp_path / "other.txt").write_bytes(b"another life")
    seen = (await desk.do("browser_open", url=site.url())).text
    field, who = re.findall(r"\[(\S+) button", seen)[0], re.findall(r"\[(\S+) textbox", seen)[0]
    await desk.do("browser_upload", ref=field, path="cv.txt")
    first = await held_after(desk, await desk.do("browser_click", ref=ref_of(seen, "Apply")))
    await desk.do("browser_upload", ref=field, path="other.txt")
    await desk.do("browser_type", ref=who, text="Bob")
    second = await held_after(desk, await desk.do("browser_click", ref=ref_of(seen, "Apply")))
    assert first.id != second.id and "'other.txt' (12 bytes" in second.words and "who: Bob" in second.words
    await desk.do("browser_send", send=True, message=first.id)
    (sent,) = unasked(site)
    assert LIFE.decode() in sent.body and "Ada" in sent.body and "another" not in sent.body


@pytest.mark.slow
async def test_a_large_file_leaves_whole(visit: Visit, tmp_path: Path) -> None:
    desk, site = await visit({"/": f"<title>Job</title>{UPLOADS['form'][0]}"})
    (tmp_path / "cv.txt").write_bytes(b"0123456789" * 300_000)
    seen = (await desk.do("browser_open", url=site.url())).text
    await desk.do("browser_upload", ref=re.findall(r"\[(\S+) button", seen)[0], path="cv.txt")
    held = await held_after(desk, await desk.do("browser_click", ref=ref_of(seen, "Apply")))
    assert "'cv.txt' (3,000,000 bytes" in held.words
    await desk.do("browser_send", send=True, message=held.id)
    (sent,) = unasked(site)
    assert sent.body.count("0123456789") == 300_000


def a_file(request: web.Request, body: str) -> web.Response:
    return web.Response(body=b"a,b", headers={"content-disposition": "attachment; filename=r.csv"})


async def test_a_file_that_a_form_brings_back_is_named_and_saved(visit: Visit, tmp_path: Path) -> None:
    """Kind: an export that a form asks for by POST."""
    form = "<form method=post action=/export><button>Export</button></form>"
    desk, site = await visit({"/": f"<title>Report</title>{form}"}, {"/export": a_file})
    seen = (await desk.do("browser_open", url=site.url())).text
    (held,) = (await desk.do("browser_click", ref=ref_of(seen, "Export"))).held
    sent = await desk.do("browser_send", send=True, message=held.id)
    assert "browser_download('r.csv', path)" in sent.text
    await desk.do("browser_download", url_or_ref="r.csv", path="r.csv")
    assert (tmp_path / "r.csv").read_bytes() == b"a,b" and len(site.at("/export")) == 1
