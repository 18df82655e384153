"""M-6, T-11, T-12: what is on the shelves for a wish, in the shopper's words, and what had to be given up for it."""

from decimal import Decimal
from types import SimpleNamespace

import pytest
from msgspec.structs import replace

from mangaassist.domain.acts import Act
from mangaassist.domain.chunks import ScoredChunk
from mangaassist.domain.derived import Derived, Relaxed
from mangaassist.domain.dialogue import DialogueState, Target
from mangaassist.domain.evidence import Degradation, Evidence, ProductEvidence, price_placeholder
from mangaassist.domain.keeping import Part
from mangaassist.domain.wishes import Label, Range, Wish
from mangaassist.models.writers.offline.phrasing import Phrasing
from tests.writing.hand_built import GHOSTS, GORE, HORROR, answer, composed, hook, shown, target, task

TEN = Range(None, Decimal(10))


@pytest.fixture(scope="session")
def uzumaki(shelf: SimpleNamespace) -> ProductEvidence:
    return replace(shelf.product("uzumaki"), fits=(HORROR,))


@pytest.fixture(scope="session")
def parasyte(shelf: SimpleNamespace) -> ProductEvidence:
    return replace(shelf.product("parasyte"), fits=(HORROR, GORE))


@pytest.fixture(scope="session")
def berserk(shelf: SimpleNamespace) -> ProductEvidence:
    return shelf.product("berserk")


