"""Passes presses, forms and commands to `take`, and returns its answer: Discord waits three seconds for the first
one."""

import asyncio
import logging
import secrets
from collections import OrderedDict
from dataclasses import replace
from typing import NamedTuple

from bot.chat_platform import (
    Answer,
    Changed,
    Form,
    Home,
    Inbound,
    Mentioned,
    Pressed,
    Submitted,
    Summoned,
    Take,
    Whisper,
    Wrote,
)
from bot.discord import links, modal, parse
from bot.discord.components import DiscordMessage, Payload, text
from bot.discord.errors import Rejected
from bot.discord.events import Interaction
from bot.discord.home_page import home
from bot.discord.modal import FormDraft
from bot.discord.render import whisper
from bot.discord.rest import Rest, private, public
from bot.discord.safe_text import line, paragraph
from orchestrator.domain.ids import digest
from orchestrator.domain.people import Place
from orchestrator.errors import PlatformFailed, Refused, ThreadworkError

log = logging.getLogger(__name__)
PATIENCE = 2.0
"""Seconds that `take` has before the answer is deferred."""
MOST_DRAFTS = 500
_GONE = "This form is no longer open. Press the button in the thread again."
_ALOUD = (
    f"I can't send you direct messages. Use the command `/{parse.COMMAND} connect` instead; only you see its answer."
)
MESSAGE, LATER, LATER_HERE, CHANGE, MODAL = 4, 5, 6, 7, 9


class ReplyTarget(NamedTuple):
    """Where an interaction is answered."""

    application: int
    id: int
    token: str


