"""M-6, T-10, T-11: what is asked of a book is answered by what the evidence concludes, the verdict first."""

from datetime import UTC, date, datetime
from decimal import Decimal
from types import SimpleNamespace

import pytest
from msgspec.structs import replace

from mangaassist.domain.acts import Act
from mangaassist.domain.chunks import Chunk, ScoredChunk
from mangaassist.domain.derived import AgeFit, Derived, Line, ReadingPart, SetOrSingles, Total
from mangaassist.domain.dialogue import DialogueState, Reckoning, Target
from mangaassist.domain.evidence import Evidence, ProductEvidence, price_placeholder
from mangaassist.domain.products import Format, Stock
from mangaassist.domain.store_facts import Membership, StoreFacts
from mangaassist.domain.wishes import Label, Reader, Wish
from mangaassist.domain.writing import WritingTask
from mangaassist.models.writers.offline.phrasing import Phrasing
from tests.writing.at_the_counter import WRITER
from tests.writing.hand_built import HORROR, answer, composed, hook, shown, target, task


@pytest.fixture(scope="session")
def berserk(shelf: SimpleNamespace) -> ProductEvidence:
    return shelf.product("berserk")


@pytest.fixture(scope="session")
def deluxe(shelf: SimpleNamespace) -> ProductEvidence:
    return shelf.product("berserk", None, "omnibus")


@pytest.fixture(scope="session")
def narutos(shelf: SimpleNamespace) -> tuple[ProductEvidence, ...]:
    return tuple(shelf.product("naruto", number) for number in range(1, 6))


def numbered(volumes: tuple[ProductEvidence, ...]) -> list[Target]:
    return [target(one, one.product.volume) for one in volumes]


def whole(title: str, price: str) -> SetOrSingles:
    return SetOrSingles(
        asins=(), title=title, first=1, last=9, set_price=Decimal(price), singles_price=Decimal(price),
        saves=Decimal(0), currency="USD", complete=True,
    )  # fmt: skip


def in_state(known: ProductEvidence, state: str, back: date | None = None) -> ProductEvidence:
    return replace(known, stock=Stock(asin=known.asin, state=state, restock_date=back))


def reviews_of(known: ProductEvidence) -> tuple[ScoredChunk, ...]:
    page = Chunk(
        chunk_id="r#0",
        document_id="r",
        title=f"What readers say about {known.product.series_title}",
        content="Readers are gripped.\nPraised: art, story.\nCriticised: slow release.",
        source_type="reviews",
        category=known.product.series_id,
        asin=known.asin,
        last_updated=datetime(2026, 11, 1, tzinfo=UTC),
        version=1,
    )
    return (ScoredChunk(page, 0.7),)


TOLD = [
    (Act.AUTHOR, "is by Kentaro Miura"),
    (Act.PUBLISHER, "is published by Dark Horse Manga"),
    (Act.YEAR, "came out in 1989"),
    (Act.PAGES, "has 208 pages"),
    (Act.ISBN, "The ISBN of"),
    (Act.LANGUAGE, "is in English"),
    (Act.GENRE, "a seinen series (aimed at adult men)"),
    (Act.VOLUMES, "has 43 volumes so far"),
    (Act.FINISHED, "No, **Berserk** is still running"),
    (Act.ABOUT, "swordsman Guts"),
    (Act.START, "Start with **Berserk, Vol. 1**"),
    (Act.LATEST, "is volume 43"),
    (Act.WORTH_IT, "4.6 out of 5"),
]


@pytest.mark.parametrize(("act", "told"), TOLD, ids=[act for act, _ in TOLD])
def test_a_fact_is_told_first_thing(act: Act, told: str, berserk: ProductEvidence) -> None:
    assert told in answer(act, Evidence(products=(berserk,)), [target(berserk)]).partition("\n")[0]


