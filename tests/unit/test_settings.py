"""Settings: where they come from, and what is said about a wrong one."""

import re
from pathlib import Path

import pytest

from bot.config.command_name import next_step, told
from bot.config.read_settings_sources import names
from bot.doctor.machine_checks import links
from bot.platforms import load
from orchestrator.errors import BadSettings
from tests import settings_page

EVERY = type(load(environment={}))


def write(folder: Path, text: str) -> Path:
    file = folder / "threadwork.toml"
    file.write_text(text)
    return file


def test_an_argument_beats_the_environment_which_beats_the_file(tmp_path: Path) -> None:
    file = write(tmp_path, '[web]\nport = 1\nhost = "file"\n[models]\ndefault = "file"')
    environment = {"THREADWORK_WEB__PORT": "2", "THREADWORK_MODELS__DEFAULT": "environment"}

    settings = load(file, environment=environment, web={"port": 3, "host": None})

    assert (settings.web.port, settings.models.default, settings.web.host) == (3, "environment", "file")


def test_our_own_name_beats_the_conventional_one() -> None:
    both = {"SLACK_BOT_TOKEN": "theirs", "THREADWORK_SLACK__BOT_TOKEN": "ours"}
    token = load(environment=both).slack.bot_token
    assert token is not None
    assert token.get_secret_value() == "ours"


def test_a_key_alone_chooses_a_model_of_its_provider() -> None:
    assert (load(environment={"ANTHROPIC_API_KEY": "k"}).models.chosen or "").startswith("anthropic/")


def test_without_any_key_there_is_no_model() -> None:
    assert load(environment={}).models.chosen is None


def test_lists_and_tables_can_stand_in_the_environment() -> None:
    settings = load(
        environment={
            "THREADWORK_POLICY__DOMAINS": "a.example, *.b.example",
            "THREADWORK_POLICY__RULES": '[{"verdict": "deny", "tool": "shell"}]',
            "THREADWORK_MODELS__ROLES__BROWSER": "small",
        }
    )
    assert settings.policy.domains == ("a.example", "*.b.example")
    assert settings.policy.rules[0].tool == "shell"
    assert settings.models.roles == {"browser": "small"}


def test_how_we_are_called_is_no_setting_and_names_the_next_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    assert load(environment={"THREADWORK_COMMAND": "./run"}) == load(environment={})
    monkeypatch.delenv("THREADWORK_COMMAND", raising=False)
    assert next_step("up") == "threadwork up"
    monkeypatch.setenv("THREADWORK_COMMAND", "./run")
    assert next_step("up") == "./run up"
    assert told("Try `threadwork init`; threadwork stays.") == "Try `./run init`; threadwork stays."


def test_an_empty_variable_counts_as_not_set() -> None:
    assert load(environment={"THREADWORK_WEB__PORT": "", "OPENAI_API_KEY": ""}) == load(environment={})


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("THREADWORK_WEB__PROT", "'THREADWORK_WEB__PORT'"),
        ("THREADWORK_DATABSE__URL", "'THREADWORK_DATABASE__URL'"),
        ("THREADWORK_HOME__X", "did you mean 'home'"),
        ("THREADWORK_WEB", "host, port"),
        ("THREADWORK_MODELS__ROWS__OWN__MODLE", "settings.md"),
    ],
)
def test_an_unknown_variable_is_named_with_the_nearest_setting(name: str, hint: str) -> None:
    with pytest.raises(BadSettings) as said:
        load(environment={name: "1"})
    assert f"{name!r} (environment)" in str(said.value)
    assert hint in str(said.value)


def test_an_unknown_name_in_a_file_is_named_with_the_file(tmp_path: Path) -> None:
    file = write(tmp_path, "[web]\nprot = 1")
    with pytest.raises(BadSettings, match=re.escape(f"'web.prot' in {file}; did you mean 'web.port'?")):
        load(file, environment={})


def test_a_wrong_value_is_named_without_being_repeated(tmp_path: Path) -> None:
    file = write(tmp_path, '[models]\napi_key = 5\n[web]\nport = "sesame"')
    with pytest.raises(BadSettings) as said:
        load(file, environment={})
    assert "models.api_key" in str(said.value) or "web.port" in str(said.value)
    assert "sesame" not in str(said.value)


def test_a_file_that_is_no_toml_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadSettings, match=r"threadwork\.toml.*can't be read"):
        load(write(tmp_path, "[web"), environment={})