class TestFind:
    def test_the_heading_repeats_the_whole_wish(self, uzumaki: ProductEvidence, parasyte: ProductEvidence) -> None:
        wish = Wish(wanted=(HORROR,), unwanted=(GORE,), finished=True, volumes=Range(None, Decimal(12)), price=TEN)
        said = answer(Act.FIND, Evidence(products=(uzumaki, parasyte), ceiling=Decimal(10)), (), wish)
        head = said.partition("\n")[0].lower()
        assert "finished scary books up to 12 volumes up to $10, none labelled body horror" in head

    def test_a_description_is_not_answered_as_if_anything_had_been_asked(self, uzumaki: ProductEvidence) -> None:
        said = answer(Act.FIND, Evidence(products=(uzumaki,)), (), Wish(words=("spirals", "everywhere")))
        assert "desc" in said.partition("\n")[0]

    def test_each_line_has_title_author_and_price(self, uzumaki: ProductEvidence, parasyte: ProductEvidence) -> None:
        said = answer(Act.FIND, Evidence(products=(uzumaki, parasyte)), (), Wish(wanted=(HORROR,)))
        assert "- **Uzumaki** by Junji Ito: " in said
        assert price_placeholder(uzumaki.asin) in said

    def test_what_sets_one_apart_is_its_reason(self, uzumaki: ProductEvidence, parasyte: ProductEvidence) -> None:
        said = answer(Act.FIND, Evidence(products=(uzumaki, parasyte)), (), Wish(wanted=(HORROR, GORE)))
        [line] = [line for line in said.splitlines() if "Parasyte" in line]
        assert "with body horror" in line.lower()
        assert "gore you asked for" not in said  # the catalog says no such thing

    def test_what_was_given_up_is_said(self, uzumaki: ProductEvidence) -> None:
        wish = Wish(wanted=(HORROR,), price=TEN)
        derived = Derived(relaxed=(Relaxed(what="price", bounds=TEN),))
        head = answer(Act.FIND, Evidence(products=(uzumaki,), derived=derived), (), wish).partition("\n")[0]
        assert "scary books up to $10" in head
        assert head.endswith("Without the price limit:")

    def test_two_wishes_get_a_group_each(self, uzumaki: ProductEvidence, berserk: ProductEvidence) -> None:
        wishes = (Wish(wanted=(HORROR,)), Wish(wanted=(Label("theme", "Fashion", "fashion"),)))
        said = answer(Act.FIND, Evidence(products=(uzumaki, replace(berserk, wish=1))), (), *wishes)
        assert said.index("Scary books:") < said.index("Uzumaki") < said.index("Fashion books:") < said.index("Berserk")

    def test_a_mature_title_is_called_one(self, uzumaki: ProductEvidence, berserk: ProductEvidence) -> None:
        assert "**Berserk** is rated Mature" in answer(Act.FIND, Evidence(products=(uzumaki, berserk)))

    def test_what_is_refused_is_said_by_what_was_left_out(self, uzumaki: ProductEvidence) -> None:
        wish = Wish(wanted=(HORROR,), unwanted=(Label("mood", "gory", "violent"),))
        said = answer(Act.FIND, Evidence(products=(uzumaki,)), (), wish)
        assert "leaving out what is rated Mature" in said
        assert "I can't tell how much violence" in said
        assert "nothing violent" not in said

    def test_a_thing_that_no_label_names_is_not_said_to_be_there(self, uzumaki: ProductEvidence) -> None:
        said = answer(Act.FIND, Evidence(products=(uzumaki,)), (), Wish(wanted=(Label("mood", "horses", "horses"),)))
        assert "by the labels nearest to horses" in said

    def test_a_limit_for_a_whole_series_that_only_volume_1_was_held_against_is_not_claimed(
        self, uzumaki: ProductEvidence
    ) -> None:
        wish = Wish(wanted=(HORROR,), price=TEN, in_full=True)
        checked = replace(uzumaki, keeps=((Part("wanted", HORROR), "kept"), (Part("price"), "first")))
        said = answer(Act.FIND, Evidence(products=(checked,), ceiling=Decimal(10)), (), wish)
        assert "$10" not in said
        assert "that holds of volume 1" in said

    def test_that_pages_were_not_gone_by_is_said_once(self, uzumaki: ProductEvidence) -> None:
        wish = Wish(wanted=(HORROR,), pages="under 220 pages")
        once = task(Act.FIND, Evidence(products=(uzumaki,)), (), wish)
        assert "“under 220 pages”" in composed(once, Phrasing(once))
        again = replace(once, state=replace(once.state, wish=wish))
        assert "“under 220 pages”" not in composed(again, Phrasing(again))

    def test_nothing_found_offers_what_could_be_given_up(self) -> None:
        wish = Wish(wanted=(GHOSTS,), price=TEN, finished=True)
        asked = task(Act.FIND, Evidence(ceiling=Decimal(10)), (), wish)
        phrasing = Phrasing(asked)
        said = composed(asked, phrasing)
        assert "finished ghost books up to $10" in said
        assert said.endswith("?")
        assert phrasing.notes.proposal is not None
        assert phrasing.notes.proposal.wish == Wish(wanted=(GHOSTS,), finished=True)

    def test_what_costs_too_much_is_said_to_with_its_price(self, berserk: ProductEvidence) -> None:
        evidence = Evidence(products=(berserk,), over_limit=frozenset({berserk.asin}), ceiling=Decimal(10))
        said = answer(Act.FIND, evidence, [target(berserk)], Wish(price=TEN))
        assert f"costs {price_placeholder(berserk.asin)}, which is over your $10." in said

    def test_without_pricing_a_limit_is_said_to_be_unchecked(
        self, shelf: SimpleNamespace, uzumaki: ProductEvidence
    ) -> None:
        evidence = Evidence(
            products=(replace(uzumaki, price=None),), ceiling=Decimal(10), degraded=shelf.without("pricing")
        )
        said = answer(Act.FIND, evidence, (), Wish(wanted=(HORROR,), price=TEN))
        assert "couldn't check them against your limit" in said
        assert "$" not in said

    def test_without_the_catalog_it_says_so(self, shelf: SimpleNamespace) -> None:
        said = answer(Act.FIND, Evidence(degraded=shelf.without("catalog")), (), Wish(wanted=(HORROR,)))
        assert "can't reach our catalog" in said

    def test_without_the_catalog_a_guide_is_pointed_to_and_no_book_that_nobody_asked_for(
        self, shelf: SimpleNamespace
    ) -> None:
        (guide,) = shelf.searched("horror for beginners", ("editorial",), 1)
        book = ScoredChunk(replace(guide.chunk, title="Uzumaki, Vol. 1", source_type="product"), 0.9)
        evidence = Evidence(degraded=shelf.without("catalog"), chunks=(book, guide))
        said = answer(Act.FIND, evidence, (), Wish(wanted=(HORROR,)))
        assert f"Our guide “{guide.chunk.title}” may help meanwhile." in said
        assert "Uzumaki" not in said


class TestCarries:
    def test_a_title_that_is_there_is_a_yes_with_its_price(self, berserk: ProductEvidence) -> None:
        said = answer(Act.CARRIES, Evidence(products=(berserk,)), [target(berserk)])
        assert said.startswith("Yes")
        assert f"**Berserk, Vol. 1**: {price_placeholder(berserk.asin)}, in stock." in said

    def test_several_titles_get_a_line_each_and_a_missing_one_is_denied(
        self, berserk: ProductEvidence, uzumaki: ProductEvidence
    ) -> None:
        lost = Target(series_id="lost", title="Lost Series")
        said = answer(Act.CARRIES, Evidence(products=(berserk, uzumaki)), [target(berserk), target(uzumaki), lost])
        assert said.startswith("Some of them:")
        assert said.count("\n- ") == 2
        assert "**Lost Series**" in said

    def test_an_unknown_title_is_denied(self) -> None:
        said = answer(Act.CARRIES, Evidence(), (), Wish(words=("solo", "leveling")))
        assert "title" in said
        assert not said.startswith("Yes")

    def test_the_volume_that_was_named_is_the_one_that_is_answered(self, shelf: SimpleNamespace) -> None:
        fourth = shelf.product("berserk", 4)
        said = answer(Act.CARRIES, Evidence(products=(fourth,)), [target(fourth, 4)])
        assert f"**Berserk, Vol. 4** at {price_placeholder(fourth.asin)}, in stock" in said

    def test_a_volume_that_never_came_out_is_denied(self, berserk: ProductEvidence) -> None:
        assert "no volume 99" in answer(Act.CARRIES, Evidence(products=(berserk,)), [target(berserk, 99)])


