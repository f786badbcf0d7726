"""A realistic report job as facts: five browser agents feed a sheet, a summary follows. Played in pieces by tests."""

import io
import json
from dataclasses import dataclass

from PIL import Image, ImageDraw

from orchestrator.domain import events as e
from orchestrator.domain.approvals_and_questions import Approval, Ask, Question, Waits
from orchestrator.domain.deliverables import Check, Deliverable
from orchestrator.domain.findings import Finding, Source
from orchestrator.domain.ids import ApprovalId, CallId, DeliverableId, FindingId, QuestionId, SubtaskId, TaskId
from orchestrator.domain.model_messages import Reply
from orchestrator.domain.people import FileRef
from orchestrator.domain.plan import Plan, Subtask
from orchestrator.domain.tool_calls import Call, CallResult, Effect, Label, fingerprint
from tests.scenarios.memory_desk import MemoryDesk

REQUEST = (
    "@threadwork Research the top five competitors in our market segment, create a comparison spreadsheet, "
    "and draft a one-page executive summary with the key findings"
)
SITES = {
    "northwind": ("Northwind", "49"), "lakeview": ("Lakeview", "39"), "harbor": ("Harbor & Co", "59"),
    "summit": ("Summit", "45"), "meridian": ("Meridian", "29"),
}  # fmt: skip
SHEET, SUMMARY = SubtaskId("sheet"), SubtaskId("summary")


def plan() -> Plan:
    """Five readers, a sheet they feed, a summary after it that is also fed by one of them."""
    readers = tuple(
        Subtask(
            id=SubtaskId(name),
            title=f"Read {title}",
            agent="browser",
            instructions=f"Open {title}'s site and find price, customers and founding year, each with its quote.",
        )
        for name, (title, _) in SITES.items()
    )
    names = tuple(s.id for s in readers)
    sheet = Subtask(
        id=SHEET, title="Comparison sheet", agent="document", fed_by=names, deliverables=("comparison.xlsx",),
        instructions="Fill one row per company while the findings come in; totals by formula; add a chart.",
    )  # fmt: skip
    summary = Subtask(
        id=SUMMARY, title="Executive summary", agent="document", after=(SHEET,), fed_by=(names[0],),
        deliverables=("summary.docx",), instructions="One page with the key findings, each with its source.",
    )  # fmt: skip
    return Plan(title="Competitor research with sheet and summary", subtasks=(*readers, sheet, summary))


def picture(title: str, price: str, *, size: tuple[int, int] = (960, 600)) -> bytes:
    """A picture that looks like a company's pricing page."""
    image = Image.new("RGB", size, "#ffffff")
    pen = ImageDraw.Draw(image)
    pen.rectangle((0, 0, size[0], 70), fill="#22314f")
    pen.text((30, 22), title, fill="#ffffff", font_size=28)
    pen.text((40, 110), "Pricing", fill="#1c2028", font_size=40)
    for index, (name, amount) in enumerate((("Starter", "0"), ("Team", price), ("Company", str(int(price) * 3)))):
        x = 40 + index * 300
        pen.rounded_rectangle((x, 190, x + 270, 420), 14, outline="#c6ccd8", width=2)
        pen.text((x + 24, 214), name, fill="#545b69", font_size=22)
        pen.text((x + 24, 260), f"${amount} / month", fill="#1c2028", font_size=30)
    out = io.BytesIO()
    image.save(out, "JPEG", quality=80)
    return out.getvalue()


def page(*, sheet: bool) -> bytes:
    """A picture that looks like the first page of a sheet or of a document."""
    image = Image.new("RGB", (620, 800), "#ffffff")
    pen = ImageDraw.Draw(image)
    pen.text((50, 50), "Comparison" if sheet else "Executive summary", fill="#1c2028", font_size=30)
    for row in range(6 if sheet else 14):
        y = 120 + row * (50 if sheet else 30)
        if sheet:
            pen.rectangle((50, y, 570, y + 50), outline="#9aa1ab", fill="#e8effc" if row == 0 else "#ffffff")
            company, price = list(SITES.values())[row - 1] if row else ("Company", "Price")
            pen.text((62, y + 13), company, fill="#1c2028", font_size=20)
            pen.text((400, y + 13), price if row == 0 else f"${price}", fill="#1c2028", font_size=20)
        else:
            pen.rectangle((50, y, 570 - (row % 4) * 60, y + 10), fill="#c6ccd8")
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


