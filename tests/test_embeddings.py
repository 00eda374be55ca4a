"""Sentence vectors: the same for the same text, from this machine only, and from the weights they claim."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from platforms import model

from analyzer import embeddings
from analyzer.embeddings import (
    DEFAULT_MODEL,
    DEFAULT_SHA256,
    Embedder,
    MemoryCache,
    content_key,
    default_model_path,
)
from analyzer.errors import ModelError


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model of a few kilobytes with random weights."""
    import torch
    from sentence_transformers import SentenceTransformer
    from transformers import BertConfig, BertModel, BertTokenizerFast

    folder = tmp_path_factory.mktemp("model")
    bert = folder / "bert"
    bert.mkdir()
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "faster", "builds", "docs"]
    (bert / "vocab.txt").write_text("\n".join(words) + "\n")
    torch.manual_seed(0)
    BertModel(
        BertConfig(
            vocab_size=len(words),
            hidden_size=16,
            num_hidden_layers=1,
            num_attention_heads=2,
            intermediate_size=8,
            max_position_embeddings=32,
        )
    ).save_pretrained(bert)
    BertTokenizerFast(str(bert / "vocab.txt"), model_max_length=32).save_pretrained(bert)
    SentenceTransformer(str(bert), device="cpu").save(str(folder / "small"))
    return folder / "small"


class CountingCache(MemoryCache):
    """Remembers what was looked for and what was new."""

    def __init__(self) -> None:
        super().__init__()
        self.saved: list[str] = []

    def save_vectors(self, vectors: "dict[str, bytes]") -> None:  # type: ignore[override]
        self.saved += list(vectors)
        super().save_vectors(vectors)


def test_vectors_have_length_one_and_the_dimension_of_the_model() -> None:
    vectors = model().encode(["rolling upgrades", "", "文档 \ud800", "word " * 2000])
    assert vectors.shape == (4, model().dimension) == (4, 384)
    assert vectors.dtype == np.float32
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)


def test_meaning_is_nearer_than_words() -> None:
    one, other, far = model().encode(
        ["improve the documentation", "better docs for beginners", "improve the cafeteria"]
    )
    assert one @ other > one @ far


def test_no_texts_have_no_vectors() -> None:
    assert model().encode([]).shape == (0, 384)


def test_a_vector_from_the_cache_is_the_one_first_made() -> None:
    texts = ["rolling upgrades", "better docs", "rolling upgrades"]
    cache = CountingCache()
    fresh = Embedder(cache=cache).encode(texts)
    assert sorted(cache.saved) == sorted({content_key(text) for text in texts})
    warm = Embedder(cache=cache)
    assert (warm.encode(texts) == fresh).all()
    assert (warm.encode(texts[:1]) == fresh[:1]).all()
    assert len(cache.saved) == 2
    assert warm._model is None, "a warm cache needs no model"


def test_the_order_of_texts_does_not_change_their_vectors() -> None:
    texts = [f"{'very ' * (i % 7)}faster builds {i}" for i in range(70)]
    one = Embedder().encode(texts)
    other = Embedder().encode(texts[::-1])[::-1]
    assert (one == other).all()


@given(st.text(max_size=30), st.text(max_size=30))
@settings(deadline=None)
def test_keys_are_equal_for_equal_texts_only(one: str, other: str) -> None:
    assert (content_key(one) == content_key(other)) == (one == other)


def test_lone_surrogates_have_a_key() -> None:
    assert content_key("\ud800") != content_key("\ud801")


# --- which model --------------------------------------------------------------------------------------


def test_the_default_model_is_the_one_expected() -> None:
    embedder = model()
    assert (embedder.name, embedder.sha256) == (DEFAULT_MODEL, DEFAULT_SHA256)
    assert embedder.model.role == "embeddings"
    assert embedder.model.precision == "float32"
    assert (default_model_path() / "model.safetensors").is_file()


