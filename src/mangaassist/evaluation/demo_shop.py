"""The whole assistant in this process beside a running demo store: conversations without an edge, a log or limits (E-1)."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any, Final

import aiohttp
import msgspec

from mangaassist.conversation.attempt import Answering
from mangaassist.conversation.records import answered_record
from mangaassist.domain.customers import GUEST, Identity
from mangaassist.domain.evidence import Degradation
from mangaassist.errors import BadInput
from mangaassist.evaluation.dialogues import Talk
from mangaassist.evaluation.expectations import Card, Heard
from mangaassist.evaluation.placeholders import Filled, Placeholders
from mangaassist.evaluation.shelves import Shelves, all_products
from mangaassist.guardrails.intake import Intake
from mangaassist.services.store import StoreServices
from mangaassist.turn.memory import Session
from mangaassist.turn.output import Stop
from mangaassist.turn.stages import Answered, Message
from mangaassist.wire.page import PageContext

Verify = Callable[[str | None], Awaitable[Identity]]


class Unheard:
    """Nobody listens to the pieces: the reviewed answer is what counts."""

    async def degraded(self, degradation: Degradation) -> None:
        pass

    async def text(self, content: str) -> None:
        pass


class DemoShop:
    """A ``Shop`` of dialogues: what was said in one is forgotten in the next."""

    def __init__(self, answering: Answering, services: StoreServices, shelves: Shelves, sign_in: "SignIn") -> None:
        self._answering = answering
        self._shelves = shelves
        self._sign_in = sign_in
        self._placeholders = Placeholders(shelves, services, sign_in)
        self._intake = Intake()
        self.titles = shelves.titles

    @classmethod
    async def open(cls, answering: Answering, services: StoreServices, store_url: str, verify: Verify) -> "DemoShop":
        """Read the catalogue and its prices. Raises ``ServiceFailure`` when the store is away."""
        products = await all_products(services.changes(0))
        prices = await services.for_turn(GUEST).prices(product.asin for product in products)
        if prices.value is None:
            raise BadInput("store_silent", f"the store's prices do not answer: {prices.failure}")
        return cls(answering, services, Shelves(products, prices.value), SignIn(store_url, verify))

    async def begin(self, dialogue_id: str, shopper: str) -> Talk:
        identity = await self._sign_in(shopper)
        session = Session(session_id=f"s_{dialogue_id}", customer_id=identity.customer_id)

        async def talk(message: str, page: dict[str, Any]) -> Heard:
            nonlocal session
            place = session.version
            asked = self._message(f"m{place}", message, msgspec.convert(page, PageContext), identity)
            answered = await self._answering.answer(asked, session, Unheard(), Stop())
            session = session.with_turn(answered_record(answered, 0, 1, datetime.now(UTC)))
            return self._heard(answered)

        return talk

    async def resolved(self, text: str, shopper: str) -> Filled:
        return await self._placeholders.filled(text, shopper)

    def _message(self, message_id: str, text: str, page: PageContext, identity: Identity) -> Message:
        screened = self._intake.screen(text)
        return Message(
            message_id=message_id,
            response_id=f"r_{message_id}",
            text=screened.text,
            identity=identity,
            page=page,
            at=datetime.now(UTC),
            findings=screened.findings,
            blocked=screened.blocked,
        )

    def _heard(self, answered: Answered) -> Heard:
        return Heard(
            text=answered.text,
            intent=answered.metadata.intent,
            acts=answered.metadata.acts,
            cards=tuple(Card(card.title, self._shelves.series_of.get(card.asin, "")) for card in answered.products),
            buttons=tuple(button.type for button in answered.actions),
            model=answered.metadata.model,
        )


class SignIn:
    """Who a shopper of the demo store is: signed in once, by the password that all of them have."""

    def __init__(self, store_url: str, verify: Verify) -> None:
        self._url = f"{store_url}/auth/token"
        self._verify = verify
        self._known: dict[str, Identity] = {"guest": GUEST}

    async def __call__(self, shopper: str) -> Identity:
        """Raises ``BadInput`` for a shopper whom the store does not know."""
        if shopper not in self._known:
            self._known[shopper] = await self._verify(await self._token(shopper))
        return self._known[shopper]

    async def _token(self, shopper: str) -> str:
        account = {"username": shopper, "password": f"{shopper}-demo"}
        try:
            async with aiohttp.ClientSession() as http, http.post(self._url, json=account, timeout=_LIMIT) as answer:
                if answer.status == 200:
                    return msgspec.json.decode(await answer.read())["access_token"]
        except aiohttp.ClientError as error:
            raise BadInput("store_silent", f"nobody signs in at {self._url}: {error}") from error
        raise BadInput("no_such_shopper", f"the store knows no shopper {shopper!r}")


_LIMIT: Final = aiohttp.ClientTimeout(total=30)
