"""Pictures through the model port, against the strict local server: sent to a model that can see, told to one that
cannot."""

import asyncio
import hashlib
import io
import shutil
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from PIL import Image

from agents.host.config import HostConfig
from agents.host.in_process_host import InProcessHost
from agents.models.endpoint import Endpoint, EndpointModel, Prices
from agents.models.litellm_model import LiteLLM
from agents.models.openai_format import BLIND
from agents.models.picture_data_urls import MOST_BYTES, MOST_SIDE, PictureCache, data_url
from orchestrator.domain.ids import CallId, Sha
from orchestrator.domain.model_messages import Message, Prompt, Reply, Returned, Said
from orchestrator.domain.tool_calls import Call
from orchestrator.errors import NotFound
from orchestrator.ledger.file_shelf import FolderShelf
from tests.memory_hub import say, stage
from tests.model_protocol import picture, pictures
from tests.model_server import KEY, Server, scripted, serving

needs_office = pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is missing")
DONE = Reply(text="It looks right.")
SEES = EndpointModel("test-model", sees=True, prices=Prices(0.001, 0.0, 0.001))


def drawn(size: tuple[int, int], kind: str = "PNG", *, noise: bool = False) -> bytes:
    """A picture; `noise` is what no format packs well."""
    image = Image.effect_noise(size, 90).convert("RGB") if noise else Image.new("RGB", size, "navy")
    out = io.BytesIO()
    image.save(out, kind)
    return out.getvalue()


SMALL, LARGE = drawn((640, 360)), drawn((4000, 3000))


def sha(content: bytes) -> Sha:
    return Sha(hashlib.sha256(content).hexdigest())


class Kept:
    """A shelf of a few contents that counts how often it is read."""

    def __init__(self, *contents: bytes) -> None:
        self.contents: Mapping[Sha, bytes] = {sha(c): c for c in contents}
        self.reads = 0

    async def get(self, name: Sha) -> bytes:
        self.reads += 1
        if name not in self.contents:
            raise NotFound
        return self.contents[name]


def asking(*shown: bytes) -> Prompt:
    """A conversation in which a tool has shown these pictures."""
    call = Call(id=CallId("a.1.1.0"), tool="look_at", args={"path": "deck.pptx"})
    messages: tuple[Message, ...] = (
        Said(role="user", text="Look at the deck."),
        Reply(calls=(call,)),
        Returned(call=call.id, tool="look_at", text="Shown."),
        Said(role="user", text="Pictures from your tools: deck-1.png", pictures=tuple(sha(c) for c in shown)),
    )
    return Prompt(model="test-model", messages=messages)


Make = Callable[..., LiteLLM]


@pytest.fixture
async def core() -> AsyncIterator[Make]:
    async with AsyncExitStack() as stack:

        def make(server: Server, kept: Kept, *rows: EndpointModel) -> LiteLLM:
            model = LiteLLM(Endpoint(api_base=server.url, api_key=KEY, rows=rows), pictures=PictureCache(kept.get))
            stack.push_async_callback(model.close)
            return model

        yield make


