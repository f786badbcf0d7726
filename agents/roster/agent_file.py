"""Reads an agent's file: settings between two `---` lines, then its prompt. One sentence for each mistake. Pure."""

import math
import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, cast, get_args

import yaml

from agents.roster.agent_definition import AgentLimits, Colleague
from agents.roster.agent_policy import read_policy
from agents.roster.tool_names_by_family import FAMILIES, TOOLS, expanded, nearest
from agents.task_scope import TaskScope
from orchestrator.domain import clean_outside_text
from orchestrator.domain.connector_tool_names import CONNECTOR
from orchestrator.domain.model_messages import Effort

KEYS = (
    "name", "description", "tools", "families", "connectors", "skills", "model", "effort", "limits", "policy", "for",
)  # fmt: skip
PROMPT = "prompt"
"""How mistakes and forms call what follows the settings."""
EFFORTS: tuple[Effort, ...] = get_args(Effort)
MOST_FILE = 64_000
MOST_DESCRIPTION, MOST_PROMPT, MOST_TURNS, MOST_COST = 400, 24_000, 200, 10_000
_SCOPES = ("teams", "channels", "people")
_LIMITS = ("turns", "cost", "tokens")
NAME = re.compile(r"[a-z][a-z0-9-]{0,39}")
_SKILL = re.compile(r"[^\W_]+(-[^\W_]+)*")
_RESERVED = ("planner", "new", "save", "try", "rollback", "remove")
_RULE = re.compile(r"^---[ \t]*$", re.MULTILINE)
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""In C if this machine's PyYAML has that, which is ten times as fast."""
_MOST_NESTED = 100


class AgentMistake(NamedTuple):
    """A sentence about one key of the file; an empty key is the whole file."""

    key: str
    words: str

    def at(self, file: str) -> str:
        """Returns the sentence with the file and the key before it."""
        return f"{file!r}{f', {self.key}' if self.key else ''}: {self.words}"


class AgentRead(NamedTuple):
    """What a file holds. `settings`: as written; `agent`: None if there is any mistake."""

    settings: Mapping[str, Any]
    prompt: str
    agent: Colleague | None
    mistakes: tuple[AgentMistake, ...]


def read_agent(content: bytes) -> AgentRead:
    """Returns the agent in this file, or all its mistakes. Never raises."""
    if len(content) > MOST_FILE:
        return _broken(f"The file has {len(content):,} bytes, and {MOST_FILE:,} are allowed. Shorten the prompt.")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return _broken("The file isn't UTF-8 text. Save it as UTF-8.")
    text = clean_outside_text.text(text.replace("\r\n", "\n"))
    opening = _RULE.match(text)
    closing = _RULE.search(text, opening.end()) if opening else None
    if opening is None or closing is None:
        return _broken(
            "It doesn't begin with settings. Write them between two --- lines, and the prompt after the second."
        )
    prompt = text[closing.end() :].strip()
    try:
        settings = _settings(text[opening.end() : closing.start()])
    except _NotSettings as problem:
        return AgentRead({}, prompt, None, (AgentMistake("", str(problem)),))
    return checked(settings, prompt)


def checked(settings: Mapping[str, Any], prompt: str) -> AgentRead:
    """Returns the agent with these settings and prompt, or all their mistakes."""
    reader = _SettingsReader(settings)
    agent = reader.agent(prompt)
    mistakes = tuple(reader.mistakes)
    return AgentRead(settings, prompt, None if mistakes else agent, mistakes)


class _NotSettings(ValueError):
    """What is wrong with the text between the lines."""


def _broken(words: str) -> AgentRead:
    return AgentRead({}, "", None, (AgentMistake("", words),))


