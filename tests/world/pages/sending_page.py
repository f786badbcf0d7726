"""A page whose buttons order, send and delete in every way a page has."""

WAYS = {
    "form": "document.getElementById('f').requestSubmit()",
    "form in a new window": "document.getElementById('w').submit()",
    "form in a frame": "document.getElementById('i').submit()",
    "fetch": "fetch('/order', {method: 'POST', body: JSON.stringify({item: 'Mug', amount: 2}), "
    "headers: {'content-type': 'application/json'}}).then(answer => { out.textContent = 'ordered ' + answer.status; })",
    "fetch without a name": "fetch('/x', {method: 'POST', body: '7'})",
    "XHR": "const x = new XMLHttpRequest(); x.open('DELETE', '/items/7'); "
    "x.onload = () => { out.textContent = 'deleted ' + x.status; }; x.send()",
    "beacon": "navigator.sendBeacon('/message', 'hello')",
    "WebSocket": "live.send(JSON.stringify({type: 'order', item: 'Mug'}))",
    "WebSocket of a worker": "new Worker(URL.createObjectURL(new Blob([`const w = new WebSocket('ws://${location.host}"
    "/worker-live'); w.onopen = () => w.send('order')`])))",
    "service worker": "navigator.serviceWorker.register('/sw.js')",
    "worker": "new Worker('/worker.js')",
    "shared worker": "new SharedWorker('/worker.js')",
    "beacon on unload": "addEventListener('pagehide', () => navigator.sendBeacon('/bye', 'order')); "
    "location.href = '/b'",
    "fetch on unload": "addEventListener('pagehide', () => fetch('/bye', {method: 'POST', body: 'order', "
    "keepalive: true})); location.href = '/b'",
    "fetch that waits for the end": "fetchLater('/later', {method: 'POST', body: 'order'}); location.href = '/b'",
    "image": "new Image().src = '/p?d=' + encodeURIComponent(document.getElementById('n').value)",
    "image in the page": "document.body.append(Object.assign(new Image(), {src: '/p?d=' + btoa(document.getElementById"
    "('n').value)}))",
    "image without typed text": "new Image().src = '/p?item=7&amount=2'",
    "timer": "setTimeout(() => fetch('/order', {method: 'POST', body: 'item=7'}), 300)",
    "next page": "location.href = '/then'",
    "GraphQL": "fetch('/graphql', {method: 'POST', body: JSON.stringify({query: 'mutation { buy(id: 7) { ok } }'})})",
    "GET by script": "fetch('/cart/add?item=7')",
    "frame's own fetch": "const i = document.createElement('iframe'); document.body.append(i); "
    "i.contentWindow.fetch('/order', {method: 'POST', body: 'item=7'})",
    "page loaded ahead": "document.head.append(Object.assign(document.createElement('script'), "
    "{type: 'speculationrules', textContent: JSON.stringify({prerender: [{source: 'list', "
    "urls: ['/ahead?item=7'], eagerness: 'immediate'}]})}))",
    "ping of a link": "const a = document.createElement('a'); a.href = '#x'; a.ping = '/ping'; "
    "document.body.append(a); a.click()",
}
"""What each button does."""
BY_OTHERS = {
    "enter": ("<input id=e aria-label='by Enter' onkeydown=\"if (event.key === 'Enter') fetch('/say', "
              "{method: 'POST', body: this.value})\">"),
    "choice": ("<select id=s aria-label='by choice' onchange=\"fetch('/choose', {method: 'POST', body: this.value})\">"
               "<option>one<option>two</select>"),
}  # fmt: skip
"""What sends without a button."""

_BUTTONS = "".join(f'<p><button data-way="{name}">by {name}</button>' for name in WAYS)
_SCRIPT = ", ".join(f"{name!r}: () => {{ {script} }}" for name, script in WAYS.items())
PAGE = f"""<!doctype html><title>Shop</title><h1>Shop</h1><p id=out>nothing yet</p>
<label>Note <input id=n name=note></label>
<form id=f method=post action=/form-order><input type=hidden name=item value=Mug><input name=amount value=2></form>
<form id=w method=post action=/form-order target=_blank><input type=hidden name=item value=Mug></form>
<form id=i method=post action=/form-order target=inner><input type=hidden name=item value=Mug></form>
<iframe name=inner></iframe>
{_BUTTONS}{"".join(BY_OTHERS.values())}
<script>
const live = new WebSocket('ws://' + location.host + '/live');
live.onmessage = event => {{ out.textContent = event.data; }};
const ways = {{{_SCRIPT}}};
for (const b of document.querySelectorAll('button')) b.onclick = () => ways[b.dataset.way]();
</script>"""
PAGES = {
    "/": PAGE,
    "/b": "<title>Next</title><p>The next page</p>",
    "/then": "<title>Then</title><script>fetch('/order', {method: 'POST', body: 'item=7'})</script>",
    "/worker.js": "onconnect = null; fetch('/order', {method: 'POST', body: 'item=7'})",
    "/sw.js": "fetch('/order', {method: 'POST', body: 'item=7'})",
}
DOCUMENTS = ("/", "/b", "/then", "/worker.js", "/sw.js", "/live", "/worker-live", "/favicon.ico")
"""What may be asked for without sending anything."""
