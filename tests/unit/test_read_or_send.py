"""What a page sends is told apart from what it reads, by method, names, content and habit."""

import json

import pytest

from agents.tools.browser.sends.outgoing import MESSAGE, SOCKET, Outgoing
from agents.tools.browser.sends.read_or_send import PageHistory, endpoint_of, judge, signature
from agents.tools.browser.sends.send_words import words

AT = "https://shop.test"
FORM, JSON = "application/x-www-form-urlencoded", "application/json"


def post(path: str, body: object = None, method: str = "POST") -> Outgoing:
    return Outgoing(method, AT + path, "fetch", json.dumps(body).encode() if body is not None else b"", JSON)


def get(path: str, kind: str = "fetch") -> Outgoing:
    return Outgoing("GET", AT + path, kind)


def frame(text: str) -> Outgoing:
    return Outgoing(MESSAGE, "https://shop.test/live", SOCKET, text.encode())


def gql(query: str, **variables: object) -> Outgoing:
    return post("/graphql", {"query": query, "variables": variables})


READS = {
    "search by its address": post("/api/search", {"q": "mug"}),
    "search below an address": post("/search/products", {"text": "mug", "tags": ["a"]}),
    "list of orders": post("/orders/list", {"customer": 7}),
    "operation in camel case": post("/rpc/getOrderHistory", {"customer": 7}),
    "JSON-RPC": post("/rpc", {"jsonrpc": "2.0", "id": 1, "method": "orders.list", "params": {}}),
    "paging by its values": post("/api/items", {"page": 2, "limit": 20, "sort": "price"}),
    "old admin-ajax": Outgoing("POST", f"{AT}/ajax.php", "xhr", b"action=load_more_posts&page=2", FORM),
    "GraphQL query": gql("query Items($q: String) { items(q: $q) { name } }", q="mug"),
    "GraphQL short form": gql("{ items { name } }"),
    "GraphQL that names a mutation in a text": gql('{ items(q: "mutation") { name } }'),
    "persisted GraphQL query": post("/gql", {"operationName": "ItemsQuery", "variables": {}, "extensions": {}}),
    "several GraphQL queries": post("/gql", [{"query": "{ a { b } }"}, {"query": "query X { c }"}]),
    "elasticsearch": post("/items/_msearch", {"query": {"match": {"name": "mug"}}}),
    "answer to a cookie banner": post("/cookie-consent/save", {"all": False}),
    "search method": post("/dav", method="SEARCH"),
    "socket subscription": frame('{"type":"subscribe","channel":"prices"}'),
    "GraphQL on a socket": frame('{"id":"1","type":"subscribe","payload":{"query":"subscription { price }"}}'),
    "suggestions by GET": get("/suggest?q=blue+mug"),
    "a page of a list by GET": get("/api/orders?page=2"),
    "cart by GET": get("/api/cart"),
    "a picture by its name": get("/img/blue mug.jpg", "image"),
    "a picture in a size": get("/img/7.jpg?w=300", "image"),
    "a script that is loaded late": get("/static/send-form.9f2.js", "script"),
    "an address to go to": get("/cart/add?item=7", "document"),
    "search for rooms by a form": get("/rooms/book?from=blue+mug", "document"),
    "search by a form": get("/search?q=blue+mug", "document"),
}
SENDS = {
    "order": post("/api/order", {"item": 7}),
    "order in camel case": post("/rpc/placeOrder", {"item": 7}),
    "neutral address": post("/api", {"item": 7}),
    "neutral address, empty": post("/x"),
    "consent": post("/consent", {"agreed": True}),
    "order of cookies": post("/cookies/order", {"item": 7}),
    "delete": post("/api/items/7", method="DELETE"),
    "put": post("/api/search", {"q": "x"}, method="PUT"),
    "saved search": post("/search/save", {"q": "mug"}),
    "comment below a list": post("/list/comment", {"text": "hello"}),
    "JSON-RPC": post("/rpc", {"jsonrpc": "2.0", "id": 1, "method": "orders.delete", "params": {}}),
    "operation in the query": post("/ajax.php?action=deletePost", {"page": 2}),
    "GraphQL mutation": gql("mutation Buy($id: ID!) { buy(id: $id) { ok } }", id=7),
    "one GraphQL mutation among queries": post("/gql", [{"query": "{ a }"}, {"query": "mutation { b }"}]),
    "persisted GraphQL mutation": post("/gql", {"operationName": "PlaceOrder", "variables": {}, "extensions": {}}),
    "search that carries other typed text": post("/search", {"q": "mug", "comment": "please wrap it"}),
    "chat message": frame('{"type":"message","text":"hello"}'),
    "plain text on a socket": frame("buy 7"),
    "socket.io event": frame('42["order",{"item":7}]'),
    "mutation on a socket": frame('{"type":"subscribe","payload":{"query":"mutation { buy }"}}'),
    "bytes on a socket": Outgoing(MESSAGE, f"{AT}/live", SOCKET, b"\x01\x02"),
    "order by GET": get("/api/cart/add?item=7"),
    "deletion by GET": get("/api?action=delete&item=7"),
    "typed text in a picture's address": get("/p.gif?d=please%20wrap%20it", "image"),
    "typed text in a coded picture's address": get("/p.gif?d=cGxlYXNlIHdyYXAgaXQ", "image"),
    "typed text in a picture's path": get("/p/please%20wrap%20it", "image"),
    "change in a picture's address": get("/order/send?item=7", "image"),
    "message by a form whose method is GET": get("/contact?text=please+wrap+it", "document"),
    "message by GET": get("/message?text=please+wrap+it"),
    "subscription by a form": get("/newsletter/subscribe?email=please+wrap+it", "document"),
}
TYPED = {"blue mug", "please wrap it"}


