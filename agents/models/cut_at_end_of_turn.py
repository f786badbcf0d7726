"""Cuts a reply where its turn ends: what a chat template writes around turns, and turns made up after it. Pure."""

import re

from agents.models.text_call_forms import QUOTED, within

_ENDS = r"im_end|end|eos|eot|eom|eot_id|eom_id|return|endoftext|end_of_\w+|end_turn|end_response|role_end"
_STARTS = r"im_start|start_header_id|start_of_\w+|user|system|human|assistant|begin_of_text|start_response"
_WIDE = r"\uff5c(?:end\u2581of\u2581sentence|User|Assistant|begin\u2581of\u2581sentence)\uff5c"
_TURN = re.compile(
    rf"<\|(?:{_ENDS}|{_STARTS})\|>|<{_WIDE}>|</s>|<(?:end|start)_of_(?:turn|utterance)>|<eos>|\[/?INST\]",
    re.IGNORECASE,
)
_OPENING = re.compile(
    rf"\s*(?:(?:<\|(?:{_STARTS}|start_text|begin_of_solution)\|>|<\uff5cAssistant\uff5c>|<s>|<start_of_turn>|\[/INST\])"
    r"(?:assistant|model|chatbot)?\s*(?:<\|(?:end_header_id|im_sep|message)\|>)?\s*)+",
    re.IGNORECASE,
)
_MENTIONED = re.compile(r"[ \t]+(?!<)\S|[.,;:!?)\"'\u201d]")
"""What follows a mark of which a sentence speaks."""


def own_turn(text: str) -> str:
    """Returns the text up to the first mark of a turn that isn't in code or in a sentence about such marks."""
    if opening := _OPENING.match(text):
        text = text[opening.end() :]
    if _TURN.search(text) is None:
        return text
    quoted = [span.span() for span in QUOTED.finditer(text)]
    for mark in _TURN.finditer(text):
        if mark[0] == "</s>" and "<s>" in text[: mark.start()]:
            continue  # words struck through
        spoken_of = text[: mark.start()][-1:] in (" ", "\t", "(", '"', "\u201c") and _MENTIONED.match(text, mark.end())
        if not spoken_of and not within(mark.start(), quoted):
            return text[: mark.start()].rstrip()
    return text