def test_a_named_file_that_is_missing_is_said(tmp_path: Path) -> None:
    with pytest.raises(BadSettings, match="threadwork init"):
        load(tmp_path / "none.toml", environment={})


def test_no_text_form_of_the_settings_shows_a_secret() -> None:
    settings = load(environment={"OPENAI_API_KEY": "sesame", "DISCORD_TOKEN": "sesame"})
    assert "sesame" not in repr(settings) + str(settings) + settings.model_dump_json()


def test_every_setting_has_a_sentence() -> None:
    def described(model: type[object], path: str) -> str | None:
        fields = EVERY.model_fields
        for part in path.split(".")[:-1]:
            fields = getattr(fields[part].annotation, "model_fields", {})
        return fields[path.split(".")[-1]].description

    assert [path for path in names(EVERY) if not described(EVERY, path)] == []


def test_the_settings_page_agrees_with_the_settings() -> None:
    page = settings_page.PAGE.read_text("utf-8")
    assert page == settings_page.renewed(page), "renew it: python -m tests.settings_page"
    assert settings_page.HEAD in page


@pytest.mark.parametrize(
    ("given", "served", "missing"),
    [
        ({}, False, ""),
        ({"bot_token": "xoxb-1"}, False, "slack.app_token"),
        ({"app_token": "xapp-1"}, False, "slack.bot_token"),
        ({"bot_token": "xoxb-1", "app_token": "xapp-1"}, True, ""),
        ({"bot_token": "xoxb-1", "signing_secret": "s"}, True, ""),
        ({"signing_secret": "s"}, False, ""),
        ({"client_id": "1", "signing_secret": "s"}, False, "slack.client_secret"),
        ({"client_secret": "s", "app_token": "xapp-1"}, False, "slack.client_id"),
        ({"client_id": "1", "client_secret": "s"}, False, "slack.app_token"),
        ({"client_id": "1", "client_secret": "s", "app_token": "xapp-1"}, True, ""),
        ({"client_id": "1", "client_secret": "s", "signing_secret": "s"}, True, ""),
    ],
)
def test_slack_is_served_when_it_can_be_spoken_to_and_heard(given: dict[str, str], served: bool, missing: str) -> None:
    settings = load(environment={}, slack=given)
    assert (settings.slack.serves, settings.slack.missing) == (served, missing.removeprefix("slack."))


@pytest.mark.parametrize(
    ("given", "address", "name"),
    [
        ("https://threadwork.example", "https://threadwork.example", "threadwork.example"),
        (" HTTPS://Threadwork.Example:443/ ", "https://threadwork.example", "threadwork.example"),
        ("http://10.0.0.5:8765", "http://10.0.0.5:8765", "10.0.0.5:8765"),
        ("https://[::1]:443", "https://[::1]", "[::1]"),
    ],
)
def test_the_address_for_links_is_one_of_the_names_for_browsers(given: str, address: str, name: str) -> None:
    web = load(environment={"THREADWORK_WEB__URL": given, "THREADWORK_WEB__PUBLIC_HOSTS": "b"}).web
    assert web.url == address
    assert web.names == {name, "b"}


@pytest.mark.parametrize(
    "given",
    ["threadwork.example", "ftp://a.example", "https://", "https://a.example/x", "https://a.example?b", "http://u:p@a",
     "https://a b", "http://a:99999", "javascript:alert(1)", "https://[a"],
)  # fmt: skip
def test_an_address_for_links_that_is_none_is_refused(given: str) -> None:
    with pytest.raises(BadSettings, match=r"'THREADWORK_WEB__URL' \(environment\) is invalid: this must"):
        load(environment={"THREADWORK_WEB__URL": given})


@pytest.mark.parametrize(
    ("web", "hinted"),
    [
        ({}, True),
        ({"host": "localhost"}, True),
        ({"host": "0.0.0.0"}, True),
        ({"host": "10.0.0.5"}, False),
        ({"host": "box.intern"}, False),
        ({"url": "https://a.example"}, False),
    ],
)
def test_doctor_hints_that_links_in_chats_lead_to_this_machine_only(web: dict[str, str], hinted: bool) -> None:
    rows = links(load(environment={"DISCORD_TOKEN": "t"}, web=web))
    assert [(row.level, row.words) for row in rows] == (
        [("warn", "Links in chats work only on this machine.")] if hinted else []
    )
    assert all("`web.url`" in row.next for row in rows)
    assert links(load(environment={}, web=web)) == []
