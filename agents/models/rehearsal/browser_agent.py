"""Reads a company's site page by page, until nothing is missing or no page is left."""

import re
from dataclasses import dataclass
from urllib.parse import urljoin

from agents.models.rehearsal import company_facts, replies
from agents.models.rehearsal.parse_prompt import SortedConversation
from orchestrator.domain.model_messages import Reply
from orchestrator.domain.plural import counted
from orchestrator.domain.tool_calls import Call
from orchestrator.errors import NotInScript

MOST_PAGES = 6
MOST_FAILURES = 3
_LINK = re.compile(r'\[(?P<ref>f?\d*e\d+) link "(?P<name>[^"]*)"[^\]]*?(?P<url>\S+?)\]')
_WHERE = re.compile(r"https?://\S+")
_COMPANY = "company"


@dataclass
class _Page:
    """A page that was opened: its address, what the snapshot showed, and its readable text once extracted."""

    url: str
    shown: str
    text: str | None = None

    @property
    def readable(self) -> str:
        return self.text if self.text is not None else self.shown


@dataclass(frozen=True)
class Link:
    ref: str
    name: str
    url: str


def browse(desk: SortedConversation) -> Reply:
    """Returns a browser agent's next turn."""
    start = _WHERE.search(desk.assignment)
    if start is None:
        raise NotInScript(
            "This step's instructions don't contain a URL, so the rehearsal can't open anything. Edit the plan, skip "
            "the step, or set up a real model (`threadwork init`)."
        )
    url = start[0].rstrip(".,;)")
    pages, failures = _pages(desk)
    if failures >= MOST_FAILURES:
        return replies.say(f"I couldn't read {url}: {desk.done[-1].text[:300]}")
    if not pages:
        return replies.act(f"Opening {url}.", replies.wish("browser_open", url=url))
    if pages[-1].text is None and not _refused_extract(desk):
        return replies.act("Reading the page.", replies.wish("browser_extract", what="text"))
    return _share_and_go_on(desk, pages)


def _pages(desk: SortedConversation) -> tuple[list[_Page], int]:
    """Returns the pages in the order they were opened, and how many calls in a row have just failed."""
    pages: list[_Page] = []
    failures = 0
    for done in desk.done:
        if not done.call.tool.startswith("browser_"):
            continue
        failures = 0 if done.ok else failures + 1
        if not done.ok:
            continue
        if done.call.tool == "browser_extract" and pages:
            pages[-1].text = done.text.partition("\n\n")[2] or done.text
        elif done.call.tool in ("browser_open", "browser_click"):
            head = _WHERE.search(done.text.split("\n", 1)[0]) or _WHERE.search(str(done.call.args.get("url", "")))
            pages.append(_Page(head[0].rstrip(".,;)") if head else "", done.text))
    return pages, failures


def _refused_extract(desk: SortedConversation) -> bool:
    last = [d for d in desk.done if d.call.tool.startswith("browser_")][-1]
    return last.call.tool == "browser_extract" and not last.ok


def _share_and_go_on(desk: SortedConversation, pages: list[_Page]) -> Reply:
    company = _company(pages[0])
    found = _found(pages)
    calls = [*_shares(desk, company, found, pages[0])]
    missing = [kind for kind in company_facts.KINDS if kind.name not in found]
    link = _next_link(pages, missing) if len(pages) < MOST_PAGES else None
    text = f"{company}: {replies.listing([str(c.args['kind']).partition(': ')[2] for c in calls])}." if calls else ""
    if missing and link is not None:
        return replies.act(text or f"Looking for {missing[0].name}.", *calls, _follow(desk, link))
    if calls:
        return replies.act(text, *calls)
    return replies.say(_summary(desk, company, found, missing, len(pages)))


def _found(pages: list[_Page]) -> dict[str, tuple[company_facts.ValueMatch, _Page]]:
    found: dict[str, tuple[company_facts.ValueMatch, _Page]] = {}
    for page in pages:
        for kind in company_facts.KINDS:
            if kind.name not in found and (hit := company_facts.find(kind, page.readable)):
                found[kind.name] = (hit, page)
    return found


def _shares(
    desk: SortedConversation, company: str, found: dict[str, tuple[company_facts.ValueMatch, _Page]], first: _Page
) -> list[Call]:
    """Returns what isn't on the board yet. A value that changed since an earlier attempt replaces the old one."""
    tried = {str(d.call.args.get("kind")) for d in desk.of("share_finding")}
    board = {fact.kind: fact for fact in desk.facts if fact.by == desk.subtask}
    calls: list[Call] = []
    for name, (hit, page) in {_COMPANY: (company_facts.ValueMatch(company, _title(first)), first), **found}.items():
        kind = f"{company}: {name}"
        old = board.get(kind)
        if kind in tried or (old is not None and old.value == hit.value):
            continue
        args: dict[str, object] = {"kind": kind, "value": hit.value, "source_url": page.url, "quote": hit.quote}
        if hit.locator:
            args["locator"] = hit.locator
        if old is not None:
            args["supersedes"] = old.id
        calls.append(replies.wish("share_finding", **args))
    return calls


def _next_link(pages: list[_Page], missing: list[company_facts.Kind]) -> Link | None:
    """Returns the newest page's most promising link that isn't opened yet; by address if refs are gone."""
    seen = {page.url for page in pages}
    order = [r"pric|plan|cost", r"about|company|story|who we are", r"press|news|investor|number|fact|customer"]
    if company_facts.PRICE not in missing:
        order = order[1:]
    newest = {urljoin(pages[-1].url, m["url"]): m for m in _LINK.finditer(pages[-1].shown)}
    links = [Link(m["ref"], m["name"], url) for url, m in newest.items() if url not in seen]
    older = [
        Link("", m["name"], url)
        for page in pages[:-1]
        for m in _LINK.finditer(page.shown)
        if (url := urljoin(page.url, m["url"])) not in seen and url not in newest
    ]
    for pattern in order:
        for link in (*links, *older):
            if re.search(pattern, f"{link.name} {link.url.rpartition('/')[2]}", re.IGNORECASE):
                return link
    return None


def _follow(desk: SortedConversation, link: Link) -> Call:
    clicked = desk.of("browser_click")
    if link.ref and not (clicked and not clicked[-1].ok):
        return replies.wish("browser_click", ref=link.ref)
    return replies.wish("browser_open", url=link.url)


def _title(page: _Page) -> str:
    """Returns the page's title: the first line of a snapshot, before the address."""
    head = page.shown.split("\n", 1)[0]
    return re.sub(r"\s*[—-]?\s*https?://.*", "", head).strip()


def _company(page: _Page) -> str:
    name = re.split(r"\s*[·|:—–]\s*", _title(page))[0].strip()
    return name or page.url.rstrip("/").split("/")[-2].capitalize()


def _summary(
    desk: SortedConversation,
    company: str,
    found: dict[str, tuple[company_facts.ValueMatch, _Page]],
    missing: list[company_facts.Kind],
    pages: int,
) -> str:
    price = found.get(company_facts.PRICE.name)
    head = (
        f"{company} charges ${price[0].value:.2f} per seat per month"
        if price
        else f"{company} doesn't publish a price per seat"
    )
    shared = len(found) + 1  # the company's name is a finding too
    words = [f"{head}; {counted(shared, 'finding')} on {counted(pages, 'page')}."]
    if missing:
        words.append(f"Not found on its pages: {replies.listing([kind.name for kind in missing])}.")
    if desk.words:
        words.append(f"I received {desk.words[-1]!r}, but a rehearsal follows its script.")
    return " ".join(words)
