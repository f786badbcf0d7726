"""Turns this machine's pip settings into environment variables for uv, which doesn't read pip.conf.

Pure. The values may contain passwords; they are passed on and never printed.
"""

import ast
from collections.abc import Callable, Mapping
from pathlib import Path
from urllib.parse import unquote, urlsplit

_SECTIONS = ("global", "install", ":env:")  # the later ones win, as in pip
_PLAIN = {
    "index-url": "UV_INDEX_URL",
    "trusted-host": "UV_INSECURE_HOST",
    "default-timeout": "UV_HTTP_TIMEOUT",
    "timeout": "UV_HTTP_TIMEOUT",
    "retries": "UV_HTTP_RETRIES",
    "client-cert": "SSL_CLIENT_CERT",
    "keyring-provider": "UV_KEYRING_PROVIDER",
}
_PROXIES = ("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "https_proxy", "http_proxy", "all_proxy")


def pip_options(listed: str) -> dict[str, str]:
    """Reads what `pip config list` prints: the options that hold for `pip install`."""
    found: dict[tuple[str, str], str] = {}
    for line in listed.splitlines():
        name, equals, value = line.partition("=")
        section, _, option = name.rpartition(".")
        if equals and section in _SECTIONS:
            found[section, option] = str(ast.literal_eval(value)) if value[:1] in ("'", '"') else value
    return {option: found[section, option] for section in _SECTIONS for part, option in found if part == section}


def for_uv(options: Mapping[str, str], env: Mapping[str, str], exists: Callable[[str], bool]) -> dict[str, str]:
    """Returns the variables that make uv fetch as pip would; what `env` already sets for uv stays.

    Local folders that don't exist are left out: pip warns about them, uv would refuse to work.
    """
    told = {name: " ".join(options[option].split()) for option, name in _PLAIN.items() if option in options}
    if told.get("UV_KEYRING_PROVIDER") not in (None, "disabled", "subprocess"):
        del told["UV_KEYRING_PROVIDER"]  # uv doesn't know pip's other ones
    extra = [place for place in options.get("extra-index-url", "").split() if _usable(place, exists)]
    links = [place for place in options.get("find-links", "").split() if _usable(place, exists)]
    told |= {"UV_EXTRA_INDEX_URL": " ".join(extra)} if extra else {}
    told |= {"UV_FIND_LINKS": ",".join(links)} if links else {}
    told |= {"UV_NO_INDEX": "1"} if options.get("no-index", "").lower() in ("1", "true", "yes", "on") else {}
    told |= dict.fromkeys(_PROXIES, options["proxy"]) if options.get("proxy") else {}
    cert = options.get("cert") or env.get("REQUESTS_CA_BUNDLE") or env.get("CURL_CA_BUNDLE")
    if cert and exists(cert):
        told["SSL_CERT_FILE"] = cert
    # The hashes decide what may be installed, so a package may come from whichever index has it, as with pip.
    told["UV_INDEX_STRATEGY"] = "unsafe-best-match"
    return {name: value for name, value in told.items() if not (name.startswith("UV_") and env.get(name))}


def _usable(place: str, exists: Callable[[str], bool]) -> bool:
    parts = urlsplit(place)
    if parts.scheme == "file":
        return exists(unquote(parts.path))
    return bool(parts.scheme) or exists(str(Path(place).expanduser()))