def test_whether_it_still_goes_on_is_answered_with_yes_where_it_does(berserk: ProductEvidence) -> None:
    """T-11: the verdict is said to what was asked, and not to its opposite."""
    over = replace(berserk, product=replace(berserk.product, series_status="finished"))
    told = [
        answer(Act.FINISHED, Evidence(products=(one,)), [target(one)], asks_ongoing=True).partition(",")[0]
        for one in (berserk, over)
    ]
    assert told == ["Yes", "No"]


@pytest.mark.parametrize(("act", "asked"), [(Act.FINISHED, "when it ends"), (Act.VOLUMES, "how many volumes")])
def test_who_asks_for_the_end_of_a_running_series_hears_that_nobody_knows(
    act: Act, asked: str, berserk: ProductEvidence
) -> None:
    said = answer(act, Evidence(products=(berserk,)), [target(berserk)], premise="ending")
    assert said.startswith(f"Nobody has said yet {asked}")


def test_several_acts_are_answered_in_order_in_one_paragraph(berserk: ProductEvidence) -> None:
    said = answer([Act.PUBLISHER, Act.AUTHOR, Act.YEAR], Evidence(products=(berserk,)), [target(berserk)])
    assert (
        said
        == "**Berserk** is published by Dark Horse Manga. It's by Kentaro Miura and Studio Gaga. It first came out in 1989."
    )


class TestPrices:
    def test_price_and_stock_are_one_sentence(self, berserk: ProductEvidence) -> None:
        said = answer([Act.PRICE, Act.STOCK], Evidence(products=(berserk,)), [target(berserk, 1)])
        assert said == f"**Berserk, Vol. 1** is {price_placeholder(berserk.asin)} today and in stock."

    def test_volumes_at_one_price_are_told_at_once(self, narutos: tuple[ProductEvidence, ...]) -> None:
        said = answer(Act.PRICE, Evidence(products=narutos), numbered(narutos))
        assert said == f"Volumes 1 to 5 of **Naruto** are {price_placeholder(narutos[0].asin)} each."

    def test_books_at_different_prices_are_told_one_by_one(
        self, berserk: ProductEvidence, deluxe: ProductEvidence
    ) -> None:
        asked = [target(berserk, 1), target(deluxe, None, Format.OMNIBUS)]
        said = answer(Act.PRICE, Evidence(products=(berserk, deluxe)), asked)
        assert price_placeholder(berserk.asin) in said
        assert price_placeholder(deluxe.asin) in said

    def test_a_sum_is_told_first_where_a_sum_is_asked(self, narutos: tuple[ProductEvidence, ...]) -> None:
        lines = tuple(Line(asin=one.asin, title=one.product.title, amount=Decimal("9.99")) for one in narutos)
        total = Total(of="named", lines=lines, amount=Decimal("49.95"), currency="USD")
        evidence = Evidence(products=narutos, derived=Derived(total=total))
        assert answer([Act.PRICE, Act.TOTAL], evidence, numbered(narutos)).startswith(
            "Together they come to **$49.95**."
        )

    def test_a_member_sees_the_member_price_with_its_name(
        self, shelf: SimpleNamespace, berserk: ProductEvidence
    ) -> None:
        assert berserk.price
        known = replace(berserk, price=replace(berserk.price, member=Decimal("7.50")))
        facts = StoreFacts(membership=Membership(name="Inkwell Circle"))
        member = Evidence(products=(known,), customer=shelf.aiko, facts=facts)
        assert "($7.50 with Inkwell Circle)" in answer(Act.PRICE, member, [target(known, 1)])
        assert "7.50" not in answer(Act.PRICE, replace(member, customer=None), [target(known, 1)])

    def test_an_unknown_price_is_not_made_up(self, berserk: ProductEvidence) -> None:
        said = answer(Act.PRICE, Evidence(products=(replace(berserk, price=None),)), [target(berserk, 1)])
        assert "can't confirm the price" in said


