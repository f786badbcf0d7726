"""What a page sends is told apart from what it reads, by method, names, content and habit."""

import json
from hashlib import sha256

import pytest

from agents.tools.browser.sends.button_words import NOTHING_PRESSED, pressed
from agents.tools.browser.sends.classify_message import endpoint_of
from agents.tools.browser.sends.describe_outgoing_message import words
from agents.tools.browser.sends.outgoing_message import MESSAGE, SOCKET, Outgoing
from agents.tools.browser.sends.read_or_send import PageHistory, judge, signature

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
    "choices of a consent wall": post("/consent/preferences", {"ads": False}),
    "search method": post("/dav", method="SEARCH"),
    "socket subscription": frame('{"type":"subscribe","channel":"prices"}'),
    "GraphQL on a socket": frame('{"id":"1","type":"subscribe","payload":{"query":"subscription { price }"}}'),
    "suggestions by GET": get("/suggest?q=blue+mug"),
    "a page of a list by GET": get("/api/orders?page=2"),
    "cart by GET": get("/api/cart"),
    "a picture by its name": get("/img/blue mug.jpg", "image"),
    "a picture in a size": get("/img/7.jpg?w=300", "image"),
    "a script that is loaded late": get("/static/send-form.9f2.js", "script"),
    "an address to go to": get("/cart/7?item=7", "document"),
    "GraphQL as text": Outgoing("POST", f"{AT}/graphql", "fetch", b"query A { items { name } }", "application/graphql"),
    "GraphQL field of that name": gql("query G { mutation(gene: 7) { name } mutations { id } }"),
    "GraphQL document with a fragment": gql("query A { a { ...F } } fragment F on Item { deleted remove }"),
    "what is free on a calendar": post("/calendar", {"month": 3, "rooms": [1, 2]}),
    "a route on a map": post("/routes", {"origin": {"lat": 51.0}, "destination": {"lat": 50.8}}),
    "page of a feed": post("/feed", {"cursor": "c1"}),
    "search for SQL": post("/search", {"q": "how to insert rows"}),
    "check that nobody is a robot": post("/captcha/check", {"t": "ab12"}),
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
    "address that puts something into a cart": get("/cart/add?item=7", "document"),
    "address that deletes": get("/items/7/delete", "document"),
    "end of a session": get("/logout", "document"),
    "end of a subscription": get("/unsubscribe?token=a1", "document"),
    "end of a session by a picture": get("/logout", "image"),
    "address that is loaded ahead": get("/unsubscribe?token=a1", "other"),
    "GraphQL mutation by GET": get("/graphql?query=mutation%7Bbuy%7D"),
    "GraphQL mutation as text": Outgoing("POST", f"{AT}/search", "fetch", b"mutation M { buy }", "application/graphql"),
    "GraphQL mutation with a file": Outgoing(
        "POST", f"{AT}/query", "fetch", b'operations={"query":"mutation {a}"}', FORM
    ),
    "GraphQL query that is called like a change": gql("query Q { deleteUser(id: 7) { ok } }"),
    "SQL": post("/api/query", {"sql": "DELETE FROM users WHERE id = 7"}),
    "SQL in the field of a search": post("/search", {"query": "insert into t values (1)"}),
    "SPARQL": Outgoing("POST", f"{AT}/sparql", "fetch", b"PREFIX a: <b> INSERT DATA { a:x a:y 1 }", "text/plain"),
    "Cypher": post("/query", {"statement": "MATCH (n) DETACH DELETE n"}),
    "operation deep inside": post("/api/query", {"request": {"action": "deleteUser", "id": 7}}),
    "personal data to a search": post("/search", {"email": "ada@b.test", "plan": 2}),
    "message to a query": post("/api/query", {"message": "hello", "to": 7}),
    "new page": post("/api/pages", {"title": "News", "content": "..."}),
    "post on a feed": post("/feed", {"text": "hello"}),
    "delete by query": post("/items/_delete_by_query", {"query": {"match_all": {}}}),
    "subscription by a form": get("/newsletter/subscribe?email=please+wrap+it", "document"),
}
PDF = sha256(b"PDF").hexdigest()[:16]
TYPED = {"blue mug", "please wrap it"}


@pytest.mark.parametrize("message", READS.values(), ids=READS.keys())
def test_what_only_reads_goes_out(message: Outgoing) -> None:
    assert not judge(message, PageHistory(acted=True, typed=TYPED)).hold


@pytest.mark.parametrize("message", SENDS.values(), ids=SENDS.keys())
def test_what_may_change_something_is_held(message: Outgoing) -> None:
    for past in (PageHistory(acted=True, typed=TYPED), PageHistory(acted=True, strict=True, typed=TYPED)):
        assert judge(message, past) == (True, "", False)


