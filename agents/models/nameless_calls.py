"""Reads a call from arguments without a name, where a call is demanded and they fit one tool only. Pure."""

import re
from collections.abc import Sequence

from agents.explain_argument_errors import misfit
from agents.models.argument_fitting import fitted
from agents.models.loose_json import value_at
from orchestrator.domain import clean_outside_text
from orchestrator.domain.ids import CallId
from orchestrator.domain.model_messages import Reply
from orchestrator.domain.tool_calls import Call, ToolSpec

_START = re.compile(r"^[ \t]*(?=\{)", re.MULTILINE)
_REST = re.compile(r"\s*(?:```|</?[\w:|.-]{1,40}>)?\s*")


def with_call(reply: Reply, tools: Sequence[ToolSpec]) -> Reply:
    """Returns the reply with the call that its text can only mean; the same reply if it doesn't end with one."""
    start = _START.search(reply.text) if not reply.calls else None
    found = value_at(reply.text, start.end()) if start is not None else None
    if start is None or found is None or not _REST.fullmatch(reply.text, found.end):
        return reply
    try:
        args = clean_outside_text.data(found.value)
    except clean_outside_text.Unfit:
        return reply
    if not isinstance(args, dict) or not args:
        return reply
    fits = [(spec, fitted(spec.parameters, args)) for spec in tools]
    fits = [(spec, given) for spec, given in fits if not misfit(spec.parameters, given)]
    if len(fits) != 1:
        return reply
    ((spec, given),) = fits
    before = re.sub(r"\s*(?:```\w*|<[\w:|.-]{1,40}>)\s*\Z", "", reply.text[: start.start()]).strip()
    return reply.model_copy(update={"text": before, "calls": (Call(id=CallId("call-0"), tool=spec.name, args=given),)})
