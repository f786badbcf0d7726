"""Tells what a page sends from what it reads by other means than GET: by names, by content, by habit. Pure."""

import base64
import json
import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple
from urllib.parse import unquote_plus, urlsplit

from pydantic import JsonValue

from agents.tools.browser.sends.outgoing import MESSAGE, SOCKET, Field, Outgoing
from orchestrator.domain.ids import digest

_READS = frozenset((
    "search", "searches", "find", "query", "queries", "list", "listing", "lookup", "filter", "filters", "filtered",
    "suggest", "suggestions", "suggester", "autocomplete", "autosuggest", "typeahead", "completion", "browse",
    "page", "pages", "paginate", "paged", "pagination", "results", "result", "get", "fetch", "load", "retrieve",
    "facets", "facet", "count", "counts", "aggregate", "aggregations", "geocode", "geocoding", "directions",
    "route", "routes", "routing", "tiles", "tile", "nearby", "availability", "available", "feed", "timeline",
    "msearch", "mget", "scroll", "sparql", "resolve", "details", "detail", "info", "options", "recommendations",
    "recommend", "related", "similar", "translate", "rates", "calendar", "slots", "prices", "lookups", "explore",
    "discover",
))  # fmt: skip
"""Words in addresses and names of operations that only read."""
_WRITES = frozenset((
    "add", "create", "insert", "update", "upsert", "save", "set", "put", "post", "delete", "del", "remove",
    "destroy", "clear", "reset", "edit", "modify", "change", "replace", "rename", "move", "copy", "send", "submit",
    "reply", "respond", "comment", "message", "mail", "email", "contact", "order", "buy", "purchase", "checkout",
    "pay", "payment", "charge", "refund", "transfer", "donate", "bid", "book", "booking", "reserve", "reservation",
    "cancel", "confirm", "accept", "approve", "reject", "decline", "sign", "signup", "signin", "login", "logout",
    "register", "registration", "subscribe", "unsubscribe", "join", "leave", "follow", "unfollow", "like", "unlike",
    "vote", "upvote", "downvote", "rate", "review", "share", "publish", "unpublish", "invite", "report", "flag",
    "block", "mark", "archive", "close", "open", "start", "stop", "run", "execute", "trigger", "upload", "import",
    "apply", "enroll", "enrol", "assign", "finish", "place", "request", "redeem", "claim", "activate", "deactivate",
    "enable", "disable", "toggle", "grant", "revoke", "lock", "unlock", "merge", "deploy", "restart", "pin", "star",
    "bookmark", "cart", "basket", "wishlist", "write", "draft", "drop", "purge", "wipe", "mutation", "mutate",
))  # fmt: skip
"""Words that name a change."""
_WRITES_BY_GET = frozenset((
    "add", "create", "insert", "update", "save", "delete", "del", "remove", "destroy", "send", "submit", "buy",
    "purchase", "pay", "transfer", "donate", "bid", "cancel", "confirm", "subscribe", "unsubscribe", "publish",
    "upvote", "downvote",
))  # fmt: skip
"""Words that name a change even in an address that is only fetched."""
_SEARCH = frozenset((
    "q", "query", "search", "searchterm", "searchtext", "searchquery", "s", "term", "terms", "keyword", "keywords",
    "k", "page", "pageno", "pagenumber", "pagesize", "perpage", "offset", "limit", "size", "cursor", "after",
    "before", "skip", "take", "sort", "sortby", "orderby", "sortorder", "dir", "direction", "filter", "filters",
    "facet", "facets", "lang", "language", "locale", "lat", "lng", "lon", "latitude", "longitude", "zoom", "bounds",
    "bbox", "radius", "prefix", "input", "index", "from", "to", "count", "rows", "start", "first", "last",
    "pageindex", "pagecount", "category", "categories",
))  # fmt: skip
"""Names of values that searching and paging need."""
_CLAUSES = frozenset(("q", "query", "search", "searchterm", "searchtext", "searchquery", "term", "keyword", "keywords",
    "page", "pageno", "pagenumber", "offset", "cursor", "pageindex", "prefix", "skip", "lat", "latitude"))  # fmt: skip
_TYPED_INTO = _SEARCH | {"text", "name", "city", "place", "location", "address", "where", "what", "source", "variables"}
"""Where a search may carry what the agent typed."""
_CHANGING = frozenset(("time", "timestamp", "ts", "t", "now", "date", "seq", "nonce", "requestid", "id", "sid", "rid"))
_OPERATION = frozenset(("action", "op", "operation", "operationname", "method", "cmd", "command", "event", "do", "func",
    "function", "task", "verb", "type"))  # fmt: skip
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
_TOKEN = re.compile(r"(?=.*\d)[\w.:+/=-]{9,}")
_QUIET = frozenset(("", "2", "3", "ping", "pong", "{}", "heartbeat", "h", "\n"))
_STREAMS = frozenset(("subscribe", "unsubscribe", "hello", "init", "ping", "pong", "heartbeat"))
"""What a page says on a WebSocket to receive more."""
_POSTS, _SAFE = ("POST", MESSAGE), ("QUERY", "SEARCH", "REPORT", "PROPFIND")
_BANNERS, _COOKIES = frozenset(("gdpr", "cmp", "cookieconsent")), frozenset(("cookie", "cookies", "privacy"))
_CHOICES = frozenset(("consent", "consents", "banner", "preferences", "choice", "choices"))
"""Where pages keep the answer to a cookie banner; consent alone may be a contract's."""
_SHORTEST = 3
_LONG, _CODED = 8, 6
_FILES = (".jpg", ".jpeg", ".png", ".webp", ".avif", ".svg", ".ico", ".css", ".js", ".mjs", ".wasm", ".woff", ".woff2",
    ".mp4", ".webm", ".m4s", ".ts", ".mp3")  # fmt: skip
