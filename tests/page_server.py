"""A small web site on loopback for tests: the files of tests/pages, and a few addresses that do something."""

import datetime
import ssl
import threading
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import NamedTuple
from urllib.parse import parse_qs, urlsplit

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

PAGES = Path(__file__).parent / "pages"


class Request(NamedTuple):
    method: str
    path: str
    body: str


class PageServer:
    """`other`: the base URL of a second site that pages refer to as {{other}}."""

    def __init__(self, other: str = "", *, certificate: Path | None = None) -> None:
        self.other = other
        self.scheme = "https" if certificate else "http"
        self.requests: list[Request] = []
        self.closing = threading.Event()
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), type("Site", (_Site,), {"site": self}))
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            self._http.socket = context.wrap_socket(self._http.socket, server_side=True, do_handshake_on_connect=False)
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()

    @property
    def domain(self) -> str:
        return f"127.0.0.1:{self._http.server_port}"

    def url(self, path: str = "") -> str:
        return f"{self.scheme}://{self.domain}{path}"

    def saw(self, path: str) -> bool:
        return any(r.path.split("?")[0] == path for r in self.requests)

    def close(self) -> None:
        self.closing.set()
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()


class _Site(BaseHTTPRequestHandler):
    site: PageServer

    def do_GET(self) -> None:
        self._note("")
        parts = urlsplit(self.path)
        query = parse_qs(parts.query)
        match parts.path:
            case "/redirect":
                self._send(302, b"", location=query["to"][0])
            case "/changing":
                button = f"<button>Offer {sum(r.path == '/changing' for r in self.site.requests)}</button>"
                self._send(200, f"<title>Changing</title>{button}".encode())
            case "/never":
                self.site.closing.wait(60)
            case "/login":
                script = "<script>localStorage.setItem('cart', '3 kettles')</script>"
                self._send(200, f"<title>In</title>Welcome {script}".encode(), set_cookie="user=ada; Path=/")
            case "/account":
                script = "<p id=c></p><script>c.textContent = 'cart: ' + localStorage.getItem('cart')</script>"
                self._send(200, f"<title>You</title><p>{self.headers.get('Cookie', 'nobody')}</p>{script}".encode())
            case "/search":
                self._send(200, f"<title>Found</title><p>You looked for {query.get('q')}</p>".encode())
            case "/report.pdf":
                self._send(200, pdf("Revenue was 42 million"), kind="application/pdf")
            case "/broken.pdf":
                self._send(200, b"%PDF-1.7\nnothing of a PDF follows", kind="application/pdf")
            case "/huge.bin":
                self._send(200, b"x" * 1000, kind="application/octet-stream", size=60_000_000)
            case "/unending.bin":
                self._stream()
            case "/whoami.txt":
                self._send(200, (self.headers.get("Cookie") or "nobody").encode(), kind="text/plain")
            case "/numbers.csv":
                self._send(200, b"a,b\n1,2\n", kind="text/csv", content_disposition="attachment; filename=numbers.csv")
            case "/parts.html":
                rows = "".join(
                    f"<tr><td>Part {n}<td>Shelf {n % 90}<td>€ {n * 3}.50<td><a href=/p/{n}>order</a>"
                    for n in range(1, 501)
                )
                head = "<tr><th>Part</th><th>Shelf</th><th>Price</th><th>Page</th></tr>"
                self._send(200, f"<title>Parts</title><h1>Parts</h1><table>{head}{rows}</table>".encode())
            case "/long":
                body = "".join(
                    f"<p>Paragraph {n} of a very long page about nothing in particular.</p>" for n in range(900)
                )
                self._send(200, f"<title>Long</title>{body}<button>The end</button>".encode())
            case "/vast":
                body = "".join(f"<p>Row {n} of very many <a href=/{n}>more</a></p>" for n in range(1_500))
                self._send(200, f"<title>Vast</title><h1>Vast</h1>{body}".encode())
            case "/broken":
                self._send(500, b"<title>Oops</title>Oops")
            case "/robot":
                self._send(200, b"<title>Wait</title><iframe srcdoc='<label><input type=checkbox>I am not a robot'>")
            case "/sign-in":
                self._send(200, b"<title>Sign in</title><form><input name=mail><input type=password></form>")
            case path if (PAGES / path.lstrip("/")).is_file():
                text = (PAGES / path.lstrip("/")).read_text().replace("{{other}}", self.site.other)
                self._send(200, text.encode())
            case _:
                self._send(404, b"<title>Missing</title>not here")

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode(errors="replace")
        self._note(body)
        self._send(200, f"<title>Echo</title><p>We received {body}</p>".encode())

    def _note(self, body: str) -> None:
        self.site.requests.append(Request(self.command, self.path, body))

    def _stream(self) -> None:
        """A body without a length, until the client hangs up."""
        self.send_response(200)
        self.send_header("Content-Type", "application/octet-stream")
        self.end_headers()
        with suppress(OSError):
            while not self.site.closing.is_set():
                self.wfile.write(b"x" * 65536)

    def _send(
        self,
        status: int,
        content: bytes,
        *,
        kind: str = "text/html; charset=utf-8",
        size: int | None = None,
        **headers: str,
    ) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content) if size is None else size))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        with suppress(OSError):  # the client has heard enough
            self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None: ...


def pdf(text: str) -> bytes:
    """A correct one-page PDF that says `text`."""
    stream = f"BT /F1 24 Tf 72 700 Td ({text}) Tj ET".encode()
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R "
        b"/Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    out, places = b"%PDF-1.4\n", list[int]()
    for number, content in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % p for p in places)
    size = len(objects) + 1
    return (
        out
        + b"xref\n0 %d\n0000000000 65535 f \n%s" % (size, table)
        + (b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (size, len(out)))
    )


def self_signed(file: Path) -> Path:
    """A key and a certificate that nobody vouches for, in one file."""
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "nobody")])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    words = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file.write_bytes(words + certificate.public_bytes(serialization.Encoding.PEM))
    return file
