"""The page of people and their sessions."""

from starlette.requests import Request

from bot.web import render, summaries
from bot.web.request_context import RequestContext


async def people_page(visits: RequestContext, request: Request, *, link: str = "", invited: str = "") -> str:
    """Shows who is here, with the sessions that the person may end, and a new sign-in link once. Raises NotIn."""
    me, session = await visits.who(request)
    room = await visits.room()
    stays = summaries.stays(room, me, session.name, visits.clock.now())
    return render.people_page(await visits.frame(request), stays, link=link, invited=invited)
