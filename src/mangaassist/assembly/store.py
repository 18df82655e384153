"""The store's services, its facts, and its identity provider."""

import asyncio
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from functools import partial
from typing import Final

import aiohttp

from mangaassist.edge.identity import TokenVerifier
from mangaassist.edge.openid_provider import LIMIT_S, OpenIdProvider
from mangaassist.edge.signing_keys import SigningKeys
from mangaassist.services.cache import Cache
from mangaassist.services.call_spans import NO_SPANS, CallSpans
from mangaassist.services.caller import utc_now
from mangaassist.services.clients import Addresses, RecommendationsElsewhere, clients_at
from mangaassist.services.policies import POLICIES, stretched
from mangaassist.services.store import StoreServices
from mangaassist.settings import Settings
from mangaassist.telemetry.metrics import Metrics

FIRST_FACTS_S: Final = 1.0
"""How long a start waits for the facts of the store."""


def opened_services(settings: Settings, metrics: Metrics, cache: Cache, spans: CallSpans = NO_SPANS) -> StoreServices:
    addresses = Addresses(rest=settings.store.url, grpc=settings.store.grpc)
    policies = stretched(POLICIES, settings.timeout_factor)
    clients = clients_at(addresses, metrics.remark, policies, _recommendations(settings))
    services = StoreServices(
        clients, cache, observe=metrics.observe_call, remark=metrics.remark, policies=policies, spans=spans
    )
    for service, policy in policies.items():
        metrics.latency_goal.labels(service).set(policy.goal_s)
        metrics.breaker_open.labels(service).set_function(partial(services.openness, service))
    return services


def _recommendations(settings: Settings) -> RecommendationsElsewhere | None:
    """Of somebody else than the store, where the settings name one. AWS's client is loaded for nobody else."""
    if not settings.personalize.campaign_arn:
        return None
    from mangaassist.stores.personalize.recommendations import PersonalizeRecommendations

    return PersonalizeRecommendations(settings.personalize, settings.timeout_factor)


@asynccontextmanager
async def store_facts_followed(services: StoreServices) -> AsyncGenerator[None]:
    """What is particular to the store (S-8), read before anybody is served, unless the store keeps it waiting, and from then on."""
    with suppress(TimeoutError):
        async with asyncio.timeout(FIRST_FACTS_S):
            await services.refresh_facts()
    following = asyncio.create_task(services.follow_facts(), name="store facts")
    try:
        yield
    finally:
        following.cancel()
        await asyncio.gather(following, return_exceptions=True)


@asynccontextmanager
async def opened_verifier(settings: Settings) -> AsyncGenerator[TokenVerifier]:
    """Identity, checked against the keys that the settings' provider publishes."""
    expected = settings.identity
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as http:
        provider = OpenIdProvider(http, expected.issuer, expected.jwks_url, LIMIT_S * settings.timeout_factor)
        yield TokenVerifier(SigningKeys(provider.keys, time.monotonic), expected, utc_now)
