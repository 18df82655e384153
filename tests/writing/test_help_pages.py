"""Which sentence of a page answers: by the question's own words, its topic, and the page that was talked of."""

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from benchmarks import evidence as demo
from mangaassist.domain.acts import Act
from mangaassist.domain.chunks import ScoredChunk
from mangaassist.domain.dialogue import DialogueState
from mangaassist.domain.evidence import Evidence
from mangaassist.domain.writing import PastTurn, WritingTask
from mangaassist.models.writers.offline import help_pages
from tests.writing.at_the_counter import asked, page, written_page

LINK = re.compile(r"\[([^\]]+)\]\([^)]*\)")
WRAP = written_page(
    "Do you offer gift wrap?",
    "# Do you offer gift wrap?\n\nYes, at the till. Ribbons are red or blue. Wrapping takes one extra day and costs $2 a book.",
)
RIBBONS = written_page("Ribbons", "Ribbons are sold by the metre. Every ribbon is silk.")


def test_the_sentence_that_meets_the_question_is_chosen() -> None:
    found = help_pages.passage(
        asked(Act.POLICY, about="which colour are the ribbons, red?", evidence=Evidence(chunks=(WRAP,)))
    )
    assert found is not None
    assert "Ribbons are red or blue." in found.text


def test_the_heading_that_repeats_the_title_is_no_sentence() -> None:
    found = help_pages.passage(asked(Act.POLICY, about="gift wrap", evidence=Evidence(chunks=(WRAP,))))
    assert found is not None
    assert "#" not in found.text


def test_the_ranker_s_first_page_wins_unless_another_is_clearly_better() -> None:
    task = asked(Act.POLICY, about="silk ribbon", evidence=Evidence(chunks=(WRAP, RIBBONS)))
    found = help_pages.passage(task)
    assert found is not None
    assert found.chunk.title == "Ribbons"


def test_the_page_that_was_talked_of_wins_before_others() -> None:
    evidence = Evidence(chunks=(RIBBONS, WRAP))
    found = help_pages.passage(asked(Act.POLICY, about="how much", wants_page="Ribbons", evidence=evidence))
    assert found is not None
    assert found.chunk.title == "Ribbons"


def answer_of(page: ScoredChunk, says: str, score: float = 0.7) -> ScoredChunk:
    chunk = structs.replace(page.chunk, chunk_id=f"{page.chunk.chunk_id}=0", content=says)
    return ScoredChunk(chunk, score, (0.5, 0.2, 0.1), 0.95, (0.95, 0.02, 0.01))


OVER_THE_YEAR = "Yes, ribbons are there all year. Gold ones come in winter. Silver ones are gone by spring."


def told_of_ribbons(about: str, score: float = 0.7) -> str:
    judged = structs.replace(WRAP, answering=0.4)
    found = help_pages.passage(
        asked(Act.POLICY, about=about, evidence=Evidence(chunks=(answer_of(WRAP, OVER_THE_YEAR, score), judged)))
    )
    assert found is not None
    return found.told


def wanted(about: str, chance: float) -> str:
    """What is told of gold ribbons, where that answer is so likely to be asked for and another page stands before it."""
    gold = structs.replace(answer_of(WRAP, "No, gold ribbons come in winter alone."), score=chance)
    task = asked(
        Act.POLICY,
        about=about,
        wants_answers=((gold.chunk.chunk_id, chance),),
        evidence=Evidence(chunks=(RIBBONS, gold, WRAP)),
    )
    found = help_pages.passage(task)
    assert found is not None
    assert not found.is_weak
    return found.told


def test_what_was_found_to_be_asked_for_is_told_whole_whatever_else_was_found() -> None:
    assert wanted("silk ribbon", 0.5) == "Gold ribbons come in winter alone."


@pytest.mark.parametrize(("chance", "begins"), [(0.9, "No, gold"), (0.6, "Gold")])
def test_its_yes_or_no_is_said_where_it_is_surely_what_is_asked(chance: float, begins: str) -> None:
    assert wanted("are there gold ribbons in summer?", chance).startswith(begins)


def test_nothing_is_told_of_an_answer_that_was_just_taken_down() -> None:
    task = asked(Act.POLICY, about="ribbons", wants_answers=(("gone#0=1", 0.9),), evidence=Evidence(chunks=(RIBBONS,)))
    assert help_pages.passage(task) is None