"""How addresses of files end that pages are made of."""
_RESOURCES = frozenset(("image", "media", "font", "stylesheet", "ping", "other", "cspviolationreport"))


class Nature(StrEnum):
    """What a message is for, as far as it can be seen."""

    READ = "read"
    UNCLEAR = "unclear"
    SEND = "send"


class SendVerdict(NamedTuple):
    """`hold`: a person has to approve it; `endpoint`: what that approval covers from then on, if anything."""

    hold: bool
    endpoint: str = ""


@dataclass
class PageHistory:
    """What a page's messages are judged by. `acted`: the agent did something on it; `strict`: the page has a login, or
    the run has read private data; `typed`: what the agent typed; `habits`: signatures of what the page sent before the
    agent did anything; `endpoints`: those that a person approved for the task."""

    acted: bool = False
    strict: bool = False
    typed: set[str] = field(default_factory=set[str])
    habits: set[str] = field(default_factory=set[str])
    endpoints: frozenset[str] = frozenset()


def judge(message: Outgoing, past: PageHistory, *, detached: bool = False) -> SendVerdict:
    """Decides about a message to the page's own service. `detached`: a picture that the page doesn't show."""
    habit = signature(message) in past.habits
    if message.reads_by_method:
        return SendVerdict(_sends_by_get(message, past, habit=habit, detached=detached))
    nature = nature_of(message)
    carried = _carries(message, past.typed, beside=_TYPED_INTO if nature is Nature.READ else _SEARCH)
    if nature is Nature.SEND or carried:
        return SendVerdict(past.acted or past.strict or carried or message.method not in _POSTS)
    usual = nature is Nature.READ or habit or not past.acted
    endpoint = endpoint_of(message) if usual else ""
    if not past.strict:
        return SendVerdict(not usual, endpoint)
    quiet = message.kind == SOCKET and message.text is not None and message.text.strip().lower() in _QUIET
    return SendVerdict(not quiet and (not endpoint or endpoint not in past.endpoints), endpoint)


def endpoint_of(message: Outgoing) -> str:
    """Returns what people approve for a whole task, in words."""
    where = message.address.split("://", 1)[-1]
    if message.kind == SOCKET:
        return f"messages on the open connection to {where}"
    what = "queries" if _graphql(message.content()) else f"{message.method} requests that only read"
    return f"{what} to {where}"


def nature_of(message: Outgoing) -> Nature:
    """Judges by method, operation and address; a word that names a change outweighs one that names a search."""
    if message.method not in (*_POSTS, *_SAFE):
        return Nature.SEND
    content = message.content()
    inner = content.get("payload") if isinstance(content, dict) and message.kind == SOCKET else None
    if (found := _graphql(content) or _graphql(inner)) is not None:
        return found
    told = [_named(f.value, streams=message.kind == SOCKET) for f in _operations(message, content)]
    place = _placed(message.address) if message.kind != SOCKET else Nature.UNCLEAR
    if Nature.SEND in (*told, place):
        return Nature.SEND
    if Nature.READ in (*told, place) or message.method in _SAFE:
        return Nature.READ
    names = {_plain(f.name) for f in message.fields()}
    return Nature.READ if names and names <= _SEARCH and names & _CLAUSES else Nature.UNCLEAR


def signature(message: Outgoing) -> str:
    """Returns the same for messages that differ only in times, tokens and pages; for pictures, in any value."""
    if message.kind in _RESOURCES and message.reads_by_method:
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
    if _plain(name) in _CLAUSES or (_TOKEN.fullmatch(value) and _plain(name) in _CHANGING):
        return "*"
    return value


def carries(message: Outgoing, typed: Collection[str]) -> bool:
    """Returns whether the message contains anything that the agent typed, in whatever part and coding."""
    return _carries(message, typed, beside=())


def _carries(message: Outgoing, typed: Collection[str], *, beside: Collection[str]) -> bool:
    """Returns the same, except for fields of those names."""
    wanted = [one for one in typed if len(one) >= _SHORTEST]
    if not wanted:
        return False
    values = [f.value for f in message.fields() if not beside or not {_plain(name) for name in f.path} & set(beside)]
    if message.text is None:
        values.append(message.body.decode("latin-1"))
    exact = message.kind in _RESOURCES and message.reads_by_method
    values += [] if message.address.lower().endswith(_FILES) else urlsplit(message.url).path.split("/")
    return any(_inside(one, value, exact=exact) for one in wanted for value in values)


