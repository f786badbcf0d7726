"""Kinds of pages where people search, page, and look: nothing there may ask more than it did before."""

from typing import Any

from aiohttp import web

from tests.world.pages.page_kind import PageKind, Step

POST = """<script>const post = (at, what) => fetch(at, {method: 'POST', headers: {'content-type': 'application/json'},
  body: JSON.stringify(what)}).then(answer => answer.json());
const show = words => { document.getElementById('out').textContent = words; };</script><p id=out>nothing yet</p>"""


def _page(title: str, body: str) -> str:
    return f"<!doctype html><html lang=en><title>{title}</title><h1>{title}</h1>{POST}{body}</html>"


def _found(request: web.Request, body: str) -> Any:
    return {"items": [f"Blue mug {n}" for n in range(3)], "for": body or request.query_string}


def _echo(request: web.Request, body: str) -> Any:
    return {"said": body or request.query_string}


SHOP = PageKind(
    "shop", "A shop whose search and next page are JSON by POST",
    _page("Mugs", """<label>Search <input id=s></label><button onclick="go(1)">Find</button>
<button onclick="go(2)">Next</button>
<script>const go = async page => show((await post('/api/search', {q: s.value, page})).for);</script>"""),
    (Step("type", "Search", "blue mug"), Step("click", "Find"), Step("click", "Next")),
    '"page":2', {"/api/search": _found},
)  # fmt: skip
BOOKING = PageKind(
    "booking", "A hotel that asks its own service what is free for typed dates",
    _page("Rooms", """<label>Arrival <input id=a></label><label>Guests <select id=g><option>1<option>2</select></label>
<button onclick="post('/rooms/availability', {from: a.value, guests: g.value}).then(r =>
show(r.said))">Check</button>"""),
    (Step("type", "Arrival", "2027-03-04"), Step("select", "Guests", "2"), Step("click", "Check")),
    "2027-03-04", {"/rooms/availability": _echo},
)  # fmt: skip
FORUM = PageKind(
    "forum", "A forum that counts its visits at its own service, before and after each click",
    _page("Forum", """<button onclick="count(); fetch('/thread/2').then(r =>
r.text()).then(show)">Second thread</button>
<script>const count = () => navigator.sendBeacon('/count', JSON.stringify({page: '/', ts: Date.now()}));
count();</script>"""),
    (Step("click", "Second thread"),), "Words of Ada", {"/thread/2": lambda r, b: "Words of Ada"},
)  # fmt: skip
MAP = PageKind(
    "map", "A map: pictures that aren't in the page when they are asked for, and places found by typed names",
    _page("Map", """<div id=m></div><label>Place <input id=p></label><button onclick="find()">Find</button>
<button onclick="draw(9)">Zoom in</button><script>
const draw = z => { const i = new Image(); i.onload = i.onerror = () => m.append(i); i.src = `/tile?z=${z}&x=1&y=2`; };
draw(8);
const find = async () => show(JSON.stringify(await (await fetch('/geocode?q=' + encodeURIComponent(p.value))).json()));
</script>"""),
    (Step("click", "Zoom in"), Step("type", "Place", "Ghent"), Step("click", "Find")), "q=Ghent", {"/geocode": _echo},
)  # fmt: skip
WIKI = PageKind(
    "wiki", "An encyclopedia that suggests titles while one types, and a search form by GET",
    _page("Wiki", """<form action=/w><label>Search <input name=search oninput="fetch('/suggest?q=' + this.value)">
</label>
<button>Go</button></form><a href=/w?search=Other>Other page</a>"""),
    (Step("enter", "Search", "Ada Lovelace"), Step("back"), Step("click", "Other page")),
    "You read Other", {"/w": lambda r, b: f"<title>Wiki</title>You read {r.query['search']}", "/suggest": _echo},
)  # fmt: skip
RATES = PageKind(
    "rates", "A bank's public calculator, which asks for rates by XHR",
    _page("Rates", """<label>Amount <input id=a></label><button onclick="go()">Show</button><script>const go = () => {
const x = new XMLHttpRequest(); x.open('POST', '/public/getRates'); x.onload = () => show('rate ' + x.status);
x.setRequestHeader('content-type', 'application/x-www-form-urlencoded'); x.send('term=' + a.value); };</script>"""),
    (Step("type", "Amount", "25000"), Step("click", "Show")), "rate 200",
)  # fmt: skip
TABLE = PageKind(
    "intranet table", "A table whose rows, order and pages come by POST from an address without telling words",
    _page("Staff", """<button onclick="rows(2)">Next page</button><button onclick="rows(1, 'name')">By name</button>
<script>
const rows = (page, sort) => post('/grid/7', {page, pageSize: 20, sort}).then(r => show(r.said)); rows(1);</script>"""),
    (Step("click", "By name"), Step("click", "Next page")), '"page":2', {"/grid/7": _echo},
)  # fmt: skip
EDITOR = PageKind(
    "editor", "An editor that colours code in workers, one made from a file and one from text",
    _page("Editor", """<label>Code <textarea id=c></textarea></label><button onclick="colour()">Colour</button><script>
const made = new Worker(URL.createObjectURL(new Blob(['onmessage = e => postMessage(e.data.length + " letters, ")'])));
const filed = new Worker('/w.js');
const colour = async () => {
  const ask = w => new Promise(done => { w.onmessage = e => done(e.data); w.postMessage(c.value); });
  show(await ask(made) + await ask(filed)); };</script>"""),
    (Step("type", "Code", "x = 1"), Step("click", "Colour")), "5 letters, 3 words",
    pages={"/w.js": "onmessage = e => postMessage(e.data.split(' ').length + ' words')"},
)  # fmt: skip
VIDEO = PageKind(
    "video", "A player that fetches parts and reports every few seconds that it plays",
    _page("Video", """<button onclick="piece(2); beat()">Skip ahead</button><script>
const beat = () => post('/playing', {video: 7, ts: Date.now()}); beat();
const piece = n => fetch('/v/7/part-' + n + '.m4s').then(r => show('part ' + n + ' ' + r.status));
piece(1);</script>"""),
    (Step("click", "Skip ahead"),), "part 2 200",
)  # fmt: skip
NEWS = PageKind(
    "news", "A news site on GraphQL",
    _page("News", """<label>Topic <input id=t></label><button onclick="go()">Read</button><script>
const go = () => post('/graphql', {operationName: 'News', query: 'query News($t: String) { news(topic: $t) { title } }',
  variables: {t: t.value}}).then(r => show(r.said));</script>"""),
    (Step("type", "Topic", "harbour"), Step("click", "Read")), "harbour", {"/graphql": _echo},
)  # fmt: skip
FEED = PageKind(
    "feed", "An endless list that asks for more by POST as one scrolls",
    _page("Feed", """<div id=l style="height: 3000px"></div><button onclick="show('opened')">Open first</button><script>
let n = 0; onscroll = async () => { if (n < 2) { n += 1; const r = await post('/items', {cursor: 'c' + n});
  l.append(' ' + r.said); } };</script>"""),
    (Step("click", "Open first"), Step("scroll")), "c1", {"/items": _echo},
)  # fmt: skip
RECIPES = PageKind(
    "recipes", "Filters by GET, whose address is written anew with each choice",
    _page("Recipes", """<label>Diet <select id=d onchange="history.replaceState(0, '', '?diet=' + this.value);
fetch('/list?diet=' + this.value).then(r => r.text()).then(show)"><option>any<option>vegan</select></label>"""),
    (Step("select", "Diet", "vegan"),), "diet=vegan", {"/list": lambda r, b: r.query_string + "&"},
)  # fmt: skip
LIBRARY = PageKind(
    "library", "An old catalogue behind one script whose action is a field",
    _page("Library", """<label>Title <input id=t></label><button onclick="go()">Look</button><script>const go = () =>
fetch('/ajax.php', {method: 'POST', body: new URLSearchParams({action: 'catalogue_search', text: t.value})})
  .then(r => r.json()).then(r => show(r.said));</script>"""),
    (Step("type", "Title", "Moby Dick"), Step("click", "Look")), "Moby", {"/ajax.php": _echo},
)  # fmt: skip
TRAINS = PageKind(
    "trains", "Departures on a WebSocket, subscribed to by choosing a station",
    _page("Trains", """<label>Station <select onchange="w.send(JSON.stringify({type: 'subscribe',
station: this.value}))">
<option>Ghent<option>Bruges</select></label><script>const w = new WebSocket('ws://' + location.host + '/live');
w.onopen = () => w.send('{"type":"hello"}'); w.onmessage = e => show(e.data);</script>"""),
    (Step("select", "Station", "Bruges"),), "Bruges",
)  # fmt: skip
DICTIONARY = PageKind(
    "dictionary", "Suggestions as scripts, as on sites that are older than fetch",
    _page("Words", """<label>Word <input id=i></label><button onclick="go()">Look up</button><script>const got = show;
const go = () => { const s = document.createElement('script'); s.src = '/complete?q=' + i.value;
document.body.append(s); };
</script>"""),
    (Step("type", "Word", "harbour"), Step("click", "Look up")), "a place for ships",
    {"/complete": lambda r, b: web.Response(text="got('a place for ships')", content_type="text/javascript")},
)  # fmt: skip
JOBS = PageKind(
    "jobs", "A board with many filters, sent whole with each change",
    _page("Jobs", """<label>City <input id=c></label><button onclick="post('/jobs/filter', {filters: {city: [c.value],
remote: true, salary: {min: 3000}}, sort: 'new'}).then(r => show(r.said))">Apply filters</button>"""),
    (Step("type", "City", "Antwerp"), Step("click", "Apply filters")), "Antwerp", {"/jobs/filter": _echo},
)  # fmt: skip
GALLERY = PageKind(
    "gallery", "A gallery that loads the next picture before it shows it",
    _page("Gallery", """<img id=g src="/img/1.jpg?w=300"><button onclick="next()">Next picture</button>
<script>let n = 1;
const next = () => { n += 1; const i = new Image(); i.onload = i.onerror = () => { g.src = i.src;
show('picture ' + n); };
i.src = `/img/${n}.jpg?w=300`; };</script>"""),
    (Step("click", "Next picture"),), "picture 2",
)  # fmt: skip
OFFICE = PageKind(
    "government", "Tabs whose content is fetched as pieces of HTML",
    _page("Forms", """<button onclick="fetch('/tabs/updates').then(r => r.text()).then(t => { out.innerHTML = t;
})">Updates</button>"""),
    (Step("click", "Updates"),), "New rules", {"/tabs/updates": lambda r, b: "<h2>New rules</h2>"},
)  # fmt: skip
WEATHER = PageKind(
    "weather", "A forecast by POST for a place on the map, with counters of other companies on the page",
    _page("Weather", """<button onclick="go()">Forecast here</button><script>
const go = () => { navigator.sendBeacon('http://counter.example/c', 'x'); fetch('http://ads.example/a', {method: 'POST',
  mode: 'no-cors', body: 'x'}).catch(() => 0); post('/point', {lat: 51, lon: 3.7}).then(r => show(r.said));
};</script>"""),
    (Step("click", "Forecast here"),), '"lat":51', {"/point": _echo},
)  # fmt: skip
DOCS = PageKind(
    "documentation", "Search over a search engine's own protocol, one line per query",
    _page("Docs", """<label>Search <input id=s></label><button onclick="go()">Go</button><script>const go = () =>
fetch('/docs/_msearch', {method: 'POST', body: '{}\\n' + JSON.stringify({query: {match: {text: s.value}}}) + '\\n',
  headers: {'content-type': 'application/x-ndjson'}}).then(r => r.json()).then(r => show(r.said));</script>"""),
    (Step("type", "Search", "install"), Step("click", "Go")), "install", {"/docs/_msearch": _echo},
)  # fmt: skip
COUNTING = PageKind(
    "own counters", "A site that reports every click to its own service, by beacons and by fetch",
    _page("News", """<button onclick="report(); fetch('/more').then(r => r.text()).then(show)">Read on</button><script>
const report = () => { navigator.sendBeacon('/track', JSON.stringify({event: 'click', at: 'more', ts: Date.now()}));
fetch('/g/collect?v=2', {method: 'POST', body: 'en=click'}); };</script>"""),
    (Step("click", "Read on"),), "The rest of it", {"/more": lambda r, b: "The rest of it"},
)  # fmt: skip
CONSENT = PageKind(
    "choices", "A consent wall whose choices are saved at the site's own service",
    _page("News", """<div role=dialog id=w><h2>Your privacy</h2><button onclick="w.remove();
post('/privacy/choices', {ads: false}).then(() => show('The article'))">Save my choices</button></div>"""),
    (Step("click", "Save my choices"),), "The article",
)  # fmt: skip
ROBOT = PageKind(
    "robot check", "A site that checks at its own service, before and after clicks, that a person reads it",
    _page("Prices", """<button onclick="check(2).then(() => show('12 euros'))">Show the price</button><script>
const check = n => post('/_sec/challenge/verify', {sensor: btoa('moved ' + n)}); check(1);</script>"""),
    (Step("click", "Show the price"),), "12 euros",
)  # fmt: skip
COLUMNS = PageKind(
    "orders table", "A table with a column and a filter whose names are words of shopping",
    _page("Orders", """<table><tr><th><button onclick="rows('order')">Order</button><th>Sum<tr><td>7<td>12</table>
<button onclick="rows('sum')">Apply filters</button><button onclick="rows('')">Remove filter</button><script>
const rows = sort => post('/orders/list', {sort, open: true}).then(r => show('sorted ' + r.said));</script>"""),
    (Step("click", "Order"), Step("click", "Apply filters"), Step("click", "Remove filter")), "sorted",
    {"/orders/list": _echo},
)  # fmt: skip
LINKS = PageKind(
    "pages about actions", "Pages whose addresses and names speak of actions that they only describe",
    _page("Help", """<a href="/docs/items/delete?version=2">Delete</a> <a href=/order?id=7>Order</a>"""),
    (Step("click", "Delete"), Step("back"), Step("click", "Order")), "You read 7",
    {"/order": lambda r, b: f"<title>Order</title>{POST}You read {r.query['id']}<script>post('/order/list', "
     "{id: 7})</script>", "/docs/items/delete": lambda r, b: "<title>Docs</title>How to delete"},
)  # fmt: skip
TRANSLATION = PageKind(
    "translator", "A translator that sends the typed text by POST",
    _page("Words", """<label>Text <textarea id=t></textarea></label><button onclick="post('/translate',
{text: t.value, to: 'nl'}).then(r => show(r.said))">Translate</button>"""),
    (Step("type", "Text", "good morning"), Step("click", "Translate")), "good morning", {"/translate": _echo},
)  # fmt: skip
SHOP_WINDOW = PageKind(
    "shop after a press", "A shop that reads on, by GET and by GraphQL, after its button was pressed",
    _page("Mug", """<button onclick="Promise.all([fetch('/api/cart').then(r => r.json()),
post('/graphql', {query: '{ cart { sum } }'})]).then(() => show('your cart'))">Add to cart</button>"""),
    (Step("click", "Add to cart"),), "your cart",
)  # fmt: skip
KINDS = (
    SHOP, BOOKING, FORUM, MAP, WIKI, RATES, TABLE, EDITOR, VIDEO, NEWS, FEED, RECIPES, LIBRARY, TRAINS, DICTIONARY,
JOBS,
    GALLERY, OFFICE, WEATHER, DOCS, COUNTING, CONSENT, ROBOT, COLUMNS, LINKS, TRANSLATION, SHOP_WINDOW,
)  # fmt: skip
