"""An agent asks for a person at its page, in Slack and in Discord: they see what it saw."""

import io
from pathlib import Path

from PIL import Image, ImageDraw

from tests.memory_hub import ScriptedModel, say, stage
from tests.recorded_tasks import drawn, planned, row
from tests.scenarios.any_surface import listening
from tests.scenarios.chat_platforms import chat
from tests.scenarios.test_chat_features import BOTH

WHY = "The page asks for a sign-in at app.example."


def a_page() -> bytes:
    page = Image.new("RGB", (640, 400), "white")
    ImageDraw.Draw(page).text((40, 40), "Sign in", "black")
    page.save(out := io.BytesIO(), "JPEG")
    return out.getvalue()


@BOTH
async def test_the_page_is_shown_with_the_question_once_though_the_bot_ended_in_between(
    tmp_path: Path, name: str
) -> None:
    opens, asks = say(browser_open={"url": "u"}), say(ask_to_take_over={"why": WHY})
    model = ScriptedModel({"plan": [planned(row("look", "browser"))], "look": [opens, asks, say("Nothing.")]})
    page = a_page()
    async with chat(name, faster=20) as it, stage(tmp_path, model) as on:
        drawn(on, page)
        ada = it.person("Ada")
        async with listening(it, on, tmp_path, faster=20):
            root = await it.says(ada, "look")
            await it.presses(ada, root, "start")
            await it.reads(root, WHY)
            spot = await it.sees(root, "could-not")
        async with listening(it, on, tmp_path, faster=20):
            await it.reads(root, "[page.jpg]")
            assert await it.files(root) == {"page.jpg": page}
            await it.presses(ada, root, "could-not", on=spot)
            await it.reads(root, "Ada couldn’t do it")
        async with listening(it, on, tmp_path, faster=20):
            await it.reads(root, "Nothing.")
        for once in ("[page.jpg]", "The page when “Look” asked"):
            assert it.thread(root).count(once) == 1
