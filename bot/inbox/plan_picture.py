"""Draws a plan for a chat: the workspace's drawing as PNG, by resvg, without a browser or system library.

Cairo would have to be installed beside Python, and the browser belongs to the agent host. Drawing runs in its own
process, because it holds the GIL for half a second with sixty steps, and nothing else should wait for that.
"""

import asyncio
import re
import sys

from bot.cards.card import Card
from bot.cards.plan_graph import draw
from orchestrator.errors import Refused

MOST, PATIENCE = 4_000, 30.0
"""Pixels of the longer side, which a phone can still open; seconds that drawing may take."""
_PROGRAM = """
import sys
from resvg_py import svg_to_bytes
svg = sys.stdin.buffer.read().decode()
sys.stdout.buffer.write(svg_to_bytes(svg_string=svg, background="#ffffff", zoom=float(sys.argv[1])))
"""

_SHOWING = re.compile(r"show|draw|see|view|display|where(?:'?s)?|what(?:'?s)?|how")
_AROUND = re.compile(
    r"an?|again|as|can|could|currently|does|full|get|have|here|hey|hi|i|i'd|is|it|its|just|let|like|looks?|may|me|need"
    r"|now|of|ok|once|more|our|please|pls|shall|stands|task(?:'s)?|thanks|then?|this|to|us|want|we|whole|will|would|you"
    r"|your"
)
_ITSELF = re.compile(r"graph|the|plan(?:'s)?|again|now|please|pls")


def asks_for_graph(text: str) -> bool:
    """Returns whether a short message asks for the plan's graph and nothing else: a word about its content, or about a
    document, is meant for the agents."""
    said = re.findall(r"[^\s,.!?;:“”\"*_`~()]+", text.lower().replace("’", "'"))
    if len(said) > 8 or said.count("graph") != 1:
        return False
    if all(map(_ITSELF.fullmatch, said)):
        return True
    known = (_SHOWING, _AROUND, _ITSELF)
    return any(map(_SHOWING.fullmatch, said)) and all(any(one.fullmatch(word) for one in known) for word in said)


async def png(card: Card) -> bytes:
    """Returns the graph of a card's plan. Raises Refused with a sentence if there is none, or if it can't be drawn
    here."""
    if not card.rows:
        raise Refused("There's no plan to show yet.")
    svg = str(draw(card))
    width, height = (float(svg.split(f' {side}="', 1)[1].split('"', 1)[0]) for side in ("width", "height"))
    zoom = min(2.0, MOST / max(width, height))
    pipe = asyncio.subprocess.PIPE
    work = await asyncio.create_subprocess_exec(
        sys.executable, "-I", "-c", _PROGRAM, str(zoom), stdin=pipe, stdout=pipe, stderr=pipe
    )
    try:
        async with asyncio.timeout(PATIENCE):
            made, _ = await work.communicate(svg.encode())
    except TimeoutError as error:
        raise Refused("The plan is too large to show as a picture; open the web workspace.") from error
    finally:
        if work.returncode is None:
            work.kill()
            await work.wait()
    if work.returncode:
        raise Refused("Pictures can't be rendered here: the package resvg-py is missing or broken.")
    return made
