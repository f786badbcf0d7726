"""Rich text, checked as Slack checks it."""

from typing import Any

from tests.slack_server.shape import Shape, Trouble

RICH = Shape({"type": str, "block_id": str, "elements": list}, {"type", "elements"})
SECTION = Shape({"type": str, "elements": list}, {"type", "elements"})
PREFORMATTED = Shape({"type": str, "elements": list, "border": int, "language": str}, {"type", "elements"})
LIST = Shape({"type": str, "elements": list, "style": str, "indent": int, "offset": int, "border": int},
             {"type", "elements", "style"})  # fmt: skip
STYLE = Shape({"bold": bool, "italic": bool, "strike": bool, "code": bool, "underline": bool, "highlight": bool}, set())
RUNS = {
    "text": Shape({"type": str, "text": str, "style": dict}, {"type", "text"}),
    "link": Shape({"type": str, "url": str, "text": str, "style": dict, "unsafe": bool}, {"type", "url"}),
    "user": Shape({"type": str, "user_id": str, "style": dict}, {"type", "user_id"}),
    "channel": Shape({"type": str, "channel_id": str, "style": dict}, {"type", "channel_id"}),
    "emoji": Shape({"type": str, "name": str, "unicode": str, "style": dict}, {"type", "name"}),
    "broadcast": Shape({"type": str, "range": str, "style": dict}, {"type", "range"}),
    "date": Shape({"type": str, "timestamp": int, "format": str, "url": str, "fallback": str},
                  {"type", "timestamp", "format"}),
}  # fmt: skip


def rich_text(value: Any, at: str, out: Trouble) -> None:
    if not RICH.check(value, at, out):
        return
    if value["type"] != "rich_text" or not value["elements"]:
        out.add(f"must be a rich_text with elements [json-pointer:{at}]")
    for number, one in enumerate(value["elements"]):
        _part(one, f"{at}/elements/{number}", out)


def _part(value: Any, at: str, out: Trouble) -> None:
    match value.get("type") if isinstance(value, dict) else None:
        case "rich_text_section":
            shape = SECTION
        case "rich_text_preformatted" | "rich_text_quote":
            shape = PREFORMATTED
        case "rich_text_list":
            if LIST.check(value, at, out):
                if value["style"] not in ("bullet", "ordered"):
                    out.add(f"must be bullet or ordered [json-pointer:{at}/style]")
                for number, one in enumerate(value["elements"]):
                    if not isinstance(one, dict) or one.get("type") != "rich_text_section":
                        out.add(f"must be a rich_text_section [json-pointer:{at}/elements/{number}]")
                    else:
                        _part(one, f"{at}/elements/{number}", out)
            return
        case kind:
            out.add(f"unsupported type: {kind} [json-pointer:{at}/type]")
            return
    if shape.check(value, at, out):
        for number, one in enumerate(value["elements"]):
            _run(one, f"{at}/elements/{number}", out)


def _run(value: Any, at: str, out: Trouble) -> None:
    kind = value.get("type") if isinstance(value, dict) else None
    if kind not in RUNS:
        out.add(f"unsupported type: {kind} [json-pointer:{at}/type]")
        return
    if not RUNS[kind].check(value, at, out):
        return
    if "style" in value:
        STYLE.check(value["style"], f"{at}/style", out)
    if kind == "text" and not value["text"]:
        out.add(f"must be more than 0 characters [json-pointer:{at}/text]")
    if kind == "link" and not 0 < len(value["url"]) <= 3_000:
        out.add(f"url must be 1 to 3000 characters [json-pointer:{at}/url]")
    out.count(str(value.get("text", "")))
