"""The words by which addresses and messages of pages say what they are for. Pure."""

import re
from urllib.parse import unquote_plus

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")

READS = frozenset((
    "search", "searches", "find", "query", "queries", "list", "listing", "lookup", "filter", "filters", "filtered",
    "suggest", "suggestions", "suggester", "autocomplete", "autosuggest", "typeahead", "completion", "browse",
    "paginate", "paged", "pagination", "results", "result", "get", "fetch", "load", "retrieve", "facets", "facet",
    "count", "counts", "aggregate", "aggregations", "geocode", "geocoding", "directions", "tiles", "tile", "nearby",
    "availability", "available", "msearch", "mget", "scroll", "sparql", "resolve", "recommendations", "recommend",
    "related", "similar", "translate", "explore", "discover", "lookups", "captcha", "challenge",
))  # fmt: skip
"""Words in addresses and names of operations that only read."""
SHOWN = frozenset(("page", "pages", "route", "routes", "routing", "feed", "timeline", "details", "detail", "info",
    "options", "rates", "calendar", "slots", "prices"))  # fmt: skip
"""Names of what pages show: asking for them reads, unless the message brings something of its own to them."""
WRITES = frozenset((
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
WRITES_BY_GET = frozenset((
    "add", "create", "insert", "update", "save", "delete", "del", "remove", "destroy", "send", "submit", "buy",
    "purchase", "pay", "transfer", "donate", "bid", "cancel", "confirm", "subscribe", "unsubscribe", "publish",
    "upvote", "downvote",
))  # fmt: skip
"""Words that name a change even in an address that is only fetched."""
GRAVE = frozenset(("order", "buy", "purchase", "pay", "transfer", "donate", "bid", "unsubscribe", "publish", "delete",
    "destroy", "cancel", "vote", "refund", "withdraw"))  # fmt: skip
"""Words of changes that no ordinary page makes by itself while it loads."""
BROUGHT = frozenset(("title", "content", "body", "text", "message", "comment", "description", "subject", "note",
    "caption", "status"))  # fmt: skip
"""Names of values that are written rather than searched by."""
PERSONAL = frozenset(("email", "mail", "emailaddress", "phone", "phonenumber", "mobile", "telephone", "tel", "iban",
    "cardnumber", "cvv", "cvc", "password", "passwd", "pwd", "firstname", "lastname", "fullname", "surname",
    "givenname", "familyname", "street", "addressline", "birthday", "birthdate", "dateofbirth", "message", "comment",
    "subject", "vorname", "nachname", "strasse", "nachricht", "telefon", "prenom", "apellido", "correo"))  # fmt: skip
"""Names of values that people give about themselves or write to somebody, and that no search needs."""
TELEMETRY = frozenset(("telemetry", "analytics", "collect", "rum", "metrics", "vitals", "beacon", "insights",
    "pageview", "pageviews", "impression", "impressions", "csp"))  # fmt: skip
COUNTED = TELEMETRY | {"track", "tracking", "event", "events", "log", "logs", "stats", "hit", "hits", "pixel", "view"}
"""Where pages report how they are used; the first few say so for certain, the others for a beacon."""
SEARCH = frozenset((
    "q", "query", "search", "searchterm", "searchtext", "searchquery", "s", "term", "terms", "keyword", "keywords",
    "k", "page", "pageno", "pagenumber", "pagesize", "perpage", "offset", "limit", "size", "cursor", "after",
    "before", "skip", "take", "sort", "sortby", "orderby", "sortorder", "dir", "direction", "filter", "filters",
    "facet", "facets", "lang", "language", "locale", "lat", "lng", "lon", "latitude", "longitude", "zoom", "bounds",
    "bbox", "radius", "prefix", "input", "index", "from", "to", "count", "rows", "start", "first", "last",
    "pageindex", "pagecount", "category", "categories",
))  # fmt: skip
"""Names of values that searching and paging need."""
CLAUSES = frozenset(("q", "query", "search", "searchterm", "searchtext", "searchquery", "term", "keyword", "keywords",
    "page", "pageno", "pagenumber", "offset", "cursor", "pageindex", "prefix", "skip", "lat", "latitude"))  # fmt: skip
TYPED_INTO = SEARCH | {"text", "name", "city", "place", "location", "address", "where", "what", "source", "variables"}
"""Where a search may carry what the agent typed."""
CHANGING = frozenset(("time", "timestamp", "ts", "t", "now", "date", "seq", "nonce", "requestid", "id", "sid", "rid"))
OPERATION = frozenset(("action", "op", "operation", "operationname", "method", "cmd", "command", "event", "do", "func",
    "function", "task", "verb", "type"))  # fmt: skip
FILES = (".jpg", ".jpeg", ".png", ".webp", ".avif", ".svg", ".ico", ".css", ".js", ".mjs", ".wasm", ".woff", ".woff2",
    ".mp4", ".webm", ".m4s", ".ts", ".mp3")  # fmt: skip
"""How addresses of files end that pages are made of."""
RESOURCES = frozenset(("image", "media", "font", "stylesheet", "ping", "other", "cspviolationreport"))
"""Kinds of requests that no script waits for."""


def words_of(name: str) -> list[str]:
    """Returns the words of a name such as `listOrders` or `orders.delete`."""
    return [word.lower() for word in _WORD.findall(unquote_plus(name)[:200])]


def plain(name: str) -> str:
    """Returns the letters of a name, without the marks between its words."""
    return re.sub(r"[^a-z]", "", name.lower())
