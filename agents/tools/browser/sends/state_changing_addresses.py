"""Recognizes addresses that change something just by being opened, such as `/cart/add?id=7` or `/logout`. Pure."""

import re
from collections.abc import Sequence
from typing import NamedTuple
from urllib.parse import parse_qsl, unquote_plus, urlsplit

_LOG_OUT = frozenset((
    "logout", "logoff", "signout", "signoff", "abmelden", "ausloggen", "deconnexion", "cerrarsesion", "uitloggen",
    "wyloguj", "loggaut",
))  # fmt: skip
_ON_A_THING = frozenset((
    "add", "addtocart", "addtobasket", "addtobag", "addtowishlist", "addtofavorites", "addfavorite", "additem",
    "addproduct", "cartadd", "basketadd", "remove", "removeitem", "removefromcart", "delete", "del", "destroy", "erase",
    "trash", "purge", "unsubscribe", "unsub", "optout", "upvote", "downvote", "unlike", "dislike", "unfollow",
    "confirm", "confirmemail", "confirmsubscription", "confirmorder", "activate", "activateaccount", "deactivate",
    "approve", "reject", "decline", "accept", "cancel", "cancelorder", "cancelbooking", "cancelsubscription", "rsvp",
    "publish", "unpublish", "send", "sendmessage", "sendmail", "resend", "paynow", "buynow", "placeorder", "reorder",
    "revoke", "redeem", "markasread", "markread", "loeschen", "entfernen", "hinzufuegen", "abbestellen",
    "bestaetigen", "stornieren", "supprimer", "ajouter", "desabonner", "desinscription", "confirmer", "annuler",
    "eliminar", "borrar", "agregar", "anadir", "confirmar", "elimina", "rimuovi", "aggiungi", "conferma",
    "verwijderen", "toevoegen", "bevestigen", "excluir", "remover", "adicionar", "usun", "dodaj",
))  # fmt: skip
"""Last parts of addresses that do something to the thing that the address also names."""
_IN_QUERY_ONLY = frozenset(("vote", "like", "follow", "fave", "hide", "bid", "save"))
"""Such parts that are also names of pages: the thing must be in the query, as in `/vote?id=7`."""
_BY_TOKEN = frozenset(("verify", "verifyemail", "emailverification", "confirmation", "validate"))
_BY_MAIL = frozenset(("subscribe", "resubscribe", "optin", "newsletter"))
_TOKENS = frozenset(("token", "key", "hash", "sig", "signature", "auth", "nonce", "csrf"))
_MAILS = frozenset(("mail", "email", "emailaddress", "token"))
_OPERATION = frozenset((
    "action", "act", "do", "op", "operation", "method", "cmd", "command", "func", "function", "task", "mode", "verb",
    "todo",
))  # fmt: skip
_VERBS = frozenset((
    "add", "remove", "delete", "del", "destroy", "unsubscribe", "upvote", "downvote", "vote", "publish", "unpublish",
    "approve", "reject", "cancel", "confirm", "send", "buy", "order", "purge", "trash", "like", "unlike", "follow",
    "unfollow",
))  # fmt: skip
_NAMED_ACTIONS = frozenset((
    "addtocart", "addtobasket", "addtowishlist", "removeitem", "removefromcart", "delete", "del", "unsubscribe",
    "vote", "upvote", "downvote",
))  # fmt: skip
"""Names of values that are actions themselves, as in `?add-to-cart=7`."""
_WAYS = frozenset((
    "lang", "language", "locale", "hl", "ref", "referrer", "referer", "source", "src", "page", "tab", "theme", "view",
    "from", "gclid", "fbclid", "msclkid", "q", "query", "search", "s", "sort", "order", "next", "return", "returnurl",
    "returnto", "redirect", "redirecturi", "back", "category", "topic", "print", "amp", "v", "version", "section",
))  # fmt: skip
"""Names of values that say how to read a page."""
_ABOUT = frozenset((
    "docs", "doc", "documentation", "wiki", "help", "support", "blog", "blogs", "news", "article", "articles",
    "question", "questions", "faq", "reference", "manual", "man", "learn", "tutorial", "tutorials", "guide", "guides",
    "dictionary", "glossary", "topic", "topics", "tag", "tags", "search", "kb", "knowledge", "developer", "developers",
    "apidocs", "definition", "how", "story", "stories", "post", "posts", "archive", "archives", "hilfe", "aide",
    "ayuda", "package", "packages",
))  # fmt: skip
"""Parts of addresses below which pages are about things; a number before the last part outweighs those in `_THINGS`."""
_THINGS = frozenset(("post", "posts", "story", "stories", "question", "questions", "topic", "topics", "article",
    "articles", "blog", "news", "package", "packages"))  # fmt: skip
