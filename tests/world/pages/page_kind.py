"""One kind of page: what it is made after, how it works, what an agent does there, and what it must see."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from orchestrator.domain.tool_calls import CallResult
from tests.browser_fixtures import Desk
from tests.world.pages.world_site import Answer, Arrived, WorldSite


class Step(NamedTuple):
    """What the agent does, at what, with what text."""

    does: Literal["type", "enter", "click", "select", "scroll", "hover", "back"]
    at: str = ""
    text: str = ""


@dataclass(frozen=True)
class PageKind:
    """`of`: the kind, in words. `shows`: what the agent reads at the end. `holds`: how the words of what is held end;
    `receives`: what the service got beside GET, in order; None: whatever it reads by; `opens`: the address that is
    opened only with an approval, and once."""

    name: str
    of: str
    page: str
    steps: Sequence[Step] = ()
    shows: str = ""
    answers: Mapping[str, Answer] = field(default_factory=dict[str, Answer])
    pages: Mapping[str, str] = field(default_factory=dict[str, str])
    holds: Sequence[str] = ()
    receives: Sequence[Arrived] | None = None
    opens: str = ""

    def __str__(self) -> str:
        return self.name


class Seen(NamedTuple):
    """All that the agent read, and what it read last."""

    words: str
    held: tuple[str, ...]


async def visited(kind: PageKind, desk: Desk, site: WorldSite) -> Seen:
    """Opens the page and takes the steps."""
    result = await desk.do("browser_open", url=site.url())
    read, held = [result.text], [one.words for one in result.held]
    for step in kind.steps:
        result = await _taken(step, desk)
        read.append(result.text)
        held += [one.words for one in result.held]
    async with asyncio.timeout(30):
        while True:
            final = await desk.do("browser_snapshot")
            read.append(final.text)
            held += [one.words for one in final.held]
            if len(held) >= len(kind.holds) and (kind.holds or any(kind.shows in text for text in read)):
                return Seen("\n".join(read), tuple(held))


async def _taken(step: Step, desk: Desk) -> CallResult:
    ref = await desk.ref(step.at) if step.at else ""
    match step.does:
        case "type":
            return await desk.do("browser_type", ref=ref, text=step.text)
        case "enter":
            return await desk.do("browser_type", ref=ref, text=step.text, submit=True)
        case "click":
            return await desk.do("browser_click", ref=ref)
        case "select":
            return await desk.do("browser_select", ref=ref, options=[step.text])
        case "hover":
            return await desk.do("browser_hover", ref=ref)
        case "scroll":
            return await desk.do("browser_scroll", direction="end")
        case "back":
            return await desk.do("browser_back")