async def test_a_model_that_sees_gets_the_pictures_after_the_words_and_small_enough(core: Make) -> None:
    kept = Kept(SMALL, LARGE)
    async with serving(scripted([DONE])) as server:
        server.seeing = ("test-model",)
        answer = await core(server, kept, SEES).complete(asking(SMALL, LARGE))
    first, second = pictures(server.log[0].body)
    assert first.content == SMALL
    assert (second.media, second.width, second.height) == ("image/jpeg", MOST_SIDE, MOST_SIDE * 3 // 4)
    assert server.refused == []
    looked = (640 * 360 + second.width * second.height) // 750
    assert answer.cost == pytest.approx(answer.usage.prompt * 0.001)
    assert answer.usage.prompt > looked


async def test_a_model_that_cannot_see_is_told_so_and_what_to_use_instead(core: Make) -> None:
    kept = Kept(SMALL)
    async with serving(scripted([DONE])) as server:
        await core(server, kept).complete(asking(SMALL))
    said = server.log[0].body["messages"][-1]["content"]
    assert said == f"Pictures from your tools: deck-1.png\n{BLIND}"
    assert kept.reads == 0


async def test_a_server_that_refuses_pictures_is_asked_again_without_and_never_shown_one_again(core: Make) -> None:
    async with serving(scripted([DONE])) as server:
        model = core(server, Kept(SMALL), SEES)
        for _ in range(2):
            assert (await model.complete(asking(SMALL))).reply == DONE
    assert len(server.refused) == 1
    assert [pictures(seen.body) for seen in server.log] == [[], []]


async def test_a_server_that_wants_turns_gets_them_with_every_word_and_picture(core: Make) -> None:
    asked = asking(SMALL)
    news = asked.model_copy(update={"messages": (*asked.messages, Said(role="user", text="News came in."))})
    async with serving(scripted([DONE])) as server:
        server.seeing, server.ordered = ("test-model",), True
        model = core(server, Kept(SMALL), SEES)
        for _ in range(2):
            assert (await model.complete(news)).reply == DONE
    assert len(server.refused) == 1
    for seen in server.log:
        assert [m["role"] for m in seen.body["messages"]] == ["user", "assistant", "tool", "assistant", "user"]
        assert [p.content for p in pictures(seen.body)] == [SMALL]
        assert seen.body["messages"][-1]["content"][-1] == {"type": "text", "text": "News came in."}


async def test_a_picture_that_is_gone_or_damaged_is_said_to_be_and_the_others_are_shown(core: Make) -> None:
    cut = SMALL[: len(SMALL) // 2]
    async with serving(scripted([DONE])) as server:
        server.seeing = ("test-model",)
        await core(server, Kept(SMALL, cut), SEES).complete(asking(cut, SMALL, LARGE))
    assert [p.content for p in pictures(server.log[0].body)] == [SMALL]
    assert "2 of the pictures can no longer be shown" in server.log[0].body["messages"][-1]["content"][0]["text"]


async def test_a_picture_is_read_and_made_once_for_all_turns(core: Make) -> None:
    kept = Kept(SMALL)
    async with serving(scripted([DONE])) as server:
        server.seeing = ("test-model",)
        model = core(server, kept, SEES)
        for _ in range(3):
            await model.complete(asking(SMALL))
    assert kept.reads == 1


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF"])
def test_every_picture_becomes_one_that_vendors_take(kind: str) -> None:
    made = picture(data_url(drawn((2400, 1200), kind, noise=True)))
    assert max(made.width, made.height) <= MOST_SIDE
    assert len(made.content) <= MOST_BYTES


def test_what_is_see_through_stands_on_white() -> None:
    out = io.BytesIO()
    Image.new("RGBA", (3000, 20), (0, 0, 0, 0)).save(out, "PNG")
    with Image.open(io.BytesIO(picture(data_url(out.getvalue())).content)) as image:
        assert image.getpixel((5, 5)) == (255, 255, 255)


@pytest.mark.parametrize("content", [b"", b"GIF89a", b"%PDF-1.7", SMALL[:200], b"P6 9 9 255 " + bytes(243)])
def test_what_is_no_picture_is_refused(content: bytes) -> None:
    with pytest.raises((ValueError, OSError)):
        data_url(content)


async def test_the_library_table_decides_where_the_settings_say_nothing(core: Make) -> None:
    async with serving(scripted([DONE])) as server:
        server.models = server.seeing = ("gpt-4o", "gpt-3.5-turbo")
        model = core(server, Kept(SMALL))
        for name in server.models:
            await model.complete(asking(SMALL).model_copy(update={"model": name}))
    assert [len(pictures(seen.body)) for seen in server.log] == [1, 0]


class Author:
    """A model's brain that writes a page, looks at it and says so; it hangs at the first sight of a picture."""

    def __init__(self) -> None:
        self.seen: list[Prompt] = []
        self.hanging = asyncio.Event()

    async def __call__(self, prompt: Prompt) -> Reply:
        turns = sum(isinstance(m, Reply) for m in prompt.messages)
        if any(tool.name == "propose_plan" for tool in prompt.tools):
            row = {"id": "write", "title": "Write", "instructions": "Write a page.", "agent": "document"}
            return say(propose_plan={"title": "A page", "subtasks": [row]})
        if turns == 0:
            blocks = [{"type": "paragraph", "text": "One page, calm and short."}]
            return say(document_write={"path": "page.docx", "title": "A page", "blocks": blocks})
        if turns == 1:
            return say(look_at={"path": "page.docx"})
        self.seen.append(prompt)
        if not self.hanging.is_set():
            self.hanging.set()
            await asyncio.Event().wait()
        return Reply(text="It looks right.")


@needs_office
async def test_an_agent_sees_the_page_it_wrote_also_after_a_crash_and_the_ledger_holds_no_picture(
    core: Make, tmp_path: Path
) -> None:
    author, url = Author(), f"sqlite:///{tmp_path / 'ledger.db'}"
    shelf = FolderShelf(tmp_path / "shelf")
    async with serving(author) as server, InProcessHost(HostConfig(home=str(tmp_path / "host")), shelf) as host:
        server.models = server.seeing = ("scripted",)
        model = core(server, shelf, EndpointModel("scripted", sees=True))
        await model.warm()
        async with stage(tmp_path, model, url=url, link=lambda _: host) as on:
            task = await on.ask("Write a page")
            await on.press_start(task)
            await asyncio.wait_for(author.hanging.wait(), 60)
        async with stage(tmp_path, model, url=url, link=lambda _: host) as on:
            await on.until(task, lambda s: s.phase == "done", seconds=60)
            records = await on.desk.records(task)
        before, after = author.seen
        assert before.messages == after.messages
        last = after.messages[-1]
        assert isinstance(last, Said)
        assert len(last.pictures) == 1
        assert "page-page-1" in last.text
        assert server.refused == []
    assert "base64" not in "".join(record.event.model_dump_json() for record in records)
