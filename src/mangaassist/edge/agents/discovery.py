"""What other agents find out by themselves: which tools of UCP there are, and who signs shoppers in (RFC 9728)."""

from collections.abc import Mapping
from typing import Any, Final

from mcp.shared.auth import ProtectedResourceMetadata
from pydantic import AnyHttpUrl
from ucp_sdk.models.schemas.profile import BusinessSchema

from mangaassist.edge.agents.addresses import MCP_PATH
from mangaassist.edge.agents.envelope import LOOKUP, ORDER, SEARCH, VERSION, plain

PUBLISHED: Final = "https://ucp.dev"
_DOCUMENTS: Final[Mapping[str, tuple[str, str]]] = {
    SEARCH: ("specification/shopping/catalog/search", "schemas/shopping/catalog_search.json"),
    LOOKUP: ("specification/shopping/catalog/lookup", "schemas/shopping/catalog_lookup.json"),
    ORDER: ("specification/shopping/order", "schemas/shopping/order.json"),
}
"""Where UCP publishes each capability's specification and schema."""


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
