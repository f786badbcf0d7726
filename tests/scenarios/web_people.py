"""People in the web workspace under the same words as at Slack and Discord: its pages and addresses over HTTP.

What a page's script does with them is seen in real browsers elsewhere; here its forms are read and sent as they stand.
"""

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from html.parser import HTMLParser
from typing import Any
from urllib.parse import quote

import httpx

from tests.scenarios.chat_people import Row, Spot
from tests.scenarios.web_workspace import Visitor, use

Fields = dict[str, list[str]]


class Page(HTMLParser):
    """What stands in a page: words, forms by key, dialogs by key, and addresses of files and pictures."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.words: list[str] = []
        self.forms: dict[str, Fields] = {}
        self.dialogs: dict[str, str] = {}
        self.downloads: dict[str, str] = {}
        self.pictures: dict[str, str] = {}
        self._fields: Fields = {}
        self._hidden, self._area, self._select = 0, "", ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        it = {name: value or "" for name, value in attrs}
        if tag in ("template", "script", "style"):
            self._hidden += 1
        if self._hidden:
            return
        match tag:
            case "form":
                self._fields = self.forms.setdefault(it.get("data-key", ""), {})
            case "input" if it.get("type") not in ("checkbox", "radio", "file") or "checked" in it:
                self._fields.setdefault(it.get("name", ""), []).append(it.get("value", ""))
            case "textarea" | "select":
                self._area, self._select = (it["name"], "") if tag == "textarea" else ("", it["name"])
                self._fields[it["name"]] = []
            case "option" if "selected" in it or not self._fields.get(self._select):
                self._area = "" if "value" in it else self._select
                self._fields[self._select] = [it["value"]] if "value" in it else []
            case "button" if "data-form" in it and "data-key" in it:
                self.dialogs[it["data-key"]] = it["data-form"]
            case "a" if "download" in it:
                self.downloads[it["download"]] = it["href"]
            case "img" if "/f/" in it.get("src", ""):
                self.pictures[it["src"].rpartition("/")[2]] = it["src"]
            case _:
                pass

    def handle_endtag(self, tag: str) -> None:
        if tag in ("template", "script", "style"):
            self._hidden -= 1
        if tag in ("textarea", "option"):
            self._area = ""

    def handle_data(self, data: str) -> None:
        if self._area:
            self._fields[self._area].append(data.removeprefix("\n"))
        elif not self._hidden:
            self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())

    def presses(self) -> list[str]:
        """The keys of all that can be pressed, `verb-ref`."""
        return [*self.forms, *self.dialogs]


class WebForm:
    """A dialog of the page. What was typed stays when it is refused, as the page leaves it open."""

    def __init__(self, visitor: Visitor, task: str, fields: Fields) -> None:
        self.visitor, self.task, self.fields = visitor, task, fields

    @property
    def values(self) -> dict[str, str]:
        return {name: values[0] for name, values in self.fields.items() if values}

    def steps(self, **changed: Mapping[str, str]) -> dict[str, str]:
        found: dict[str, str] = {}
        for name, how in changed.items():
            new = name not in self.fields["row"]
            if new:
                self.fields["row"].append(name := f"new-{len(self.fields['row'])}")
                found[f"{name}.instructions"] = how["title"]
            found |= {f"{name}.{field}": text for field, text in how.items()}
        return found

    async def sends(self, values: Mapping[str, str], **files: bytes) -> str:
        self.fields |= {name: [text] for name, text in values.items()}
        kept = [("files", (name, content, "application/octet-stream")) for name, content in files.items()]
        answer = await self.visitor.post(f"/t/{self.task}/do", dict(self.fields), **({"files": kept} if kept else {}))
        return str(answer.json().get("problem", ""))


class OnWeb:
    """`visit` makes a client without a cookie, `link` a sign-in link for a name. A root is `{"task": id}`."""

    name = "web"
    patience = 60.0

    def __init__(self, visit: Callable[[], httpx.AsyncClient], link: Callable[[str], Awaitable[str]]) -> None:
        self._visit, self._link = visit, link
        self._here: dict[str, Visitor] = {}
        self.told: dict[str, list[str]] = {}
        self.offered: dict[str, list[Row]] = {}
        """What people were asked after a message, with the choices."""
        self.channel = "general"

    def person(self, name: str, kind: str = "member") -> str:
        return name

    async def joined(self) -> None:
        return None

    async def leave(self) -> None:
        for visitor in self._here.values():
            await visitor.http.aclose()

    async def _visitor(self, who: str) -> Visitor:
        if who not in self._here:
            client = self._visit()
            await use(client, await self._link(who))
            found = re.search(r'data-csrf="([0-9a-f]+)"', (await client.get("/c/general")).text)
            assert found, "nobody was let in"
            self._here[who] = Visitor(client, found.group(1))
        return self._here[who]

    async def _page(self, root: Row) -> Page:
        visitor = await self._visitor(next(iter(self._here)))
        return Page((await visitor.http.get(f"/t/{root['task']}")).text)

    async def says(self, who: str, text: str, *, to: Row | None = None, **files: bytes) -> Row:
        kept = [(_whole(name), content, "text/plain") for name, content in files.items()]
        return await self.sends(who, text if to else f"@threadwork {text}", to, kept)

    async def sends(self, who: str, text: str, to: Row | None, files: Sequence[tuple[str, bytes, str]]) -> Row:
        """A message as it was typed, in the channel or the thread; `files`: name, content and media type."""
        visitor = await self._visitor(who)
        kept = [("files", file) for file in files]
        path = f"/t/{to['task']}/say" if to else f"/c/{self.channel}/say"
        answer = await visitor.post(path, {"text": text}, **({"files": kept} if kept else {}))
        assert answer.status_code == 200, answer.text
        self.told.setdefault(who, []).append(str(answer.json().get("words", "")))
        if answer.json().get("choices"):
            self.offered.setdefault(who, []).append(answer.json())
        return {"task": answer.json()["go"].rpartition("/")[2]}

    async def moves(self, who: str, channel: str) -> None:
        """From now on, people write in another channel, which this one opens."""
        await (await self._visitor(who)).post("/channels", {"name": channel})
        self.channel = channel

    async def does(self, who: str, go: str, fields: Fields) -> None:
        """A press on a choice that only this person was offered."""
        visitor = await self._visitor(who)
        answer = (await visitor.post(f"{go}/do", dict(fields))).json()
        self.told.setdefault(who, []).append(str(answer.get("problem") or answer.get("words", "")))

    async def sees(self, root: Row, verb: str, ref: str = "") -> Spot:
        async def found() -> Spot | None:
            page = await self._page(root)
            key = next((k for k in page.presses() if k.startswith(f"{verb}-{ref}") and _verb(k, page) == verb), "")
            if not key:
                return None
            message: Row = {"fields": page.forms.get(key, {}), "dialog": page.dialogs.get(key, "")}
            return Spot(message, key, "", verb, key.removeprefix(f"{verb}-"))

        return await self._until(found, f"no {verb!r} {ref!r}", root)

    async def presses(self, who: str, root: Row, verb: str, ref: str = "", *, on: Spot | None = None) -> None:
        spot = on or await self.sees(root, verb, ref)
        visitor = await self._visitor(who)
        answer = (await visitor.post(f"/t/{root['task']}/do", dict(spot.message["fields"]))).json()
        self.told.setdefault(who, []).append(str(answer.get("problem") or answer.get("words", "")))

    async def opens(self, who: str, root: Row, verb: str, ref: str = "") -> WebForm:
        spot = await self.sees(root, verb, ref)
        visitor = await self._visitor(who)
        if not spot.message["dialog"]:
            return WebForm(visitor, root["task"], spot.message["fields"])
        dialog = Page((await visitor.http.get(spot.message["dialog"])).text)
        return WebForm(visitor, root["task"], dialog.forms[""])

    async def reads(self, root: Row, text: str) -> None:
        async def found() -> bool:
            return text in (await self._page(root)).text

        await self._until(found, f"no {text!r}", root)

    async def thread(self, root: Row) -> str:
        """The middle of the page: no graph, no timeline."""
        visitor = next(iter(self._here.values()))
        return Page((await visitor.http.get(f"/t/{root['task']}/parts")).json()["parts"]["thread"]).text

    async def files(self, root: Row) -> dict[str, bytes]:
        page, visitor = await self._page(root), await self._visitor(next(iter(self._here)))
        links = {**page.pictures, **page.downloads}
        return {name: (await visitor.http.get(quote(link, safe="/%"))).content for name, link in links.items()}

    def private(self, who: str) -> str:
        return " ".join(self.told.get(who, []))

    async def _until(self, found: Callable[[], Awaitable[Any]], problem: str, root: Row) -> Any:
        for _ in range(int(self.patience / 0.02)):
            if it := await found():
                return it
            await asyncio.sleep(0.02)
        page = await self._page(root)
        raise AssertionError(f"{problem} among {page.presses()}; {page.text}")


def _verb(key: str, page: Page) -> str:
    """A key is `verb-ref`, and both may contain hyphens."""
    form = page.forms.get(key, {}).get("verb")
    return form[0] if form else page.dialogs[key].rpartition("/")[2].partition("?")[0] if key in page.dialogs else ""


def _whole(name: str) -> str:
    """A file's name; one without an ending is a text."""
    return name if "." in name else f"{name}.txt"