@pytest.mark.parametrize("message", [m for m in READS.values() if not m.reads_by_method])
def test_nothing_is_silent_with_a_login_until_its_endpoint_is_approved(message: Outgoing) -> None:
    held = judge(message, PageHistory(acted=True, strict=True, typed=TYPED))
    assert held == (True, endpoint_of(message), False)
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
        (Outgoing("POST", f"{AT}/b", "fetch", b"\x00\x01"), "POST shop.test/b: 2 bytes, SHA-256 b413f47d13ee2fe6"),
        (Outgoing("POST", f"{AT}/b", "fetch", b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\none\r\n--x\r\n'
                  b'Content-Disposition: form-data; name="f"; filename="r.pdf"\r\n\r\nPDF\r\n--x--\r\n',
                  "multipart/form-data; boundary=x"),
         f"POST shop.test/b: a: one, f: file 'r.pdf' (3 bytes, SHA-256 {PDF})"),
    ],
)  # fmt: skip
def test_people_read_what_would_be_sent_in_words(message: Outgoing, said: str) -> None:
    assert words(message) == said


PRESSED = PageHistory(acted=True, press=pressed(NOTHING_PRESSED, "Place order", personal=False, submits=False))
PERSONAL = PageHistory(acted=True, press=pressed(NOTHING_PRESSED, "→", personal=True, submits=True))
UNDER_READING_NAMES = {
    "search": post("/search", {"id": 7}), "query": post("/api/query", {"id": 7, "amount": 2}),
    "old script": Outgoing("POST", f"{AT}/ajax.php", "xhr", b"action=get_cart&item=7", FORM),
    "list": post("/items/list", {"put": [7]}), "tracking": post("/track", {"ev": "o7"}),
    "message on a connection": frame('{"type":"subscribe","channel":"order-7"}'),
}  # fmt: skip


@pytest.mark.parametrize("past", [PRESSED, PERSONAL], ids=["button", "form"])
@pytest.mark.parametrize("message", UNDER_READING_NAMES.values(), ids=UNDER_READING_NAMES.keys())
def test_what_is_pressed_outweighs_a_name_that_reads(message: Outgoing, past: PageHistory) -> None:
    assert judge(message, past) == (True, "", False)


@pytest.mark.parametrize(
    "message",
    [gql("{ cart { items } }"), post("/cookie-consent/save", {"all": False}), get("/api/cart"),
     get("/img/7.jpg?w=3", "image"), get("/checkout?item=7", "document")],
)  # fmt: skip
def test_a_page_still_reads_after_a_button_that_changes_something(message: Outgoing) -> None:
    assert not judge(message, PRESSED).hold


def test_what_a_page_did_before_goes_out_whatever_is_pressed() -> None:
    past = PageHistory(habits={signature(post("/feed/list", {"cursor": "a"}))}, acted=True, press=PRESSED.press)
    assert not judge(post("/feed/list", {"cursor": "b"}), past).hold


def test_a_form_that_is_sent_as_an_address_is_held_by_its_button_or_its_personal_data() -> None:
    button = pressed(NOTHING_PRESSED, "Sign me up", personal=False, submits=True)
    assert judge(get("/news?plan=2", "document"), PageHistory(acted=True, press=button)).hold
    assert judge(get("/news?email=ada%40b.test", "document"), PERSONAL).hold
    assert not judge(get("/news?q=mug", "document"), PERSONAL).hold
    search = pressed(NOTHING_PRESSED, "Search", personal=False, submits=True)
    assert not judge(get("/news?plan=2", "document"), PageHistory(acted=True, press=search)).hold


def test_a_button_that_agrees_means_what_was_pressed_before() -> None:
    asked = pressed(NOTHING_PRESSED, "Delete", personal=False, submits=False)
    assert pressed(asked, "OK", personal=False, submits=False).changes
    assert not pressed(
        pressed(asked, "Close", personal=False, submits=False), "OK", personal=False, submits=False
    ).changes


def test_a_site_that_ends_a_session_by_itself_only_reads() -> None:
    assert not judge(get("/logout?why=expired", "document"), PageHistory(), by_itself=True).hold
    assert judge(get("/cart/add?item=7", "document"), PageHistory(), by_itself=True).hold


@pytest.mark.parametrize(
    "message", [post("/order", {"item": 7}), gql("mutation { buyItem(id: 7) }"), post("/a/unsubscribe")]
)
def test_no_page_orders_by_itself_while_it_loads(message: Outgoing) -> None:
    assert judge(message, PageHistory()).hold
    assert not judge(post("/session/create"), PageHistory()).hold


def test_reports_of_use_are_dropped_without_a_word_once_the_agent_acts() -> None:
    acted = PageHistory(acted=True, typed=TYPED)
    for message in (post("/g/collect", {"e": "click"}), Outgoing("POST", f"{AT}/track", "ping", b"click")):
        assert judge(message, acted).drop and not judge(message, PageHistory()).hold
    for message in (post("/track", {"e": "click"}), post("/collect", {"e": "please wrap it"})):
        assert judge(message, acted).hold and not judge(message, acted).drop
    assert not judge(post("/collect", {"e": 7}), PRESSED).drop
