"""Defines the data tools: look at a file, query it with SQL, clean it. Everything runs in the sandbox."""

import asyncio
from typing import Annotated

from agents.sandbox.call_grants import SandboxAccess
from agents.tool import CallContext, Tool, tool
from agents.tools.data import run_in_sandbox
from agents.tools.data.in_sandbox.saved_file_answer import MADE
from agents.tools.data.in_sandbox.step_schema import Step
from agents.tools.office.provenance import derived_files
from orchestrator.domain.deliverables import Made
from orchestrator.domain.tool_calls import Effect
from orchestrator.errors import ToolFailed

MOST_SHOWN = 200
_SPEC = (
    "a .csv, .tsv, .xlsx, .xls, .xlsb, .ods, .parquet, .json, .jsonl, SQLite, or camt .xml file; 'book.xlsx#Sheet' or "
    "'base.db#table' for one part"
)
Encoding = Annotated[str, "for a text file; default: detected automatically"]
_EFFECTS = (Effect.READ, Effect.WRITE_WORKSPACE)


def tools(workshop: SandboxAccess) -> list[Tool]:
    """Returns the tools. They take workspace paths; nothing else is reachable."""

    @tool(effects=[Effect.READ], parallel=True)
    async def data_look(room: CallContext, file: Annotated[str, _SPEC], encoding: Encoding = "") -> str:
        """Look at a data file before anything else: type, encoding, header, every column, and problems.

        Lists problems with line numbers and the data_clean step that fixes them.
        """
        return await run_in_sandbox.run(workshop, room, "look", {"file": file, "encoding": encoding})

    @tool(effects=_EFFECTS)
    async def data_query(
        room: CallContext,
        sql: Annotated[str, "one DuckDB statement over the table names in `files`; joins, GROUP BY, and PIVOT work"],
        files: Annotated[dict[str, str], f"table name: file, e.g. {{'orders': 'orders.csv'}}; each {_SPEC}"],
        save_as: Annotated[str, "a new .csv, .xlsx, or .parquet file for the whole result"] = "",
        rows: Annotated[int, f"rows to show, at most {MOST_SHOWN}"] = 50,
        encoding: Encoding = "",
    ) -> str:
        """Query data files with SQL. Every table has a column `_row`: the line in its file, for a finding's source.

        Columns written as plain numbers or ISO dates are typed; other values stay text, so clean them first.
        """
        if not files:
            raise ToolFailed("'files' is empty. Map each table name to its file, e.g. {'orders': 'orders.csv'}.")
        if not 1 <= rows <= MOST_SHOWN:
            raise ToolFailed(f"'rows' is {rows}; choose 1 to {MOST_SHOWN}, and use save_as for more.")
        request = {"sql": sql, "files": files, "save_as": save_as, "rows": rows, "encoding": encoding}
        return await _recorded(room, save_as, await run_in_sandbox.run(workshop, room, "querying", request))

    @tool(effects=_EFFECTS)
    async def data_clean(
        room: CallContext,
        file: Annotated[str, _SPEC],
        save_as: Annotated[str, "the new .xlsx (with sheets that list the changes), .csv, or .parquet file"],
        steps: Annotated[
            list[Step], "applied in order; start with drop rows, trim, and empty, then types, dedupe last"
        ],
        encoding: Encoding = "",
    ) -> str:
        """Clean a data file in declared steps, into a new file. Reports how many cells and rows each step changed."""
        if not steps:
            raise ToolFailed("'steps' is empty. Use data_look to see what to clean.")
        request = {"file": file, "save_as": save_as, "steps": [s.model_dump(mode="json") for s in steps]}
        request["encoding"] = encoding
        return await _recorded(room, save_as, await run_in_sandbox.run(workshop, room, "clean", request))

    return [data_look, data_query, data_clean]


async def _recorded(room: CallContext, path: str, answer: str) -> str:
    """Returns the answer's text and records how the file was made."""
    words, mark, made = answer.rpartition(MADE)
    if not path or not mark:
        return answer
    await asyncio.to_thread(derived_files.keep, room.workspace, path, Made.model_validate_json(made))
    return words
