"""One account at one platform, at work: what people do goes in, what they shall see goes out."""

import asyncio
from collections.abc import Sequence

from bot.chat import ChatPlatform
from bot.inbox.admission import Admission
from bot.inbox.home import About
from bot.inbox.inbox import Inbox
from bot.inbox.known import Known
from bot.outbox.outbox import Outbox
from bot.outbox.posted_messages import Posts
from bot.outbox.rate_limits import Limit
from bot.outbox.typing_indicator import Thinking
from orchestrator.desk import Desk


async def talk(
    desk: Desk, platform: ChatPlatform, limits: Sequence[Limit], *, known: Known, admission: Admission | None = None,
    about: About | None = None, link: str = "", large: int = 0, thinking: float = 0,
) -> None:  # fmt: skip
    """Until cancelled. `known` is filled first, so the platform may ask it for `since` when it runs.

    `link`: base address of the web workspace; files of more than `large` bytes get a link to it. `thinking`:
    seconds for which the platform shows that someone thinks, 0 for never. Raises what `platform.run` raises.
    """
    posts = Posts(desk, platform.name)
    outbox = Outbox(desk, platform, posts, limits, link=link, large=large, message_of=known.message_of)
    inbox = Inbox(
        desk, platform.name, fetch=platform.fetch, tell=outbox.tell, posts=posts, known=known, account=platform.account,
        serves=platform.serves, admission=admission, about=about,
    )  # fmt: skip
    try:
        await inbox.begin()
        async with asyncio.TaskGroup() as group:
            group.create_task(outbox.run())
            if thinking:
                group.create_task(Thinking(desk, platform, every=thinking).run())
            group.create_task(platform.run(inbox.take))
    finally:
        await inbox.close()