class InteractionHandler:
    """One per connection; drafts of long forms outlive the connection, but not the process."""

    def __init__(
        self, rest: Rest, take: Take, drafts: "OrderedDict[str, FormDraft]", patience: float = PATIENCE
    ) -> None:
        self._rest = rest
        self._take = take
        self._drafts = drafts
        self._patience = patience

    async def hear(self, it: Interaction, target: ReplyTarget) -> None:
        """Answers any interaction."""
        try:
            if it.kind == "command" and it.data.get("name") == parse.COMMAND and parse.is_request(it):
                await self._request(it, target)
                return
            match parse.inbound(it):
                case parse.DraftPress() as drafted:
                    await self._drafted(it, drafted, target)
                case parse.SentModal() as sent:
                    await self._typed(it, sent, target)
                case None:
                    await self._say(target, "This button no longer works. Use the newest card.")
                case inbound:
                    await self._ask(inbound, target, aside=it.aside)
        except Refused as error:
            await self._say(target, str(error))
        except PlatformFailed as error:
            log.warning("an answer didn't reach the person: %s", error)

    async def privately(self, answer: Answer, inbound: Inbound) -> None:
        """Answers a message. Only interactions have private answers, so it is sent as a direct message that says what
        it is about; if the person accepts none, as an answer in the channel."""
        if answer is None or not isinstance(inbound, Mentioned | Wrote | Changed):
            return
        shown, at = self._message(answer, inbound.place), inbound.place
        nonce = digest("private", inbound.id, length=24)
        channel = at.channel.partition("/")[2]
        try:
            if at.private:
                await self._rest.send(channel, shown, (), nonce=nonce, answers=inbound.message)
                return
            try:
                direct = await self._rest.direct(inbound.by.id.rpartition(":")[2])
                about = text(f"-# About {links.message(at, inbound.message)}")
                await self._rest.send(direct, DiscordMessage((*shown.components, about)), (), nonce=nonce)
            except Rejected:
                if isinstance(answer, Whisper) and answer.secret:
                    shown = whisper(_ALOUD)
                where = at.thread if at.thread != inbound.message else channel
                await self._rest.send(where, shown, (), nonce=nonce, answers=inbound.message)
        except PlatformFailed as error:
            log.warning("an answer didn't reach the person: %s", error)

    async def _request(self, it: Interaction, target: ReplyTarget) -> None:
        """First posts a command's request as a message, because its thread starts from one."""
        words = f"**{line(it.by.name, 80)}** asks:\n{paragraph(parse.words_of(it), 3500) or '(a file)'}"
        made = await self._rest.respond(target.id, target.token, MESSAGE, public(DiscordMessage((text(words),))))
        asked = await self._asked_as(made, target)
        inbound = parse.inbound(it, asked)
        assert inbound is not None and not isinstance(inbound, parse.DraftPress | parse.SentModal)
        answer = await self._asked(inbound)
        if answer is not None:
            shown = self._message(answer, inbound.place)
            await self._rest.follow_up(target.application, target.token, private(shown))

    async def _asked_as(self, made: Payload, target: ReplyTarget) -> str:
        """Returns the message of a command's request; looks it up if the response with its id was lost."""
        if "resource" not in made:
            return str((await self._rest.answer(target.application, target.token))["id"])
        return str(made["resource"]["message"]["id"])

    async def _ask(self, inbound: Inbound, target: ReplyTarget, *, desk: bool = False, aside: bool = False) -> None:
        """Waits a moment for the answer; a later one comes after a deferral, and a form then takes one more press."""
        asking = asyncio.create_task(self._asked(inbound))
        try:
            done, _ = await asyncio.wait({asking}, timeout=self._patience)
            if done:
                if aside and asking.result() is None:
                    await self._renewed(inbound, target)
                else:
                    await self._at_once(asking.result(), inbound, target, desk=desk)
            else:
                await self._rest.respond(target.id, target.token, LATER, {"flags": 64})
                await self._later(await asking, inbound, target)
        finally:
            asking.cancel()

    async def _asked(self, inbound: Inbound) -> Answer:
        try:
            return await self._take(inbound)
        except ThreadworkError as error:
            log.warning("%s wasn't handled: %s", inbound.id, error)
            return Whisper(words=f"{error} Nothing was done. Try again.")

    async def _at_once(self, answer: Answer, inbound: Inbound, target: ReplyTarget, *, desk: bool) -> None:
        if isinstance(answer, Form) and isinstance(inbound, Pressed) and modal.fits_one(answer):
            await self._reply(target, MODAL, modal.modal(answer))
        elif desk:
            shown = modal.settled("Sent.") if answer is None else self._message(answer, inbound.place)
            await self._reply(target, CHANGE, private(shown, fresh=False))
        elif answer is None and isinstance(inbound, Pressed | Submitted):
            await self._reply(target, LATER_HERE)
        else:
            shown = whisper("I'm on it.") if answer is None else self._message(answer, inbound.place)
            await self._reply(target, MESSAGE, private(shown))

    async def _renewed(self, inbound: Inbound, target: ReplyTarget) -> None:
        """After a press on a person's own page: returns the page as it is now."""
        again = Summoned(id=inbound.id, by=inbound.by, place=inbound.place, words="tasks", roles=inbound.roles)
        answer = await self._asked(again)
        data = None if answer is None else private(self._message(answer, inbound.place), fresh=False)
        await self._reply(target, LATER_HERE if data is None else CHANGE, data)

    async def _later(self, answer: Answer, inbound: Inbound, target: ReplyTarget) -> None:
        shown = None if answer is None else private(self._message(answer, inbound.place), fresh=False)
        if shown is None and isinstance(inbound, Summoned):
            shown = private(whisper("Done."), fresh=False)
        await self._rest.change_answer(target.application, target.token, shown)

    def _message(self, answer: Whisper | Form | Home, place: Place) -> DiscordMessage:
        match answer:
            case Whisper(words=words, task=task, buttons=buttons):
                return whisper(words, task, buttons)
            case Home():
                return home(answer)
            case Form():
                return modal.desk(self._draft(answer, place))

    def _draft(self, form: Form, place: Place) -> FormDraft:
        made = FormDraft(secrets.token_hex(4), form, place, long=len(modal.pages(form)) > 1)
        self._drafts[made.token] = made
        while len(self._drafts) > MOST_DRAFTS:
            self._drafts.popitem(last=False)
        return made

    async def _drafted(self, it: Interaction, what: parse.DraftPress, target: ReplyTarget) -> None:
        draft = self._drafts.get(what.token)
        if draft is None:
            await self._reply(target, CHANGE, private(modal.settled(_GONE), fresh=False))
            return
        match what.action:
            case "open" if what.page < len(modal.pages(draft.form)):
                await self._reply(target, MODAL, modal.modal(draft.form, what.page, draft.token))
            case "send":
                sent = parse.SentModal(
                    draft.form.task, draft.form.verb, draft.form.ref, modal.values_of(draft.form), draft.files, "", 0
                )
                await self._send(it, sent, draft, target)
            case _:
                self._drafts.pop(what.token, None)
                await self._reply(target, CHANGE, private(modal.settled("Canceled."), fresh=False))

    async def _typed(self, it: Interaction, sent: parse.SentModal, target: ReplyTarget) -> None:
        draft = self._drafts.get(sent.token) if sent.token else None
        if draft is None:
            if sent.token:
                await self._say(target, _GONE)
            else:
                await self._ask(parse.submitted(it, sent), target)
            return
        form = modal.filled(draft.form, sent.values)
        kept = replace(draft, form=form, files=sent.files or draft.files)
        self._drafts[sent.token] = kept
        if draft.long:
            await self._reply(target, CHANGE, private(modal.desk(kept), fresh=False))
        else:
            await self._send(it, sent._replace(files=kept.files), kept, target)

    async def _send(self, it: Interaction, sent: parse.SentModal, draft: FormDraft, target: ReplyTarget) -> None:
        """The draft is removed once its form was taken; a form with a problem comes back as a new draft."""
        inbound = parse.submitted(it, sent).model_copy(update={"place": draft.place})
        await self._ask(inbound, target, desk=True)
        self._drafts.pop(draft.token, None)

    async def _say(self, target: ReplyTarget, words: str) -> None:
        await self._reply(target, MESSAGE, private(whisper(words)))

    async def _reply(self, target: ReplyTarget, kind: int, data: dict[str, object] | None = None) -> None:
        await self._rest.respond(target.id, target.token, kind, data)
