"""Turns discord.py's objects into small frozen values, so that `parse.py` can be tested without a connection."""

from dataclasses import dataclass, field
from typing import Any, Literal, cast

import discord

from bot.chat_platform import Quote, RemoteFile
from bot.discord import message_text
from bot.discord.markup_to_text import NO_NAMES, Names
from bot.discord.message_payloads import poll, row
from orchestrator.domain.ids import PersonId
from orchestrator.domain.people import Person

DIRECT = "@me"
"""The team of direct messages, as Discord's own links write it."""
InteractionKind = Literal["command", "menu", "component", "modal"]


@dataclass(frozen=True, slots=True)
class Where:
    """`thread` is empty outside threads; in a direct message it is the message being answered. `closed`: not everyone
    in the server can read it."""

    team: str
    channel: str
    thread: str = ""
    closed: bool = False


@dataclass(frozen=True, slots=True)
class HeardMessage:
    """A message. `speech`: written by a person, not by Discord, a bot or a webhook. `pinged`: it names the bot."""

    id: str
    where: Where
    by: Person
    text: str
    speech: bool
    pinged: bool
    names: tuple[str, ...] = ()
    """The mentions that mean the bot, as they appear in the text."""
    files: tuple[RemoteFile, ...] = ()
    edited: str = ""
    within: bool = False
    """In a thread, or a reply in a direct conversation."""
    roles: tuple[str, ...] = ()
    replies_to: str = ""
    """The message that it answers."""
    to_others: bool = False
    """It answers a message of someone else, who isn't the bot."""
    quotes: tuple[Quote, ...] = ()
    known: Names = field(default_factory=dict[str, str])
    """Names of what the text mentions."""
    poll: str = ""
    stickers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Interaction:
    """An interaction: what was pressed, chosen, typed or called."""

    id: str
    kind: InteractionKind
    where: Where
    by: Person
    message: str
    answers: str
    """In a direct conversation: the message that the pressed one replies to."""
    data: dict[str, Any]
    roles: tuple[str, ...] = ()
    aside: bool = False
    """On a message that only this person can see."""
    known: Names = field(default_factory=dict[str, str])
    """Names of what a command or its message mentions."""


def person(user: discord.abc.User) -> Person:
    """`guest`: joined with a temporary invitation."""
    guest = isinstance(user, discord.Member) and user.flags.guest
    return Person(
        id=PersonId(f"discord:{user.id}"),
        name=user.display_name,
        kind="bot" if user.bot else "guest" if guest else "member",
    )


def roles(user: discord.abc.User) -> tuple[str, ...]:
    """Ids of the person's roles in the server; a direct conversation doesn't tell."""
    return tuple(str(role.id) for role in user.roles) if isinstance(user, discord.Member) else ()


def where(channel: object, guild: int | None, id_: int, root: str = "") -> Where:
    """A thread's channel is the one it belongs to."""
    if guild is None:
        return Where(DIRECT, str(id_), root)
    if isinstance(channel, discord.Thread):
        return Where(str(guild), str(channel.parent_id), str(channel.id), closed=closed(channel))
    return Where(str(guild), str(id_), closed=closed(channel))


def closed(channel: object) -> bool:
    """Returns whether some people in the server can't read the channel, or if that isn't known.

    Asks the connection's own copy, because the channel of an interaction comes without its permissions.
    """
    if isinstance(channel, discord.Thread):
        return channel.is_private() or closed(channel.parent)
    known = channel.guild.get_channel(channel.id) if isinstance(channel, discord.abc.GuildChannel) else None
    if known is None:
        return True
    everyone = known.permissions_for(known.guild.default_role)
    voice = isinstance(known, discord.VoiceChannel | discord.StageChannel)
    return not (everyone.view_channel and (everyone.connect or not voice))


def remote(attachment: discord.Attachment, place: str) -> RemoteFile:
    """`id` says where to ask for a fresh link: channel, message, attachment."""
    media = attachment.content_type or "application/octet-stream"
    return RemoteFile(
        id=f"{place}/{attachment.id}",
        name=attachment.filename,
        size=attachment.size,
        media=media,
        url=attachment.url,
        holds=message_text.holds(attachment.filename, media, spoken=attachment.is_voice_message()),
    )


def spoken(message: discord.Message) -> str:
    """Returns the text of the message and of what it quotes, as Discord writes it."""
    old = message.reference.resolved if message.reference else None
    said = [message_text.raw(row(one)) for one in (message, old) if isinstance(one, discord.Message)]
    return "\n".join(said)


