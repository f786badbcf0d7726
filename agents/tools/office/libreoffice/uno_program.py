"""Keeps one LibreOffice running and converts documents with it; runs as a separate program in LibreOffice's Python.

`office_process.py` runs it as `uno_program.py SOFFICE PROFILE PIPE` and controls it over stdio, one JSON object a line:
`{"source": path, "made": {"pdf": path}}` is answered by `{"made": ["pdf"], "memory": bytes}`. It says `{"ready": true}`
first, or `{"error": words}` when it gives up. When its input ends, it exits with its whole process group.
"""

import contextlib
import importlib
import json
import os
import queue
import resource
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

uno: Any = None
with contextlib.suppress(ImportError):
    uno = importlib.import_module("uno")

_KINDS: dict[str, tuple[str, dict[str, str]]] = {
    "com.sun.star.sheet.SpreadsheetDocument": ("calc_pdf_Export", {"xlsx": "Calc MS Excel 2007 XML"}),
    "com.sun.star.presentation.PresentationDocument": (
        "impress_pdf_Export",
        {"pptx": "Impress MS PowerPoint 2007 XML"},
    ),
    "com.sun.star.drawing.DrawingDocument": ("draw_pdf_Export", {}),
    "com.sun.star.text.WebDocument": ("writer_web_pdf_Export", {}),
    "com.sun.star.text.TextDocument": ("writer_pdf_Export", {"docx": "MS Word 2007 XML"}),
}
_START, _LEAVING = 180.0, 2.0
_MEMORY = 6 << 30
"""Bytes of its own data. A document that needs more ends LibreOffice instead of the machine.

Not of address space: a Java that LibreOffice starts reserves a quarter of the machine's memory, used or not.
"""


def main() -> None:
    if uno is None:
        _say({"error": "uno"})
        return
    jobs: queue.Queue[Any] = queue.Queue()
    threading.Thread(target=_listen, args=(jobs,), daemon=True).start()
    process, office = _started(*sys.argv[1:4])
    _say({"ready": True})
    while job := jobs.get():
        try:
            made = _made(office, job["source"], job["made"])
        except uno.getClass("com.sun.star.uno.Exception"):
            office.getComponents()  # raises if LibreOffice itself died, and ends us
            made = []
        _say({"made": made, "memory": _memory()})
    office.terminate()
    process.wait()


def _listen(jobs: "queue.Queue[Any]") -> None:
    """Runs jobs; at end of input waits briefly for a clean exit, then kills the whole group."""
    for line in sys.stdin:
        jobs.put(json.loads(line))
    jobs.put(None)
    time.sleep(_LEAVING)
    _end()


def _end() -> None:
    """Kills the whole group and removes the socket file of a killed LibreOffice."""
    Path(f"/tmp/OSL_PIPE_{os.getuid()}_{sys.argv[3]}").unlink(missing_ok=True)
    os.killpg(0, signal.SIGKILL)


def _say(words: Any) -> None:
    sys.stdout.write(json.dumps(words) + "\n")
    sys.stdout.flush()


def _started(program: str, profile: str, pipe: str) -> Any:
    """A LibreOffice started on this profile: its process and its desktop."""
    process = subprocess.Popen(
        [
            program,
            f"-env:UserInstallation={Path(profile).as_uri()}",
            # The system's, created by root with our umask, would keep every other user from starting LibreOffice.
            f"-env:UNO_SHARED_PACKAGES_CACHE={Path(profile).as_uri()}/shared",
            *("--headless", "--invisible", "--norestore", "--nologo", "--nolockcheck", "--nodefault"),
            f"--accept=pipe,name={pipe};urp;",
        ],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        close_fds=False,  # the program that started us waits until nothing has its descriptor anymore
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_DATA, (_MEMORY, _MEMORY)),
    )
    here = uno.getComponentContext()
    resolver = here.ServiceManager.createInstanceWithContext("com.sun.star.bridge.UnoUrlResolver", here)
    until = time.monotonic() + _START
    while True:
        try:
            there = resolver.resolve(f"uno:pipe,name={pipe};urp;StarOffice.ComponentContext")
            return process, there.ServiceManager.createInstanceWithContext("com.sun.star.frame.Desktop", there)
        except uno.getClass("com.sun.star.connection.NoConnectException"):
            if process.poll() is not None or time.monotonic() > until:
                raise
            time.sleep(0.05)


def _made(office: Any, source: str, wanted: Any) -> Any:
    """Loads the document without macros and without following its links; returns the targets that could be stored."""
    how = _options(Hidden=True, Silent=True, MacroExecutionMode=0, UpdateDocMode=0)
    document = office.loadComponentFromURL(Path(source).as_uri(), "_blank", 0, how)
    if document is None:
        return []
    try:
        return [target for target, path in wanted.items() if _stored(document, target, path)]
    finally:
        document.close(True)


def _stored(document: Any, target: str, path: str) -> bool:
    for service, (pdf, others) in _KINDS.items():
        if document.supportsService(service):
            name = pdf if target == "pdf" else others.get(target)
            if name:
                document.storeToURL(Path(path).as_uri(), _options(FilterName=name))
            return bool(name)
    return False


def _options(**given: Any) -> Any:
    options: list[Any] = []
    for name, value in given.items():
        options.append(uno.createUnoStruct("com.sun.star.beans.PropertyValue"))
        options[-1].Name, options[-1].Value = name, value
    return tuple(options)


def _memory() -> int:
    """Returns the memory of our process group in bytes; 0 if unknown."""
    pages = 0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            if int(stat.read_text().rsplit(")", 1)[1].split()[2]) == os.getpgrp():
                pages += int(stat.with_name("statm").read_text().split()[1])
        except (OSError, IndexError, ValueError):
            continue
    return pages * resource.getpagesize()


if __name__ == "__main__":
    try:
        main()
    finally:
        _end()
