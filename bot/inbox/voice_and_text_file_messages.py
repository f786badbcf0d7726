"""Reads messages whose words are in a file: a voice message, or a text that was too long for the chat."""

from typing import overload

from bot.chat_platform import Mentioned, Wrote
from bot.inbox.incoming_files import MOST_TEXT, FileFetcher

UNHEARD = "I can't listen to recordings, and this one has no transcript. Type what you want to say."


@overload
async def with_their_words(it: Mentioned, incoming: FileFetcher) -> Mentioned: ...
@overload
async def with_their_words(it: Wrote, incoming: FileFetcher) -> Wrote: ...
@overload
async def with_their_words(it: Mentioned | Wrote, incoming: FileFetcher) -> Mentioned | Wrote: ...
async def with_their_words(it: Mentioned | Wrote, incoming: FileFetcher) -> Mentioned | Wrote:
    """Returns the message with what is written or said in its files, if nothing else says anything. A text that is all
    there is no longer a file."""
    if it.text.strip() or all(file.holds == "file" for file in it.files):
        return it
    said = {file.id: await incoming.words(file) for file in it.files if file.holds != "file"}
    whole = {file.id for file in it.files if file.holds == "text" and file.size < MOST_TEXT and said.get(file.id)}
    parts = [
        said[file.id] if file.id in whole or file.holds == "speech" else f"{said[file.id]} [continues in {file.name}]"
        for file in it.files
        if said.get(file.id)
    ]
    files = tuple(file for file in it.files if file.id not in whole)
    return it.model_copy(update={"text": "\n\n".join(parts), "files": files})


def unheard(it: Mentioned | Wrote) -> bool:
    """Returns whether all that it says is spoken, and nobody wrote it down."""
    silent = not it.text.strip() and not it.quotes and bool(it.files)
    return silent and all(file.holds == "speech" for file in it.files)