class TestStock:
    def test_all_of_them_are_said_to_be_there(self, narutos: tuple[ProductEvidence, ...]) -> None:
        said = answer(Act.STOCK, Evidence(products=narutos), numbered(narutos))
        assert said == "Yes, volumes 1 to 5 of **Naruto** are all in stock."

    def test_those_that_are_not_are_named(self, narutos: tuple[ProductEvidence, ...]) -> None:
        some = (narutos[0], in_state(narutos[1], "backorder", date(2026, 12, 5)))
        said = answer(Act.STOCK, Evidence(products=some), numbered(some))
        assert said.startswith("Not all of them. Volume 1 of **Naruto** is in stock.")
        assert "**Naruto, Vol. 2** is on backorder, expected December 5." in said

    def test_what_is_not_there_has_no_date_unless_the_store_has_one(self, berserk: ProductEvidence) -> None:
        gone = in_state(berserk, "out_of_stock")
        assert "no date" in answer(Act.RESTOCK, Evidence(products=(gone,)), [target(gone, 1)])

    def test_a_stock_alert_is_explained_by_the_stores_page(
        self, shelf: SimpleNamespace, berserk: ProductEvidence
    ) -> None:
        gone = in_state(berserk, "out_of_stock")
        evidence = Evidence(products=(gone,), chunks=shelf.searched("tell me when a book is back in stock"))
        assert "Notify me" in answer(
            Act.NOTIFY, evidence, [target(gone, 1)], question="tell me when a book is back in stock"
        )


class TestWhatIsNotThere:
    def test_a_volume_beyond_the_last_is_denied_with_the_number_there_is(self, berserk: ProductEvidence) -> None:
        said = answer(Act.PRICE, Evidence(products=(berserk,)), [target(berserk, 99)])
        assert said == "There's no volume 99 of **Berserk** in our catalog: it lists 43 volumes."

    def test_the_volumes_that_are_there_are_answered_all_the_same(self, shelf: SimpleNamespace) -> None:
        last = shelf.product("naruto", 72)
        said = answer(Act.PRICE, Evidence(products=(last,)), [target(last, number) for number in (72, 73, 74)])
        assert "no volume 73 or 74" in said
        assert price_placeholder(last.asin) in said

    def test_an_edition_that_is_not_there_is_denied_and_the_others_shown(self, berserk: ProductEvidence) -> None:
        said = answer(Act.PRICE, Evidence(products=(berserk,)), [target(berserk, None, Format.BOX_SET)])
        assert said.startswith("We don't have **Berserk** as a box set.")
        assert price_placeholder(berserk.asin) in said

    def test_of_two_series_each_has_its_own_paragraph(
        self, berserk: ProductEvidence, narutos: tuple[ProductEvidence, ...]
    ) -> None:
        wanted = [replace(target(one), format=Format.HARDCOVER) for one in (berserk, narutos[0])]
        said = answer(Act.EDITION, Evidence(products=(berserk, narutos[0])), wanted)
        lines = said.split("\n")
        assert sum(line.startswith("- ") for line in lines) == 2
        assert all("Naruto" not in line or line.startswith(("I don", "We don", "There")) for line in lines), said

    def test_a_volume_that_one_edition_lacks_is_not_denied_altogether(self, berserk: ProductEvidence) -> None:
        said = answer(Act.PRICE, Evidence(products=(berserk,)), [target(berserk, 4, Format.HARDCOVER)])
        assert said == "We don't have volume 4 of **Berserk** as a hardcover."

    def test_what_is_asked_of_a_series_does_not_need_the_volume_that_was_named(self, berserk: ProductEvidence) -> None:
        said = answer(Act.AUTHOR, Evidence(products=(berserk,)), [target(berserk, 99)])
        assert said == "**Berserk** is by Kentaro Miura and Studio Gaga."

    def test_a_sequel_that_does_not_exist_is_denied(self, shelf: SimpleNamespace) -> None:
        known = shelf.product("akira")
        said = answer(Act.PRICE, Evidence(products=(known,)), [target(known)], premise="sequel")
        assert said.startswith("There's no sequel to **Akira**")

    def test_a_special_edition_that_is_not_there_is_denied(self, shelf: SimpleNamespace) -> None:
        known = shelf.product("akira")
        said = answer(Act.PRICE, Evidence(products=(known,)), [target(known)], premise="edition")
        assert said.startswith("We don't have that edition of **Akira**")

    def test_a_wrong_number_of_volumes_is_put_right(self, shelf: SimpleNamespace) -> None:
        known = shelf.product("naruto")
        said = answer(Act.PRICE, Evidence(products=(known,)), [target(known)], premise="volumes")
        assert said.startswith("**Naruto** has 72 volumes")

    def test_who_translated_it_is_not_known(self, berserk: ProductEvidence) -> None:
        assert "don't know who translated" in answer(Act.TRANSLATOR, Evidence(products=(berserk,)), [target(berserk)])

    def test_an_anime_is_not_made_up(self, berserk: ProductEvidence) -> None:
        assert "don't know whether" in answer(Act.ADAPTATION, Evidence(products=(berserk,)), [target(berserk)])


