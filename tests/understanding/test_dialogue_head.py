"""The head that reads a message in its dialogue, and the signs that it reads (T-4, T-10)."""

import numpy as np
import pytest

from mangaassist.domain.acts import Act
from mangaassist.domain.dialogue import NEW_DIALOGUE, DialogueState, Shown, Target
from mangaassist.domain.meaning import HeardAct
from mangaassist.understanding.dialogue_head import DialogueHead
from mangaassist.understanding.dialogue_signs import signs_of
from mangaassist.understanding.scene import NO_SCENE, Scene
from mangaassist.understanding.utterance import Limits, Mention, Pointer, Utterance

CARD = Shown(asin="B000000001", series_id="nana", title="Nana, Vol. 1")


def signs(utterance: Utterance, state: DialogueState = NEW_DIALOGUE, scene: Scene = NO_SCENE) -> dict[str, float]:
    return dict(signs_of(utterance, state, scene, (HeardAct(Act.FIND, 0.4, "model"),)))


def test_what_rules_read_of_a_message_are_signs_under_their_own_names() -> None:
    told = signs(
        Utterance(
            text="and the second one to canada, cheaper?", folded="and the second one to canada cheaper", is_fragment=True,
            mentions=(Mention(kind="country", value="CA", said="canada", start=0, end=6),),
            pointers=(Pointer(kind="place", places=(1,)),), limits=Limits(comparative="cheaper"),
            acts=(HeardAct(Act.SHIPS_TO, 0.8),), aspects=("faster",),
        )
    )  # fmt: skip
    expected = {"says is_fragment", "names country named", "points place", "bounds cheaper", "says aspects faster"}
    assert expected <= told.keys()
    assert told["ruled ships_to"] == 0.8
    assert told["heard find"] == 1.0
    assert told["how surely"] == 0.4
    assert "says is_question" not in told


def test_what_is_talked_of_is_a_sign() -> None:
    state = DialogueState(
        acts=(Act.TRACK, Act.ARRIVAL),
        shown=(CARD, CARD),
        targets=(Target(series_id="nana", volume=1),),
        topic="gift card",
    )
    told = signs(Utterance(text="why", folded="why"), state)
    expected = {
        "after track",
        "after order",
        "shown talked of 2",
        "targets talked of 1",
        "volume talked of",
        "holds topic gift card",
    }
    assert expected <= told.keys()
    assert told["after arrival"] == 0.5
    assert "begins" not in told
    assert "begins" in signs(Utterance(text="why", folded="why"))


def test_no_word_of_the_shopper_is_a_sign() -> None:
    utterance = Utterance(text="zzyzx", folded="zzyzx", words=("zzyzx",), stems=("zzyzx",), called="zzyzx")
    assert not any("zzyzx" in name for name in signs(utterance, DialogueState(question="zzyzx", called="zzyzx")))


def test_where_it_is_said_is_a_sign() -> None:
    scene = Scene(page=Target(asin="B000000001"), cart=("B000000001",), is_guest=False)
    told = signs(Utterance(text="?", folded=""), scene=scene)
    assert {"on a page", "on another page", "cart 1"} <= told.keys()
    assert "guest" not in told


def test_the_same_words_are_heard_by_what_was_talked_of() -> None:
    head = DialogueHead(
        acts=(Act.DELIVERY_TIME, Act.VOLUMES),
        places={"after shipping_cost": 0, "after about": 1},
        words=np.zeros((3, 2), np.float32),
        signs=np.eye(2, dtype=np.float32),
        inner=np.zeros(2, np.float32),
        outer=4 * np.eye(2, dtype=np.float32),
        bias=np.zeros(2, np.float32),
    )
    features = np.zeros(3, np.float32)
    of_shipping = head.probabilities(features, [("after shipping_cost", 1.0), ("never met", 1.0)])
    of_a_book = head.probabilities(features, [("after about", 1.0)])
    assert of_shipping[Act.DELIVERY_TIME] > 0.9 > 0.1 > of_a_book[Act.DELIVERY_TIME]
    assert sum(of_shipping.values()) == pytest.approx(1.0)


def test_the_head_that_ships_knows_every_act_and_gives_probabilities() -> None:
    head = DialogueHead.load()
    told = head.probabilities(np.ones(head.words.shape[0], np.float32) / head.words.shape[0] ** 0.5, [("begins", 1.0)])
    assert set(told) == set(Act) - {Act.TELLING}, "what only tells something a head of its own hears"
    assert sum(told.values()) == pytest.approx(1.0, abs=1e-4)