_TEXT = re.compile(r"\.(html?|md|txt|pdf|xml|json|png|jpe?g|gif|webp|svg|css|m?js)$", re.I)
_PROGRAM = re.compile(r"\.(php\d?|aspx?|jspx?|do|action|cgi|pl|cfm|fcgi)$", re.I)
_ID = re.compile(r"\d+|[0-9a-f]{8}-[0-9a-f-]{27}|(?=[^/]*\d)[\w.~=-]{12,}", re.I)


class _Place(NamedTuple):
    """The parts of an address, the values that aren't about reading, and whether it's a page about something."""

    parts: Sequence[str]
    values: Sequence[tuple[str, str]]
    about: bool


def acts(url: str) -> bool:
    """Returns whether opening the address is known to do something; anything doubtful only reads."""
    place = _placed(url)
    if place is None:
        return False
    if logs_out(url):
        return True
    return not place.about and (_by_path(place) or _by_query(place))


def logs_out(url: str) -> bool:
    """Returns whether it ends a session; sites also lead there by themselves once one has expired."""
    place = _placed(url)
    if place is None or place.about:
        return False
    told = {_plain(part) for part in place.parts[-1:]}
    told |= {_plain(value) for name, value in place.values if name in _OPERATION}
    told |= {name for name, value in place.values if value not in ("", "0", "false")}
    return bool(told & _LOG_OUT)


def _placed(url: str) -> _Place | None:
    parts = [one for one in unquote_plus(urlsplit(url).path).split("/") if one]
    if parts and _TEXT.search(parts[-1]):
        return None
    if parts:
        parts[-1] = _PROGRAM.sub("", parts[-1])
    values = [(_plain(name), value) for name, value in parse_qsl(urlsplit(url).query)]
    values = [(name, value) for name, value in values if name not in _WAYS and not name.startswith("utm")]
    host = (urlsplit(url).hostname or "").split(".")[0]
    topics = {_plain(part) for part in parts[:-1]} & _ABOUT
    if any(_ID.fullmatch(part) for part in parts[:-1]) or any(name in ("id", *_TOKENS) for name, _ in values):
        topics -= _THINGS
    return _Place(parts, values, bool(topics) or host in _ABOUT - _THINGS)


def _by_path(place: _Place) -> bool:
    last = [_plain(part) for part in place.parts[-2:]]
    if not last:
        return False
    names = {name for name, _ in place.values}
    if last[-1] in _BY_TOKEN or last[-1] in _BY_MAIL:
        return bool(names & (_TOKENS if last[-1] in _BY_TOKEN else _MAILS))
    if place.values and last[-1] in _ON_A_THING | _IN_QUERY_ONLY:
        return True
    ids = [bool(_ID.fullmatch(part)) for part in place.parts[-2:]]
    return (ids[0] and last[-1] in _ON_A_THING) or (len(last) > 1 and ids[-1] and last[0] in _ON_A_THING)


def _by_query(place: _Place) -> bool:
    for name, value in place.values:
        words = re.findall(r"[a-z]+", re.sub(r"(?<=[a-z])(?=[A-Z])", " ", value[:60]).lower())
        told = name in _OPERATION and 0 < len(words) <= 3 and (words[0] in _VERBS or words[-1] in _VERBS)
        if (told and len(place.values) > 1) or (name in _NAMED_ACTIONS and value):
            return True
    return False


def _plain(text: str) -> str:
    return re.sub(r"[^a-z]", "", text.lower())
