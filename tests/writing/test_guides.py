"""What guides of the store say of a series: told where it answers what goes beyond the catalog, and nowhere else."""

from datetime import UTC, datetime

from mangaassist.domain.acts import Act
from mangaassist.domain.chunks import Chunk, ScoredChunk
from mangaassist.domain.dialogue import Target
from mangaassist.domain.evidence import Evidence, ProductEvidence
from mangaassist.domain.intents import Intent
from mangaassist.domain.meaning import HeardAct, IntentGuess, Meaning
from mangaassist.domain.products import Product
from mangaassist.domain.writing import WritingTask
from mangaassist.models.writers.offline import guides
from mangaassist.models.writers.offline.focus import subjects

PAGE = Chunk(
    chunk_id="guide#0",
    document_id="guide",
    title="Dark fantasy after Berserk",
    content="Berserk leaves a large gap on the shelf. Kentaro Miura died in 2021, and the story continues with his studio. "
    "The art of Berserk is praised everywhere.",
    source_type="editorial",
    category="genre-intro",
    last_updated=datetime(2026, 9, 7, tzinfo=UTC),
    version=1,
)
BERSERK = ProductEvidence(
    product=Product(
        asin="B000000001",
        title="Berserk, Vol. 1",
        series_id="berserk",
        series_title="Berserk",
        authors=("Kentaro Miura",),
    )
)


def task(act: Act, *describes: str) -> WritingTask:
    meaning = Meaning(
        text="",
        guess=IntentGuess(Intent.PRODUCT_QUESTION, 0.9, "rules"),
        acts=(HeardAct(act),),
        targets=(Target(series_id="berserk", title="Berserk"),),
        describes=describes,
    )
    return WritingTask(meaning=meaning, evidence=Evidence(products=(BERSERK,), guides=(ScoredChunk(PAGE, 0.6),)))


def said(act: Act, *describes: str) -> str:
    asked = task(act, *describes)
    return guides.said(act, subjects(asked)[0], asked)


def test_a_question_beyond_the_catalog_is_answered_by_the_sentence_that_speaks_of_it() -> None:
    assert (
        said(Act.AUTHOR, "author", "berserk", "aliv")
        == "Kentaro Miura died in 2021, and the story continues with his studio."
    )


def test_what_no_sentence_speaks_of_is_left_to_the_catalog() -> None:
    assert said(Act.GENRE, "berserk", "glow") == ""


def test_a_plain_question_is_none_for_a_guide() -> None:
    assert said(Act.AUTHOR, "wrote", "berserk") == ""


def test_who_goes_on_with_a_series_is_told_beside_its_makers() -> None:
    asked = task(Act.AUTHOR)
    assert "continues with his studio" in guides.makers_now(subjects(asked)[0], asked)
