"""What the page of connectors shows, as values."""

from dataclasses import dataclass
from typing import Literal

Health = Literal["ready", "waits", "failed"]


@dataclass(frozen=True, slots=True)
class ToolLine:
    """A tool. `asks`: a person approves each call."""

    name: str
    about: str
    asks: bool


@dataclass(frozen=True, slots=True)
class ChangeLine:
    """What an approval would add, remove, or change."""

    label: str
    text: str


@dataclass(frozen=True, slots=True)
class ReadChoice:
    """A tool that says it only reads. `on`: it has run without asking so far."""

    name: str
    on: bool


@dataclass(frozen=True, slots=True)
class ConnectorLine:
    """A connector for one person. `words`: how it is; `change`: what waits for approval, as of `digest`."""

    name: str
    state: Health
    words: str
    runs: str
    account: str
    scope: str
    tools: tuple[ToolLine, ...] = ()
    change: tuple[ChangeLine, ...] = ()
    change_words: str = ""
    digest: str = ""
    reads: tuple[ReadChoice, ...] = ()
    may_approve: bool = False
    who_approves: str = ""
    may_test: bool = False
    may_sign_in: bool = False
    signed_in: bool = False


@dataclass(frozen=True, slots=True)
class CatalogLine:
    """A connector that the owner can add. `variables`: secrets that it needs; `here`: without a terminal."""

    name: str
    about: str
    needs: str
    here: bool
    command: str
    variables: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ConnectorsShown:
    """The page. `mistakes`: in the settings file, for the owner; `catalog`: for the owner."""

    lines: tuple[ConnectorLine, ...] = ()
    mistakes: tuple[str, ...] = ()
    catalog: tuple[CatalogLine, ...] = ()
    owner: bool = False