def _settings(text: str) -> dict[str, Any]:
    if text.count("[") + text.count("{") > _MOST_NESTED:  # a parser that nests too deep ends the process
        raise _NotSettings("The settings are nested too deep. Write each as `key: value`.")
    loader: Any = _LOADER(text)
    try:
        node: Any = loader.get_single_node()
        found: object = loader.construct_document(node) if node is not None else None
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        where = f" in line {mark.line + 1}" if mark is not None else ""
        what = str(getattr(error, "problem", None) or "it can't be read").rstrip(".")
        raise _NotSettings(f"The settings aren't valid YAML{where} ({what}). Quote text with a colon.") from None
    finally:
        loader.dispose()
    if node is None or not isinstance(found, dict):
        raise _NotSettings("The settings have to be lines such as `name: translator`.")
    keys = [str(key.value) for key, _ in node.value]
    if twice := next((key for key in keys if keys.count(key) > 1), None):
        raise _NotSettings(f"{twice[:60]!r} is there twice. Keep one of them.")
    rows = cast("dict[object, Any]", found)
    return {str(key)[:60]: value for key, value in rows.items()}


class _SettingsReader:
    """Reads the settings one by one, and collects what is wrong with them."""

    def __init__(self, settings: Mapping[str, Any]) -> None:
        self._settings = settings
        self.mistakes: list[AgentMistake] = []

    def agent(self, prompt: str) -> Colleague:
        self._only_known()
        name, description = self._name(), self._description()
        tools = self._tools()
        families = self._families(tools)
        if not prompt:
            self._wrong(PROMPT, "There's no prompt. After the settings, write what the agent does and how.")
        elif len(prompt) > MOST_PROMPT:
            self._wrong(PROMPT, f"It has {len(prompt):,} characters, and {MOST_PROMPT:,} are allowed. Shorten it.")
        rules, mistakes = read_policy(self._settings.get("policy"))
        for key, words in mistakes:
            self._wrong(key, words)
        return Colleague(
            name=name, description=description, tools=tools, prompt=prompt, model=self._model(), effort=self._effort(),
            families=families, skills=self._skills(), connectors=self._connectors(), limits=self._limits(),
            policy=rules, scope=self._scope(),
        )  # fmt: skip

    def _wrong(self, key: str, words: str) -> None:
        self.mistakes.append(AgentMistake(key, words))

    def _only_known(self) -> None:
        for key in self._settings:
            if key in _LIMITS:
                self._wrong(key, f"It belongs under limits: write `limits: {{{key}: …}}`.")
            elif key not in KEYS:
                self._wrong(key, f"There's no such setting. {nearest(key, KEYS)}")

    def _text(self, key: str) -> str:
        value = self._settings.get(key)
        if value is None:
            return ""
        if not isinstance(value, str):
            self._wrong(key, "Write it as text, in quotes if it's a number or a date.")
            return ""
        return " ".join(value.split())

    def _names(self, key: str, value: object) -> list[str]:
        """Returns the names of a list, or of a text with commas between them."""
        if value is None:
            return []
        if isinstance(value, str):
            return [part.strip() for part in value.split(",") if part.strip()]
        rows = cast("list[object]", value) if isinstance(value, list) else None
        if rows is None or not all(isinstance(row, str) for row in rows):
            self._wrong(key, "Write it as a list of names, like `[files, web_search]`.")
            return []
        return [row.strip() for row in cast("list[str]", rows)]

    def _name(self) -> str:
        name = self._text("name")
        if any(one.key == "name" for one in self.mistakes):
            return name
        if not NAME.fullmatch(name):
            self._wrong(
                "name", "It needs 1 to 40 lower-case letters, digits, or hyphens, and starts with a letter, "
                "like `contract-reader`."
            )  # fmt: skip
        elif name in _RESERVED:
            self._wrong("name", f"{name!r} is reserved. Choose another name.")
        return name

    def _description(self) -> str:
        words = self._text("description")
        if not words and not any(one.key == "description" for one in self.mistakes):
            self._wrong("description", "Say in a sentence what it does; the planner chooses by that.")
        if len(words) > MOST_DESCRIPTION:
            self._wrong("description", f"It has {len(words)} characters, and {MOST_DESCRIPTION} are allowed.")
        return words

    def _tools(self) -> tuple[str, ...]:
        names = self._names("tools", self._settings.get("tools"))
        if not names and not any(one.key == "tools" for one in self.mistakes):
            self._wrong("tools", f"List at least one tool or family. The families are {', '.join(FAMILIES)}.")
        for name in names:
            if name not in TOOLS and name not in FAMILIES:
                self._wrong("tools", f"There's no tool or family {name[:60]!r}. {nearest(name, _NAMED)}")
        return expanded(names)

    def _families(self, shown: Sequence[str]) -> Mapping[str, Sequence[str]]:
        """Returns the families without tools that prompts show anyway, and each tool once."""
        value = self._settings.get("families")
        if isinstance(value, dict):
            rows = cast("dict[object, object]", value)
            found = {str(name)[:40]: self._names("families", tools) for name, tools in rows.items()}
            for name, tools in found.items():
                if not NAME.fullmatch(name) or not tools:
                    self._wrong("families", "Write each as a name and its tools, like `slides: [slides_write]`.")
                for tool in tools:
                    if tool not in TOOLS:
                        self._wrong("families", f"There's no tool {tool[:60]!r}. {nearest(tool, sorted(TOOLS))}")
        else:
            found = {name: [name] for name in self._names("families", value)}
            for name in found:
                if name not in FAMILIES:
                    self._wrong("families", f"There's no family {name[:60]!r}. {nearest(name, list(FAMILIES))}")
        taken, kept = set(shown), dict[str, Sequence[str]]()
        for name, tools in found.items():
            left = tuple(tool for tool in expanded(tools) if tool not in taken)
            taken.update(left)
            if left:
                kept[name] = left
        return kept

    def _connectors(self) -> tuple[str, ...] | None:
        if "connectors" not in self._settings:
            return None
        names = self._names("connectors", self._settings["connectors"])
        for name in names:
            if not CONNECTOR.fullmatch(name):
                self._wrong(
                    "connectors", f"{name[:60]!r} isn't a connector's name; `threadwork connectors` lists them."
                )
        return tuple(names)

    def _skills(self) -> tuple[str, ...]:
        names = [name.lstrip("/") for name in self._names("skills", self._settings.get("skills"))]
        for name in names:
            if not _SKILL.fullmatch(name):
                self._wrong("skills", f"{name[:60]!r} isn't a skill's name; `threadwork skills` lists them.")
        return tuple(names)

    def _model(self) -> str | None:
        name = self._text("model")
        if len(name) > 200 or " " in name:
            self._wrong("model", "Write litellm's name of one model, like `openai/gpt-5`.")
        return name or None

    def _effort(self) -> Effort | None:
        value = self._text("effort")
        if value and value not in EFFORTS:
            self._wrong("effort", f"{value[:60]!r} isn't an effort. Use {', '.join(EFFORTS)}.")
        return cast("Effort | None", value or None)

    def _limits(self) -> AgentLimits:
        rows = self._mapping("limits", _LIMITS, "`limits: {turns: 40, cost: 2.5, tokens: 500000}`")
        return AgentLimits(
            turns=cast("int | None", self._number(rows, "turns", 1, MOST_TURNS, whole=True)),
            cost=self._number(rows, "cost", 0.01, MOST_COST, whole=False),
            tokens=cast("int | None", self._number(rows, "tokens", 1_000, 10**9, whole=True)),
        )

    def _number(
        self, rows: Mapping[str, object], key: str, least: float, most: float, *, whole: bool
    ) -> float | None:  # fmt: skip
        value = rows.get(key)
        if value is None:
            return None
        fits = isinstance(value, int if whole else int | float) and not isinstance(value, bool)
        if not fits or not math.isfinite(number := cast("float", value)) or not least <= number <= most:
            kind = "a whole number" if whole else "a number of US dollars"
            self._wrong(f"limits.{key}", f"It has to be {kind} from {least:,} to {most:,}.")
            return None
        return number

    def _scope(self) -> TaskScope:
        rows = self._mapping("for", _SCOPES, "`for: {channels: [slack:T1/C1]}`")
        return TaskScope(**{key: tuple(self._names(f"for.{key}", rows.get(key))) for key in _SCOPES})

    def _mapping(self, key: str, keys: Sequence[str], example: str) -> Mapping[str, object]:
        value = self._settings.get(key)
        if value is None:
            return {}
        if not isinstance(value, dict):
            self._wrong(key, f"Write it like {example}.")
            return {}
        rows = {str(name)[:60]: it for name, it in cast("dict[object, object]", value).items()}
        for name in rows:
            if name not in keys:
                self._wrong(key, f"There's no {name!r} here. {nearest(name, keys)}")
        return rows


_NAMED = [*FAMILIES, *sorted(TOOLS)]