def test_an_answer_of_a_page_is_told_whole_and_begins_with_its_verdict() -> None:
    assert told_of_ribbons("do you have ribbons in summer?") == OVER_THE_YEAR


def test_an_answer_that_is_hardly_asked_for_keeps_its_yes_to_itself() -> None:
    assert told_of_ribbons("do you have ribbons in summer?", 0.5) == OVER_THE_YEAR.replace("Yes, r", "R")
    assert told_of_ribbons("how much is a ribbon in summer").startswith("Ribbons are there")


def test_a_page_that_is_asked_for_as_a_whole_leads_before_its_answers() -> None:
    assert told_of_ribbons("do you offer gift wrap?").startswith("Yes, at the till.")


def test_without_pages_nothing_is_found() -> None:
    assert help_pages.passage(asked(Act.POLICY, about="gift wrap")) is None
    assert help_pages.rule(asked(Act.POLICY, about="gift wrap")) == ""


def test_an_act_s_topic_finds_the_sentence_whatever_words_the_shopper_chose() -> None:
    task = asked(Act.NOT_RECEIVED, about="its nowhere", evidence=Evidence(chunks=(page("delivered-not-received"),)))
    assert "Wait 2 business days" in help_pages.rule(task, Act.NOT_RECEIVED)


def test_a_page_on_something_else_is_no_rule() -> None:
    task = asked(Act.NOT_RECEIVED, about="its nowhere", evidence=Evidence(chunks=(page("gift-wrap"),)))
    assert help_pages.rule(task, Act.NOT_RECEIVED) == ""


def test_a_passage_is_brief() -> None:
    for name in ("charged-twice", "lost-parcel", "international-shipping", "card-declined"):
        found = help_pages.passage(asked(Act.POLICY, about="what now", evidence=Evidence(chunks=(page(name),))))
        assert found is not None
        assert len(found.text.split()) <= 55


def test_a_verdict_of_the_page_is_taken_off_behind_another_one() -> None:
    assert help_pages.without_verdict("Yes, it renews every year.") == "It renews every year."
    assert help_pages.without_verdict("Members pay less, always.") == "Members pay less, always."


@pytest.mark.parametrize(
    ("question", "told"),
    [
        ("how much is the return label", "$4.99"),
        ("can i return an opened box set", "must be unopened"),
        ("which warehouse do returns reach", "Columbus"),
    ],
)
def test_a_policy_page_is_read_where_the_question_points(question: str, told: str) -> None:
    policy = next(one for one in demo.pages() if one.document_id == "returns" and one.source_type == "policy")
    evidence = Evidence(chunks=(ScoredChunk(policy, 0.6),))
    found = help_pages.passage(asked(Act.POLICY, about=question, evidence=evidence))
    assert found is not None
    assert told in found.text


def test_every_sentence_is_the_page_s_own() -> None:
    for one in demo.pages():
        evidence = Evidence(chunks=(ScoredChunk(one, 0.6),))
        task = asked(Act.POLICY, about="how long does it take and what does it cost", evidence=evidence)
        found = help_pages.passage(task)
        assert found is not None
        plain = LINK.sub(r"\1", one.content)
        own = [sentence.text for sentence in help_pages.sentences_in(one)]
        told = [sentence for sentence in own if help_pages.without_verdict(sentence) in found.text]
        assert all(sentence in plain for sentence in told)
        assert len(" ".join(told)) >= len(found.text)


@given(content=st.text(max_size=400), about=st.text(max_size=80), most=st.integers(5, 80))
def test_no_page_breaks_it(content: str, about: str, most: int) -> None:
    evidence = Evidence(chunks=(written_page("A page", content),))
    help_pages.passage(asked(Act.POLICY, about=about, evidence=evidence), most=most)


YES_WRAP = written_page(
    "Do you offer gift wrap?", "Yes, at the till. Wrapping costs $2 a book because paper is dear. We wrap box sets too."
)


@pytest.mark.parametrize(
    ("question", "kept"),
    [("do you offer gift wrap", True), ("can i get gift wrap", True), ("is gift wrap waterproof", False)],
)
def test_a_verdict_of_the_page_stands_only_behind_what_its_title_asks(question: str, kept: bool) -> None:
    found = help_pages.passage(asked(Act.POLICY, about=question, evidence=Evidence(chunks=(YES_WRAP,))), most=5)
    assert found is not None
    assert found.text.startswith("Yes, ") is kept


