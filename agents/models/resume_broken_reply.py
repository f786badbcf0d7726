"""Keeps the words of a reply whose stream broke off, and has the model continue them. Pure.

Only words that people may read are kept: never a thought, and no part of a call, so half a call can't become a whole
one. They end where a line or a word ends, so that the next reply can continue them exactly.
"""

import re
from collections import Counter
from typing import NamedTuple

from orchestrator.domain.model_messages import Answer, Prompt, Reply, Said

LEAST = 200
"""Characters: what is shorter is said again sooner than continued."""
GO_ON = (
    "The connection broke off after this part of your reply. It is kept. Continue right after it: don't repeat it, and "
    "don't announce that you're continuing. Everything that followed it, such as a tool call, is lost; make it again. "
    "If nothing is missing, repeat the last line."
)
_LINE = 400
"""Characters at the end in which a line break is looked for."""
_SAME = 60
"""Characters at the start that show that a reply begins from the start again."""
_OVERLAP = 12
_ENOUGH = 8
"""Words that the kept ones must say only once, to tell whether a reply says them again."""
_AGAIN = 0.6
"""Share of them that come again in a reply that starts again."""


class KeptWords(NamedTuple):
    """The beginning of a reply, and the white space that comes after it."""

    text: str = ""
    gap: str = ""


NOTHING_KEPT = KeptWords()


def kept(before: KeptWords, came: str) -> KeptWords:
    """Returns what to keep of a reply's first words: up to the last whole line or word. `before`: what was kept
    already, which the words that came were to continue."""
    if not came.strip():
        return before
    words = joined_words(before, came)
    at = words.rfind("\n", max(0, len(words) - _LINE))
    at = at if at > 0 else words.rfind(" ")
    if at < LEAST:
        return before
    start = words[:at].rstrip()
    return KeptWords(start, words[len(start) : at + 1])


def continued(prompt: Prompt, words: KeptWords) -> Prompt:
    """Returns the prompt that asks for the rest of a reply; the same prompt if nothing was kept."""
    if not words.text or prompt.must_call:
        return prompt
    more = (Reply(text=words.text), Said(role="user", text=GO_ON))
    return prompt.model_copy(update={"messages": (*prompt.messages, *more)})


def whole(words: KeptWords, answer: Answer) -> Answer:
    """Returns the answer with the kept words in front of its own; an empty answer stays one."""
    if not answer.reply.text.strip() and not answer.reply.calls:
        return answer
    text = joined_words(words, answer.reply.text)
    return answer.model_copy(update={"reply": answer.reply.model_copy(update={"text": text})})


def joined_words(words: KeptWords, more: str) -> str:
    """Returns the whole text. What the model repeats, the whole beginning or the last words, isn't there twice."""
    before, rest = words.text, more.lstrip(" \n" if "\n" not in words.gap else "\n")
    if not before or rest.lstrip().startswith(before[:_SAME]) or _says_it_again(before, rest):
        return more
    if before.endswith(rest.strip()):
        return before
    most = min(len(before), len(rest))
    same = next((n for n in range(most, _OVERLAP - 1, -1) if before.endswith(rest[:n])), 0)
    if same:
        return before + rest[same:]
    return f"{before}{words.gap}{rest}"


def _says_it_again(before: str, rest: str) -> bool:
    """Returns whether the model started again in other words: most words that the kept ones have once come again."""
    counts = Counter(_telling(before))
    once = {word for word, times in counts.items() if times == 1}
    again = once & set(_telling(rest[: 2 * len(before)]))
    return len(once) >= _ENOUGH and len(again) >= _AGAIN * len(once)


def _telling(text: str) -> list[str]:
    """Returns the numbers and the longer words of a text."""
    return [word for word in re.findall(r"\w+", text.lower()) if len(word) > 4 or word.isdecimal()]
