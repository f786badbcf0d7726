"""Plans: turns the standard request into seven subtasks; answers everything else honestly."""

import re

from agents.models.rehearsal import replies
from agents.models.rehearsal.parse_prompt import SortedConversation
from orchestrator.domain.model_messages import Reply, Said

COMPANIES = {
    "bramblehour": "Bramblehour",
    "tidewick": "Tidewick",
    "ostrello": "Ostrello",
    "quillmoor": "Quillmoor",
    "fenwhistle": "Fenwhistle",
}
SHEET_FILE = "competitor-comparison.xlsx"
SUMMARY_FILE = "executive-summary.docx"
_WHAT = "price per seat, customers, revenue, growth, employees, founding year, rating, and what it is known for"


def plan(desk: SortedConversation, base_url: str) -> Reply:
    """One call of a planner's tool."""
    text = "\n\n".join(words for _, words in desk.heard)
    request, _, before = text.partition("The plan so far")
    begun = re.search(r"^- \S+ \((?!planned\))", before, re.MULTILINE)
    if not _is_standard(request) or begun or not {"browser", "document"} <= _agents(desk):
        return replies.act("", replies.wish("answer", text=replies.ABOUT))
    rows = [_site(name, title, base_url) for name, title in COMPANIES.items()]
    rows += [_sheet(list(COMPANIES)), _summary()]
    return replies.act("", replies.wish("propose_plan", title="Five competitors compared (rehearsal)", subtasks=rows))


def _is_standard(request: str) -> bool:
    words = request.lower()
    return bool(
        re.search(r"competitor|competition|rival", words)
        and re.search(r"spreadsheet|sheet|comparison|compare|xlsx|excel|table", words)
    )


def _agents(desk: SortedConversation) -> set[str]:
    systems = [m.text for m in desk.prompt.messages if isinstance(m, Said) and m.role == "system"]
    return set(re.findall(r"^- ([a-z][a-z0-9-]*):", "\n".join(systems), re.MULTILINE))


def _site(name: str, title: str, base_url: str) -> dict[str, object]:
    url = f"{base_url.rstrip('/')}/{name}/index.html"
    return {
        "id": name,
        "title": f"Research {title}",
        "instructions": f"Open {url} and follow its links. Find {_WHAT}. "
        "Share each as a finding with its page and a quote.",
        "acceptance": ["Every figure is shared with its page and a quote."],
        "agent": "browser",
    }


def _sheet(feeders: list[str]) -> dict[str, object]:
    return {
        "id": "sheet",
        "title": "Comparison spreadsheet",
        "instructions": (
            f"Fill {SHEET_FILE} row by row as findings arrive, one company per row. At the end add averages, "
            "ranks, and charts, and put an attached table on its own sheet."
        ),
        "acceptance": ["One row per company, every figure traced to its finding.", "Averages and ranks are formulas."],
        "agent": "document",
        "fed_by": feeders,
        "deliverables": [SHEET_FILE],
    }


def _summary() -> dict[str, object]:
    return {
        "id": "summary",
        "title": "Executive summary",
        "instructions": f"Write {SUMMARY_FILE}: one page with the key findings, a short table, and a recommendation.",
        "acceptance": ["It fits on one page.", "Every figure is traced to its finding."],
        "agent": "document",
        "after": ["sheet"],
        "deliverables": [SUMMARY_FILE],
    }
