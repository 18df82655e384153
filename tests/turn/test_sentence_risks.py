"""G-3: each finished sentence of a model's answer is read while the next ones stream; the store's own words are not judged."""

import asyncio

from mangaassist.domain.encoding import Encoded
from mangaassist.errors import ModelFailure
from mangaassist.guardrails.stages.toxicity import SAFE_ANSWER
from mangaassist.testing.scripted_writer import Pause, ScriptedWriter
from mangaassist.testing.word_encoder import INSULTING, WordEncoder
from mangaassist.turn.sentence_risks import SentenceRisks
from tests.turn.house import RECOMMEND, House


def telling(*script: object) -> House:
    writer = ScriptedWriter(*script)
    return House(large=writer, small=writer)


async def test_a_sentence_is_read_as_it_ends_and_the_review_reads_the_last_alone() -> None:
    encoder = WordEncoder()
    async with SentenceRisks(encoder) as risks:
        risks.heard("Read Vagabond")
        risks.heard(". It is long")
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert encoder.given == ["Read Vagabond."]
        risks.heard(", and good.")
        assert await risks.toxicity(["Read Vagabond. ", "It is long, and good."]) == [0.0, 0.0]
    assert encoder.given == ["Read Vagabond.", "It is long, and good."]


async def test_an_answer_with_a_toxic_sentence_of_a_models_is_blocked_whole() -> None:
    answered = await telling("Read Vagabond. ", f"You {INSULTING}. ", Pause(0.1), "Bye now.").ask(RECOMMEND)
    assert (answered.text, answered.metadata.blocked) == (SAFE_ANSWER, "toxicity")
    [finding] = [one for one in answered.findings if one.stage == "toxicity"]
    assert (finding.kind, finding.original) == ("tone", f"You {INSULTING}. (1.00)")


async def test_the_model_excuses_a_word_of_the_lexicon_that_attacks_nobody() -> None:
    said = "The bully tells him that he is stupid, and later begs his pardon."
    answered = await telling(f"You are stupid, says the bully. {said}").ask(RECOMMEND)
    assert answered.metadata.blocked is None


async def test_what_the_stores_own_writer_says_is_not_read() -> None:
    house = House()
    encoder = WordEncoder()
    await house.without(encoder=encoder).ask(RECOMMEND)
    assert house.heard.said
    assert encoder.given in ([], [RECOMMEND])


async def test_without_the_encoder_the_lexicon_judges_alone_and_the_audit_hears_of_it() -> None:
    def fails(_: str) -> Exception:
        return ModelFailure("encoder", "away", "unreachable")

    away = telling("Read Vagabond.").without(encoder=WordEncoder(fails=fails))
    findings = (await away.ask(RECOMMEND)).findings
    assert [(one.stage, one.verdict, one.kind) for one in findings] == [("toxicity", "error", "lexicon_alone")]
    rude = telling("You stupid bitch.").without(encoder=WordEncoder(fails=fails))
    assert (await rude.ask(RECOMMEND)).metadata.blocked == "toxicity"


async def test_sentences_are_read_by_the_encoder_that_reads_and_not_by_one_that_searches_beside_it() -> None:
    class Searcher(WordEncoder):
        reader = WordEncoder()

    searcher = Searcher()
    async with SentenceRisks(searcher) as risks:
        assert await risks.toxicity(["Read Vagabond."]) is not None
    assert (searcher.given, Searcher.reader.given) == ([], ["Read Vagabond."])


async def test_what_is_still_being_read_when_the_answer_is_over_is_cancelled() -> None:
    cancelled = asyncio.Event()

    class Slow(WordEncoder):
        async def read(self, texts: object) -> Encoded:
            try:
                await asyncio.Event().wait()
            finally:
                cancelled.set()
            raise AssertionError

    async with SentenceRisks(Slow()) as risks:
        risks.heard("Read Vagabond. And")
        await asyncio.sleep(0)
    assert cancelled.is_set()


async def test_one_pass_tells_of_a_sentence_both_that_it_insults_and_that_it_strays() -> None:
    encoder = WordEncoder(dimensions=384)
    async with SentenceRisks(encoder) as risks:
        said = ["Read Vagabond."]
        assert await risks.toxicity(said) == [0.0]
        strays = await risks.elsewhere(said)
        assert strays is not None
        assert [0 <= one <= 1 for one in strays] == [True]
    assert encoder.given == said