class TestEditions:
    def test_each_edition_has_a_line(self, berserk: ProductEvidence, deluxe: ProductEvidence) -> None:
        said = answer(Act.EDITION, Evidence(products=(berserk, deluxe)), [target(berserk)])
        assert said.count("\n- ") == 2
        assert "43 volumes" in said
        assert "(volumes 1 to 3)" in said

    @pytest.mark.parametrize(
        ("set_price", "verdict"), [("30.00", "The set is cheaper"), ("50.00", "The single volumes are cheaper")]
    )
    def test_a_set_is_weighed_against_its_volumes(
        self, set_price: str, verdict: str, berserk: ProductEvidence, deluxe: ProductEvidence
    ) -> None:
        weighed = SetOrSingles(
            asins=(deluxe.asin,), title="Berserk Deluxe", first=1, last=3, set_price=Decimal(set_price),
            singles_price=Decimal("45.00"), saves=Decimal("45.00") - Decimal(set_price), currency="USD",
        )  # fmt: skip
        evidence = Evidence(products=(berserk, deluxe), derived=Derived(sets=(weighed,)))
        said = answer(Act.SET_OR_SINGLES, evidence, [target(berserk)])
        assert said.startswith(verdict)
        assert f"${abs(weighed.saves)}" in said

    @pytest.mark.parametrize(
        ("against", "first"),
        [
            ("dearest", "In full, **Berserk** costs more: **$90.00** at the least, $50.00 more than **Uzumaki**."),
            ("cheapest", "In full, **Uzumaki** costs less: **$40.00** at the least, $50.00 less than **Berserk**."),
        ],
    )
    def test_which_of_two_whole_series_costs_more_is_said_before_what_each_costs(
        self, against: str, first: str, berserk: ProductEvidence, shelf: SimpleNamespace
    ) -> None:
        other = shelf.product("uzumaki")
        ways = tuple(whole(title, price) for title, price in (("Berserk", "90.00"), ("Uzumaki", "40.00")))
        evidence = Evidence(products=(berserk, other), derived=Derived(ways=ways))
        asked = [replace(target(one), volume=None, asin=None) for one in (berserk, other)]
        said = answer(Act.TOTAL, evidence, asked, reckoning=Reckoning(against=against))
        assert said.splitlines()[0] == first
        assert said.count("\n- ") == 2

    def test_two_series_are_compared_line_by_line_with_a_verdict(
        self, berserk: ProductEvidence, shelf: SimpleNamespace
    ) -> None:
        other = shelf.product("uzumaki")
        said = answer(Act.COMPARE, Evidence(products=(berserk, other)), [target(berserk), target(other)])
        assert said.startswith("**Berserk** has more action, adventure and fantasy; **Uzumaki** has more")
        assert "**Berserk** is longer, 43 volumes to 3; readers rate **Uzumaki** higher:" in said
        assert said.count("\n- ") == 2

    def test_a_whole_series_is_summed_and_the_cheapest_way_to_own_it_told(
        self, berserk: ProductEvidence, shelf: SimpleNamespace
    ) -> None:
        volumes = [shelf.product("uzumaki", number) for number in (1, 2, 3)]
        lines = tuple(Line(asin=one.asin, title=one.product.title, amount=Decimal(10)) for one in volumes)
        box = SetOrSingles(
            asins=("B000000001",), title="Uzumaki Deluxe", first=1, last=3, set_price=Decimal(25),
            singles_price=Decimal(30), saves=Decimal(5), currency="USD", complete=True,
        )  # fmt: skip
        derived = Derived(
            total=Total(of="named", lines=lines, amount=Decimal(30), currency="USD"), sets=(box,), cheapest_way=box
        )
        said = answer(Act.TOTAL, Evidence(products=(volumes[0],), derived=derived), [target(volumes[0])])
        assert said.startswith("All 3 volumes together come to **$30.00**.")
        assert "so you save $5.00" in said

    def test_another_volume_of_what_was_pointed_at_is_the_one_that_is_answered(self, shelf: SimpleNamespace) -> None:
        first, third = shelf.product("berserk", 1), shelf.product("berserk", 3)
        pointed = replace(target(first, 3), asin=first.asin)
        assert price_placeholder(third.asin) in answer(Act.PRICE, Evidence(products=(third,)), [pointed])


