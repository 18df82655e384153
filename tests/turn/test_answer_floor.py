"""M-8: how alike two wordings must be for one answer, with the shipped encoder; the pairs are of one key each."""

import pytest

from mangaassist.models.encoder import OnnxEncoder
from mangaassist.models.provisioning import ProvisionedEncoder
from mangaassist.turn.answer_cache import FLOOR
from tests.patience import PATIENCE

SAME = [
    ("how do i change my password", "how can i change my password"),
    ("do you ship to hawaii", "do u ship to hawaii"),
    ("is the website accessible", "is your website accessible"),
    ("do you have a physical store", "is there a physical store"),
    ("what does backordered mean", "what is a backorder"),
]
OTHERS = [
    ("how do i turn on two step login", "how do i turn off two step login"),
    ("lost my gift card", "gift card not received"),
    ("where can i spend a gift card", "buy a gift card with a gift card"),
    ("how long does delivery take", "how long does international delivery take"),
]


@pytest.fixture
async def encoder(provisioned: ProvisionedEncoder):
    opened = OnnxEncoder(provisioned, PATIENCE)
    yield opened
    await opened.close()


async def test_only_wordings_of_the_same_question_reach_the_floor(encoder: OnnxEncoder) -> None:
    async def alike(one: str, other: str) -> float:
        first, second = await encoder.encode([one, other])
        return float(first @ second)

    assert all([await alike(*pair) >= FLOOR for pair in SAME])
    assert all([await alike(*pair) < FLOOR for pair in OTHERS])
