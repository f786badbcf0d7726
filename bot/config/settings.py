"""Every setting, with a sentence each. This module alone reads the environment.

A value comes from the first of: an argument, `THREADWORK_<SECTION>__<FIELD>`, a conventional name
(`OPENAI_API_KEY`, …), the first `threadwork.toml` of: `--config`, the working folder, the user's config folder.
"""

import os
import shlex
import shutil
import sys
import tomllib
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

import platformdirs
from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, create_model

from bot.config import default_model_server_addresses, read_settings_sources
from bot.config.model_settings import ModelsSettings
from bot.config.platform_settings import PlatformSettings
from bot.config.web_search_settings import SearchSettings
from orchestrator.domain.base_value import Value
from orchestrator.domain.policy import Rule
from orchestrator.errors import BadSettings

FILE = "threadwork.toml"
Words = Annotated[tuple[str, ...], BeforeValidator(read_settings_sources.words)]


class DatabaseSettings(Value):
    url: str = Field(
        default="", description="`sqlite:///path` or `postgresql://…`; default: a SQLite file in the data folder."
    )


class WebSettings(Value):
    host: str = Field(default="127.0.0.1", description="Address the web workspace listens on.")
    port: int = Field(default=8765, ge=0, le=65535, description="Port for the web workspace; 0 picks a free one.")
    public_hosts: Words = Field(
        default=(), description="Additional host names (with port) that browsers may use to open the workspace."
    )
    url: Annotated[str | None, AfterValidator(read_settings_sources.address)] = Field(
        default=None,
        description="Address where people reach the workspace, for links in chats and invitations, e.g."
        " `https://threadwork.example`; default: the address it listens on.",
    )

    @property
    def names(self) -> frozenset[str]:
        """Host names that browsers may use besides the one it listens on."""
        return frozenset({*self.public_hosts, *([urlsplit(self.url).netloc] if self.url else [])})


class HostSettings(Value):
    name: str = Field(default="local", min_length=1, description="Name of this agent host.")
    folders: Words = Field(default=(), description="Folders that agents' code may read, as absolute paths.")
    near: Words = Field(
        default=(),
        description="Private hosts that code and pages can reach once approved, e.g. `git.intern`, `10.0.0.5:8080`.",
    )
    scan_languages: Words = Field(
        default=(),
        description="Languages of scans and photos, as Tesseract names them, e.g. `deu`, `eng`; default: all that are"
        " installed.",
    )


class BrowserSettings(Value):
    path: Path | None = Field(
        default=None, description="Browser to use; default: the first Chromium or Chrome on the PATH."
    )
    login_key: Annotated[SecretStr | None, AfterValidator(read_settings_sources.long)] = Field(
        default=None,
        description="Key that encrypts browser logins, at least 32 characters; default: a file in the data folder.",
    )


class LimitSettings(Value):
    turns: int = Field(
        default=40, ge=1, le=200, description="Maximum model turns per attempt, unless the plan sets its own limit."
    )
    task_cost: float = Field(
        default=10.0,
        gt=0,
        description="US dollars a task may cost before it pauses and asks to spend that much again.",
    )
    task_tokens: int = Field(
        default=5_000_000,
        gt=0,
        description="Tokens that models without a known price may use in a task before it pauses and asks to use that"
        " many again.",
    )
    tool_seconds: float = Field(
        default=660, gt=0, description="Seconds that one tool call may take before it's canceled."
    )


class PolicySettings(Value):
    domains: Words = Field(
        default=(), description="Domains that any task may read without asking, e.g. `*.example.com`."
    )
    rules: Annotated[tuple[Rule, ...], BeforeValidator(read_settings_sources.table)] = Field(
        default=(), description="Rules checked before the default table: verdict, tool, effect, domain, why."
    )
    ask_before_start: bool = Field(default=True, description="Whether a plan waits for a person to press Start.")
    review_deliverables: bool = Field(default=True, description="Whether files wait for a person to approve them.")


class LogSettings(Value):
    level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="Log level for the log file in the data folder."
    )


class ChatSettings(Value):
    """Who may ask, press and steer in chats, and who is mentioned; the web workspace isn't affected."""

    who: Literal["members", "guests", "everyone"] = Field(
        default="members",
        description="Who may ask for work: the team's `members`, `guests` too, or `everyone`, even people from other"
        " teams in shared channels. Bots never can.",
    )
    people: Words = Field(
        default=(),
        description="IDs of the only people who may ask (on Discord, also roles); default: everyone in `who`.",
    )
    channels: Words = Field(
        default=(), description="IDs of the channels to work in, besides direct messages; default: every channel."
    )
    mention: bool = Field(
        default=True,
        description="Whether the person who asked is mentioned when something needs them and when the task ends; never"
        " in direct messages.",
    )
    remind: bool = Field(
        default=True, description="Whether people get one reminder about anything that has waited for a working day."
    )
    owner_sees_private: bool = Field(
        default=False,
        description="Whether this machine's owner can see other people's private tasks; each view is recorded.",
    )