class TestTheWayThrough:
    def test_the_next_volume_is_named_with_its_price(self, shelf: SimpleNamespace, berserk: ProductEvidence) -> None:
        fourth = shelf.product("berserk", 4)
        evidence = Evidence(products=(berserk, fourth), derived=Derived(next_volume=4))
        said = answer(Act.NEXT_VOLUME, evidence, [target(berserk)])
        assert said.startswith(f"Next is **Berserk, Vol. 4**: {price_placeholder(fourth.asin)}")

    def test_after_the_last_volume_there_is_none(self, berserk: ProductEvidence) -> None:
        last = replace(target(berserk), volume=berserk.product.series_volumes)
        assert "no volume after that yet" in answer(Act.NEXT_VOLUME, Evidence(products=(berserk,)), [last])

    def test_of_a_finished_series_no_volume_comes_yet_or_ever(self, berserk: ProductEvidence) -> None:
        ended = replace(berserk, product=replace(berserk.product, series_status="finished"))
        told = answer(Act.NEXT_VOLUME, Evidence(products=(ended,)), [replace(target(ended), volume=43)])
        assert "finished" in told
        assert "yet" not in told

    def test_who_has_not_said_how_far_they_are_is_asked_instead_of_told_that_it_ends(
        self, berserk: ProductEvidence
    ) -> None:
        told = answer(Act.NEXT_VOLUME, Evidence(products=(berserk,)), [target(berserk)])
        assert "last volume you've read" in told

    def test_parts_are_numbered_in_the_order_to_read(self, berserk: ProductEvidence) -> None:
        parts = tuple(ReadingPart(series_id=name, title=name, volumes=3) for name in ("Part 1", "Part 2"))
        evidence = Evidence(products=(berserk,), derived=Derived(reading_order=parts))
        said = answer(Act.READING_ORDER, evidence, [target(berserk)])
        assert "1. **Part 1** (3 volumes)\n2. **Part 2**" in said