def _inside(typed: str, value: str, *, exact: bool) -> bool:
    """`exact`: a short word may be part of it, as in the name of a picture."""
    low, text = typed.lower(), value.lower()
    if low in (text, unquote_plus(text)) or (len(typed) >= _LONG and low in text):
        return True
    if not exact and re.search(rf"(?<!\w){re.escape(low)}(?!\w)", text):
        return True
    coded = base64.b64encode(typed.encode()).decode().rstrip("=")[:-1]
    return (len(coded) >= _CODED and coded in value) or (len(typed) >= _SHORTEST * 2 and typed.encode().hex() in text)


def _sends_by_get(message: Outgoing, past: PageHistory, *, habit: bool, detached: bool) -> bool:
    """Whatever an address names, a page that did the same before the agent did anything only reads."""
    carried, parts = carries(message, past.typed), [p for p in urlsplit(message.url).path.split("/") if p]
    told = [_words(f.value)[:1] for f in message.query() if _plain(f.name) in _OPERATION]
    if not message.address.lower().endswith(_FILES):
        told += [_words(part)[:1] for part in parts[-2:]]
    changes = past.acted and not habit and any(_WRITES_BY_GET.intersection(words) for words in told)
    if message.kind != "script" and any(_WRITES.intersection(words) for words in told):
        changes = changes or _carries(message, past.typed, beside=_SEARCH)
    if message.kind in _RESOURCES:
        return carried or changes or (past.acted and detached and not habit and _is_signal(message))
    if message.kind == "script" and carried:
        return changes or (_carries(message, past.typed, beside=_SEARCH) and not _reads(parts))
    return changes and (carried or (message.kind not in ("document", "script") and not _reads(parts)))


def _is_signal(message: Outgoing) -> bool:
    """Returns whether a picture that isn't shown looks like a message: an address with values, of no real picture."""
    return bool(message.query()) and not message.address.lower().endswith(_FILES)


def _reads(parts: Iterable[str]) -> bool:
    return any(_READS.intersection(_words(part)) for part in parts)


def _operations(message: Outgoing, content: JsonValue) -> list[Field]:
    named = [f for f in message.fields() if len(f.path) == 1 and _plain(f.name) in _OPERATION]
    if message.kind == SOCKET and isinstance(content, list) and content and isinstance(content[0], str):
        named.append(Field((), content[0]))
    if message.kind == SOCKET and isinstance(content, str):
        named.append(Field((), content.split(" ")[0]))
    return named


def _named(operation: str, *, streams: bool = False) -> Nature:
    """Judges the name of an operation: `listOrders` reads, `orders.delete` doesn't."""
    words = _words(operation)
    if not words or len(words) > 6:
        return Nature.UNCLEAR
    if streams and words[0] in _STREAMS:
        return Nature.READ
    if words[0] in _READS and not _WRITES_BY_GET.intersection(words):
        return Nature.READ
    if _WRITES.intersection(words):
        return Nature.UNCLEAR if words[-1] in _READS and words[0] not in _WRITES_BY_GET else Nature.SEND
    return Nature.READ if _READS.intersection(words) else Nature.UNCLEAR


def _placed(address: str) -> Nature:
    """Judges an address by its last part with words, then by the parts before it."""
    parts = [p for p in urlsplit(address).path.split("/") if _words(p) and not re.fullmatch(r"v\d+|api", p.lower())]
    if not parts:
        return Nature.UNCLEAR
    told = frozenset(word for part in parts for word in _words(part))
    if told & _BANNERS or (told & _COOKIES and told & _CHOICES):
        return Nature.READ
    last = _named(parts[-1])
    if last is not Nature.UNCLEAR:
        return last
    before = [_named(part) for part in parts[:-1]]
    return Nature.READ if Nature.READ in before and Nature.SEND not in before else Nature.UNCLEAR


def _graphql(content: JsonValue) -> Nature | None:
    """Returns what GraphQL documents do; None if the content isn't one."""
    if isinstance(content, list) and content:
        found = [_graphql(one) for one in content]
        if None in found:
            return None
        return max((f for f in found if f), key=list(Nature).index)
    if not isinstance(content, dict):
        return None
    text, name = content.get("query"), content.get("operationName")
    if isinstance(text, str) and "{" in text:
        plain = re.sub(r'#[^\n]*|"""(?s:.)*?"""|"(?:[^"\\\n]|\\.)*"', " ", text)
        return Nature.SEND if re.search(r"\bmutation\b", plain) else Nature.READ
    if isinstance(name, str) and "extensions" in content:
        found = _named(name)
        return Nature.READ if found is not Nature.SEND and _words(name)[-1:] == ["query"] else found
    return None


def _words(text: str) -> list[str]:
    return [word.lower() for word in _WORD.findall(unquote_plus(text)[:200])]


def _plain(name: str) -> str:
    return re.sub(r"[^a-z]", "", name.lower())