@dataclass
class Job:
    """Plays the agents of one task on the desk in memory."""

    desk: MemoryDesk
    task: TaskId
    number: int = 0

    async def fact(self, event: e.Event, *, seconds: float = 60) -> None:
        self.desk.clock.move(seconds)
        await self.desk.fact(self.task, event)

    async def draft(self) -> None:
        await self.fact(e.PlanDrafted(plan=plan(), version=1, cost=0.011, model="openai/gpt-large"))

    async def start_all(self) -> None:
        for name in (*SITES, SHEET):
            await self.fact(e.SubtaskStarted(subtask=SubtaskId(name), attempt=1, leg=1, host="laptop"), seconds=0.2)

    async def turn(self, name: str, tool: str, **args: str | int) -> CallId:
        self.number += 1
        call = CallId(f"{name}/{self.number}")
        reply = Reply(text="", calls=(Call(id=call, tool=tool, args=dict(args)),))
        state = await self.desk.state(self.task)
        await self.fact(
            e.TurnTaken(subtask=SubtaskId(name), attempt=1, turn=self.number, saw=state.seq, reply=reply,
                        model="openai/gpt-large", cost=0.004)
        )  # fmt: skip
        return call

    async def returned(self, name: str, call: CallId, tool: str, *, picture: FileRef | None = None) -> None:
        result = CallResult(ok=True, text=f"http://{name}.example/pricing", picture=picture)
        await self.fact(e.ToolReturned(subtask=SubtaskId(name), attempt=1, call=call, tool=tool, result=result))

    async def read(self, name: str) -> None:
        """One browser agent opens its page and shares two findings."""
        title, price = SITES[name]
        url = f"http://{name}.example/pricing"
        call = await self.turn(name, "browser_open", url=url)
        shot = await self.desk.shelf.put(picture(title, price), name=f"{name}.jpg", media="image/jpeg")
        await self.returned(name, call, "browser_open", picture=shot)
        for kind, value in (("price per month", int(price)), ("founded", 2010 + int(price) % 9)):
            source = Source(url=url, locator="Team plan", quote=f"{kind}: {value}", seen_at=self.desk.clock.now())
            self.number += 1
            found = Finding(id=FindingId(f"F{self.number}"), by=SubtaskId(name), kind=kind, value=value, source=source)
            await self.fact(e.FindingShared(finding=found))

    async def at_work(self) -> None:
        """Readers at different points, the sheet filling, a warning."""
        await self.start_all()
        for name in SITES:
            await self.read(name)
        await self.fact(
            e.SubtaskFinished(subtask=SubtaskId("northwind"), attempt=1, leg=1, summary="Price, year and quote found.")
        )
        await self.turn("lakeview", "browser_click", ref="e12")
        await self.turn("harbor", "browser_open", url="http://harbor.example/about/company")
        await self.turn("summit", "browser_extract")
        await self.fact(e.Noted(text="Rate limited, retrying", subtask=SubtaskId("meridian"), level="warning"))
        await self.turn(SHEET, "sheet_write", cell="A2")

    async def approval(self, name: str = "A1") -> ApprovalId:
        args = {
            "url": "https://api.partner.example/quotes",
            "method": "POST",
            "body": {"company": "Harbor", "seats": 5},
        }
        call = Call(id=CallId("harbor/9"), tool="browser_type", args=args)
        await self.fact(
            e.ApprovalRequested(
                approval=Approval(
                    id=ApprovalId(name), subtask=SubtaskId("harbor"), call=call.id, tool="send_request", args=args,
                    fingerprint=fingerprint("send_request", args), effects=frozenset({Effect.NETWORK_SEND}),
                    labels=frozenset({Label.UNTRUSTED}), target="api.partner.example",
                    why="This sends data out after reading web pages.",
                )
            )
        )  # fmt: skip
        waits = Waits(approvals=(ApprovalId(name),))
        await self.fact(e.SubtaskParked(subtask=SubtaskId("harbor"), attempt=1, leg=1, waits=waits))
        return ApprovalId(name)

    async def question(self) -> None:
        fields = (
            Ask(name="currency", label="Which currency?", options=("USD", "EUR")),
            Ask(name="note", label="Anything else?", required=False),
        )
        asked = Question(
            id=QuestionId("Q1"), subtask=SubtaskId("summit"), text="Which currency should the sheet use?", fields=fields
        )
        await self.fact(e.QuestionAsked(question=asked))

    async def deliver(self, *, sheet: bool = True, version: int = 1) -> DeliverableId:
        """A file with a page picture, a provenance and a failed check on the summary."""
        name = "comparison.xlsx" if sheet else "summary.docx"
        shelf = self.desk.shelf
        state = await self.desk.state(self.task)
        used = tuple(f.id for f in state.findings())
        rows = [{"place": f"Sheet1!B{i + 2}", "shows": 49, "findings": [f]} for i, f in enumerate(used)]
        offered = Deliverable(
            id=DeliverableId(f"{name}@{version}"), subtask=SHEET if sheet else SUMMARY, version=version,
            file=await shelf.put(f"{name} {version}".encode(), name=name, media="application/octet-stream"),
            words="Five companies side by side, with formulas and a chart." if sheet else "One page, sources in notes.",
            checks=(Check(name="opens", ok=True), Check(name="no overflow", ok=sheet, words="page 2 is not empty")),
            previews=(await shelf.put(page(sheet=sheet), name="page-1.png", media="image/png"),),
            provenance=await shelf.put(json.dumps(rows).encode(), name="provenance.json", media="application/json"),
            findings=used,
        )  # fmt: skip
        await self.fact(e.DeliverableOffered(deliverable=offered))
        return offered.id

    async def finish(self, name: str, summary: str) -> None:
        await self.fact(e.SubtaskFinished(subtask=SubtaskId(name), attempt=1, leg=1, summary=summary))
