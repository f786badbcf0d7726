"""The private names of DBOS that `engine/dbos_calls.py` uses, one test each: a failing one says which name changed."""

import importlib
import inspect
import logging
import sys
import tomllib
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
from dbos import DBOS

from orchestrator.engine.dbos_calls import Quiet

FUNCTIONS = {
    "dbos._dbos._get_or_create_dbos_registry": [],
    "dbos._dbos.DBOSRegistry._register_internal_queue": ["name"],
    "dbos._dbos.DBOS._recover_pending_workflows": ["executor_ids"],
    "dbos._serialization.DefaultSerializer.deserialize": ["serialized_data"],
    "dbos._serialization.DBOSPortableJSONSerializer.serialize": ["value"],
    "dbos._core.WorkflowHandleAsyncTask.get_result": [],
}
ATTRIBUTES = ("_background_event_loop", "background_thread_stop_events", "_workflow_tasks")
"""Set on an instance; `close` and the start on our loop need them."""


def found(name: str) -> Any:
    module, *rest = next(
        (".".join(parts[:n]), *parts[n:])
        for parts in [name.split(".")]
        for n in range(len(parts), 0, -1)
        if ".".join(parts[:n]) in sys.modules or n <= 2
    )
    value: Any = importlib.import_module(module)
    for part in rest:
        value = getattr(value, part)
    return value


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_private_function_is_there_and_takes_what_we_give_it(name: str) -> None:
    assert set(FUNCTIONS[name]) <= set(inspect.signature(found(name)).parameters)


@pytest.mark.parametrize("name", ATTRIBUTES)
def test_an_instance_has_a_private_attribute(name: str) -> None:
    assert f"self.{name}" in inspect.getsource(DBOS)


def test_the_background_loop_takes_our_loop_as_its_main_one() -> None:
    assert "_main_loop" in inspect.getsource(found("dbos._event_loop"))


def test_a_queue_has_an_interval_that_can_be_changed() -> None:
    assert "_polling_interval_sec" in inspect.getsource(found("dbos._queue.Queue"))


def test_the_queue_of_recovered_flows_has_a_name() -> None:
    assert isinstance(found("dbos._utils.INTERNAL_QUEUE_NAME"), str)


def test_dbos_is_pinned_to_the_version_that_these_names_were_read_in() -> None:
    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert f"dbos=={version('dbos')}" in project["dependencies"]


def test_a_traceback_of_dbos_reaches_the_log_file() -> None:
    try:
        raise ValueError("why")
    except ValueError:
        record = logging.LogRecord("dbos", logging.ERROR, __file__, 1, "failed", None, sys.exc_info())
    assert Quiet().filter(record)
    assert "ValueError: why" in logging.Formatter().format(record)
