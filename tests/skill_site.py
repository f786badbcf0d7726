"""A site on this machine that publishes skills: files by path, redirects, and git repositories."""

import io
import subprocess
import tarfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

SHEET = "---\nname: {name}\ndescription: How we sound in {name}.\n---\nWrite short sentences."


def sheet(name: str) -> bytes:
    return SHEET.format(name=name).encode()


def tar_gz(files: Mapping[str, bytes]) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as archive:
        for name, content in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return out.getvalue()


class SkillSite:
    """`files`: what it answers; a text is an address to redirect to, None an answer that never ends."""

    def __init__(self, repositories: Path | None = None) -> None:
        self.files: dict[str, bytes | str | None] = {}
        self.asked: list[str] = []
        self.repositories = repositories
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), type("Site", (_Site,), {"site": self}))
        self._http.daemon_threads = True

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self._http.server_address[1]}"

    @property
    def url(self) -> str:
        return f"http://{self.host}"

    def serve(self) -> None:
        self._http.serve_forever(poll_interval=0.02)

    def close(self) -> None:
        self._http.shutdown()
        self._http.server_close()


@contextmanager
def skill_site(repositories: Path | None = None) -> Iterator[SkillSite]:
    site = SkillSite(repositories)
    serving = Thread(target=site.serve)
    serving.start()
    try:
        yield site
    finally:
        site.close()
        serving.join()


class _Site(BaseHTTPRequestHandler):
    site: SkillSite

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        self.site.asked.append(path)
        if self.site.repositories is not None and ".git/" in path:
            self._git(b"")
            return
        found = self.site.files.get(path, b"")
        if isinstance(found, str):
            self._answer(302, b"", location=found)
        elif found is None:
            self.send_response(200)
            self.end_headers()
            try:
                while True:
                    self.wfile.write(bytes(1 << 16))
            except OSError:
                return
        else:
            self._answer(200 if found else 404, found)

    def do_POST(self) -> None:
        self._git(self.rfile.read(int(self.headers.get("Content-Length") or 0)))

    def _git(self, body: bytes) -> None:
        """As a web server runs it."""
        path, _, query = self.path.partition("?")
        environment = {
            "GIT_PROJECT_ROOT": str(self.site.repositories), "GIT_HTTP_EXPORT_ALL": "1", "PATH_INFO": path,
            "QUERY_STRING": query, "REQUEST_METHOD": self.command, "PATH": "/usr/bin:/bin",
            "CONTENT_TYPE": self.headers.get("Content-Type", ""), "CONTENT_LENGTH": str(len(body)),
            "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""), "GIT_CONFIG_COUNT": "1",
            "GIT_PROTOCOL": self.headers.get("Git-Protocol", ""), "GIT_CONFIG_KEY_0": "safe.directory",
            "GIT_CONFIG_VALUE_0": "*",
        }  # fmt: skip
        done = subprocess.run(["git", "http-backend"], input=body, env=environment, capture_output=True, check=False)
        head, _, content = done.stdout.partition(b"\r\n\r\n")
        rows = dict(line.split(": ", 1) for line in head.decode().splitlines() if ": " in line)
        status = int(rows.pop("Status", "200 OK").split()[0])
        self._answer(status, content, **{name: value for name, value in rows.items() if name != "Content-Length"})

    def _answer(self, status: int, content: bytes, **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing."""