class TestReaders:
    def test_reviews_are_praise_and_criticism(self, berserk: ProductEvidence) -> None:
        evidence = Evidence(products=(berserk,), chunks=reviews_of(berserk))
        said = answer(Act.REVIEWS, evidence, [target(berserk)])
        assert "praise art and story" in said
        assert "slow release" in said

    def test_whoever_asks_again_hears_the_criticism_first(self, berserk: ProductEvidence) -> None:
        evidence = Evidence(products=(berserk,), chunks=reviews_of(berserk))
        said = answer(Act.REVIEWS, evidence, [target(berserk)], state=DialogueState(acts=(Act.REVIEWS,)))
        assert said.startswith("What readers criticise: slow release.")

    @pytest.mark.parametrize(("mean", "verdict"), [(4.7, "eaders"), (4.0, "yes"), (3.2, "pinions|depends")])
    def test_whether_it_is_worth_it_is_what_readers_say(
        self, mean: float, verdict: str, berserk: ProductEvidence
    ) -> None:
        assert berserk.rating
        known = replace(berserk, rating=replace(berserk.rating, mean=mean))
        said = answer(Act.WORTH_IT, Evidence(products=(known,)), [target(known)])
        assert any(word in said for word in verdict.split("|"))
        assert f"{mean} out of 5" in said

    def test_how_scary_it_is_goes_by_what_it_has(self, shelf: SimpleNamespace) -> None:
        known = shelf.product("uzumaki")
        said = answer(Act.CONTENT, Evidence(products=(known,)), [target(known)], Wish(wanted=(HORROR,)))
        assert said.startswith("Yes")
        assert "scary" in said

    def test_what_its_labels_do_not_say_is_not_claimed(self, shelf: SimpleNamespace) -> None:
        known = shelf.product("uzumaki")
        cosy = Wish(wanted=(Label("mood", "cosy", "cosy"),))
        said = answer(Act.CONTENT, Evidence(products=(known,)), [target(known)], cosy)
        assert said.startswith("Nothing in the genres and themes of **Uzumaki** says cosy")


class TestAges:
    def asked(self, shelf: SimpleNamespace, age: int) -> WritingTask:
        known = shelf.product("naruto")
        fit = AgeFit(series_id="naruto", title="Naruto", rating="Teen", least_age=13, reader_age=age, fits=age >= 13)
        reader = Reader("my nephew", age, is_child=True, is_self=False)
        evidence = Evidence(products=(known,), derived=Derived(ages=(fit,)))
        return task(Act.AGE_FIT, evidence, [target(known)], Wish(reader=reader))

    def test_a_reader_who_is_old_enough_gets_a_yes(self, shelf: SimpleNamespace) -> None:
        said = composed(self.asked(shelf, 14))
        assert said.startswith("Yes")
        assert "your nephew, 14" in said

    def test_a_reader_who_is_too_young_gets_a_no_and_an_offer(self, shelf: SimpleNamespace) -> None:
        asked = self.asked(shelf, 10)
        phrasing = Phrasing(asked)
        assert "meant for 13 and up" in composed(asked, phrasing)
        proposal = phrasing.notes.proposal
        assert proposal is not None
        assert (proposal.act, proposal.wish.like) == (Act.RECOMMEND, ("naruto",))

    def test_without_an_age_the_rating_is_explained(self, berserk: ProductEvidence) -> None:
        fit = AgeFit(series_id="berserk", title="Berserk", rating="Mature", least_age=18)
        said = answer(Act.AGE_FIT, Evidence(products=(berserk,), derived=Derived(ages=(fit,))), [target(berserk)])
        assert said == "**Berserk** is rated Mature, which is meant for 18 and up."


