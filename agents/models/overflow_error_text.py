"""Recognizes a prompt that is too long in a vendor's words, and the numbers in them. Pure."""

import re

_KNOWN = re.compile(
    r"context_length_exceeded|exceed_context_size|request_too_large|context window exceeded|context the overflows"
    r"|maximum context length|prompt is too long|reduce the length"
    r"|(?:context|max(?:imum)?)[ _-](?:length|size|window|limit)[^.]{0,60}(?:exceed|overflow|reached|not enough)"
    r"|exceed\w*[^.]{0,60}(?:context|token limit|max(?:imum)? (?:length|input|number of tokens|allowed))"
    r"|longer than the model's context|input (?:tokens?|length|prompt)[^.]{0,60}(?:exceed|too long|range of)"
    r"|range of input length|(?:input|prompt|request|conversation|messages?)(?: is| are| was)? too (?:long|large)"
    r"|too many (?:input |total |prompt )?tokens|prompt contains \d+ tokens|too large for model|n_keep"
    r"|requested tokens[^.]{0,20}exceed|\u8d85[\u8fc7\u51fa].{0,20}(?:\u957f\u5ea6|\u4e0a\u9650|\u9650\u5236)"
)
_SIZE = re.compile(
    r"\btokens?\b|_tokens\b|\bprompts?\b|context[ _-]?(?:length|size|window|limit|len\b)|\bcontext is\b"
    r"|(?:conversation|chat|message) history|\b(?:n_ctx|num_ctx|ctx)\b|seq(?:uence)?[ _-]?len|model[ _-]?len"
    r"|\binputs?\b\W{0,3}(?:tokens?|length|size|text|is|are|has|have|was|must|exceeds?)|input_(?:ids|length|tokens)"
    r"|kv[ _-]?cache"
)
"""What is too long."""
_OVER = re.compile(
    r"exceed|overflow|surpass|truncat|(?:greater|longer|larger|bigger|higher|more) than|\b(?:above|beyond)\b"
    r"|over the (?:limit|max)|too (?:long|large|many|big)|(?:n't|not) fit|no (?:room|space) (?:left|for)|\bis full\b"
    r"|(?:must|should|may|can)(?: ?not|n't)? (?:be|have|contain|use)?\s*(?:<=?|less|fewer|at most|below|under|shorter"
    r"|smaller|up to|no (?:more|longer|larger))"
    r"|(?:max(?:imum|\b)|limit|only|at most|up to|accepts?|supports?)\D{0,60}\d[\d,_.]*\D{0,60}(?:\bbut\b|\bgot\b"
    r"|given|received|request|while|however|provided|\bhas\b|\bhave\b|contain)\D{0,60}\d"
    r"|\d\s*>=?\s*\d|\bto (?:under|below|at most|fit)\b|(?:max\w*|limit)\D{0,40}\d{3,}\D{0,40}\d{3}"
    r"|\d{3}\D{0,60}\b(?:only|just|at most|max\w*|limit|up to|no more than|can (?:hold|handle))\D{0,40}\d{3}"
)
"""That it is."""
_INPUT = re.compile(r"prompt|context|\binputs?\b|input_|messages?\b|seq(?:uence)?[ _-]?len|conversation")
_ELSE = re.compile(
    r"\brates?\b|quota|per[ _-]?(?:min|day|hour|second|month)|images?\b|pictures?\b|photos?\b|audio|video|pixel"
    r"|(?:access|api|bearer|auth\w*|id|session|refresh|security) tokens?\b|api.?key|jwt|expired|billing|credits?\b"
    r"|budget|temperature|penalty|logprobs|stop (?:sequence|token|word)s?|cache breakpoint|\bpaid\b|should be a valid"
)
"""A sentence with one of these words is about another limit."""
_OUTPUT = re.compile(r"max_(?:completion_|new_|output_)?tokens|(?:output|completion|response|generated) tokens|budget")
_FAR_EAST = re.compile(
    r"(?:prompt|tokens?|\u957f\u5ea6|\u9577\u5ea6|\u4e0a\u4e0b\u6587|\u8f93\u5165|\u8f38\u5165|\u5b57\u6570"
    r"|\u30c8\u30fc\u30af\u30f3|\u30b3\u30f3\u30c6\u30ad\u30b9\u30c8|\u5165\u529b|\ud1a0\ud070|\uc785\ub825).{0,30}"
    r"(?:\u8d85|\u904e\u9577|\u8fc7\u957f|\u592a\u957f|\ucd08\uacfc)"
    r"|\u8d85[\u8fc7\u51fa].{0,30}(?:tokens?|\u957f\u5ea6|\u4e0a\u9650|\u9650\u5236|\u4e0a\u4e0b\u6587)"
)
"""Chinese, Japanese and Korean."""


def says_too_long(text: str) -> bool:
    """Returns whether the words, in lower case, say that the prompt is too long: a word for its size and one for
    more, in the same sentence."""
    return known_overflow(text) or bool(_FAR_EAST.search(text)) or any(map(_is_about_size, _sentences(text)))


def known_overflow(text: str) -> bool:
    """Returns whether they say so in the words of a vendor that is known."""
    return bool(_KNOWN.search(text))


def _sentences(text: str) -> list[str]:
    return re.split(r"[.!?]+(?=\s|$|[\"'])|\\n|\n", text)


def _is_about_size(sentence: str) -> bool:
    if not (_SIZE.search(sentence) and _OVER.search(sentence)) or _ELSE.search(sentence):
        return False
    return bool(_INPUT.search(sentence)) or not _OUTPUT.search(sentence)


_WINDOW = (
    re.compile(r"n_ctx\W+([\d,_]{3,})"),
    re.compile(r"max_(?:seq_len|num_tokens|model_len)\W{0,3}([\d,_]{3,})"),
    re.compile(r"\d\)?(?: \w*tokens?)?\s*>=?\s*([\d,_]{3,})"),
    re.compile(r"(?:<=|less than(?: or equal to)?|max(?:imum)? \w+ length (?:is|of))\s*([\d,_]{3,})"),
    re.compile(
        r"(?:context (?:length|size|window|limit)|token limit|maximum of)(?:(?!exceeds)[^\d\"'\n]){0,40}(?<!by )"
        r"([\d,_]{3,})"
    ),
    re.compile(r"([\d,_]{3,})\s+(?:is the )?(?:maximum|max)\b"),
    re.compile(
        r"(?:maximum|limit|only|tokens allowed|max length|s limit of)[^\d\"'<\n]{0,40}(?<!by )(?<!limit \()([\d,_]{3,})"
    ),
)
_PROMPT = (
    re.compile(r"n_prompt_tokens\W+([\d,_]{2,})"),
    re.compile(r"([\d,_]{2,})\s*\+\s*[\d,_]{2,}\s*>"),
    re.compile(r"([\d,_]{2,})\s+(?:input tokens|in (?:the|your) (?:messages|prompt|input)|tokens from the input)"),
    re.compile(
        r"(?:prompt|input)(?: is too long| contains|[^.\d]{0,30})\W+(?:at least )?([\d,_]{2,})\s+(?:input )?tokens"
    ),
)


def window_in(text: str) -> int | None:
    """Returns the tokens of the model's window that an overflow names, if it does."""
    return _first(_WINDOW, text)


def prompt_in(text: str) -> int | None:
    """Returns the tokens of the prompt that an overflow names, if it does."""
    return _first(_PROMPT, text)


def _first(patterns: tuple[re.Pattern[str], ...], text: str) -> int | None:
    for pattern in patterns:
        if match := pattern.search(text):
            return int(re.sub("[,_]", "", match[1]) or 0) or None
    return None
