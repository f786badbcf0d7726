"""Strings of Python source: what is raised, shown, described or said."""

import ast
import inspect
from collections.abc import Iterator

from tests.wording.row import Row, is_prose, one_line

_LOGS = {"debug", "info", "warning", "error", "exception", "critical"}
_NOT_READ = {"compile", "getLogger", "TypeVar", "NewType", "execute", "evaluate", "cast", "Literal", "strptime"}
_HELP = {"command", "group", "argument", "option"}


def rows(source: str) -> Iterator[Row]:
    """Yields the strings of a module that people or models read, in order."""
    tree = ast.parse(source)
    yield from _of(tree, "text")


def docstrings(source: str) -> Iterator[tuple[int, str]]:
    """Yields each docstring (of a module, class, function, or constant) with its line."""
    for node in ast.walk(ast.parse(source)):
        for child in ast.iter_child_nodes(node):
            if _is_docstring(child):
                yield child.lineno, inspect.cleandoc(child.value.value)  # type: ignore[attr-defined]


def _of(node: ast.AST, kind: str) -> Iterator[Row]:
    if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
        yield from _described(node)
    if _is_docstring(node):
        return
    if isinstance(node, ast.Constant | ast.JoinedStr):
        text = _text(node)
        said = kind in ("field", "help", "error") and " " in text.strip()
        if said or is_prose(text):
            yield Row(kind, one_line(text))
        return
    for child in ast.iter_child_nodes(node):
        if (inner := _kind(node, child, kind)) is not None:
            yield from _of(child, inner)


def _described(node: ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[Row]:
    """Docstrings that the product shows: of tools, commands, exceptions and the models of a tool's arguments."""
    text = ast.get_docstring(node)
    if not text:
        return
    names = {_name(d) for d in node.decorator_list}
    bases = {_name(b) for b in node.bases} if isinstance(node, ast.ClassDef) else set[str]()
    if "tool" in names:
        yield Row("tool", one_line(text))
    elif names & {"command", "group"}:
        yield Row("help", one_line(text))
    elif any(base.endswith(("Error", "Failed")) for base in bases):
        yield Row("error", one_line(text.splitlines()[0]))
    elif "BaseModel" in bases:
        yield Row("schema", one_line(text))


def _kind(parent: ast.AST, child: ast.AST, kind: str) -> str | None:
    """The kind of what is below `child`; None: nobody reads it."""
    match parent:
        case ast.Raise():
            return "error"
        case ast.Call(func=func) if child is not func:
            name = _name(func)
            if name in _NOT_READ:
                return None
            if name in _LOGS and isinstance(func, ast.Attribute):
                return "log"
            return "help" if name in _HELP and kind == "text" else kind
        case ast.keyword(arg="description"):
            return "field"
        case ast.keyword(arg="help"):
            return "help"
        case ast.keyword(arg="label" | "title" | "placeholder" | "hint" | "headline"):
            return "label" if kind == "text" else kind
        case ast.Subscript(value=value) if child is not value:
            return {"Literal": None, "Annotated": "field"}.get(_name(value), kind)
        case ast.Dict(keys=keys) if child in keys and isinstance(child, ast.Constant):
            return None if isinstance(child.value, str) and " " not in child.value else kind
        case ast.FunctionDef(returns=hint) | ast.AsyncFunctionDef(returns=hint) if child is hint:
            return None
        case ast.Compare():
            return None
        case ast.AnnAssign() | ast.arg() if child is parent.annotation and isinstance(child, ast.Constant):
            return None
        case _:
            return kind


def _text(node: ast.Constant | ast.JoinedStr) -> str:
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else ""
    return "".join(
        _text(part) if isinstance(part, ast.Constant) else "{" + _name(part.value) + "}"
        for part in node.values
        if isinstance(part, ast.Constant | ast.FormattedValue)
    )


def _name(node: ast.AST) -> str:
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case ast.Call(func=func):
            return _name(func)
        case ast.Subscript(value=value):
            return _name(value)
        case _:
            return ""


def _is_docstring(node: ast.AST) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
