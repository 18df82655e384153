"""Where other agents find what, and how they sign in: the paths, and the address under which we are reached (RFC 9728)."""

from collections.abc import Mapping
from typing import Any, Final

from mangaassist.edge.origins import called_by
from mangaassist.errors import Misdirected

MCP_PATH: Final = "/mcp"
UCP_PATH: Final = "/.well-known/ucp"
RESOURCE_PATH: Final = "/.well-known/oauth-protected-resource"


def public_address(scope: Mapping[str, Any], configured: str | None) -> str:
    """The address under which agents reach us, without a slash: the one of the settings, else the one we were called by."""
    if configured:
        return configured.rstrip("/")
    called = called_by(scope)
    if called is None:
        raise Misdirected("The assistant was called under no name.")
    return str(called)


def challenge(address: str, issuer: str, *, was_wrong: bool) -> str:
    """``WWW-Authenticate`` for a call that needs an account (RFC 6750): where to learn how to sign in."""
    wrong = ', error="invalid_token"' if was_wrong else ""
    return f'Bearer realm="{issuer}", resource_metadata="{address}{RESOURCE_PATH}{MCP_PATH}"{wrong}'
