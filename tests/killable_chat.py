"""A hub with a chat account that dies where it is told: `python -m tests.killable_chat LIFE`, LIFE being JSON.

It counts the facts it records itself, those about posts among them, as `tests.killable_hub` does. It never
ends by itself.
"""

import asyncio
import sys

from bot.bootstrap.hub import open_hub
from bot.platforms import load
from orchestrator.domain.model_messages import Answer, Prompt, Returned
from orchestrator.ports import OnDraft
from tests.killable_hub import DeadlyLedger, Death
from tests.memory_hub import say
from tests.scenarios.test_request_to_files import plan, row


class Life(Death):
    """`accounts`: the sections of the settings that name the platforms' servers and tokens."""

    accounts: dict[str, dict[str, str]]


class Scribe:
    """Writes one note and hands it in; remembers nothing, so any life may ask it anything again."""

    async def complete(self, prompt: Prompt, *, on_draft: OnDraft | None = None) -> Answer:
        returned = sum(isinstance(m, Returned) for m in prompt.messages)
        turns = (
            say(write_file={"path": "note.md", "content": "A note.\n"}),
            say(deliver={"path": "note.md", "words": "A note."}),
        )
        if "/plan" in prompt.topic:
            return Answer(reply=plan(row("write", deliverables=["note.md"])), model="scribe")
        return Answer(reply=turns[returned] if returned < len(turns) else say("Written."), model="scribe")


async def main(life: Life) -> None:
    settings = load(
        home=life.home, web={"port": life.port}, database={"url": life.database}, environment={}, **life.accounts
    )
    hub = await open_hub(
        settings,
        wrap_ledger=lambda ledger: DeadlyLedger(ledger, life),
        wrap_model=lambda _: Scribe(),  # pyright: ignore[reportArgumentType]
    )
    try:
        await asyncio.Event().wait()
    finally:
        await hub.close()


if __name__ == "__main__":
    asyncio.run(main(Life.model_validate_json(sys.argv[1])))
