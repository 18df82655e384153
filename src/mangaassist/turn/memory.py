"""What a session remembers (T-4): frozen values that are saved whole, each save a new version."""

from collections.abc import Sequence
from datetime import UTC, datetime

from msgspec import Struct
from msgspec.structs import replace

from mangaassist.domain.dialogue import NEW_DIALOGUE, DialogueState
from mangaassist.domain.writing import PastTurn
from mangaassist.turn.summary import summarised, talked_to
from mangaassist.wire.cards import Button, ProductCard
from mangaassist.wire.frames import HandoffView, SessionTurn
from mangaassist.wire.metadata import AnswerMetadata
from mangaassist.wire.problems import Problem

REMEMBERED_TURNS = 10
HEADROOM = 1024
"""How far above the last saved number the numbers of frames may run before the ceiling is raised again."""


class TurnRecord(Struct, frozen=True, kw_only=True):
    """One exchange as the shopper saw it. ``message`` is the screened text: personal data never gets this far (G-1).

    ``message_id`` is the client's own and ``digest`` that of its words, against resends (W-3); ``last_seq`` is the number of
    the answer's last frame; ``attempt`` the claim that wrote it; ``problem`` says why there is no whole answer, or is None.
    """

    response_id: str
    message_id: str
    digest: str = ""
    message: str
    answer: str
    intent: str
    products: tuple[ProductCard, ...] = ()
    actions: tuple[Button, ...] = ()
    suggestions: tuple[str, ...] = ()
    metadata: AnswerMetadata | None = None
    problem: Problem | None = None
    stopped: bool = False
    attempt: int = 1
    last_seq: int = 0
    at: datetime = datetime.fromtimestamp(0, UTC)
    dialogue: DialogueState | None = None
    """What the conversation was about after it; only the newest turn keeps it."""
    name: str | None = None
    """Of what a person wrote (then ``answer`` is theirs) or a change of the handoff: their name, perhaps empty; None else."""
    handoff: HandoffView | None = None
    """How it stood with a person after it (R-3); None while nobody was asked for."""

    @property
    def is_note(self) -> bool:
        """It is the desk's, and answers nothing."""
        return self.name is not None

    @property
    def acts(self) -> tuple[str, ...]:
        """What was asked of what (T-10)."""
        return self.metadata.acts if self.metadata else ()

    def seen(self) -> PastTurn:
        return PastTurn(self.message, self.answer, self.intent, tuple(card.asin for card in self.products))

    def view(self) -> SessionTurn:
        return SessionTurn(
            response_id=self.response_id,
            in_reply_to=self.message_id,
            message=self.message,
            answer=self.answer,
            products=self.products,
            actions=self.actions,
            suggestions=self.suggestions,
            sources=self.metadata.sources if self.metadata else (),
            stopped=self.stopped,
            problem=self.problem,
            at=self.at.isoformat(),
            name=self.name if self.answer else None,
            handoff=self.handoff if self.is_note and not self.answer else None,
        )


class Session(Struct, frozen=True, kw_only=True):
    """A conversation as it was saved last: whose it is, its last turns, and how far its frames are numbered.

    ``version`` counts the turns that were saved; no frame was ever given a number above ``ceiling``.
    """

    session_id: str
    customer_id: str | None = None
    version: int = 0
    ceiling: int = 0
    turns: tuple[TurnRecord, ...] = ()
    """The newest ``REMEMBERED_TURNS``, oldest first."""

    @property
    def last_seq(self) -> int:
        """The number of the last frame of the last saved turn."""
        return self.turns[-1].last_seq if self.turns else 0

    @property
    def dialogue(self) -> DialogueState:
        """What the conversation is about so far (T-4)."""
        return (self.turns[-1].dialogue if self.turns else None) or NEW_DIALOGUE

    @property
    def handoff(self) -> HandoffView | None:
        """How it stands with a person (R-3); None where none is asked for, or none any more."""
        told = self.turns[-1].handoff if self.turns else None
        return None if told is None or told.state == "left" else told

    @property
    def is_with_a_person(self) -> bool:
        return self.handoff is not None and self.handoff.state == "joined"

    @property
    def has_all_turns(self) -> bool:
        return self.version <= len(self.turns)

    def history(self) -> tuple[PastTurn, ...]:
        """The exchanges as a writer is told them: what a person said stands with what they answered."""
        past: list[PastTurn] = []
        for turn in self.turns:
            if turn.is_note and turn.answer and past:
                said = f"{turn.name}: {turn.answer}"
                past[-1] = replace(past[-1], answer=f"{past[-1].answer}\n{said}".strip())
            elif not turn.is_note and turn.problem is None:
                past.append(turn.seen())
        return tuple(past)

    def last_shown(self) -> tuple[ProductCard, ...]:
        """The cards of the newest turn that showed any: what "the second one" counts."""
        return next((turn.products for turn in reversed(self.turns) if turn.products), ())

    def turn(self, message_id: str) -> TurnRecord | None:
        """The remembered turn that answered a message."""
        return next((turn for turn in self.turns if turn.message_id == message_id), None)

    def with_turn(self, turn: TurnRecord) -> "Session":
        """The session with one turn more: only the newest keeps the dialogue, and what is forgotten leaves a summary."""
        turns = (*self.turns, turn)
        before = self.turns[-1].handoff if self.turns else None
        turn = replace(turn, dialogue=self._dialogue_after(turn, turns), handoff=turn.handoff or before)
        return replace(
            self,
            version=self.version + 1,
            ceiling=max(self.ceiling, turn.last_seq + HEADROOM),
            turns=remembered((*self.turns, turn)),
        )

    def _dialogue_after(self, turn: TurnRecord, turns: tuple[TurnRecord, ...]) -> DialogueState | None:
        """What a turn left unanswered changes nothing of what the conversation is about."""
        before = self.turns[-1].dialogue if self.turns else None
        dialogue = turn.dialogue or before
        forgotten = turns[:-REMEMBERED_TURNS]
        if not forgotten:
            return dialogue
        summary = (before or NEW_DIALOGUE).summary
        for old in forgotten:
            if old.is_note:
                summary = talked_to(summary, old.name or "") if old.answer else summary
            else:
                summary = summarised(summary, old.acts, tuple(card.title for card in old.products))
        return replace(dialogue or NEW_DIALOGUE, summary=summary) if summary else dialogue

    def is_open_to(self, customer_id: str | None) -> bool:
        """A guest's session belongs to whoever holds its id, and a guest who signs in takes it along (W-2)."""
        return self.customer_id is None or self.customer_id == customer_id


def remembered(turns: Sequence[TurnRecord]) -> tuple[TurnRecord, ...]:
    """Of these turns, oldest first, what a session holds: the newest of them, and the dialogue of none but the last."""
    kept = turns[-REMEMBERED_TURNS:]
    return (*(replace(old, dialogue=None) for old in kept[:-1]), *kept[-1:])
