"""What every judge of an answer's scope does (G-3 stage 6): the double, and a model over OpenAI's real wire."""

from collections.abc import AsyncIterator
from typing import Final

import pytest

from mangaassist.domain.opinions import ScopeJudge
from mangaassist.errors import ModelFailure
from mangaassist.models.scope_judge import RULES, SmallScopeJudge
from mangaassist.models.writers.openai_compatible import OpenAiClient
from mangaassist.testing.model_script import Count, End, Refuse
from mangaassist.testing.openai_server import OpenAiServer
from mangaassist.testing.scripted_judge import ScriptedJudge
from tests.contracts.writer import PROFILE

ANSWER: Final = "Water boils at 100 degrees."
STRAYS: Final = '{"about_something_else":true}'


class ScopeJudgeContract:
    """Give ``judge``, which finds that every answer strays."""

    async def test_it_says_whether_an_answer_strays(self, judge: ScopeJudge) -> None:
        call = judge.asked(ANSWER)
        assert call.usage.tokens_in == 0, "nothing is called before it is read"
        assert await call.read() is True
        assert call.usage.tokens_out > 0
        assert judge.most_usd >= call.usage.cost_usd >= 0


class TestScriptedJudge(ScopeJudgeContract):
    @pytest.fixture
    def judge(self) -> ScopeJudge:
        return ScriptedJudge(True)


class TestSmallScopeJudge(ScopeJudgeContract):
    @pytest.fixture
    async def server(self) -> AsyncIterator[OpenAiServer]:
        async with OpenAiServer((STRAYS[:9], STRAYS[9:], End(), Count(100, 5))) as server:
            yield server

    @pytest.fixture
    async def judge(self, server: OpenAiServer) -> AsyncIterator[ScopeJudge]:
        client = OpenAiClient("model", server.url, "sk-secret")
        yield SmallScopeJudge(PROFILE, client)
        await client.close()

    async def test_the_model_is_shown_the_rules_and_the_answer_and_one_strict_form(
        self, judge: ScopeJudge, server: OpenAiServer
    ) -> None:
        await judge.asked(ANSWER).read()
        [sent] = server.requests
        assert RULES in sent["messages"][0]["content"]
        assert sent["messages"][-1]["content"] == ANSWER
        assert sent["response_format"]["json_schema"]["strict"] is True

    @pytest.mark.parametrize(
        "said", ["It is fine.", STRAYS[:-1], "{}", "[]", "", '{"about_something_else":"no"}', "x" * 3_000]
    )
    async def test_what_is_no_opinion_is_none(self, judge: ScopeJudge, server: OpenAiServer, said: str) -> None:
        server.script = (said, End()) if said else (End(),)
        assert await judge.asked(ANSWER).read() is None

    async def test_a_refusal_is_a_failure_of_the_model(self, judge: ScopeJudge, server: OpenAiServer) -> None:
        server.script = (Refuse(400),)
        with pytest.raises(ModelFailure):
            await judge.asked(ANSWER).read()