class TestWhichBook:
    def test_without_a_book_the_shopper_is_asked_which(self) -> None:
        asked = task(Act.PRICE)
        phrasing = Phrasing(asked)
        assert "title" in composed(asked, phrasing)
        assert phrasing.notes.asked_for == "product"

    def test_where_several_were_shown_they_are_named_to_choose_from(
        self, berserk: ProductEvidence, narutos: tuple[ProductEvidence, ...]
    ) -> None:
        asked = task(Act.VOLUMES, state=DialogueState(shown=shown(berserk, narutos[0])))
        phrasing = Phrasing(asked)
        said = composed(asked, phrasing)
        assert "**Berserk, Vol. 1** or **Naruto, Vol. 1**" in said
        assert phrasing.notes.asked_for == "product"

    def test_a_book_that_nobody_named_is_said_to_be_assumed(self, berserk: ProductEvidence) -> None:
        assert "you mean **Berserk**" in answer(Act.PRICE, Evidence(products=(berserk,)))

    def test_without_the_catalog_it_says_so(self, shelf: SimpleNamespace) -> None:
        assert "can't reach our catalog" in answer(Act.PRICE, Evidence(degraded=shelf.without("catalog")))

    def test_without_the_catalog_readers_are_told_of_from_the_page_of_the_very_book(
        self, shelf: SimpleNamespace, berserk: ProductEvidence
    ) -> None:
        pages = (*reviews_of(shelf.product("uzumaki")), *reviews_of(berserk))
        evidence = Evidence(degraded=shelf.without("catalog"), chunks=pages)
        said = answer(Act.REVIEWS, evidence, [target(berserk)])
        assert (
            "What readers say about Berserk”: Readers praise art and story; what they criticise: slow release." in said
        )
        assert "Uzumaki" not in said

    def test_without_the_catalog_no_other_book_s_page_is_quoted(
        self, shelf: SimpleNamespace, berserk: ProductEvidence
    ) -> None:
        evidence = Evidence(degraded=shelf.without("catalog"), chunks=reviews_of(shelf.product("uzumaki")))
        assert "page" not in answer(Act.REVIEWS, evidence, [target(berserk)])


class TestOffers:
    def test_a_question_may_end_in_an_offer_that_yes_accepts(self, berserk: ProductEvidence) -> None:
        asked = task(Act.ABOUT, Evidence(products=(berserk,)), [target(berserk)])
        phrasing = Phrasing(asked)
        assert hook(asked, phrasing).endswith("?")
        assert phrasing.notes.proposal is not None
        assert phrasing.notes.proposal.act is Act.REVIEWS

    def test_nothing_is_offered_after_a_no(self, berserk: ProductEvidence) -> None:
        declined = DialogueState(acts=(Act.NO,))
        assert hook(task(Act.ABOUT, Evidence(products=(berserk,)), [target(berserk)], state=declined)) == ""

    def test_an_offer_is_not_made_twice(self, berserk: ProductEvidence) -> None:
        heard = DialogueState(phrases=("product_question.hook_reviews:0", "product_question.hook_reviews:1"))
        assert hook(task(Act.ABOUT, Evidence(products=(berserk,)), [target(berserk)], state=heard)) == ""


class TestABookThatTheReaderIsTooYoungFor:
    """Whatever else is asked of it, a child's age comes first."""

    def told(self, shelf: SimpleNamespace, act: Act, age: int) -> str:
        known = shelf.product("naruto")
        fit = AgeFit(series_id="naruto", title="Naruto", rating="Teen", least_age=13, reader_age=age, fits=age >= 13)
        reader = Reader("my nephew", age, is_child=True, is_self=False)
        evidence = Evidence(products=(known,), derived=Derived(ages=(fit,)))
        return WRITER.compose(task(act, evidence, [target(known)], Wish(reader=reader)))[0]

    @pytest.mark.parametrize("act", [Act.CARRIES, Act.PRICE, Act.STOCK, Act.ABOUT])
    def test_is_said_to_be_so_before_it_is_sold(self, shelf: SimpleNamespace, act: Act) -> None:
        first, _, rest = self.told(shelf, act, 8).partition("\n")
        assert "your nephew, 8" in first
        assert "Teen, for 13 and up" in first
        assert rest

    def test_is_no_matter_where_the_reader_is_old_enough(self, shelf: SimpleNamespace) -> None:
        assert "13 and up" not in self.told(shelf, Act.PRICE, 14)