def named(message: discord.Message) -> Names:
    """Returns the names of people that the message itself tells."""
    old = message.reference.resolved if message.reference else None
    users = [*message.mentions, *(old.mentions if isinstance(old, discord.Message) else ())]
    return {f"@{user.id}": user.display_name for user in users}


def heard(
    message: discord.Message, me: discord.abc.User | None, root: str = "", known: Names = NO_NAMES
) -> HeardMessage:  # fmt: skip
    """`root`: in a direct message, the request that the message replies to. `known`: names of what it mentions."""
    guild = message.guild.id if message.guild else None
    at = where(message.channel, guild, message.channel.id, root)
    mine = () if me is None else (f"<@{me.id}>", f"<@!{me.id}>", *_roles(message))
    speech = message.type in (discord.MessageType.default, discord.MessageType.reply)
    pinged = me is not None and (any(u.id == me.id for u in message.mentions) or bool(_roles(message)))
    return HeardMessage(
        id=str(message.id),
        where=at,
        by=person(message.author),
        text=message.content,
        speech=speech and not message.author.bot and message.webhook_id is None,
        pinged=pinged or guild is None,
        names=mine,
        files=tuple(remote(a, f"{message.channel.id}/{message.id}") for a in message.attachments),
        edited=message.edited_at.isoformat() if message.edited_at else "",
        within=bool(at.thread),
        roles=roles(message.author),
        replies_to=_answered(message),
        to_others=_answers_others(message, me),
        quotes=(*_replied_to(message, me, known), *_forwarded(message, known)),
        known=known,
        poll=message_text.poll(poll(message.poll)) if message.poll else "",
        stickers=tuple(sticker.name for sticker in message.stickers),
    )


def _replied_to(message: discord.Message, me: discord.abc.User | None, known: Names) -> tuple[Quote, ...]:
    """Returns the message that a reply quotes, unless it is ours."""
    reference = message.reference
    if message.type is not discord.MessageType.reply or reference is None:
        return ()
    match reference.resolved:
        case discord.Message() as old if me is None or old.author.id != me.id:
            passed_on = (remote(a, "") for one in old.message_snapshots for a in one.attachments)
            files = (*(remote(a, f"{old.channel.id}/{old.id}") for a in old.attachments), *passed_on)
            text = message_text.words(row(old), known)
            name = old.author.display_name
            return (Quote(how="reply", by=name, text=text, files=files, at=old.created_at, message=str(old.id)),)
        case discord.DeletedReferencedMessage():
            return (Quote(how="reply", by="Someone", text="(this message was deleted)"),)
        case _:
            return ()


def _forwarded(message: discord.Message, known: Names) -> tuple[Quote, ...]:
    """Returns what the message forwards. Discord doesn't say who wrote it."""
    return tuple(
        Quote(
            how="forward", by="Someone", at=one.created_at,
            text=message_text.words(row(one), known),
            files=tuple(remote(a, "") for a in one.attachments),
        )
        for one in message.message_snapshots
    )  # fmt: skip


def _answered(message: discord.Message) -> str:
    """Returns the message that it replies to. A forward refers to one too, but doesn't answer it."""
    known = message.reference.message_id if message.reference else None
    return str(known) if known and message.type is discord.MessageType.reply else ""


def _answers_others(message: discord.Message, me: discord.abc.User | None) -> bool:
    found = message.reference.resolved if message.reference else None
    if me is None or not isinstance(found, discord.Message) or message.type is not discord.MessageType.reply:
        return False
    return found.author.id not in (me.id, message.author.id)


def _roles(message: discord.Message) -> tuple[str, ...]:
    """Mentions of the role that Discord created for the bot."""
    mine = message.guild.self_role if message.guild else None
    return (f"<@&{mine.id}>",) if mine is not None and mine in message.role_mentions else ()


def interaction_of(interaction: discord.Interaction[Any]) -> Interaction | None:
    """Returns None for anything but a command, a press or a form."""
    data = cast(dict[str, Any], interaction.data or {})
    kind: InteractionKind
    match interaction.type:
        case discord.InteractionType.application_command:
            kind = "menu" if data.get("type") == 3 else "command"
        case discord.InteractionType.component:
            kind = "component"
        case discord.InteractionType.modal_submit:
            kind = "modal"
        case _:
            return None
    message = interaction.message
    answers = message.reference.message_id if message and message.reference else None
    return Interaction(
        id=str(interaction.id),
        kind=kind,
        where=where(interaction.channel, interaction.guild_id, interaction.channel_id or 0),
        by=person(interaction.user),
        message=str(message.id) if message else "",
        answers=str(answers or ""),
        data=data,
        roles=roles(interaction.user),
        aside=message is not None and message.flags.ephemeral,
    )