@pytest.mark.parametrize("message", READS.values(), ids=READS.keys())
def test_what_only_reads_goes_out(message: Outgoing) -> None:
    assert not judge(message, PageHistory(acted=True, typed=TYPED)).hold


@pytest.mark.parametrize("message", SENDS.values(), ids=SENDS.keys())
def test_what_may_change_something_is_held(message: Outgoing) -> None:
    for past in (PageHistory(acted=True, typed=TYPED), PageHistory(acted=True, strict=True, typed=TYPED)):
        assert judge(message, past) == (True, "")


@pytest.mark.parametrize("message", [m for m in READS.values() if not m.reads_by_method])
def test_nothing_is_silent_with_a_login_until_its_endpoint_is_approved(message: Outgoing) -> None:
    held = judge(message, PageHistory(acted=True, strict=True, typed=TYPED))
    assert held == (True, endpoint_of(message))
    approved = PageHistory(acted=True, strict=True, typed=TYPED, endpoints=frozenset((held.endpoint,)))
    assert not judge(message, approved).hold


@pytest.mark.parametrize("message", SENDS.values(), ids=SENDS.keys())
def test_an_approved_endpoint_covers_no_send(message: Outgoing) -> None:
    covered = frozenset((endpoint_of(message),))
    assert judge(message, PageHistory(acted=True, strict=True, typed=TYPED, endpoints=covered)).hold


def test_what_a_page_does_by_itself_goes_out_until_the_agent_acts() -> None:
    usual = post("/metrics", {"page": "/", "time": 1700000000123})
    past = PageHistory()
    assert not judge(usual, past).hold
    past.habits.add(signature(usual))
    past.acted = True
    assert not judge(post("/metrics", {"page": "/", "time": 1700000009999}), past).hold
    assert judge(post("/metrics", {"page": "/", "time": 1700000009999, "item": 7}), past).hold
    assert judge(post("/api/items/7", method="DELETE"), PageHistory()).hold


def test_typed_text_is_held_even_on_a_fresh_page() -> None:
    assert judge(post("/log", {"text": "please wrap it"}), PageHistory(typed=TYPED)).hold


def test_a_picture_that_the_page_does_not_show_is_a_signal_unless_it_loaded_such_pictures_before() -> None:
    tile, past = get("/tile?x=3&y=4", "image"), PageHistory(acted=True)
    assert judge(tile, past, detached=True).hold
    assert not judge(tile, past).hold
    past.habits.add(signature(get("/tile?x=1&y=1", "image")))
    assert not judge(tile, past, detached=True).hold


def test_keeping_a_connection_open_is_no_message() -> None:
    for quiet in ("2", "3", "ping", ""):
        assert not judge(frame(quiet), PageHistory(strict=True)).hold


@pytest.mark.parametrize(
    ("message", "said"),
    [
        (post("/order", {"item": "Mug", "to": {"city": "Ghent"}, "tags": ["a", "b"]}),
         "POST shop.test/order: item: Mug, to › city: Ghent, tags: a, tags: b"),
        (Outgoing("POST", f"{AT}/o?x=1", "xhr", b"a=1&b=two+words", FORM),
         "POST shop.test/o: x: 1, a: 1, b: two words"),
        (gql("mutation { buy }", id=7), "POST shop.test/graphql: variables › id: 7, mutation { buy }"),
        (frame("hello"), "WebSocket message shop.test/live: hello"),
        (post("/items/7", method="DELETE"), "DELETE shop.test/items/7"),
        (Outgoing("POST", f"{AT}/b", "fetch", b"\x00\x01"), "POST shop.test/b: 2 bytes"),
        (Outgoing("POST", f"{AT}/b", "fetch", b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\none\r\n--x\r\n'
                  b'Content-Disposition: form-data; name="f"; filename="r.pdf"\r\n\r\nPDF\r\n--x--\r\n',
                  "multipart/form-data; boundary=x"), "POST shop.test/b: a: one, f: file 'r.pdf'"),
    ],
)  # fmt: skip
def test_people_read_what_would_be_sent_in_words(message: Outgoing, said: str) -> None:
    assert words(message) == said
