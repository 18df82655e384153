"""Turns the weights of a BERT-shaped sentence encoder into one int8 ONNX graph, from token ids to unit vectors (M-3).

The graph is written node by node with ONNX Runtime's fused operators, so neither PyTorch nor an exporter is needed.
Dense layers hold int8 weights with one scale per output column and quantise their input on the fly; the embedding
table holds int8 rows with one scale each. Masked mean and L2 norm are part of the graph.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray
from onnx import NodeProto, TensorProto, ValueInfoProto, helper, numpy_helper

Floats = NDArray[np.float32]
Weights = Mapping[str, Floats]

FUSED = "com.microsoft"
OPSETS = (("", 18), (FUSED, 1))
IR_VERSION = 10
INT8 = 127
IDS, MASK = "input_ids", "attention_mask"
STATES, SEARCH_STATES, READING_STATES = "states", "search_states", "reading_states"
"""Of each token: after the shared layers, and where the two ways that part from there end."""
VECTORS, FEATURES = "vectors", "features"
LAYER = re.compile(r"encoder\.layer\.(\d+)\.")


LOUD = 8.0
"""The risk head reads views of length 1 this much longer, so that its weights have a usual size."""
ABSENT = 100.0
"""How far below any state a token lies that is not there."""


class Shape(Struct, frozen=True):
    """What the weights say of the model. ``heads`` is the one thing they do not: it comes from config.json."""

    layers: int
    hidden: int
    positions: int
    heads: int
    epsilon: float = 1e-12


def shape_of(weights: Weights, heads: int | None, epsilon: float) -> Shape:
    """Read layers, width and positions off the weights.

    ``heads`` None: 32 wide each for the 384 wide MiniLM, 64 wide for the rest of the family.
    Raises ``KeyError`` on weights that are not BERT's, ``ValueError`` on heads that do not divide the width.
    """
    positions, hidden = weights["embeddings.position_embeddings.weight"].shape
    layers = layers_in(weights)
    split = heads or max(1, hidden // (32 if hidden == 384 else 64))
    if not layers or hidden % split:
        raise ValueError(f"{layers} layers of width {hidden} do not split into {split} heads")
    return Shape(layers, hidden, positions, split, epsilon)


def layers_in(weights: Mapping[str, object]) -> int:
    return len({found[1] for name in weights if (found := LAYER.match(name))})


def moved(weights: Weights, by: int) -> dict[str, Floats]:
    """The same layers, each ``by`` places further up."""
    return {LAYER.sub(lambda found: f"encoder.layer.{int(found[1]) + by}.", name): one for name, one in weights.items()}


def build(weights: Weights, shape: Shape, shared: int | None = None) -> bytes:
    """Return the serialised encoder.

    It takes ``input_ids`` and ``attention_mask``, int32 [batch, tokens]; it gives ``vectors``, float32 [batch, hidden],
    with rows of length 1. ``tokens`` may not exceed ``shape.positions``. It also gives ``states``, float32 [batch, tokens,
    hidden], as they are after the first ``shared`` layers, None: after all of them, and ``search_states``, as they are in the end.
    """
    graph = _Graph(weights, shape)
    states = [graph.embed()]
    for layer in range(shape.layers):
        states.append(graph.transform(states[-1], f"encoder.layer.{layer}"))
    graph.node("Identity", [states[shape.layers if shared is None else shared]], STATES)
    graph.node("Identity", [states[-1]], SEARCH_STATES)
    graph.pool(states[-1], VECTORS)
    return graph.serialised((IDS, MASK), (VECTORS, STATES, SEARCH_STATES))


def build_reader(weights: Weights, shape: Shape) -> bytes:
    """Return the serialised layers that go on from the encoder's ``states`` on a way of their own.

    ``shape.layers`` of them are in ``weights``. Takes ``states`` and ``attention_mask``; gives ``features``, float32
    [batch, hidden], with rows of length 1, and ``reading_states``, float32 [batch, tokens, hidden].
    """
    graph = _Graph(weights, shape)
    state = STATES
    for layer in range(shape.layers):
        state = graph.transform(state, f"encoder.layer.{layer}")
    graph.node("Identity", [state], READING_STATES)
    graph.pool(state, FEATURES)
    return graph.serialised((STATES, MASK), (FEATURES, READING_STATES))


def build_risks(weights: Weights, shape: Shape) -> bytes:
    """Return the serialised layers and head that read risks off the encoder's ``states``.

    They see the mean and the largest of each column, so that one telling token counts in a long text. Takes ``states`` and
    ``attention_mask``; gives ``risks``, float32 [batch, risks], 0 to 1.
    """
    graph = _Graph(weights, shape)
    graph.risks(STATES)
    return graph.serialised((STATES, MASK), ("risks",), {"risks": len(weights["risk.bias"])})


def build_narrow_risks(weights: Weights, shape: Shape) -> bytes:
    """Return the serialised layers and head that read risks off all that a pass gives.

    ``narrow`` takes the three states of a token to the width of the layers, ``shape.hidden``; the head sees features and
    vector as well. Takes ``states``, ``search_states``, ``reading_states``, ``features``, ``vectors`` and ``attention_mask``;
    gives ``risks``, float32 [batch, risks], 0 to 1.
    """
    graph = _Graph(weights, shape)
    graph.node("Concat", [STATES, SEARCH_STATES, READING_STATES], "stages", axis=-1)
    narrowed = graph.dense("stages", weights["narrow.weight"], "narrowed", weights["narrow.bias"])
    norm = graph.named("narrow_norm.weight", "narrow_norm.bias")
    state = graph.node("LayerNormalization", [narrowed, *norm], "narrow", axis=-1, epsilon=shape.epsilon)
    graph.risks(state, FEATURES, VECTORS)
    read_width: int = weights["narrow.weight"].shape[1] // 3
    seen = (STATES, SEARCH_STATES, READING_STATES, FEATURES, VECTORS)
    widths = dict.fromkeys(seen, read_width) | {"risks": len(weights["risk.bias"])}
    return graph.serialised((*seen, MASK), ("risks",), widths)


def quantised(matrix: Floats, axis: int) -> tuple[NDArray[np.int8], Floats]:
    """Round to int8, the largest magnitude along ``axis`` becoming 127. The scales keep that axis, with length 1."""
    largest = np.abs(matrix).max(axis=axis, keepdims=True)
    scale = np.where(largest == 0, 1.0, largest / INT8).astype(np.float32)
    return np.rint(matrix / scale).astype(np.int8), scale


def restored(kept: Mapping[str, NDArray[Any]]) -> dict[str, Floats]:
    """Weights out of what training keeps: each matrix as ``name.int8`` with ``name.scale``, the rest as it is."""
    whole = {name: value for name, value in kept.items() if not name.endswith((".int8", ".scale"))}
    for name in kept:
        if name.endswith(".int8"):
            matrix = name.removesuffix(".int8")
            whole[matrix] = kept[name].astype(np.float32) * kept[f"{matrix}.scale"]
    return whole


class _Graph:
    """A graph under construction; every method adds nodes and returns the name of the tensor they end in."""

    def __init__(self, weights: Weights, shape: Shape) -> None:
        self.weights = weights
        self.shape = shape
        self.nodes: list[NodeProto] = []
        self.constants: dict[str, TensorProto] = {}

    def embed(self) -> str:
        """Token row (int8 times its scale) plus position row; the one token type is folded into the positions."""
        rows, scale = quantised(self.weights["embeddings.word_embeddings.weight"], axis=1)
        types = self.weights["embeddings.token_type_embeddings.weight"][0]
        positions = self.weights["embeddings.position_embeddings.weight"] + types
        self.node("Gather", [self.constant("word_rows", rows), IDS], "word_row")
        self.node("Gather", [self.constant("word_scales", scale), IDS], "word_scale")
        self.node("Cast", ["word_row"], "word_float", to=TensorProto.FLOAT)
        self.node("Mul", ["word_float", "word_scale"], "words")
        self.node("Shape", [IDS], "tokens", start=1, end=2)
        first = self.constant("first", np.zeros(1, np.int64))
        self.node("Slice", [self.constant("positions", positions), first, "tokens", first], "position")
        self.node("Add", ["words", "position"], "embedded")
        norm = self.named("embeddings.LayerNorm.weight", "embeddings.LayerNorm.bias")
        return self.node("LayerNormalization", ["embedded", *norm], "embedding", axis=-1, epsilon=self.shape.epsilon)

    def transform(self, state: str, layer: str) -> str:
        """One transformer block: attention and feed-forward, each added to its input and normalised."""
        parts = [f"{layer}.attention.self.{part}" for part in ("query", "key", "value")]
        weight = np.concatenate([self.weights[f"{part}.weight"] for part in parts])
        bias = np.concatenate([self.weights[f"{part}.bias"] for part in parts])
        packed = self.dense(state, weight, f"{layer}.packed", bias)
        self.node("Split", [packed], parts, axis=-1, num_outputs=3)
        attended = self.node(
            "MultiHeadAttention", [*parts, "", MASK], f"{layer}.attended", FUSED, num_heads=self.shape.heads
        )
        seen = self.residual(attended, state, f"{layer}.attention.output")
        widened = f"{layer}.intermediate.dense"
        inner = self.dense(seen, self.weights[f"{widened}.weight"], f"{layer}.inner", self.weights[f"{widened}.bias"])
        active = self.node("Gelu", [inner], f"{layer}.active", FUSED)
        return self.residual(active, seen, f"{layer}.output")

    def residual(self, inner: str, skip: str, block: str) -> str:
        """Project ``inner``, add ``skip``, normalise.

        In three nodes: the one that does all of it (``SkipLayerNormalization``) sums float by float, and took a quarter of a pass.
        """
        dense = f"{block}.dense"
        projected = self.dense(
            inner, self.weights[f"{dense}.weight"], f"{block}.projected", self.weights[f"{dense}.bias"]
        )
        summed = self.node("Add", [projected, skip], f"{block}.sum")
        norm = self.named(f"{block}.LayerNorm.weight", f"{block}.LayerNorm.bias")
        return self.node("LayerNormalization", [summed, *norm], f"{block}.normal", axis=-1, epsilon=self.shape.epsilon)

    def dense(self, state: str, weight: Floats, name: str, bias: Floats | None = None) -> str:
        """``state @ weight.T (+ bias)`` in int8; ``weight`` is stored as PyTorch does, float32 [out, in]."""
        columns, scale = quantised(weight.T, axis=0)
        inputs = [
            state,
            self.constant(f"{name}.int8", columns),
            self.constant(f"{name}.scale", scale.reshape(-1)),
            self.constant(f"{name}.zero", np.zeros(scale.size, np.int8)),
        ]
        if bias is not None:
            inputs.append(self.constant(f"{name}.bias", bias))
        return self.node("DynamicQuantizeMatMul", inputs, name, FUSED)

    def pool(self, state: str, output: str) -> str:
        """Sum of the unmasked token states, scaled to length 1: the division of the mean cancels out in the norm."""
        one = self.constant("one", np.ones(1, np.int64))
        self.node("Cast", [MASK], "mask", to=TensorProto.FLOAT)
        self.node("Unsqueeze", ["mask", one], "mask_row")
        self.node("MatMul", ["mask_row", state], "sum_row")
        self.node("Squeeze", ["sum_row", one], "sum")
        return self.node("LpNormalization", ["sum"], output, axis=-1, p=2)

    def peaks(self, state: str, output: str) -> str:
        """The largest of each column over the unmasked tokens, scaled to length 1. Comes after ``pool``, whose mask it uses."""
        one, last = self.constant("one", np.ones(1, np.int64)), self.constant("last", np.full(1, -1, np.int64))
        whole, far = (
            self.constant(name, np.full(1, value, np.float32)) for name, value in (("whole", 1), ("far", ABSENT))
        )
        self.node("Sub", [whole, "mask"], "gone")
        self.node("Mul", ["gone", far], "below")
        self.node("Unsqueeze", ["below", last], "below_column")
        self.node("Sub", [state, "below_column"], "there")
        self.node("ReduceMax", ["there", one], "peak", keepdims=0)
        return self.node("LpNormalization", ["peak"], output, axis=-1, p=2)

    def risks(self, state: str, *beside: str) -> str:
        """All layers, then a probability of each risk of what is seen of the tokens and of the rows ``beside`` it."""
        for layer in range(self.shape.layers):
            state = self.transform(state, f"encoder.layer.{layer}")
        self.pool(state, "mean")
        self.peaks(state, "most")
        self.node("Concat", ["mean", "most", *beside], "views", axis=-1)
        self.node("MatMul", ["views", self.constant("risk.weight", LOUD * self.weights["risk.weight"].T)], "weighed")
        self.node("Add", ["weighed", *self.named("risk.bias")], "scores")
        return self.node("Sigmoid", ["scores"], "risks")

    def node(self, op: str, inputs: Sequence[str], output: str | Sequence[str], domain: str = "", **how: Any) -> str:
        outputs = [output] if isinstance(output, str) else list(output)
        self.nodes.append(helper.make_node(op, list(inputs), outputs, domain=domain, **how))
        return outputs[0]

    def constant(self, name: str, value: NDArray[np.generic]) -> str:
        if name not in self.constants:
            self.constants[name] = numpy_helper.from_array(np.ascontiguousarray(value), name)
        return name

    def described(self, name: str, columns: int) -> ValueInfoProto:
        if name in (IDS, MASK):
            return helper.make_tensor_value_info(name, TensorProto.INT32, ["batch", "tokens"])
        places = ["batch", "tokens"] if name in (STATES, SEARCH_STATES, READING_STATES) else ["batch"]
        return helper.make_tensor_value_info(name, TensorProto.FLOAT, [*places, columns])

    def named(self, *names: str) -> list[str]:
        return [self.constant(name, self.weights[name].astype(np.float32)) for name in names]

    def serialised(
        self, inputs: Sequence[str], outputs: Sequence[str], columns: Mapping[str, int] | None = None
    ) -> bytes:
        """``columns`` of those that have not as many as the layers."""
        widths = columns or {}
        ends = [
            [self.described(name, widths.get(name, self.shape.hidden)) for name in names] for names in (inputs, outputs)
        ]
        graph = helper.make_graph(self.nodes, "encoder", ends[0], ends[1], list(self.constants.values()))
        opsets = [helper.make_opsetid(domain, version) for domain, version in OPSETS]
        return helper.make_model(graph, opset_imports=opsets, ir_version=IR_VERSION).SerializeToString()
