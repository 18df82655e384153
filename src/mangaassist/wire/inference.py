"""What the encoder and its heads are asked over the network, and what they answer: the body of ``/invocations`` (M-3)."""

from typing import Annotated, Literal

from msgspec import Meta, Struct

INVOCATIONS = "/invocations"
PING = "/ping"
"""The two addresses of a SageMaker container."""

MOST_TEXTS = 64
MOST_CHARS = 32_000
MAX_REQUEST_BYTES = 5 * 1024 * 1024
"""SageMaker hands on no more than this in real time."""

Wanted = Literal["vectors", "features", "intents", "acts", "risks"]
Text = Annotated[str, Meta(max_length=MOST_CHARS)]


class InferenceRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """``background``: for an index and not for a shopper, so that it waits behind shoppers and takes as long as it takes."""

    texts: Annotated[tuple[Text, ...], Meta(max_length=MOST_TEXTS)] = ()
    wanted: tuple[Wanted, ...] = ("vectors",)
    background: bool = False
    describe: bool = False
    """The model itself is asked about, and no text."""


class ModelDescription(Struct, frozen=True):
    """What a client needs to know of an encoder before its first text. ``tokenizer`` is the JSON of its file."""

    digest: str
    dimensions: int
    max_tokens: int
    reads_intents: bool
    tokenizer: str
    reads_risks: bool = False


class InferenceReply(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A row a text of each that was wanted, in the order of the texts; what the model cannot tell is left out.

    ``vectors`` and ``features`` have length 1; of ``intents``, ``acts`` and ``risks`` each has its probability.
    """

    vectors: list[list[float]] | None = None
    features: list[list[float]] | None = None
    intents: list[dict[str, float]] | None = None
    acts: list[dict[str, float]] | None = None
    risks: list[dict[str, float]] | None = None
    description: ModelDescription | None = None
