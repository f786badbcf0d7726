"""Reads the value of a secret setting. Pure."""

from pydantic import SecretStr


def secret(value: SecretStr | None) -> str:
    """Returns the secret, or an empty string."""
    return value.get_secret_value() if value else ""
