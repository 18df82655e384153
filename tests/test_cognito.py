"""W-1, O-5: a user pool of Cognito signs shoppers in by configuration alone: moto's pool, its tokens and its keys."""

import json
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import boto3
import jwt
import pytest
from msgspec import Struct

from mangaassist.assembly.store import opened_verifier
from mangaassist.edge.identity import TokenVerifier
from mangaassist.errors import Unauthenticated
from mangaassist.settings import load

REGION = "us-east-1"
PASSWORD = "Inkwell-2026!"


class Pool(Struct):
    """A pool with two apps, ``aiko`` who shops and ``oda`` who is on the staff."""

    client: Any
    pool_id: str
    app_id: str
    other_app_id: str
    url: str

    def tokens(self, name: str, app_id: str | None = None) -> dict[str, str]:
        """What the pool gives at a sign-in: ``AccessToken`` and ``IdToken``."""
        signed_in = self.client.initiate_auth(
            ClientId=app_id or self.app_id,
            AuthFlow="USER_PASSWORD_AUTH",
            AuthParameters={"USERNAME": name, "PASSWORD": PASSWORD},
        )
        return signed_in["AuthenticationResult"]


@pytest.fixture(scope="module")
def pool(moto_url: str) -> Iterator[Pool]:
    credentials = {"aws_access_key_id": "nobody", "aws_secret_access_key": "nothing"}
    client = boto3.client("cognito-idp", region_name=REGION, endpoint_url=moto_url, **credentials)
    pool_id = client.create_user_pool(PoolName="shoppers")["UserPool"]["Id"]
    apps = [
        client.create_user_pool_client(
            UserPoolId=pool_id, ClientName=name, ExplicitAuthFlows=["ALLOW_USER_PASSWORD_AUTH"]
        )["UserPoolClient"]["ClientId"]
        for name in ("shop", "elsewhere")
    ]
    client.create_group(UserPoolId=pool_id, GroupName="staff")
    for name in ("aiko", "oda"):
        client.admin_create_user(UserPoolId=pool_id, Username=name)
        client.admin_set_user_password(UserPoolId=pool_id, Username=name, Password=PASSWORD, Permanent=True)
    client.admin_add_user_to_group(UserPoolId=pool_id, Username="oda", GroupName="staff")
    yield Pool(client, pool_id, apps[0], apps[1], moto_url)


@pytest.fixture
async def verifier(pool: Pool, tmp_path: Path) -> AsyncIterator[TokenVerifier]:
    async with opened_verifier(load(configured(pool, tmp_path), {})) as opened:
        yield opened


def configured(pool: Pool, folder: Path, audience_claim: str = "client_id", customer_claim: str = "username") -> Path:
    """The whole of what is to be set."""
    file = folder / "assistant.toml"
    file.write_text(
        f"""
        timeout_factor = 60
        [identity]
        issuer = "https://cognito-idp.{REGION}.amazonaws.com/{pool.pool_id}"
        jwks_url = "{pool.url}/{pool.pool_id}/.well-known/jwks.json"
        audience = ["{pool.app_id}"]
        audience_claim = "{audience_claim}"
        token_use = "access"
        customer_claim = "{customer_claim}"
        role_claim = "cognito:groups"
        operator_role = "staff"
        """,
        encoding="utf-8",
    )
    return file


async def test_an_access_token_of_the_pool_is_its_shoppers(pool: Pool, verifier: TokenVerifier) -> None:
    token = pool.tokens("aiko")["AccessToken"]
    assert jwt.get_unverified_header(token)["alg"] == "RS256"
    shopper = await verifier.identify(token)
    assert (shopper.customer_id, shopper.is_operator) == ("aiko", False)


async def test_who_is_in_the_group_of_the_staff_is_an_operator(pool: Pool, verifier: TokenVerifier) -> None:
    assert (await verifier.identify(pool.tokens("oda")["AccessToken"])).is_operator


async def test_a_token_of_another_app_of_the_pool_is_none(pool: Pool, verifier: TokenVerifier) -> None:
    with pytest.raises(Unauthenticated):
        await verifier.identify(pool.tokens("aiko", pool.other_app_id)["AccessToken"])


async def test_a_token_that_tells_who_somebody_is_gives_no_access(pool: Pool, tmp_path: Path) -> None:
    """By its use alone: all else that it says would do."""
    token = pool.tokens("aiko")["IdToken"]
    said = json.loads(jwt.utils.base64url_decode(token.split(".")[1]))
    assert (said["token_use"], said["aud"]) == ("id", pool.app_id)
    async with opened_verifier(load(configured(pool, tmp_path, "aud", "sub"), {})) as verifier:
        with pytest.raises(Unauthenticated):
            await verifier.identify(token)


async def test_a_token_that_was_changed_is_none(pool: Pool, verifier: TokenVerifier) -> None:
    head, said, signature = pool.tokens("aiko")["AccessToken"].split(".")
    claims = json.loads(jwt.utils.base64url_decode(said)) | {"cognito:groups": ["staff"]}
    forged = jwt.utils.base64url_encode(json.dumps(claims).encode()).decode()
    with pytest.raises(Unauthenticated):
        await verifier.identify(f"{head}.{forged}.{signature}")
