"""W-1, W-13: the authorizer lets in whom our own upgrade would let in, and says so in the vendor's policy."""

from typing import Any, cast

import pytest

from mangaassist.edge.api_gateway.function import Authorizer, Unauthorized
from mangaassist.edge.identity import TokenVerifier
from mangaassist.errors import ServiceFailure
from tests.edge.rest_client import SHOP
from tests.edge.socket_client import Tokens

ARN = "arn:aws:execute-api:eu-central-1:123456789012:abcdef/prod/$connect"


async def asked(**headers: str) -> dict[str, Any]:
    authorizer = Authorizer(cast(TokenVerifier, Tokens()), frozenset({SHOP}))
    return await authorizer.handle({"type": "REQUEST", "methodArn": ARN, "headers": headers, "requestContext": {}})


def policy(who: str, effect: str) -> dict[str, Any]:
    statement = {"Action": "execute-api:Invoke", "Effect": effect, "Resource": ARN}
    document = {"Version": "2012-10-17", "Statement": [statement]}
    return {"principalId": who, "policyDocument": document, "context": {"customer": who}}


@pytest.mark.parametrize(
    ("headers", "who"),
    [
        ({}, "guest"),
        ({"Authorization": "Bearer aiko"}, "aiko"),
        ({"Cookie": "a=b; session-token=aiko"}, "aiko"),
        ({"Sec-WebSocket-Protocol": "mangaassist.v1, bearer.ben"}, "ben"),
        ({"Origin": SHOP}, "guest"),
    ],
)
async def test_whoever_may_come_in_is_allowed_this_very_method(headers: dict[str, str], who: str) -> None:
    told = await asked(**headers)
    told["policyDocument"]["Statement"] = list(told["policyDocument"]["Statement"])
    assert told == policy(who, "Allow")


async def test_a_page_of_elsewhere_is_denied() -> None:
    told = await asked(Origin="http://elsewhere.example")
    assert told["policyDocument"]["Statement"][0]["Effect"] == "Deny"


async def test_a_token_that_is_none_is_unauthorized_in_the_one_word_that_the_vendor_knows() -> None:
    with pytest.raises(Unauthorized, match=r"^Unauthorized$"):
        await asked(Authorization="Bearer wrong")
    with pytest.raises(Unauthorized, match=r"^Unauthorized$"):
        await asked(Authorization="Basic YTpi")


async def test_while_tokens_cannot_be_checked_nobody_is_a_guest_instead() -> None:
    with pytest.raises(ServiceFailure):
        await asked(Authorization="Bearer away")