class TestExtremes:
    def test_the_cheapest_is_one_and_named(self, uzumaki: ProductEvidence, berserk: ProductEvidence) -> None:
        evidence = Evidence(products=(berserk, uzumaki), derived=Derived(cheapest=uzumaki.asin))
        first = answer(Act.CHEAPEST, evidence).partition(". After")[0]
        assert "**Uzumaki, Vol. 1**" in first
        assert "Berserk" not in first

    def test_nothing_is_called_the_dearest_of_all_unless_all_could_be_asked(
        self, shelf: SimpleNamespace, uzumaki: ProductEvidence, berserk: ProductEvidence
    ) -> None:
        evidence = Evidence(products=(berserk, uzumaki), degraded=shelf.without("pricing"))
        assert "hese" in answer(Act.DEAREST, evidence)

    def test_of_what_was_shown_the_best_rated_is_named_with_its_rating(
        self, uzumaki: ProductEvidence, berserk: ProductEvidence
    ) -> None:
        evidence = Evidence(products=(berserk, uzumaki), derived=Derived(best_rated=uzumaki.asin))
        said = answer(Act.BEST_RATED, evidence, state=DialogueState(shown=shown(berserk, uzumaki)))
        assert "hese" in said
        assert "**Uzumaki**" in said.partition(":")[0]
        assert "4.7 out of 5" in said


class TestMore:
    def test_more_is_more_with_no_repetition_of_the_wish(self, uzumaki: ProductEvidence) -> None:
        said = answer(Act.MORE, Evidence(products=(uzumaki,)), (), Wish(wanted=(HORROR,)))
        assert "scary books" not in said
        assert "**Uzumaki**" in said

    def test_the_authors_other_series_leave_out_the_one_asked_from(
        self, uzumaki: ProductEvidence, berserk: ProductEvidence
    ) -> None:
        said = answer(Act.BY_SAME_AUTHOR, Evidence(products=(berserk, uzumaki)), [target(berserk)])
        assert "**Uzumaki**" in said
        assert "- **Berserk**" not in said

    def test_only_what_can_be_preordered_is_offered_for_it(self, uzumaki: ProductEvidence) -> None:
        assert "don't see anything to preorder" in answer(Act.PREORDERS, Evidence(products=(uzumaki,)))

    @pytest.mark.parametrize("act", [Act.CHEAPEST, Act.DEAREST])
    def test_what_was_to_be_ranked_by_price_is_not_denied_while_nobody_knows_prices(self, act: Act) -> None:
        ordering = "cheapest" if act is Act.CHEAPEST else "dearest"
        wish = Wish(wanted=(HORROR,), ordering=ordering)
        pricing_down = Evidence(degraded=(Degradation("pricing", "prices are left out"),))
        assert "don't see" not in answer(act, pricing_down, (), wish)
        assert "don't" in answer(act, Evidence(), (), wish)

    def test_no_opening_is_heard_twice(self, uzumaki: ProductEvidence) -> None:
        state, openings = DialogueState(), list[str]()
        for turn in range(4):
            asked = task(Act.MORE, Evidence(products=(uzumaki,)), state=state, text=f"more {turn}")
            phrasing = Phrasing(asked)
            openings.append(composed(asked, phrasing).partition("\n")[0])
            state = DialogueState(phrases=(*state.phrases, *phrasing.notes.phrases))
        assert len(set(openings)) == 4


class TestOffers:
    def test_long_series_bring_an_offer_of_shorter_ones(
        self, berserk: ProductEvidence, uzumaki: ProductEvidence
    ) -> None:
        asked = task(Act.FIND, Evidence(products=(berserk, uzumaki)), (), Wish(wanted=(HORROR,)))
        phrasing = Phrasing(asked)
        assert "horter" in hook(asked, phrasing)
        assert phrasing.notes.proposal is not None
        assert phrasing.notes.proposal.wish.wanted == (HORROR,)
        assert phrasing.notes.proposal.wish.volumes.most is not None

    def test_a_question_of_its_own_is_offered_nothing_beside_it(self) -> None:
        assert hook(task(Act.FIND, Evidence(), (), Wish(wanted=(HORROR,), price=TEN))) == ""


def test_a_wish_in_words_that_nobody_knows_is_not_called_a_wish_for_everything_else() -> None:
    wish = Wish(words=("zesty",), unwanted=(Label("genre", "Romance", "romance"),))
    text = answer(Act.FIND, Evidence(), (), wish)
    assert "zesty" in text
    assert "books, without romance" not in text
