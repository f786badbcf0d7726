"""What a secret setting holds. Pure."""

from pydantic import SecretStr


def secret(value: SecretStr | None) -> str:
    """Empty for none."""
    return value.get_secret_value() if value else ""
