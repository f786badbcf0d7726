"""What Discord's prose says beyond its schema: totals, uniqueness, combinations. Raises Refusal."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from tests.discord_server.refusal import Refusal, bad_form

V2, EPHEMERAL, SUPPRESS_EMBEDS, HAS_THREAD = 1 << 15, 1 << 6, 1 << 2, 1 << 5
FILE_SIZE, REQUEST_SIZE, MOST_FILES = 10 * 2**20, 25 * 2**20, 10
_CREATE_FLAGS = V2 | EPHEMERAL | SUPPRESS_EMBEDS | (1 << 12) | (1 << 13)


def length(text: str) -> int:
    """The stricter of the two ways to count: UTF-16 units."""
    return len(text.encode("utf-16-le")) // 2


def walk(components: Sequence[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    """Every component, nested ones and accessories too."""
    for part in components:
        yield part
        yield from walk(part.get("components") or [])
        for inner in (part.get("accessory"), part.get("component")):
            if inner:
                yield from walk([inner])


def check_message(body: Mapping[str, Any], files: Mapping[str, int], kept: Sequence[str], *, v2: bool) -> None:
    """`files`: names and sizes that come with the request; `kept`: names of attachments that stay."""
    flags = body.get("flags") or 0
    if flags & ~_CREATE_FLAGS:
        raise bad_form("flags", f"Bots cannot set these message flags: {flags & ~_CREATE_FLAGS}")
    if length(body.get("content") or "") > 2000:
        raise bad_form("content", "Must be 2000 or fewer in length.")
    for name in ("nonce",):
        if isinstance(body.get(name), str) and len(body[name]) > 25:
            raise bad_form(name, "Must be 25 or fewer in length.")
    _check_files(files)
    components = body.get("components") or []
    if v2:
        _check_v2(body, components, {*files, *kept})
    else:
        _check_classic(body, components, files)
    check_components(components, modal=False)


def _check_files(files: Mapping[str, int]) -> None:
    if len(files) > MOST_FILES:
        raise bad_form("attachments", f"Must be {MOST_FILES} or fewer in length.")
    if any(size > FILE_SIZE for size in files.values()) or sum(files.values()) > REQUEST_SIZE:
        raise Refusal(413, 40005, "Request entity too large")


def _check_v2(body: Mapping[str, Any], components: Sequence[Mapping[str, Any]], names: set[str]) -> None:
    for name in ("content", "embeds", "poll", "sticker_ids"):
        if body.get(name):
            raise bad_form(name, "This field cannot be used with MessageFlags.IS_COMPONENTS_V2.")
    parts = list(walk(components))
    if "components" in body and not parts:
        raise Refusal(400, 50006, "Cannot send an empty message")
    if len(parts) > 40:
        raise bad_form("components", f"The total number of components must be 40 or fewer, not {len(parts)}.")
    total = sum(length(p.get("content", "")) for p in parts if p["type"] == 10)
    if total > 4000:
        raise bad_form("components", f"Displayable text must be 4000 characters or fewer in all, not {total}.")
    if "components" not in body:
        return
    shown = set(_referenced(parts))
    if missing := sorted(shown - names):
        raise bad_form("components", f"The referenced attachment {missing[0]!r} was not found.")
    if hidden := sorted(names - shown):
        raise bad_form("attachments", f"{hidden[0]!r} is not referenced by a component, so nobody would see it.")


def _referenced(parts: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    for part in parts:
        media = [part.get("file"), part.get("media"), *[item.get("media") for item in part.get("items") or []]]
        for one in filter(None, media):
            url = one["url"]
            if url.startswith("attachment://"):
                yield url.removeprefix("attachment://")
            elif part["type"] == 13:
                raise bad_form("file", "A file component takes only attachment:// references.")


def _check_classic(body: Mapping[str, Any], components: Sequence[Mapping[str, Any]], files: Mapping[str, int]) -> None:
    if any(part["type"] != 1 for part in components):
        raise bad_form("components", "Without the flag IS_COMPONENTS_V2, only action rows are allowed on top.")
    if len(components) > 5:
        raise bad_form("components", "Must be 5 or fewer in length.")
    said = any(body.get(name) for name in ("content", "embeds", "poll", "sticker_ids", "components"))
    if "content" in body and not said and not files:
        raise Refusal(400, 50006, "Cannot send an empty message")


def check_components(components: Sequence[Mapping[str, Any]], *, modal: bool) -> None:
    """Rows, buttons, selects, galleries, sections, and ids that must differ."""
    parts = list(walk(components))
    for name in ("custom_id", "id"):
        found = [p[name] for p in parts if p.get(name)]
        if twice := next((n for n in found if found.count(n) > 1), None):
            raise bad_form("components", f"Component {name} cannot be duplicated: {twice!r}.")
    for part in parts:
        _check_part(part, modal=modal)


def _check_part(part: Mapping[str, Any], *, modal: bool) -> None:
    match part["type"]:
        case 1:
            inner = part["components"]
            selects = [p for p in inner if p["type"] in (3, 5, 6, 7, 8)]
            if len(inner) > 5 or (selects and len(inner) > 1) or not inner:
                raise bad_form("components", "An action row takes 1 to 5 buttons or one select.")
        case 2:
            _check_button(part)
        case 3:
            _check_select(part)
        case 10 if not part["content"].strip():
            raise bad_form("content", "This field is required.")
        case 9:
            if not 1 <= len(part["components"]) <= 3 or not part.get("accessory"):
                raise bad_form("components", "A section has 1 to 3 texts and an accessory.")
        case 12 if not 1 <= len(part["items"]) <= 10:
            raise bad_form("items", "A gallery has 1 to 10 items.")
        case 17 if any(p["type"] == 17 for p in part["components"]):
            raise bad_form("components", "Containers cannot be nested.")
        case 4 if not modal:
            raise bad_form("components", "Text inputs are for modals.")
        case _:
            pass


def _check_button(part: Mapping[str, Any]) -> None:
    link = part["style"] == 5
    if link != bool(part.get("url")) or link == bool(part.get("custom_id")):
        raise bad_form("components", "A link button has a url, every other button a custom_id.")
    if not part.get("label") and not part.get("emoji"):
        raise bad_form("label", "A button needs a label or an emoji.")


def _check_select(part: Mapping[str, Any]) -> None:
    options = part["options"]
    values = [o["value"] for o in options]
    if not 1 <= len(options) <= 25:
        raise bad_form("options", "Must be between 1 and 25 in length.")
    if len(set(values)) < len(values):
        raise bad_form("options", "The specified option value is already used.")
    most = part.get("max_values", 1)
    least = part.get("min_values", 1)
    if most > len(options) or least > most or sum(bool(o.get("default")) for o in options) > most:
        raise bad_form("options", "min_values, max_values and the defaults do not fit the options.")


def check_modal(body: Mapping[str, Any]) -> None:
    """1 to 5 top components; ids unique; a prefilled value within the field's own length."""
    if not 1 <= len(body["components"]) <= 5:
        raise bad_form("components", "Must be between 1 and 5 in length.")
    check_components(body["components"], modal=True)
    for part in walk(body["components"]):
        if part["type"] == 4 and length(part.get("value") or "") > (part.get("max_length") or 4000):
            raise bad_form("value", "Must be no longer than max_length.")
        if part["type"] == 3 and part.get("required", True) and part.get("min_values") == 0:
            raise bad_form("min_values", "A required select must have min_values of at least 1.")


def check_commands(body: Sequence[Mapping[str, Any]]) -> None:
    """At most 100, 15 and 15; 8000 characters each; names unique by type."""
    kinds = [c.get("type", 1) for c in body]
    if kinds.count(1) > 100 or kinds.count(2) > 15 or kinds.count(3) > 15:
        raise Refusal(400, 30032, "Maximum number of application commands reached")
    names = [(c.get("type", 1), c["name"]) for c in body]
    if len(set(names)) < len(names):
        raise bad_form("name", "Application command names must be unique.")
    for command in body:
        options = command.get("options") or []
        required = [bool(o.get("required")) for o in options]
        if required != sorted(required, reverse=True):
            raise bad_form("options", "Required options must be placed before non-required options.")
        texts = [command["name"], command.get("description") or ""]
        texts += [t for o in options for t in (o["name"], o["description"])]
        if sum(len(t) for t in texts) > 8000:
            raise bad_form("name", "Command exceeds maximum size of 8000.")
        if command.get("type", 1) == 1 and not command["name"].islower():
            raise bad_form("name", "Slash command names are lower case.")