GUESTS = written_page("Can I order without an account?", "Yes, you can check out as a guest with an email address.")


@pytest.mark.parametrize(("must", "kept"), [(True, False), (False, True)])
def test_who_may_do_without_is_told_no_yes_to_whether_it_must_be(must: bool, kept: bool) -> None:
    task = asked(Act.POLICY, about="account order", evidence=Evidence(chunks=(GUESTS,)))
    found = help_pages.passage(structs.replace(task, meaning=structs.replace(task.meaning, asks_must=must)))
    assert found is not None
    assert found.told.startswith("Yes, ") is kept


def _after(answer: str, about: str, **meaning: Any) -> WritingTask:
    return asked(
        Act.POLICY,
        about=about,
        evidence=Evidence(chunks=(YES_WRAP,)),
        history=(PastTurn("do you wrap", answer, "faq"),),
        is_follow_up=True,
        wants_page=YES_WRAP.chunk.title,
        state=DialogueState(page=YES_WRAP.chunk.title),
        **meaning,
    )


def test_what_was_told_is_not_told_again_where_another_thing_is_asked() -> None:
    found = help_pages.passage(_after("At the till.", "and box sets"))
    assert found is not None
    assert "till" not in found.text
    assert "box sets" in found.text


def test_behind_what_the_page_does_not_hold_it_says_no_more() -> None:
    assert help_pages.passage(_after("Yes, at the till.", "im in oregon")) is None


def test_what_the_shopper_has_done_is_no_help_again() -> None:
    assert help_pages.passage(_after("Yes, at the till.", "wrap", after="done")) is None


def test_who_asks_why_hears_the_reason_alone() -> None:
    found = help_pages.passage(_after("Yes, at the till.", "", after="why"))
    assert found is not None
    assert found.text == "Wrapping costs $2 a book because paper is dear."


SIGNED = written_page(
    "Signatures", "Orders of $250 need a signature. Nobody home means another try. Small ones stay at the door."
)
TOLD = "Orders of $250 need a signature. (More on our page “Signatures”.)"


def going_on(about: str, judged: tuple[float, ...], *others: ScoredChunk) -> WritingTask:
    """A message right behind what the page on signatures told; its sentences as they were judged both ways."""
    scored = structs.replace(SIGNED, sentences=(0.4, 0.4, 0.4), answers=judged, alone=judged, answering=0.6)
    return asked(
        Act.POLICY,
        about=about,
        evidence=Evidence(chunks=(scored, *others)),
        history=(PastTurn("do i sign", TOLD, "faq"),),
        state=DialogueState(page="Signatures", acts=(Act.POLICY,)),
        is_follow_up=True,
        wants_page="Signatures",
        told_page="Signatures",
        fresh=tuple(help_pages.stems(about)),
    )


def test_what_was_told_is_not_told_again_where_another_sentence_answers_about_as_well() -> None:
    """T-4: a fragment about a page gets the page's next sentence that is relevant."""
    found = help_pages.passage(going_on("and if it is small", (0.6, 0.1, 0.5)))
    assert found is not None
    assert found.text.startswith("Small ones stay at the door.")


def test_what_surely_answers_is_told_again() -> None:
    found = help_pages.passage(going_on("signature 250", (0.99, 0.0, 0.1)))
    assert found is not None
    assert "need a signature" in found.text


def test_a_sentence_of_another_page_answers_where_it_surely_does() -> None:
    """T-4: the page that is talked of counts, and does not shut out the one that answers."""
    other = structs.replace(
        written_page("Gift cards", "Gift cards are silk."),
        sentences=(0.8,),
        answers=(0.99,),
        alone=(0.99,),
        answering=0.9,
    )
    found = help_pages.passage(going_on("gift cards silk", (0.1, 0.0, 0.0), other))
    assert found is not None
    assert found.chunk.title == "Gift cards"


def test_with_nothing_that_answers_nothing_is_quoted() -> None:
    bare = structs.replace(SIGNED, sentences=(0.0,) * 3, answers=(0.0,) * 3, alone=(0.0,) * 3)
    task = going_on("dragons", (0.0, 0.0, 0.0))
    task = structs.replace(
        task,
        meaning=structs.replace(task.meaning, told_page="", wants_page=""),
        evidence=structs.replace(task.evidence, chunks=(bare,)),
    )
    assert help_pages.passage(task) is None
