"""Implements the rehearsal's model: picks the brain for a Prompt and lets it answer."""

import asyncio
import re
from functools import partial
from itertools import accumulate

from agents.models.rehearsal import replies
from agents.models.rehearsal.browser_agent import browse
from agents.models.rehearsal.comparison_sheet import fill
from agents.models.rehearsal.parse_prompt import SortedConversation
from agents.models.rehearsal.planner import plan
from agents.models.rehearsal.summary import summarise
from orchestrator.domain.model_messages import Answer, Prompt, Reply
from orchestrator.domain.token_usage import Usage
from orchestrator.errors import NotInScript
from orchestrator.ports import OnDraft

NAME = "rehearsal"


class Rehearsal:
    """A Model without a language model: the same Prompt gives the same Answer, on every machine.

    `base_url` is where the company sites are served. `pause`: seconds that an answer takes, so that people can follow.
    """

    def __init__(self, base_url: str, *, pause: float = 0.0) -> None:
        self._base_url = base_url
        self._pause = pause

    async def complete(self, prompt: Prompt, *, on_draft: OnDraft | None = None) -> Answer:
        """One turn, its words one by one. Raises NotInScript for a subtask that isn't in the script."""
        turn = sum(isinstance(m, Reply) for m in prompt.messages)
        reply = replies.numbered(answer(prompt, self._base_url), turn)
        drafts = [*accumulate(re.findall(r"\S+\s*", reply.text))] or [""]
        for draft in drafts:
            if self._pause:
                await asyncio.sleep(self._pause / len(drafts))
            if on_draft is not None:
                on_draft(partial(str, draft))
        return Answer(reply=reply, model=NAME, usage=Usage())


def answer(prompt: Prompt, base_url: str) -> Reply:
    """Returns the script's answer to this Prompt. Pure. Raises NotInScript."""
    desk = SortedConversation(prompt)
    if "propose_plan" in desk.tools:
        return plan(desk, base_url)
    if not desk.assignment:
        return replies.say(replies.ABOUT)
    if "browser_open" in desk.tools:
        return browse(desk)
    task = f"{desk.assignment.partition('This step is part of a request')[0]}"
    if "sheet_write" in desk.tools and ".xlsx" in task:
        return fill(desk)
    if "document_write" in desk.tools and ".docx" in task:
        return summarise(desk)
    raise NotInScript(
        "This step isn't in the rehearsal's script. Skip it, or set up a real model (`threadwork init`) and press "
        "Retry."
    )
