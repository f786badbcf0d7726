"""Lets an agent ask a person to take over its page for what only a person can or may do."""

from collections.abc import Sequence
from typing import Annotated

from agents.hub_tools.coordination import HubCallContext, MustWait
from agents.tool import Tool, tool
from orchestrator.domain import events as e
from orchestrator.domain.approvals_and_questions import Ask, Question, Waits
from orchestrator.domain.ids import CallId, Key, QuestionId, digest
from orchestrator.domain.takeover import COULD_NOT, DONE, OUTCOME
from orchestrator.domain.tool_calls import CallResult, HostCall
from orchestrator.errors import HostRefused

_FIELD = Ask(name=OUTCOME, label="How did it go?", options=(DONE, COULD_NOT))


@tool(effects=(), place="hub")
async def ask_to_take_over(
    side: HubCallContext,
    why: Annotated[str, "what the page asks for and on which site, e.g. 'The page at app.example asks for a sign-in'"],
) -> str | CallResult:
    """Ask a person to briefly take over your open page for a sign-in, a CAPTCHA, or a code from their phone.

    They use your page and hand it back; you get its new state. Never ask for passwords or codes in chat.
    """
    work = side.work
    name = QuestionId(digest(work.task, side.call.id))
    asked = work.state.questions.get(name)
    if asked is None:
        seen = work.state.of(work.subtask).picture
        question = Question(id=name, subtask=work.subtask, text=why[:2000], fields=(_FIELD,), page=True, picture=seen)
        await work.record(Key(f"question:{side.call.id}"), e.QuestionAsked(question=question))
        asked = work.state.questions[name]
    if asked.answers is None:
        raise MustWait(Waits(questions=(name,)))
    who = asked.by.name if asked.by else "A person"
    if asked.answers.get(OUTCOME) == COULD_NOT:
        return f"{who} couldn't do it. Find another way, or say in your result what's missing."
    return await _handed_back(side, f"{who} took over and handed the page back.")


async def _handed_back(side: HubCallContext, words: str) -> CallResult:
    """Returns the page as it is now, for the next turn."""
    work = side.work
    call = HostCall(
        id=CallId(f"{work.task}/{side.call.id}"), task=work.task, subtask=work.subtask, tool="browser_snapshot",
        args={}, domains=tuple(sorted(work.domains())),
    )  # fmt: skip
    try:
        seen = await work.host.call(call)
    except HostRefused as error:
        return CallResult(ok=True, text=f"{words} The page can't be shown: {error}")
    return seen.model_copy(update={"ok": True, "text": f"{words} The page now shows:\n{seen.text}"})


TOOLS: Sequence[Tool] = (ask_to_take_over,)
