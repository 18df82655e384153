"""What other agents find out by themselves: which tools of UCP there are, and who signs shoppers in (RFC 9728)."""

from collections.abc import Mapping
from typing import Any, Final

from mcp.shared.auth import ProtectedResourceMetadata
from pydantic import AnyHttpUrl
from ucp_sdk.models.schemas.profile import BusinessSchema

from mangaassist.edge.agents.envelope import LOOKUP, ORDER, SEARCH, VERSION, plain
from mangaassist.edge.origins import called_by
from mangaassist.errors import Misdirected

MCP_PATH: Final = "/mcp"
UCP_PATH: Final = "/.well-known/ucp"
RESOURCE_PATH: Final = "/.well-known/oauth-protected-resource"
PUBLISHED: Final = "https://ucp.dev"
_DOCUMENTS: Final[Mapping[str, tuple[str, str]]] = {
    SEARCH: ("specification/shopping/catalog/search", "schemas/shopping/catalog_search.json"),
    LOOKUP: ("specification/shopping/catalog/lookup", "schemas/shopping/catalog_lookup.json"),
    ORDER: ("specification/shopping/order", "schemas/shopping/order.json"),
}
"""Where UCP publishes each capability's specification and schema."""


def public_address(scope: Mapping[str, Any], configured: str | None) -> str:
    """The address under which agents reach us, without a slash: the one of the settings, else the one we were called by."""
    if configured:
        return configured.rstrip("/")
    called = called_by(scope)
    if called is None:
        raise Misdirected("The assistant was called under no name.")
    return str(called)


def ucp_profile(address: str) -> dict[str, Any]:
    """UCP's profile of a business: one service, over MCP. Nothing is sold here, so there are no payment handlers."""
    service = {
        "version": VERSION,
        "spec": _published("specification/overview"),
        "transport": "mcp",
        "schema": _published("services/shopping/mcp.openrpc.json"),
        "endpoint": address + MCP_PATH,
    }
    capabilities = {
        name: [{"version": VERSION, "spec": _published(spec), "schema": _published(schema)}]
        for name, (spec, schema) in _DOCUMENTS.items()
    }
    profile = {
        "version": VERSION,
        "services": {"dev.ucp.shopping": [service]},
        "capabilities": capabilities,
        "payment_handlers": {},
    }
    return plain(BusinessSchema.model_validate({"ucp": profile}))


def _published(path: str) -> str:
    return f"{PUBLISHED}/{VERSION}/{path}"


def resource_metadata(address: str, issuer: str, name: str) -> dict[str, Any]:
    """Who gives out the tokens of shoppers (RFC 9728): ordinary ones of the store's provider, no scope is asked for.

    ``name``: what the assistant calls itself.
    """
    return plain(
        ProtectedResourceMetadata(
            resource=AnyHttpUrl(address + MCP_PATH),
            authorization_servers=[AnyHttpUrl(issuer)],
            bearer_methods_supported=["header"],
            resource_name=name,
        )
    )


def challenge(address: str, issuer: str, *, was_wrong: bool) -> str:
    """``WWW-Authenticate`` for a call that needs an account (RFC 6750): where to learn how to sign in."""
    wrong = ', error="invalid_token"' if was_wrong else ""
    return f'Bearer realm="{issuer}", resource_metadata="{address}{RESOURCE_PATH}{MCP_PATH}"{wrong}'
