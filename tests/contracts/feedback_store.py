"""What every store of feedback does (R-2); each adapter inherits the suite."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from mangaassist.edge.feedback import FEEDBACK_KEPT, Feedback, FeedbackStore
from mangaassist.testing.clock import START

MOMENT = timedelta(seconds=1)


def feedback(**fields: Any) -> Feedback:
    given = {"session_id": "s_1", "response_id": "r_1", "customer_id": "aiko", "feedback": "thumbs_up", "at": START}
    return Feedback(**(given | fields))


class FeedbackStoreContract:
    @pytest.fixture
    async def store(self) -> AsyncIterator[FeedbackStore]:
        raise NotImplementedError
        yield

    async def test_what_is_said_first_is_kept_as_it_was_said(self, store: FeedbackStore) -> None:
        said = feedback(comment="とても良い! 🦊 'quoted' \"twice\"")
        assert await store.keep(said) == said
        assert await store.keep(said) == said

    async def test_what_is_said_again_changes_nothing(self, store: FeedbackStore) -> None:
        first = await store.keep(feedback(comment="good"))
        assert await store.keep(feedback(feedback="thumbs_down", comment="bad", at=START + MOMENT)) == first
        assert await store.keep(feedback(feedback="thumbs_down", comment=None, at=START - MOMENT)) == first

    @pytest.mark.parametrize(
        "other", [{"session_id": "s_2"}, {"response_id": "r_2"}, {"customer_id": "ben"}, {"customer_id": None}]
    )
    async def test_other_answers_sessions_and_shoppers_each_have_their_own(
        self, store: FeedbackStore, other: dict[str, Any]
    ) -> None:
        first, second = feedback(), feedback(feedback="thumbs_down", **other)
        assert await store.keep(first) == first
        assert await store.keep(second) == second
        assert await store.keep(feedback(comment="again", **other)) == second
        assert await store.keep(feedback(comment="again")) == first

    async def test_names_that_only_look_alike_when_they_are_put_together_are_not_the_same(
        self, store: FeedbackStore
    ) -> None:
        told = [
            feedback(session_id=session_id, response_id=response_id, customer_id=customer_id)
            for session_id, response_id, customer_id in [
                ("s", "a#b", "c"), ("s", "a", "b#c"), ("s#a", "b", "c"), ("s", "a#b", None), ("s", "a", "None"),
                ("s", "a", None), ("s", "a", "guest"),
            ]
        ]  # fmt: skip
        assert [await store.keep(said) for said in told] == told

    async def test_of_many_who_say_it_at_once_all_hear_the_same_first_one(self, store: FeedbackStore) -> None:
        told = [feedback(comment=f"comment {number}") for number in range(8)]
        kept = await asyncio.gather(*map(store.keep, told))
        assert kept[0] in told
        assert kept == [kept[0]] * 8
        assert await store.keep(feedback()) == kept[0]

    async def test_what_has_expired_is_none(self, store: FeedbackStore) -> None:
        first = await store.keep(feedback())
        almost = feedback(feedback="thumbs_down", at=START + FEEDBACK_KEPT - MOMENT)
        assert await store.keep(almost) == first
        anew = feedback(feedback="thumbs_down", at=START + FEEDBACK_KEPT)
        assert await store.keep(anew) == anew
        assert await store.keep(feedback(at=START + FEEDBACK_KEPT + MOMENT)) == anew
