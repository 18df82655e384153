"""Texts as the packaged encoder has them: their states after its fourth layer, and its own vectors."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnxruntime
from safetensors.numpy import load_file
from texts import Text
from tokenizers import Tokenizer

from mangaassist.models import encoder_graph
from mangaassist.models.provisioning import TOKENIZER, WEIGHTS

HEADS, HIDDEN, SHARED_LAYERS, OWN_LAYERS = 12, 384, 4, 2
LONGEST = 96


def encoder_weights(model: Path) -> dict[str, np.ndarray]:
    return {name: value for name, value in load_file(model / WEIGHTS).items() if value.dtype.kind == "f"}


class Read:
    """``states`` float16 [tokens, 384] of each text, ``vectors`` float32 [texts, 384] as the package gives them."""

    def __init__(self, found: Sequence[Text], model: Path) -> None:
        self.texts = found
        self.states: list[np.ndarray] = []
        self.vectors = np.zeros((len(found), HIDDEN), np.float32)
        weights = encoder_weights(model)
        graph = encoder_graph.build(weights, encoder_graph.shape_of(weights, HEADS, 1e-12), shared=SHARED_LAYERS)
        session = onnxruntime.InferenceSession(graph, providers=["CPUExecutionProvider"])
        tokenizer = Tokenizer.from_file(str(model / TOKENIZER))
        tokenizer.no_padding()
        tokenizer.enable_truncation(LONGEST)
        for row, one in enumerate(found):
            ids = np.array([tokenizer.encode(one.text).ids], np.int32)
            vectors, states = session.run(
                ["vectors", "states"], {"input_ids": ids, "attention_mask": np.ones_like(ids)}
            )
            self.vectors[row] = vectors[0]
            self.states.append(states[0].astype(np.float16))

    def padded(self, rows: Sequence[int], most: int) -> tuple[np.ndarray, np.ndarray]:
        """float32 [texts, tokens, 384] and the mask, float32 [texts, tokens], of at most ``most`` tokens."""
        tokens = min(most, max(len(self.states[row]) for row in rows))
        states, mask = np.zeros((len(rows), tokens, HIDDEN), np.float32), np.zeros((len(rows), tokens), np.float32)
        for place, row in enumerate(rows):
            there = self.states[row][:tokens]
            states[place, : len(there)], mask[place, : len(there)] = there, 1
        return states, mask