def test_a_default_model_with_other_weights_is_refused(small: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embeddings, "_find", lambda name: small)
    with pytest.raises(ModelError, match=r"model\.safetensors has SHA-256 .*reinstall") as raised:
        Embedder()
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize("there", [False, True])
def test_a_default_model_that_is_not_installed_says_how_to_install_it(
    there: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from importlib import metadata

    def distribution(name: str) -> metadata.Distribution:
        if not there:
            raise metadata.PackageNotFoundError(name)
        return metadata.PathDistribution(tmp_path / "gone.dist-info")

    monkeypatch.setattr(metadata, "distribution", distribution)
    with pytest.raises(ModelError, match=f"not installed: 'pip install {DEFAULT_MODEL}"):
        default_model_path()


def test_any_other_model_is_named_by_its_folder(small: Path) -> None:
    embedder = Embedder(str(small))
    assert embedder.sha256 != DEFAULT_SHA256
    assert embedder.model.name == str(small)
    assert embedder.encode(["faster builds"]).shape == (1, 16)
    assert embedder.dimension == 16


def test_a_folder_in_the_home_directory_may_be_written_with_a_tilde(
    small: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(small.parent))
    assert Embedder("~/small").sha256 == Embedder(str(small)).sha256


def test_the_hash_of_several_files_of_weights_depends_on_each(tmp_path: Path) -> None:
    (tmp_path / "a.safetensors").write_bytes(b"one")
    alone = Embedder(str(tmp_path)).sha256
    (tmp_path / "1_Dense").mkdir()
    (tmp_path / "1_Dense" / "b.safetensors").write_bytes(b"two")
    both = Embedder(str(tmp_path)).sha256
    (tmp_path / "1_Dense" / "b.safetensors").write_bytes(b"2")
    assert len({alone, both, Embedder(str(tmp_path)).sha256}) == 3


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda folder: None, "no such folder, and no model of this name"),
        (lambda folder: folder.write_text("x"), "not a folder"),
        (lambda folder: folder.mkdir(), "holds no weights"),
    ],
)
def test_what_is_no_model_is_refused_in_one_line(make: object, message: str, tmp_path: Path) -> None:
    make(tmp_path / "thing")  # type: ignore[operator]
    with pytest.raises(ModelError, match=message) as raised:
        Embedder(str(tmp_path / "thing"))
    assert "\n" not in str(raised.value)
    assert "thing" in str(raised.value)


def test_damaged_weights_are_refused_in_one_line(small: Path, tmp_path: Path) -> None:
    import shutil

    broken = tmp_path / "broken"
    shutil.copytree(small, broken)
    for path in broken.rglob("*.safetensors"):
        path.write_bytes(path.read_bytes()[:100])
    with pytest.raises(ModelError, match="not a sentence-transformers model") as raised:
        Embedder(str(broken)).encode(["faster builds"])
    assert "\n" not in str(raised.value)


# --- this machine only --------------------------------------------------------------------------------

WATCHED = """
import json, os, socket, sys
asked = []
def watch(name):
    def call(*arguments, **options):
        asked.append([name, repr(arguments)[:200]])
        raise OSError("no network here")
    return call
socket.getaddrinfo = watch("getaddrinfo")
socket.create_connection = watch("create_connection")
socket.socket.connect = watch("connect")
before = dict(os.environ)
from analyzer.embeddings import Embedder
for name in sys.argv[1:]:
    Embedder(None if name == "default" else name).encode(["rolling upgrades"])
try:
    Embedder("nobody/no-such-model")
except Exception as error:
    asked_for = type(error).__name__
changed = {key for key in before.keys() | os.environ.keys() if before.get(key) != os.environ.get(key)}
changed = sorted(key for key in changed if key.startswith(("HF_", "TRANSFORMERS_")))
print(json.dumps({"asked": asked, "refused": asked_for, "changed": changed}))
"""


def test_nothing_asks_the_network_and_nobodys_settings_are_changed(small: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    unset = ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE", "HF_HOME", "HF_HUB_CACHE", "XDG_CACHE_HOME")
    env = {key: value for key, value in os.environ.items() if key not in unset} | {"HOME": str(home)}
    env["PYTHONPATH"] = os.pathsep.join(sys.path)
    ran = subprocess.run(
        [sys.executable, "-c", WATCHED, "default", str(small)], capture_output=True, text=True, env=env, cwd=tmp_path
    )
    assert ran.returncode == 0, ran.stderr
    assert json.loads(ran.stdout.splitlines()[-1]) == {"asked": [], "refused": "ModelError", "changed": []}
    assert "Loading weights" not in ran.stderr, "no progress bar but ours"


def test_a_model_in_the_local_cache_is_found_by_name(small: Path, tmp_path: Path) -> None:
    revision = "0" * 40
    repository = tmp_path / "hub" / "models--sentence-transformers--small"
    (repository / "snapshots").mkdir(parents=True)
    (repository / "refs").mkdir()
    (repository / "refs" / "main").write_text(revision)
    (repository / "snapshots" / revision).symlink_to(small, target_is_directory=True)
    code = "import sys; from analyzer.embeddings import Embedder; print(*{Embedder(n).sha256 for n in sys.argv[1:]})"
    env = os.environ | {"HF_HUB_CACHE": str(tmp_path / "hub"), "PYTHONPATH": os.pathsep.join(sys.path)}
    names = ["small", "sentence-transformers/small"]
    ran = subprocess.run([sys.executable, "-c", code, *names], capture_output=True, text=True, env=env, cwd=tmp_path)
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.split() == [Embedder(str(small)).sha256]


def test_finding_a_model_imports_no_deep_learning() -> None:
    code = (
        "import sys; from analyzer.embeddings import Embedder; Embedder();"
        "print({'torch', 'transformers', 'sentence_transformers', 'numpy'} & set(sys.modules))"
    )
    env = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=env)
    assert ran.stdout.strip() == "set()", ran.stderr
