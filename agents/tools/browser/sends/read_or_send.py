"""Tells what a page sends from what it reads by other means than GET: by names, by content, by habit. Pure."""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple
from urllib.parse import urlsplit

from pydantic import JsonValue

from agents.tools.browser.sends.button_words import NOTHING_PRESSED, ButtonPress
from agents.tools.browser.sends.classify_message import (
    POSTS,
    Nature,
    answers_banner,
    endpoint_of,
    gives_personal_data,
    is_grave,
    is_query,
    is_telemetry,
    mutates_by_address,
    nature_of,
)
from agents.tools.browser.sends.operation_words import (
    CHANGING,
    CLAUSES,
    FILES,
    OPERATION,
    READS,
    RESOURCES,
    SEARCH,
    TYPED_INTO,
    WRITES,
    WRITES_BY_GET,
    plain,
    words_of,
)
from agents.tools.browser.sends.outgoing_message import SOCKET, Outgoing
from agents.tools.browser.sends.state_changing_addresses import acts, logs_out
from agents.tools.browser.sends.typed_text_in_message import brings_file, carries, carries_beside
from orchestrator.domain.ids import digest

_TOKEN = re.compile(r"(?=.*\d)[\w.:+/=-]{9,}")
_QUIET = frozenset(("", "2", "3", "ping", "pong", "{}", "heartbeat", "h", "\n"))


class SendVerdict(NamedTuple):
    """`hold`: a person has to approve it; `endpoint`: what that approval covers from then on, if anything; `drop`: it
    doesn't go out, and nobody has to know."""

    hold: bool
    endpoint: str = ""
    drop: bool = False


@dataclass
class PageHistory:
    """What a page's messages are judged by. `acted`: the agent did something on it; `acts`: how often; `strict`: the
    page has a login, or the run has read private data; `typed`: what the agent typed; `habits`: signatures of what the
    page sent before the agent did anything; `endpoints`: those that a person approved for the task; `press`: what the
    agent pressed last; `files`: the content of those that it chose on the page."""

    acted: bool = False
    strict: bool = False
    press: ButtonPress = NOTHING_PRESSED
    files: list[bytes] = field(default_factory=list[bytes])
    typed: set[str] = field(default_factory=set[str])
    habits: set[str] = field(default_factory=set[str])
    endpoints: frozenset[str] = frozenset()
    acts: int = 0

    def act(self) -> None:
        """Notes that the agent does something on the page."""
        self.acted = True
        self.acts += 1


def judge(message: Outgoing, past: PageHistory, *, detached: bool = False, by_itself: bool = False) -> SendVerdict:
    """Decides about a message to the page's own service. `detached`: a picture that the page doesn't show; `by_itself`:
    the site leads there, by a redirect or in a frame."""
    habit = signature(message) in past.habits
    if past.files and brings_file(message, past.files, unless_usual=habit):
        return SendVerdict(hold=True)
    if message.reads_by_method:
        return SendVerdict(
            _opens_to_act(message, past, habit=habit, by_itself=by_itself)
            or _sends_by_get(message, past, habit=habit, detached=detached)
        )
    nature = nature_of(message)
    if nature is Nature.READ and not habit and _is_disguised(message, past):
        nature = Nature.SEND
    carried = carries_beside(message, past.typed, TYPED_INTO if nature is Nature.READ else SEARCH)
    if is_telemetry(message) and not (carried or habit or past.press.changes) and (past.acted or past.strict):
        return SendVerdict(hold=True, drop=True)
    if nature is Nature.SEND or carried:
        alone = past.acted or past.strict or carried or message.method not in POSTS
        return SendVerdict(alone or is_grave(message))
    usual = nature is Nature.READ or habit or not past.acted
    endpoint = endpoint_of(message) if usual else ""
    if not past.strict:
        return SendVerdict(not usual, endpoint)
    quiet = message.kind == SOCKET and message.text is not None and message.text.strip().lower() in _QUIET
    return SendVerdict(not quiet and (not endpoint or endpoint not in past.endpoints), endpoint)


def _is_disguised(message: Outgoing, past: PageHistory) -> bool:
    """Returns whether what the agent did, or what it brings along, says more than a name that only reads."""
    if not past.acted or is_query(message) or answers_banner(message):
        return False
    return past.press.changes or past.press.personal or gives_personal_data(message)


def _opens_to_act(message: Outgoing, past: PageHistory, *, habit: bool, by_itself: bool) -> bool:
    """Returns whether an address that is opened, or fetched after something was done, is known to do something; also
    a form that is sent as an address by a button that says so."""
    if message.kind == "document":
        form = past.press.submits and bool(message.query()) and not by_itself
        if form and (past.press.changes or (past.press.personal and gives_personal_data(message))):
            return True
        return acts(message.url) and not (by_itself and logs_out(message.url))
    if message.kind == "script" or not past.acted or habit:
        return False
    script = message.kind in ("fetch", "xhr") and bool(message.query()) and not _reads(_parts(message))
    return acts(message.url) or mutates_by_address(message) or (script and past.press.changes)


def signature(message: Outgoing) -> str:
    """Returns the same for messages that differ only in times, tokens and pages; for pictures, in any value."""
    if message.kind in RESOURCES and message.reads_by_method:
        return digest(message.kind, message.address, *sorted(f.name for f in message.query()))
    shape = _shape(message.content(), "")
    query = sorted((f.name, _mark(f.value, f.name)) for f in message.query())
    return digest(message.method, message.kind, message.address, json.dumps([query, shape], sort_keys=True))


def _shape(value: JsonValue, name: str) -> JsonValue:
    if isinstance(value, dict):
        return {key: _shape(inner, key) for key, inner in value.items()}
    if isinstance(value, list):
        return [_shape(inner, name) for inner in value[:200]]
    return _mark(value if isinstance(value, str) else json.dumps(value), name)


def _mark(value: str, name: str) -> str:
    if plain(name) in CLAUSES or (_TOKEN.fullmatch(value) and plain(name) in CHANGING):
        return "*"
    return value


def _sends_by_get(message: Outgoing, past: PageHistory, *, habit: bool, detached: bool) -> bool:
    """Whatever an address names, a page that did the same before the agent did anything only reads."""
    carried, parts = carries(message, past.typed), _parts(message)
    told = [words_of(f.value)[:1] for f in message.query() if plain(f.name) in OPERATION]
    if not message.address.lower().endswith(FILES):
        told += [words_of(part)[:1] for part in parts[-2:]]
    changes = past.acted and not habit and any(WRITES_BY_GET.intersection(words) for words in told)
    if message.kind != "script" and any(WRITES.intersection(words) for words in told):
        changes = changes or carries_beside(message, past.typed, SEARCH)
    if message.kind in RESOURCES:
        return carried or changes or (past.acted and detached and not habit and _is_signal(message))
    if message.kind == "script" and carried:
        return changes or (carries_beside(message, past.typed, SEARCH) and not _reads(parts))
    return changes and (carried or (message.kind not in ("document", "script") and not _reads(parts)))


def _parts(message: Outgoing) -> list[str]:
    return [part for part in urlsplit(message.url).path.split("/") if part]


def _is_signal(message: Outgoing) -> bool:
    """Returns whether a picture that isn't shown looks like a message: an address with values, of no real picture."""
    return bool(message.query()) and not message.address.lower().endswith(FILES)


def _reads(parts: Iterable[str]) -> bool:
    return any(READS.intersection(words_of(part)) for part in parts)
