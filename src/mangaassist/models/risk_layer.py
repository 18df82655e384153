"""The layer of ours that reads risks off the encoder's middle states: injections in messages, toxicity in answers (G-1, G-3).

It goes with the packaged encoder alone, as the intents' layers do, and is small enough to be built at every start: it changes
nothing of what is cached or searched.
"""

import io
from importlib import resources
from typing import Final

import numpy as np

from mangaassist.models import encoder_graph

WEIGHTS: Final = "weights/risk_layer.npz"
HEADS: Final = 12


def risk_graph() -> bytes:
    """The serialised graph from ``states`` and ``attention_mask`` to ``risks``; trained by training/train_risks.py."""
    kept = resources.files("mangaassist.models").joinpath(WEIGHTS).read_bytes()
    with np.load(io.BytesIO(kept)) as arrays:
        weights = encoder_graph.restored(dict(arrays))
    layers, hidden = encoder_graph.layers_in(weights), len(weights["encoder.layer.0.output.LayerNorm.weight"])
    return encoder_graph.build_risks(weights, encoder_graph.Shape(layers, hidden, positions=0, heads=HEADS))
