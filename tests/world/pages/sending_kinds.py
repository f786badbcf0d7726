"""Ten kinds of pages where people order, write, and delete: each shows what would be sent, and sends it once."""

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
KINDS = (BANK, STEPS, CHAT, COMMENT, RESERVE, VOTE, LETTER, SAVING, ADMIN, TICKETS)
