"""Reads an e-mail as text: who, when, what, and its attachments."""

from email import policy
from email.errors import MessageError
from email.message import EmailMessage
from email.parser import BytesParser

from agents.tools.office.word.read_document import html_text
from orchestrator.domain.file_names import real, shown
from orchestrator.domain.plural import counted
from orchestrator.errors import ToolFailed

_SHOWN = ("From", "To", "Cc", "Date", "Subject")
_MOST_ATTACHMENT = 50_000_000


def text(content: bytes, path: str) -> str:
    """Returns headers, body (plain text, else from HTML), and the attachments' names. Raises ToolFailed if it isn't an
    e-mail."""
    message = _parsed(content, path)
    head = "\n".join(f"{name}: {' '.join(str(message[name]).split())}" for name in _SHOWN if message[name])
    held = "\n".join(f"- {name}  {counted(len(body), 'byte')}" for name, body in _attached(message))
    below = f"\n\n[attachments; extract one with archive_extract]\n{held}" if held else ""
    return f"{head}\n\n{_body(message, path)}{below}"


def attachment(content: bytes, path: str, name: str) -> bytes:
    """Returns one attachment by name. Raises ToolFailed if it doesn't exist."""
    attached = _attached(_parsed(content, path))
    found = next((body for held, body in attached if held in (name, shown(real(name)))), None)
    if found is None:
        names = ", ".join(repr(held) for held, _ in attached) or "nothing"
        raise ToolFailed(f"{path!r} has no attachment {name!r}; it has {names}.")
    if len(found) > _MOST_ATTACHMENT:
        raise ToolFailed(f"The attachment {name!r} is larger than 50 MB. Ask for a smaller file.")
    return found


def _parsed(content: bytes, path: str) -> EmailMessage:
    try:
        message = BytesParser(policy=policy.default).parsebytes(content)
    except (MessageError, ValueError, IndexError, RecursionError) as error:
        raise ToolFailed(f"{path!r} can't be read as an e-mail ({error}). Ask for it as text.") from error
    if not (message["From"] or message["Subject"] or message["Date"]):
        raise ToolFailed(f"{path!r} isn't an e-mail: it has no sender, subject or date. Check the file.")
    return message


def _body(message: EmailMessage, path: str) -> str:
    part = message.get_body(("plain", "html"))
    if part is None:
        return "[no text in the e-mail itself]"
    try:
        words = str(part.get_content())
    except (LookupError, KeyError, ValueError):
        words = bytes(part.get_payload(decode=True) or b"").decode("utf-8", "replace")
    return html_text(words.encode(), path) if part.get_content_type() == "text/html" else words.strip()


def _attached(message: EmailMessage) -> list[tuple[str, bytes]]:
    parts = enumerate(message.iter_attachments(), 1)
    return [(shown(part.get_filename() or f"part-{n}"), _bytes(part)) for n, part in parts]


def _bytes(part: EmailMessage) -> bytes:
    payload = part.get_payload(decode=True)
    return payload if isinstance(payload, bytes) else part.as_bytes()
