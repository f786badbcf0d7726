"""Turns HTML and Markdown into one self-contained page in the house style, without external requests."""

import base64
import html
import posixpath
import re
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import unquote

from markdown_it import MarkdownIt

from agents.tool import Workspace
from agents.tools.office import house_style, xml
from agents.tools.office.decode_text_file import decoded
from orchestrator.errors import ToolFailed

_TYPES = {".png": "png", ".jpg": "jpeg", ".jpeg": "jpeg", ".gif": "gif", ".webp": "webp", ".svg": "svg+xml"}
_NOTE = re.compile(r"^\[\^([^\]]+)\]:[ \t]*(.*(?:\n(?:[ \t]+.*))*)", re.MULTILINE)
_MARK = re.compile(r"\[\^([^\]]+)\]")
_FRONT = re.compile(r"\A---\n.*?\n---\n", re.DOTALL)
_STYLE = f"""
body {{ font: 10.5pt/1.45 Calibri, Carlito, 'Liberation Sans', sans-serif; color: #{house_style.INK}; margin: 0; }}
h1, h2, h3 {{ color: #{house_style.ACCENT}; line-height: 1.2; break-after: avoid; margin: 1.4em 0 .4em; }}
h1 {{ font-size: 22pt; border-bottom: 1.2pt solid #{house_style.ACCENT}; padding-bottom: 5pt; margin-top: 0; }}
h2 {{ font-size: 15pt; }} h3 {{ font-size: 12pt; }}
p, li {{ orphans: 2; widows: 2; }} a {{ color: #{house_style.LINK}; }}
table {{ border-collapse: collapse; width: 100%; margin: .8em 0 1.2em; font-size: 9.5pt; }}
thead {{ display: table-header-group; }} tr {{ break-inside: avoid; }}
th {{ background: #{house_style.ACCENT}; color: #fff; text-align: left; }}
th, td {{ padding: 4pt 7pt; border-bottom: .5pt solid #{house_style.LINE}; }}
blockquote {{ background: #{house_style.TINT}; border-left: 3pt solid #{house_style.ACCENT};
  margin: 1em 0; padding: .4em 1em; }}
code {{ font: 9pt 'DejaVu Sans Mono', monospace; background: #{house_style.TINT}; }}
pre {{ background: #{house_style.TINT}; padding: 8pt; white-space: pre-wrap; break-inside: avoid; }}
img {{ max-width: 100%; max-height: 22cm; }}
sup {{ font-size: 7.5pt; line-height: 0; }}
.notes {{ font-size: 8.5pt; color: #{house_style.MUTED}; border-top: .5pt solid #{house_style.LINE}; margin-top: 2em; }}
"""


def of_markdown(workspace: Workspace, path: str, content: bytes) -> str:
    """Renders Markdown with tables and footnotes; HTML in it stays text."""
    text = _FRONT.sub("", decoded(content, path).text)
    notes = dict(_NOTE.findall(text))
    order = [n for n in dict.fromkeys(_MARK.findall(_NOTE.sub("", text))) if n in notes]
    reader = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])
    body = reader.render(_NOTE.sub("", text))
    body = _MARK.sub(lambda m: f"<sup>{order.index(m[1]) + 1}</sup>" if m[1] in order else m[0], body)
    body = body.replace("</sup><sup>", "</sup><sup>&nbsp;")
    below = "".join(f"<li>{reader.renderInline(' '.join(notes[n].split()))}</li>" for n in order)
    body += f'<div class="notes"><ol>{below}</ol></div>' if below else ""
    title = re.search(r"^#\s+(.+)$", text, re.MULTILINE)
    name = html.escape(title[1] if title else PurePosixPath(path).stem)
    page = f'<html lang="en"><head><title>{name}</title><style>{_STYLE}</style></head><body>{body}</body></html>'
    return _contained(workspace, path, page)


def of_html(workspace: Workspace, path: str, content: bytes) -> str:
    """Returns the page with its pictures and style sheets inlined if they are in the workspace."""
    return _contained(workspace, path, decoded(content, path).text)


def _contained(workspace: Workspace, path: str, page: str) -> str:
    tree = xml.parsed_html(page)
    for element in list(tree.iter("script", "iframe", "object", "embed", "base", "meta")):
        if element.tag != "meta" or element.get("http-equiv"):
            element.drop_tree()
    for image in tree.iter("img"):
        image.attrib.pop("srcset", None)
        source = image.get("src") or ""
        if not source.startswith("data:"):
            image.set("src", _inlined(workspace, path, source))
    for link in list(tree.iter("link")):
        href = link.get("href") or ""
        if "stylesheet" in (link.get("rel") or "") and (sheet := _read(workspace, path, href)):
            style: Any = tree.makeelement("style")
            style.text = sheet.decode("utf-8", "replace")
            link.addprevious(style)
        link.drop_tree()
    return xml.html_words(tree)


def _inlined(workspace: Workspace, path: str, source: str) -> str:
    kind = _TYPES.get(PurePosixPath(source).suffix.lower())
    if re.match(r"[a-z]+:|//", source, re.IGNORECASE) or kind is None:
        return ""
    content = _read(workspace, path, source)
    if content is None:
        raise ToolFailed(
            f"{path!r} uses the image {source!r}, which isn't in the workspace. Add the image to the workspace."
        )
    return f"data:image/{kind};base64,{base64.b64encode(content).decode()}"


def _read(workspace: Workspace, path: str, source: str) -> bytes | None:
    """Returns a workspace file relative to the page; None if it doesn't exist or is elsewhere."""
    if re.match(r"[a-z]+:|//", source, re.IGNORECASE):
        return None
    place = posixpath.normpath(posixpath.join(posixpath.dirname(path), unquote(source.split("?")[0].split("#")[0])))
    try:
        return workspace.read(place)
    except ToolFailed:
        return None
