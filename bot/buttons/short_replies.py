"""Recognizes short replies word for word: yes, no, start, thanks. Pure; a text with any other word is not one.

No model is asked and nothing is guessed: a reply counts only if all of it is made of the phrases below.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Literal

Kind = Literal["yes", "go", "no", "wait", "stop", "done", "courtesy", "filler"]

_PHRASES: Mapping[Kind, str] = {
    "yes": """
        yes|yes please|yep|yeah|yup|y|ok|okay|k|sure|sure thing|fine|fine by me|fine with me|agreed|i agree|approved
        approve|i approve|approve it|approve this|lgtm|looks good|look good|looks good to me|looks great|looks fine
        looks right|all good|sounds good|sounds great|good to go|works for me|of course|absolutely|definitely|confirmed
        confirm|i confirm|allowed|accepted|permission granted|no objections|that's fine|thats fine|that works|correct
        perfect|+1|👍|✅|👌|🆗|💯
        ja|jo|jawohl|passt|passt so|sieht gut aus|genehmigt|einverstanden|freigegeben|in ordnung|akkoord|goedgekeurd
        oui|d'accord|ça marche|ca marche|approuvé|parfait|sí|si|vale|de acuerdo|aprobado|perfecto|está bien|sì|va bene
        approvato|perfetto|sim|aprovado|tak|zgoda|да|хорошо|одобрено|はい|了解|承認|好|好的|可以|同意|批准|네|예|승인
    """,
    "go": """
        go|go ahead|go for it|start|start it|start now|start please|start the plan|start with it|kick it off|let's go
        lets go|let's start|lets start|let's do it|lets do it|begin|proceed|please proceed|run it|run the plan|do it
        make it so|carry on|go on|ship it|🚀
        los|los geht's|los gehts|leg los|fang an|mach|mach es|weiter|vas-y|allez-y|commence|commencez|démarre
        adelante|empieza|comienza|dale|vai|procedi|inizia|pode começar|começa|поехали|начинай|開始|开始|시작
    """,
    "no": """
        no|nope|nah|no way|no thanks|reject|rejected|reject it|deny|denied|don't|dont|do not|don't do it|do not do it
        don't do that|do not do that|decline|declined|not approved|i disagree|👎|❌
        nein|non|нет|いいえ|不|不行|아니요
    """,
    "stop": """
        stop|stop it|stop this|stop now|stop everything|please stop|cancel|cancel it|cancel this|abort|halt|quit
        stopp|abbrechen|arrête|arrêter|alto|para|detente|ferma|стоп|停止|중지
    """,
    "done": "done|all done|finished|i'm done|i am done|it's done|that's done|ready|fertig|erledigt|fini|hecho|listo",
    "courtesy": """
        thanks|thank you|thx|ty|many thanks|thanks a lot|thanks a bunch|thank you so much|cheers|great|great work
        great job|awesome|nice|nice one|nice work|good job|good work|well done|cool|wow|lol|haha|hahaha|hehe|rofl
        love it|amazing|brilliant|excellent|super|interesting|hm|hmm|oh|ah|i see|got it|noted|hi
        hello|hey|bye|good morning|good night|see you|welcome|you're welcome|np
        no problem|no worries|sorry|oops|ping
        danke|vielen dank|merci|merci beaucoup|gracias|muchas gracias|grazie|obrigado|obrigada
        спасибо|ありがとう|谢谢|감사합니다
    """,
    "wait": """
        wait|one moment|one sec|one second|hold on|hang on|not yet|not now|later|brb|moment|attends|espera|подожди
    """,
    "filler": """
        please|pls|plz|then|now|the|this|that|it|all|me|my|from|everyone|team|so|very|much|again|bitte|threadwork
    """,
}  # fmt: skip
_SHORTCODES = {
    "+1": "👍", "thumbsup": "👍", "-1": "👎", "thumbsdown": "👎", "white_check_mark": "✅", "heavy_check_mark": "✅",
    "ok_hand": "👌", "ok": "🆗", "100": "💯", "rocket": "🚀", "x": "❌",
}  # fmt: skip
"""Slack writes emoji as names between colons."""
_SHORTCODE = re.compile(r":([a-z0-9_+'-]+):(?::skin-tone-\d:)?", re.IGNORECASE)
_OWN_EMOJI = re.compile(r"<a?:\w+:\d+>")
_MODIFIERS = re.compile("[\u200d\ufe0e\ufe0f\u20e3\U0001f3fb-\U0001f3ff]")
_LETTERS = re.compile(r"\+1|[^\W_]+(?:['’-][^\W_]+)*")
_EMOJI = "\U0001f64f"
"""Stands for any emoji without a meaning of its own."""
GREETING = r"\s*(?:(?:hey|hi|hello|thanks|thank you|thx|cc|fyi|ok|yes|no)\b[\s,:]*)?"
"""A pattern for what may come before the mention of the person whom a message speaks to."""
QUESTION_MARKS = ("?", "？", "؟")
MOST = 12
"""Words of a short reply."""


def tokens(text: str) -> list[str]:
    """Returns the words and emoji of a text in lower case, without punctuation, skin tones and variants."""
    text = _OWN_EMOJI.sub(f" {_EMOJI} ", text)
    text = _SHORTCODE.sub(lambda found: f" {_SHORTCODES.get(found[1].lower(), _EMOJI)} ", text)
    text = unicodedata.normalize("NFKC", _MODIFIERS.sub("", text)).casefold().replace("’", "'")
    found: list[str] = []
    at = 0
    for word in _LETTERS.finditer(text):
        found += [*_pictures(text[at : word.start()]), word.group()]
        at = word.end()
    return [*found, *_pictures(text[at:])]


def kinds(text: str) -> frozenset[Kind]:
    """Returns what a short reply consists of; empty if it has any other word, or is too long."""
    words = tokens(text)
    if not words or len(words) > MOST or "?" in text:
        return frozenset()
    found: set[Kind] = set()
    at = 0
    while at < len(words):
        size = next((n for n in range(min(_LONGEST, len(words) - at), 0, -1) if _known(words[at : at + n])), 0)
        if not size:
            return frozenset()
        found.add(_known(words[at : at + size]) or "filler")
        at += size
    return frozenset(found)


def asks(text: str) -> bool:
    """Returns whether the text ends as a question."""
    return text.rstrip().endswith(QUESTION_MARKS)


def agrees(found: frozenset[Kind]) -> bool:
    """Returns whether the reply says yes, and nothing against it."""
    return bool(found & {"yes", "go"}) and not found & {"no", "wait", "stop", "done"}


def refuses(found: frozenset[Kind]) -> bool:
    """Returns whether the reply says no, and nothing else."""
    return "no" in found and found <= {"no", "courtesy", "filler"}


def starts(found: frozenset[Kind]) -> bool:
    """Returns whether the reply says to start."""
    return "go" in found and agrees(found)


def polite(found: frozenset[Kind]) -> bool:
    """Returns whether the reply asks for nothing: thanks, a greeting, an emoji, `wait`."""
    return bool(found & {"courtesy", "wait"}) and found <= {"courtesy", "wait", "filler"}


def _pictures(between: str) -> Iterator[str]:
    for sign in between:
        if unicodedata.category(sign) == "So":
            yield sign


def _known(words: list[str]) -> Kind | None:
    kind = _table().get(" ".join(words))
    if kind is None and len(words) == 1 and unicodedata.category(words[0][0]) == "So":
        return "courtesy"
    return kind


@cache
def _table() -> Mapping[str, Kind]:
    found: dict[str, Kind] = {}
    for kind, text in _PHRASES.items():
        found |= {" ".join(tokens(phrase)): kind for phrase in re.split(r"[|\n]", text) if phrase.strip()}
    return found


_LONGEST = 5
