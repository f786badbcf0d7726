"""Kinds of pages where people order, write, and delete: each shows what would be sent, and sends it once."""

from aiohttp import web

from tests.world.pages.page_kind import PageKind, Step
from tests.world.pages.reading_kinds import POST
from tests.world.pages.world_site import Arrived


def _page(title: str, body: str) -> str:
    return f"<!doctype html><html lang=en><title>{title}</title><h1>{title}</h1>{POST}{body}</html>"


BANK = PageKind(
    "bank", "A bank whose transfer is JSON by POST",
    _page("Transfer", """<label>To <input id=t></label><label>Amount <input id=a></label>
<button onclick="post('/transfers', {to: t.value, amount: a.value}).then(() => show('done'))">Transfer</button>"""),
    (Step("type", "To", "BE68 5390 0754 7034"), Step("type", "Amount", "250.00"), Step("click", "Transfer")), "done",
    holds=("/transfers: to: BE68 5390 0754 7034, amount: 250.00",),
    receives=(Arrived("POST", "/transfers", '{"to":"BE68 5390 0754 7034","amount":"250.00"}'),),
)  # fmt: skip
STEPS = PageKind(
    "form in five steps", "An application whose steps are shown by script and sent only at the end, by XHR",
    _page("Apply", """<div id=f></div><script>
const asked = ['Name', 'Street', 'City', 'Phone', 'Wish'], told = {}; let n = 0;
const draw = () => { f.innerHTML = `<label>${asked[n]} <input id=i></label>
<button>${n < 4 ? 'Continue' : 'Finish'}</button>`;
  f.querySelector('button').onclick = () => { told[asked[n]] = i.value; n += 1; n < 5 ? draw() : send(); }; };
const send = () => { const x = new XMLHttpRequest(); x.open('POST', '/application'); x.onload = () => show('received');
  x.send(new URLSearchParams(told)); }; draw();</script>"""),
    (*(step for name in ("Name", "Street", "City", "Phone") for step in
       (Step("type", name, f"my {name}"), Step("click", "Continue"))),
     Step("type", "Wish", "a garden"), Step("click", "Finish")), "received",
    holds=("Name: my Name, Street: my Street, City: my City, Phone: my Phone, Wish: a garden",),
    receives=(Arrived("POST", "/application",
                      "Name=my+Name&Street=my+Street&City=my+City&Phone=my+Phone&Wish=a+garden"),),
)  # fmt: skip
CHAT = PageKind(
    "chat", "A chat on a WebSocket, sent with Enter",
    _page("Chat", """<label>Message <input id=m></label>
<script>const w = new WebSocket('ws://' + location.host + '/live');
w.onmessage = e => show(e.data);
m.onkeydown = e => { if (e.key === 'Enter') w.send(JSON.stringify({type: 'message', text: m.value})); };</script>"""),
    (Step("enter", "Message", "See you at ten"),), "got", holds=("type: message, text: See you at ten",),
    receives=(Arrived("WS", "/live", '{"type":"message","text":"See you at ten"}'),),
)  # fmt: skip
COMMENT = PageKind(
    "comment", "A comment below an article, by a form",
    _page("Article", """<form method=post action=/articles/7><label>Comment <textarea name=text></textarea></label>
<button>Publish</button></form>"""),
    (Step("type", "Comment", "Well said"), Step("click", "Publish")), "ok", holds=("/articles/7: text: Well said",),
    receives=(Arrived("POST", "/articles/7", "text=Well+said"),),
)  # fmt: skip
RESERVE = PageKind(
    "reservation", "A table in a restaurant, by a GraphQL mutation at the address of its queries",
    _page("Table", """<button onclick="go()">Reserve</button><script>
const ask = (query, variables) => post('/graphql', {query, variables}); ask('{ free { at } }');
const go = () => ask('mutation R($at: String!) { reserve(at: $at) { id } }', {at: '19:00'}).then(() =>
show('reserved'));
</script>"""),
    (Step("click", "Reserve"),), "reserved", holds=("at: 19:00, mutation R($at: String!) { reserve(at: $at) { id } }",),
)  # fmt: skip
VOTE = PageKind(
    "vote", "A thumb that is sent by PUT",
    _page("Post", """<button onclick="fetch('/posts/7/thumb', {method: 'PUT'}).then(() =>
show('thanks'))">Useful</button>"""),
    (Step("click", "Useful"),), "thanks", holds=("PUT",), receives=(Arrived("PUT", "/posts/7/thumb", ""),),
)  # fmt: skip
LETTER = PageKind(
    "newsletter", "A subscription by a form whose method is GET",
    _page("News", """<form action=/subscribe><label>Mail <input name=mail></label><button>Sign me up</button>
</form>"""),
    (Step("type", "Mail", "ada@example.test"), Step("click", "Sign me up")), "ok", holds=("mail: ada@example.test",),
    receives=(),
)  # fmt: skip
SAVING = PageKind(
    "document editor", "An editor that saves by itself, a moment after each change",
    _page("Letter", """<label>Text <textarea id=t oninput="clearTimeout(k); k = setTimeout(save, 200)"></textarea>
</label>
<script>let k; const save = () => fetch('/doc/7', {method: 'PATCH', body: t.value}).then(() =>
show('saved'));</script>"""),
    (Step("type", "Text", "Dear Bob"), Step("hover", "Text")), "saved", holds=("PATCH",),
    receives=(Arrived("PATCH", "/doc/7", "Dear Bob"),),
)  # fmt: skip
ADMIN = PageKind(
    "admin table", "A table whose rows are deleted by POST to one address for everything",
    _page("Users", """<button onclick="post('/rpc', {method: 'users.delete', params: [7]}).then(() =>
show('gone'))">Delete</button>
<script>post('/rpc', {method: 'users.list'});</script>"""),
    (Step("click", "Delete"),), "gone", holds=("method: users.delete, params: 7",),
)  # fmt: skip
TICKETS = PageKind(
    "tickets", "A purchase that a timer sends after the click, as a picture's address",
    _page("Tickets", """<label>Name <input id=n></label><button onclick="setTimeout(go, 150)">Buy</button><script>
const go = () => { const i = new Image(); i.onload = i.onerror = () => show('bought');
i.src = '/t.gif?for=' + n.value; };
</script>"""),
    (Step("type", "Name", "Ada Lovelace"), Step("click", "Buy"), Step("hover", "Buy")), "bought",
    holds=("for: Ada Lovelace",), receives=(),
)  # fmt: skip
DISGUISE = PageKind(
    "order by a search", "A shop that orders at an address whose name says that it searches",
    _page("Mug", """<button onclick="post('/api/search', {id: 7}).then(() =>
show('ordered'))">Jetzt kaufen</button>"""),
    (Step("click", "Jetzt kaufen"),), "ordered", holds=("/api/search: id: 7",),
    receives=(Arrived("POST", "/api/search", '{"id":7}'),),
)  # fmt: skip
STATEMENT = PageKind(
    "query console", "A console whose one address for queries also deletes",
    _page("Console", """<button onclick="post('/api/query', {sql: 'DELETE FROM t WHERE id = 7'}).then(() =>
show('gone'))">Run</button>"""),
    (Step("click", "Run"),), "gone", holds=("sql: DELETE FROM t WHERE id = 7",),
)  # fmt: skip
AGREED = PageKind(
    "deletion in two presses", "A list that asks once more in a dialog whose button only says OK",
    _page("List", """<button onclick="d.showModal()">Remove</button><dialog id=d><p>Sure?</p>
<button onclick="d.close(); post('/items/query', {ids: [7]}).then(() => show('gone'))">OK</button></dialog>"""),
    (Step("click", "Remove"), Step("click", "OK")), "gone", holds=("ids: 7",),
)  # fmt: skip
LEAD = PageKind(
    "personal form", "A form with a mail address, sent by script to a neutral address with a button without words",
    _page("Contact", """<form onsubmit="event.preventDefault(); post('/api/find', {who: 7}).then(() => show('ok'))">
<label>Mail <input type=email name=mail></label><button>→</button></form>"""),
    (Step("type", "Mail", "ada@example.test"), Step("click", "→")), "ok", holds=("/api/find: who: 7",),
)  # fmt: skip
CART = PageKind(
    "cart link", "A link that puts something into a cart",
    _page("Mug", "<a href='/cart/add?id=7'>Blue mug</a>"),
    (Step("click", "Blue mug"),), "ok", holds=("GET", ), opens="/cart/add", receives=(),
)  # fmt: skip
LEAVING = PageKind(
    "logout", "A link that ends the session",
    _page("Home", "<a href=/logout>Leave</a>"),
    (Step("click", "Leave"),), "ok", holds=("/logout",), opens="/logout", receives=(),
)  # fmt: skip
ROUNDABOUT = PageKind(
    "redirect", "A short link that leads to the end of a subscription",
    _page("Mail", "<a href='/go?n=3'>Read more</a>"),
    (Step("click", "Read more"),), "ok", holds=("/unsubscribe: token: x1",), opens="/unsubscribe", receives=(),
    answers={"/go": lambda r, b: web.Response(status=302, headers={"Location": "/unsubscribe?token=x1"})},
)  # fmt: skip
NEW_WINDOW = PageKind(
    "vote in a new window", "A link that votes in a new window",
    _page("Poll", "<a href='/vote?option=2' target=_blank>Two</a>"),
    (Step("click", "Two"),), "ok", holds=("/vote: option: 2",), opens="/vote", receives=(),
)  # fmt: skip
AHEAD = PageKind(
    "loading ahead", "A page that loads links ahead while one points at them",
    _page("Mails", """<button onmouseenter="document.head.append(Object.assign(document.createElement('link'),
{rel: 'prefetch', href: '/items/7/delete', onload: () => show('done'), onerror: () => show('not loaded')}))">
Tools</button>"""),
    (Step("hover", "Tools"),), "", holds=("/items/7/delete",), opens="/items/7/delete", receives=(),
)  # fmt: skip
TERSE = PageKind(
    "form as an address", "A form whose method is GET and whose button says what it does",
    _page("Plan", "<form action=/plan><input type=hidden name=n value=2><button>Subscribe</button></form>"),
    (Step("click", "Subscribe"),), "ok", holds=("/plan: n: 2",), opens="/plan", receives=(),
)  # fmt: skip
BULK = PageKind(
    "choice", "A list of actions that acts as soon as one is chosen",
    _page("Rows", """<label>With marked <select onchange="post('/rows/list', {ids: [7]}).then(() => show('gone'))">
<option>Choose<option>Supprimer</select></label>"""),
    (Step("select", "With marked", "Supprimer"),), "gone", holds=("/rows/list: ids: 7",),
)  # fmt: skip
BY_ADDRESS = PageKind(
    "mutation by GET", "A GraphQL mutation in the address of a request",
    _page("Table", """<button onclick="fetch('/graphql?query=' + encodeURIComponent('mutation { take(id: 7) }'))
.then(() => show('taken'))">Take</button>"""),
    (Step("click", "Take"),), "taken", holds=("mutation { take(id: 7) }",), opens="/graphql",
)  # fmt: skip


def _file(request: web.Request, body: str) -> web.Response:
    return web.Response(body=b"a,b", headers={"content-disposition": "attachment; filename=r.csv"})


EXPORT = PageKind(
    "export", "A file that a form builds at the service",
    _page("Report", """<form method=post action=/export><input type=hidden name=year value=2027>
<button>Export</button></form>"""),
    (Step("click", "Export"),), "Report", holds=("/export: year: 2027",),
    answers={"/export": _file}, receives=(Arrived("POST", "/export", "year=2027"),),
)  # fmt: skip
KINDS = (
    BANK, STEPS, CHAT, COMMENT, RESERVE, VOTE, LETTER, SAVING, ADMIN, TICKETS, DISGUISE, STATEMENT, AGREED, CART, LEAD,
    ROUNDABOUT, LEAVING, NEW_WINDOW, AHEAD, TERSE, BULK, BY_ADDRESS, EXPORT,
)  # fmt: skip
