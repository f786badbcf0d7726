"""Where Ollama, LM Studio, llama.cpp and vLLM listen on this machine unless they are told otherwise. Pure."""

from ipaddress import ip_address
from urllib.parse import urlsplit

_USUAL = tuple(f"http://127.0.0.1:{port}" for port in (11434, 1234, 8080, 8000))
_PORTS = {"http": 80, "https": 443}
_OLLAMA = 11434
_EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}


def addresses(ollama_host: str | None) -> tuple[str, ...]:
    """Returns their base URLs. `ollama_host`: the value of OLLAMA_HOST; another machine's isn't asked."""
    own = _local(ollama_host.strip()) if ollama_host else None
    return tuple(dict.fromkeys((*([own] if own else []), *_USUAL)))


def _local(host: str) -> str | None:
    """Reads it as Ollama does: scheme, host and port may each be missing. Returns None if it isn't this machine."""
    scheme, _, rest = host.rpartition("://")
    if not scheme and rest.count(":") > 1 and not rest.startswith("["):
        rest = f"[{rest}]"  # an IPv6 address alone
    try:
        parts = urlsplit(f"//{rest}")
        name, port = parts.hostname or "", parts.port or _PORTS.get(scheme, _OLLAMA)
    except ValueError:
        return None
    name = _EVERYWHERE.get(name, name)
    if name == "localhost":
        name = "127.0.0.1"
    try:
        address = ip_address(name)
    except ValueError:
        return None
    shown = f"[{address}]" if address.version == 6 else str(address)
    return f"{scheme or 'http'}://{shown}:{port}" if address.is_loopback and (scheme or "http") in _PORTS else None