def default_home() -> Path:
    """Returns the user's data folder; for root, a system folder that the unprivileged agent host can reach."""
    if sys.platform == "linux" and os.geteuid() == 0:
        return Path("/var/lib/threadwork/home")
    return _of_user(platformdirs.user_data_path) or Path("~/.local/share/threadwork")


def _of_user(folder: Callable[[str], Path]) -> Path | None:
    """Returns our folder of that kind; None for a user without a home folder, such as a container's number."""
    try:
        return folder("threadwork")
    except RuntimeError:
        return None


class Settings(Value):
    """All settings, checked. Secrets show as stars."""

    home: Path = Field(
        default_factory=default_home, description="Data folder for the database, workspaces, delivered files, and logs."
    )
    database: DatabaseSettings = DatabaseSettings()
    models: ModelsSettings = ModelsSettings()
    web: WebSettings = WebSettings()
    host: HostSettings = HostSettings()
    browser: BrowserSettings = BrowserSettings()
    search: SearchSettings = SearchSettings()
    limits: LimitSettings = LimitSettings()
    policy: PolicySettings = PolicySettings()
    log: LogSettings = LogSettings()
    chats: ChatSettings = ChatSettings()

    @property
    def database_url(self) -> str:
        """Returns the database to open: the setting, or the SQLite file in home."""
        return self.database.url or f"sqlite:///{self.home / 'threadwork.db'}"

    @property
    def platforms(self) -> Mapping[str, PlatformSettings]:
        """The sections of chat platforms, by name."""
        found = {name: getattr(self, name) for name in type(self).model_fields}
        return {name: it for name, it in found.items() if isinstance(it, PlatformSettings)}


@cache
def settings_with(sections: tuple[tuple[str, type[PlatformSettings]], ...]) -> type[Settings]:
    """Settings with a section for each of these platforms."""
    fields: dict[str, Any] = {name: (kind, kind()) for name, kind in sections}
    return create_model("Settings", __base__=Settings, **fields)


def load(
    config: Path | None = None, *, environment: Mapping[str, str] | None = None,
    platforms: Mapping[str, type[PlatformSettings]] | None = None, **arguments: object,
) -> Settings:  # fmt: skip
    """Returns the settings in force. `arguments` are top-level names, e.g. `home=…` or `web={"port": 0}`. `platforms`:
    the chat platforms' sections; `bot.platforms.load` knows all of them.

    Raises BadSettings with one sentence that names the setting, where it is written and the next step.
    """
    env = os.environ if environment is None else environment
    sections = platforms or {}
    usual = {name: f"{section}.{field}" for section, it in sections.items() for name, field in it.variables.items()}
    found = [
        *read_settings_sources.of_arguments(arguments),
        *read_settings_sources.of_environment(env),
        *read_settings_sources.of_conventional(env, {**read_settings_sources.CONVENTIONAL, **usual}),
    ]
    if file := find_file(config):
        found += read_settings_sources.of_table(_read(file), str(file))
    settings = read_settings_sources.build(settings_with(tuple(sections.items())), found)
    try:
        home = settings.home.expanduser().absolute()
    except RuntimeError as error:
        raise BadSettings(
            f"The data folder {str(settings.home)!r} can't be found, because that user has no home folder; set "
            "THREADWORK_HOME to a folder that you own."
        ) from error
    return settings.model_copy(update={"home": home})


def find_file(config: Path | None = None) -> Path | None:
    """Returns the settings file to use: the named one, else the one in the working folder, else the user's."""
    if config is not None:
        if not config.is_file():
            raise BadSettings(f"There's no settings file {str(config)!r}; create one with `threadwork init`.")
        return config
    usual = (Path.cwd(), _of_user(platformdirs.user_config_path))
    return next((folder / FILE for folder in usual if folder and (folder / FILE).is_file()), None)


def browser_names() -> tuple[str, ...]:
    """Returns programs that can be the browser, best first."""
    return (
        "chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome",
    )  # fmt: skip


def command_name() -> str:
    """Returns the command that people type to call us: `./run` if our environment says so; otherwise our own name."""
    return shlex.quote(os.environ.get(read_settings_sources.COMMAND) or "threadwork")


def model_servers() -> tuple[str, ...]:
    """Returns where model servers usually listen on this machine, and where OLLAMA_HOST says that Ollama does."""
    return default_model_server_addresses.addresses(os.environ.get("OLLAMA_HOST"))


def editor() -> str:
    """Returns the program in which people edit texts."""
    return os.environ.get("VISUAL") or os.environ.get("EDITOR") or ("nano" if shutil.which("nano") else "vi")


def _read(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise BadSettings(f"The settings file {str(file)!r} can't be read: {error}.") from error
