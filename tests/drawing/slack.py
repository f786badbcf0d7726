"""Slack messages as a page to look at: the blocks that we use, drawn plainly, about as wide as Slack draws them."""

from collections.abc import Iterable, Sequence
from html import escape
from pathlib import Path
from typing import Any

from bot.slack.blocks import SlackMessage

_STATUS = {"pending": "○", "in_progress": "◐", "complete": "●", "error": "✕"}
_STYLE = Path(__file__).with_suffix(".css").read_text()


def page(messages: Sequence[SlackMessage], *, dark: bool = False) -> str:
    drawn = "".join(
        '<div class="message"><div class="face"></div><div class="said"><div><span class="who">threadwork</span>'
        f' <span class="app">APP</span></div>{"".join(_block(b) for b in message.blocks)}</div></div>'
        for message in messages
    )
    look = ' class="dark"' if dark else ""
    return f"<!doctype html><meta charset=utf-8><style>{_STYLE}</style><body{look}>{drawn}</body>"


def _block(block: dict[str, Any]) -> str:
    match block["type"]:
        case "rich_text":
            return "".join(_part(part) for part in block["elements"])
        case "plan":
            return f'<div class="plan"><h4>{escape(block["title"])}</h4>{"".join(map(_task, block["tasks"]))}</div>'
        case "actions":
            return f'<div class="actions">{"".join(_element(e) for e in block["elements"])}</div>'
        case "context":
            parts = "".join(f"<span>{escape(part['text'])}</span>" for part in block["elements"])
            return f'<div class="context">{parts}</div>'
        case "header":
            return f"<h3>{escape(block['text']['text'])}</h3>"
        case "divider":
            return "<hr>"
        case kind:
            raise AssertionError(f"nobody draws {kind!r} yet")


def _part(part: dict[str, Any]) -> str:
    match part["type"]:
        case "rich_text_list":
            tag = "ol" if part["style"] == "ordered" else "ul"
            items = "".join(f"<li>{_runs(item['elements'])}</li>" for item in part["elements"])
            left = 26 * (part.get("indent", 0) + 1)
            return f'<{tag} start="{part.get("offset", 0) + 1}" style="padding-left:{left}px">{items}</{tag}>'
        case "rich_text_preformatted":
            return f"<pre>{_runs(part['elements'])}</pre>"
        case "rich_text_quote":
            return f"<blockquote>{_runs(part['elements'])}</blockquote>"
        case _:
            return f"<p>{_runs(part['elements'])}</p>"


def _runs(runs: Iterable[dict[str, Any]]) -> str:
    made = ""
    for run in runs:
        text = escape(run["fallback"] if run["type"] == "date" else run["text"])
        if run["type"] == "link":
            text = f'<a href="#">{text}</a>'
        for style, tag in (("code", "code"), ("bold", "b"), ("italic", "em"), ("strike", "s")):
            if run.get("style", {}).get(style):
                text = f"<{tag}>{text}</{tag}>"
        made += text
    return made


def _task(task: dict[str, Any]) -> str:
    below = "".join(_part(p) for name in ("details", "output") if name in task for p in task[name]["elements"])
    return (
        f'<div class="task {task["status"]}"><i>{_STATUS[task["status"]]}</i><div><b>{escape(task["title"])}</b>'
        f"<small>{below}</small></div></div>"
    )


def _element(element: dict[str, Any]) -> str:
    if element["type"] == "button":
        return f'<button class="{element.get("style", "")}">{escape(element["text"]["text"])}</button>'
    return f'<span class="select">{escape(element["placeholder"]["text"])} ▾</span>'
