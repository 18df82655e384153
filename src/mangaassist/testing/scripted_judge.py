"""A small model that judges every answer as it is told: a ``ScopeJudge`` as a test wants it."""

import asyncio

from mangaassist.domain.writing import NO_USAGE, Usage
from mangaassist.errors import ModelFailure
from mangaassist.testing.scripted_writer import Fail, Pause


class ScriptedJudge:
    """``answers`` are what it was asked of."""

    def __init__(self, *steps: bool | Pause | Fail | None, cost_usd: float = 0.0, most_usd: float = 0.0) -> None:
        """None: what comes back is no opinion. It costs ``cost_usd`` once it is called."""
        self.steps = steps
        self.usage = Usage("scripted", tokens_in=50, tokens_out=5, cost_usd=cost_usd)
        self.most_usd = most_usd
        self.answers: list[str] = []

    def asked(self, answer: str) -> "ScriptedOpinion":
        self.answers.append(answer)
        return ScriptedOpinion(self)


class ScriptedOpinion:
    def __init__(self, judge: ScriptedJudge) -> None:
        self._judge = judge
        self.usage = NO_USAGE

    async def read(self) -> bool | None:
        self.usage = self._judge.usage
        for step in self._judge.steps:
            match step:
                case Pause():
                    await asyncio.sleep(step.seconds)
                case Fail():
                    raise ModelFailure("scripted", step.detail)
                case _:
                    return step
        return None
