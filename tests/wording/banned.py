"""Phrases that read as translated, each with what a native writer says."""

import re
from collections.abc import Iterator, Mapping

BANNED: Mapping[str, str] = {
    r"\bstands? (in|for|beside|behind|under|above|there|here|at|open)\b(?! line)": "is in, is, is set in",
    r"\bwhat stands\b|\bit stands\b": "what is, it's ready",
    r"\blies? (in|at|beside|there|here|behind)\b": "is in",
    r"(?<!there )(?<!this )\bis no (?!longer\b|more\b|one\b)": "isn't a",
    r"\b(is|are|was|were|be) told\b": "gets, is informed; better: name what happens",
    r"\banew\b": "again",
    r"\bmend(s|ed|ing)?\b": "fix",
    r"\bsomebody\b": "someone, a person",
    r"\bwhoever\b": "the person who",
    r"^who \w+s\b": "the person who; better: name the actor",
    r"\bwritten down\b": "recorded, saved",
    r"\b(goes|went|gone|going|go) on (in a moment|by itself|with the|as it)": "continues, carries on with",
    r"\btries again\b|\btried anew\b": "retrying, retries",
    r"\b(an|of its|of their|on an) own\b(?! line)(?= \w)": "its own, their own",
    r"\bmay be let\b|\bbe let\b": "may be allowed to",
    r"\bwaits for your look\b|\bfor your look\b": "waiting for your review",
    r"\bforeign (?!key|language|curren)": "untrusted, external",
    r"\bhinders?\b": "stops, prevents",
    r"\bwhere there is none\b|\bthis is none\b": "if none exists",
    r"\bnot possible\b": "can't",
    r"\bmeanwhile\b": "in the meantime",
    r"\bhalf[ -]characters?\b": "lone surrogate",
    r"\bsubtasks?\b(?!`)": "step",
    r"\bthere is no\b": "there's no",
    r"\bisn't an? [\w .]+ but\b": "isn't a …; it's …",
    r"\b(put|fix|do) it there\b": "name the thing and the place",
    r"\buse a form like\b": "use a format like",
    r"\b(was|were) already \w+ed\b": "has already been …",
    r", so that\b": "so that",
    r"\bcalled no\b|\bmade no (?!difference\b)": "didn't call any, didn't make any",
    r"\blog-?in links?\b": "sign-in link",
    r"\b(?:messages?|posts?) of (?:this|the|a) (?:thread|channel)\b|\bof sheet\b": "in the thread, on the sheet",
    r"\b(?:requests?|findings?) of\b": "from",
    r"\b(?:servers?|providers?|settings|quota|log level) of\b": "for",
    r"\b(?:part|picture) of \{\} (?:kB|MB|GB)\b": "a {} MB part",
    r"\bunder which\b": "that … may use; split the sentence",
    r"\bwhat (?:answers|is served)\b": "the server, the reply; name the actor",
    r"\{\} % \w": "no space before %",
    r"(?<!task )\bcancell(?:ed|ing)\b|\b(?:colour|behaviour|tyre|organis|recognis|summaris)": "American spelling",
    r"\b(?:plan|step|task|work|it|that) waits for (?:start|a button|its turn)\b": "is waiting for",
    r"\bso (?:the|an|your) \w+ (?:waits|continues|runs|answers|retries|goes on)\b": "is waiting, is continuing, …",
    r"\b(?:threadwork|the hub|the host) runs as\b": "is running as",
    r"\b(?:everything|everyone else) waits\b|\bcontinues (?:its|their) work\b": "is on hold, is continuing",
    r"\breads (?:this|it) before\b": "will read it before",
    r"\bwhile (?:\w+ ){1,3}(?:uses|runs|reads|writes)\b(?! in)": "while … is using",
    r"\band (?:ends|crashes|restarts|retries)$": "has ended, has crashed",
    r"\bcan't be worked out\b|\bworked out yet\b": "can't be determined, built, prepared",
    r"\b(?:is|are) kept (?:running|open)\b": "stays running",
    r"\bis no longer served\b": "stopped serving",
    r"\b(?:mixed|newer|of \w+) kinds\b": "types",
    r"\bdirect conversations?\b": "direct message",
    r"\btracked revisions?\b|\bopen revisions?\b": "tracked changes",
}
"""Pattern (case does not matter) -> what to write instead."""

_FOUND = [(re.compile(pattern, re.I), better) for pattern, better in BANNED.items()]


def faults(text: str) -> Iterator[str]:
    """Yields each banned phrase in the text, with what to write instead."""
    words = re.sub(r"\{[^{}]*\}", "{}", text)
    for pattern, better in _FOUND:
        if found := pattern.search(words):
            yield f"{found[0]!r} (better: {better})"
