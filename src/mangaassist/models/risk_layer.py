"""The two layers of ours that read risks off the encoder's pass: injections in messages, toxicity in answers (G-1, G-3).

The narrow one sees all that the pass gives and clears what is plainly harmless, which most messages are; only the rest is read by
the wide one too, and of injections both together tell. They go with the packaged encoder alone, as the intents' layers do, and are
small enough to be built at every start: they change nothing of what is cached or searched.
"""

import io
from importlib import resources
from typing import Final

import numpy as np

from mangaassist.domain.encoding import INJECTION, Risks
from mangaassist.models import encoder_graph

WIDE_WEIGHTS: Final = "weights/risk_layer.npz"
NARROW_WEIGHTS: Final = "weights/narrow_risk_layer.npz"
HEAD_COLUMNS: Final = 32
CLEARED: Final = 0.1
"""Below this in both risks the narrow layer's word is enough: less refuses no message and no sentence."""
NARROW_SHARE, WIDE_SHARE, OFFSET = 0.6839, 0.3063, -0.018
"""What the logits of both weigh in an injection's, calibrated on the held-out fifth (training/safety/DATACARD.md)."""
LEAST: Final = 1e-4
"""No layer is surer than this, either way."""


def wide_graph() -> bytes:
    """The serialised graph from ``states`` and ``attention_mask`` to ``risks``; trained by training/train_risks.py."""
    weights = _weights(WIDE_WEIGHTS)
    return encoder_graph.build_risks(weights, _shape(weights, "encoder.layer.0.output.LayerNorm.weight"))


def narrow_graph() -> bytes:
    """The serialised graph from what a pass gives to ``risks``; trained by training/train_narrow.py."""
    weights = _weights(NARROW_WEIGHTS)
    return encoder_graph.build_narrow_risks(weights, _shape(weights, "narrow.bias"))


def are_cleared(narrow: Risks) -> bool:
    """The wide layer need not read these texts."""
    return bool((narrow < CLEARED).all())


def joined(narrow: Risks, wide: Risks) -> Risks:
    """What both layers tell of the same texts; of a text that the narrow one clears, what it says."""
    risks = wide.copy()
    logit = NARROW_SHARE * _logit(narrow[:, INJECTION]) + WIDE_SHARE * _logit(wide[:, INJECTION]) + OFFSET
    risks[:, INJECTION] = 1 / (1 + np.exp(-logit))
    return np.where((narrow < CLEARED).all(axis=1, keepdims=True), narrow, risks)


def _logit(risk: Risks) -> Risks:
    clipped = np.clip(risk, LEAST, 1 - LEAST)
    return np.log(clipped / (1 - clipped))


def _weights(name: str) -> encoder_graph.Weights:
    kept = resources.files("mangaassist.models").joinpath(name).read_bytes()
    with np.load(io.BytesIO(kept)) as arrays:
        return encoder_graph.restored(dict(arrays))


def _shape(weights: encoder_graph.Weights, row: str) -> encoder_graph.Shape:
    """As wide as this row."""
    width = len(weights[row])
    return encoder_graph.Shape(encoder_graph.layers_in(weights), width, positions=0, heads=width // HEAD_COLUMNS)
