"""The network of the domain layers: a shared MiniLM encoder under small heads.

One pass of the encoder serves all heads: word-level tag layers (BIO; Ramshaw & Marcus, 1995), a scorer of
(title, organization) pairs, a reader of affiliations, and a scorer of sentences. The encoder starts from
the default embedding model (all-MiniLM-L6-v2; Wang et al., 2020); its word embeddings stay as they are and
are not stored again.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, pairwise
from typing import Any

import numpy as np
import torch
from torch import nn

from analyzer.embeddings import default_model_path
from analyzer.errors import ModelError
from analyzer.records import BlockKind

#: Tag layers and the labels of their spans.
LAYERS: dict[str, tuple[str, ...]] = {
    "candidate": ("NAME",),
    "office": ("OFFICE",),
    "community": ("COMMUNITY",),
    "titles": ("TITLE",),
    "organizations": ("ORG",),
    "affiliations": ("ORG",),
    "focus_areas": ("goal", "interest", "experience"),
}
#: Layers whose spans are rated once they are found: many more look right word by word than are.
RATED = ("titles", "affiliations", "focus_areas")
STATUSES = ("current", "past", "sought")
RELATIONS = ("employer", "founder", "academic", "representative", "other")
KINDS: tuple[BlockKind, ...] = (
    "paragraph", "heading", "item", "field", "question", "greeting", "signature",
)  # fmt: skip
SHAPES = ("lower", "title", "upper", "mixed", "digit", "punct", "other")

#: Longest stretch the encoder reads at once, in word pieces (its position embeddings end at 512).
MAX_PIECES = 448
HIDDEN = 128
FAR = 40


def shape(word: str) -> int:
    """Index into `SHAPES`: the encoder is uncased, yet capitals tell names from words."""
    if word.islower():
        return 0
    if word.isupper():
        return 2 if len(word) > 1 else 1
    if word.istitle():
        return 1
    if any(c.isdigit() for c in word):
        return 4
    if not any(c.isalnum() for c in word):
        return 5
    return 3 if any(c.isupper() for c in word) else 6


@dataclass(frozen=True, slots=True)
class Window:
    """What the network reads at once: words, with the piece ids of each, and where they stand.

    `sentences` and `lines` number the sentence and the line of each word within the statement; `glued` tells of each
    word whether no space parts it from the one before; `start` is the index of the first word in the statement.
    """

    start: int
    words: Sequence[str]
    pieces: Sequence[Sequence[int]]
    kinds: Sequence[int]
    sentences: Sequence[int]
    lines: Sequence[int]
    glued: Sequence[bool]

    def __len__(self) -> int:
        return len(self.words)

    def places(self, bounds: Sequence[tuple[int, int]]) -> list[int]:
        """Of spans the sentence that each begins in, counted from the window's first one."""
        return [self.sentences[a] - self.sentences[0] for a, _ in bounds]


def windows(
    words: Sequence[str],
    pieces: Sequence[Sequence[int]],
    kinds: Sequence[int],
    sentences: Sequence[int],
    lines: Sequence[int],
    glued: Sequence[bool],
    limit: int = MAX_PIECES,
) -> list[Window]:
    """Cut a statement into windows of at most `limit` pieces, at lines if possible, else at sentences, else anywhere.

    Of a word of more pieces than that (a key, a URL) only the first ones are read.
    """
    pieces = [p[:limit] for p in pieces]
    costs = [len(p) for p in pieces]
    cuts = [0]
    used = 0
    line_start = sentence_start = 0
    for i, cost in enumerate(costs):
        if i and lines[i] != lines[i - 1]:
            line_start = i
        if i and sentences[i] != sentences[i - 1]:
            sentence_start = i
        while used + cost > limit:
            cut = next((c for c in (line_start, sentence_start) if c > cuts[-1]), i)
            cuts.append(cut)
            used = sum(costs[cut:i])
        used += cost
    cuts.append(len(words))
    return [
        Window(a, words[a:b], pieces[a:b], kinds[a:b], sentences[a:b], lines[a:b], glued[a:b])
        for a, b in pairwise(cuts)
        if b > a
    ]


@dataclass(slots=True)
class Batch:
    """Padded arrays of some windows; `bounds[w]` are the first and end piece of each word."""

    ids: torch.Tensor
    mask: torch.Tensor
    first: torch.Tensor
    end: torch.Tensor
    shapes: torch.Tensor
    kinds: torch.Tensor
    lengths: torch.Tensor

    def to(self, device: torch.device) -> Batch:
        """The same on another device; lengths stay, as packing wants them."""
        names = ("ids", "mask", "first", "end", "shapes", "kinds")
        return replace(self, **{name: getattr(self, name).to(device) for name in names})


def collate(batch: Sequence[Window], cls: int, sep: int, pad: int) -> Batch:
    """Pad windows into one batch, with the encoder's [CLS] and [SEP] around each."""
    rows = [[cls, *(p for word in w.pieces for p in word), sep] for w in batch]
    width = max(map(len, rows))
    height = max(map(len, batch))
    ids = np.full((len(batch), width), pad, dtype=np.int64)
    mask = np.zeros((len(batch), width), dtype=np.int64)
    first, end, shapes, kinds = (np.zeros((len(batch), height), dtype=np.int64) for _ in range(4))
    for i, (row, window) in enumerate(zip(rows, batch, strict=True)):
        ids[i, : len(row)] = row
        mask[i, : len(row)] = 1
        ends = 1 + np.cumsum([len(p) for p in window.pieces])
        end[i, : len(window)] = ends
        first[i, : len(window)] = ends - [len(p) for p in window.pieces]
        shapes[i, : len(window)] = [shape(w) for w in window.words]
        kinds[i, : len(window)] = window.kinds
    arrays = (ids, mask, first, end, shapes, kinds, np.array([len(w) for w in batch]))
    return Batch(*map(torch.from_numpy, arrays))


class CandidacyNet(nn.Module):
    """The encoder and its heads. `encoder` is a Hugging Face BERT model without pooler."""

    def __init__(self, encoder: nn.Module, dropout: float = 0.2) -> None:
        super().__init__()
        self.encoder = encoder
        for parameter in encoder.embeddings.parameters():
            parameter.requires_grad = False
        width = encoder.config.hidden_size
        self.shape_embedding = nn.Embedding(len(SHAPES), 16)
        self.kind_embedding = nn.Embedding(len(KINDS), 16)
        self.dropout = nn.Dropout(dropout)
        self.lstm = nn.LSTM(width + 32, HIDDEN, batch_first=True, bidirectional=True)
        word = 2 * HIDDEN + width + 32
        self.tags = nn.ModuleDict({k: nn.Linear(word, 1 + 2 * len(v)) for k, v in LAYERS.items()})
        self.span = nn.Sequential(nn.Linear(3 * word, HIDDEN), nn.GELU(), nn.Dropout(dropout))
        self.context = nn.Sequential(nn.Linear(word, HIDDEN), nn.GELU(), nn.Dropout(dropout))
        self.rating = nn.Sequential(
            nn.Linear(2 * HIDDEN + 3, HIDDEN), nn.GELU(), nn.Dropout(dropout), nn.Linear(HIDDEN, len(RATED))
        )
        self.no_organization = nn.Parameter(torch.zeros(HIDDEN))
        self.distance = nn.Embedding(2 * FAR + 2, 32)
        self.place = nn.Embedding(4, 16)
        self.pair = nn.Sequential(
            nn.Linear(4 * HIDDEN + 48, HIDDEN), nn.GELU(), nn.Dropout(dropout), nn.Linear(HIDDEN, 1 + len(STATUSES))
        )
        self.relation = nn.Linear(HIDDEN, len(RELATIONS))
        self.affiliation_status = nn.Linear(HIDDEN, 2)
        self.sentence = nn.Sequential(
            nn.Linear(2 * word + 2, HIDDEN), nn.GELU(), nn.Dropout(dropout), nn.Linear(HIDDEN, 1)
        )

    def forward(self, batch: Batch) -> torch.Tensor:
        """Return word vectors, shape (windows, words, features)."""
        hidden = self.encoder(input_ids=batch.ids, attention_mask=batch.mask).last_hidden_state
        return self.above(hidden, batch)

    def above(self, hidden: torch.Tensor, batch: Batch) -> torch.Tensor:
        """Word vectors from the encoder's output, shape (windows, pieces, hidden)."""
        # Mean of a word's pieces by differences of running sums.
        sums = torch.cat([hidden.new_zeros(hidden.shape[0], 1, hidden.shape[2]), hidden.cumsum(1)], 1)
        index = (batch.end.unsqueeze(-1), batch.first.unsqueeze(-1))
        last, before = (sums.gather(1, i.expand(-1, -1, hidden.shape[2])) for i in index)
        words = (last - before) / (batch.end - batch.first).clamp(min=1).unsqueeze(-1)
        words = torch.cat([words, self.shape_embedding(batch.shapes), self.kind_embedding(batch.kinds)], -1)
        words = self.dropout(words)
        if len(batch.lengths) == 1:  # nothing is padded
            context, _ = self.lstm(words)
        else:
            packed = nn.utils.rnn.pack_padded_sequence(words, batch.lengths, batch_first=True, enforce_sorted=False)
            context, _ = nn.utils.rnn.pad_packed_sequence(self.lstm(packed)[0], batch_first=True)
        return self.dropout(torch.cat([context, words], -1))

    def tag_scores(self, words: torch.Tensor) -> dict[str, torch.Tensor]:
        """Logits of each layer: O, then B and I of each label."""
        heads = [*self.tags.values()]
        weight, bias = torch.cat([head.weight for head in heads]), torch.cat([head.bias for head in heads])
        scores = nn.functional.linear(words, weight, bias).split([head.out_features for head in heads], -1)
        return dict(zip(self.tags, scores, strict=True))

    def spans(self, words: torch.Tensor, bounds: Sequence[tuple[int, int]]) -> torch.Tensor:
        """Vectors of spans: first word, last word and mean, through one layer."""
        if not bounds:
            return words.new_zeros(0, HIDDEN)
        first, last = torch.tensor([(a, b - 1) for a, b in bounds], device=words.device).unbind(-1)
        return self.span(torch.cat([words[first], words[last], means(words, bounds)], -1))

    def sentence_contexts(self, words: torch.Tensor, window: Window) -> torch.Tensor:
        """Vectors of the sentences of a window, in their order: what is said around a span."""
        return self.context(means(words, runs(window.sentences)))

    def ratings(
        self,
        words: torch.Tensor,
        found: Sequence[tuple[int, int, float]],
        window: Window,
        layer: str,
        vectors: torch.Tensor | None = None,
        contexts: torch.Tensor | None = None,
    ) -> torch.Tensor:
        """Logits of spans of one layer to be right, shape (spans,); each comes with its tags' confidence.

        Parameters
        ----------
        vectors : those of the spans, where they are known.
        contexts : those of the sentences, where they are known.
        """
        if contexts is None:
            contexts = self.sentence_contexts(words, window)
        bounds = [(a, b) for a, b, _ in found]
        plain = [[c, math.log(c + 1e-6), min(1.0, (b - a) / 10)] for a, b, c in found]
        if vectors is None:
            vectors = self.spans(words, bounds)
        parts = [vectors, contexts[window.places(bounds)], words.new_tensor(plain).view(-1, 3)]
        return self.rating(torch.cat(parts, -1))[:, RATED.index(layer)]

    def pair_scores(
        self,
        words: torch.Tensor,
        titles: Sequence[tuple[int, int]],
        organizations: Sequence[tuple[int, int]],
        window: Window,
        vectors: torch.Tensor | None = None,
        contexts: torch.Tensor | None = None,
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Logits of the organization of each title and of its status there.

        Parameters
        ----------
        vectors : those of the titles, where they are known.
        contexts : those of the sentences, where they are known.

        Returns
        -------
        links, shape (titles, 1 + organizations), to be normalised over the organizations, the first of which is
        "none"; and statuses, shape (titles, 1 + organizations, statuses), each for itself (one may be re-elected).
        """
        if contexts is None:
            contexts = self.sentence_contexts(words, window)
        t = self.spans(words, titles) if vectors is None else vectors
        o = torch.cat([self.no_organization.unsqueeze(0), self.spans(words, organizations)])
        distances, places = [], []
        for a, b in titles:
            gaps = [c - b if c >= b else min(0, d - a) for c, d in organizations]
            distances.append([2 * FAR + 1, *(FAR + max(-FAR, min(FAR, gap)) for gap in gaps)])
            same = [
                (window.sentences[a] == window.sentences[c]) + (window.lines[a] == window.lines[c])
                for c, _ in organizations
            ]
            places.append([3, *(2 - both for both in same)])
        distance = torch.tensor(distances, device=words.device)
        place = torch.tensor(places, device=words.device)
        tt = t.unsqueeze(1).expand(-1, len(o), -1)
        cc = contexts[window.places(titles)].unsqueeze(1).expand(-1, len(o), -1)
        oo = o.unsqueeze(0).expand(len(t), -1, -1)
        scores = self.pair(torch.cat([tt, oo, tt * oo, cc, self.distance(distance), self.place(place)], -1))
        return scores[..., 0], scores[..., 1:]

    def sentence_scores(
        self, words: torch.Tensor, windows: Sequence[Window], totals: Sequence[int]
    ) -> torch.Tensor:
        """Logits of the sentences of windows being key, in their order.

        Parameters
        ----------
        words : word vectors of the windows, one after the other.
        totals : how many words the statement of each window has.
        """
        bounds: list[tuple[int, int]] = []
        places: list[tuple[float, float]] = []
        around: list[int] = []
        starts = [0, *accumulate(len(window) for window in windows)]
        for of, (window, total) in enumerate(zip(windows, totals, strict=True)):
            for a, b in runs(window.sentences):
                bounds.append((starts[of] + a, starts[of] + b))
                places.append(((window.start + a) / total, min(1.0, (b - a) / 40)))
                around.append(of)
        whole = means(words, list(pairwise(starts)))[around]
        return self.sentence(torch.cat([means(words, bounds), whole, words.new_tensor(places)], -1)).squeeze(-1)


def means(words: torch.Tensor, bounds: Sequence[tuple[int, int]]) -> torch.Tensor:
    """Mean vectors of stretches of words, shape (stretches, features)."""
    starts, ends = torch.tensor(bounds, device=words.device).unsqueeze(-1).unbind(1)
    at = torch.arange(len(words), device=words.device)
    inside = ((at >= starts) & (at < ends)).to(words)
    return inside @ words / (ends - starts)


def assemble(weights: Mapping[str, torch.Tensor] | None = None, layers: int | None = None) -> CandidacyNet:
    """Return a network on top of the default embedding model, in float32.

    Parameters
    ----------
    weights : what `trained` kept; without them the heads are fresh and the encoder is as published.
    layers : how many of the encoder's layers there are, from below; by default as many as `weights` have, or all.

    Raises
    ------
    ModelError
        If the embedding model is missing or not the one these weights belong to.
    """
    from safetensors.torch import load_file
    from transformers import BertConfig, BertModel

    folder = default_model_path(verify=True)
    # Dropout of attention would keep PyTorch from its fused kernels: training steps of 2.5 times the time.
    config = BertConfig.from_pretrained(folder, attn_implementation="sdpa", attention_probs_dropout_prob=0.0)
    config.num_hidden_layers = layers or _layers(weights) or config.num_hidden_layers
    encoder = BertModel(config, add_pooling_layer=False)
    net = CandidacyNet(encoder)
    base = load_file(folder / "model.safetensors")
    state = {f"encoder.{name}": value for name, value in base.items() if f"encoder.{name}" in net.state_dict()}
    state |= {name: value.float() for name, value in (weights or {}).items()}
    missing, unexpected = net.load_state_dict(state, strict=False)
    if weights is not None and (missing or unexpected):
        raise ModelError(f"the trained weights do not fit the network: {(missing + unexpected)[0]}")
    return net.eval()


def _layers(weights: Mapping[str, torch.Tensor] | None) -> int:
    """Number of the encoder's layers that there are weights of."""
    return len({name.split(".")[3] for name in weights or () if name.startswith("encoder.encoder.layer.")})


def quantized(net: CandidacyNet) -> CandidacyNet:
    """Return a copy of the network whose encoder multiplies in 8 bits.

    Weights are quantised per output channel, activations by the range they have in the window at hand; windows are
    read one at a time, so that no other text has a part in it.

    References
    ----------
    Jacob et al. (2018), "Quantization and training of neural networks for efficient integer-arithmetic-only inference".
    """
    import copy
    import warnings

    from torch.ao import quantization

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it is to move to another package that this one need not depend on yet
        copied = copy.deepcopy(net)
        scheme = {nn.Linear: quantization.per_channel_dynamic_qconfig}
        copied.encoder = quantization.quantize_dynamic(copied.encoder, scheme)
        return copied.eval()


def trained(net: CandidacyNet) -> dict[str, torch.Tensor]:
    """Return the weights that training changed: all but the encoder's embeddings."""
    return {k: v for k, v in net.state_dict().items() if not k.startswith("encoder.embeddings.")}


class WordPieces:
    """The encoder's tokenizer, a word at a time. Words that it has met it knows: most of a text is common words."""

    #: Words that are known at most, so that a long run does not fill the memory with rare ones.
    LIMIT = 100_000

    def __init__(self, tokenizer: Any) -> None:
        self._tokenizer = tokenizer
        self._known: dict[str, list[int]] = {}

    def __call__(self, words: Sequence[str]) -> list[list[int]]:
        """Ids of the pieces of each word."""
        if len(self._known) > self.LIMIT:
            self._known.clear()
        new = [word for word in dict.fromkeys(words) if word not in self._known]
        encoded = self._tokenizer.encode_batch(new, add_special_tokens=False)
        self._known.update(zip(new, (e.ids for e in encoded), strict=True))
        return [self._known[word] for word in words]


def word_pieces() -> tuple[WordPieces, tuple[int, int, int]]:
    """Return the encoder's tokenizer, and the ids of its [CLS], [SEP] and [PAD]."""
    from tokenizers import Tokenizer

    pieces = Tokenizer.from_file(str(default_model_path() / "tokenizer.json"))
    pieces.no_truncation()
    pieces.no_padding()
    vocabulary = pieces.get_vocab()
    return WordPieces(pieces), (vocabulary["[CLS]"], vocabulary["[SEP]"], vocabulary["[PAD]"])


def runs(values: Sequence[int]) -> list[tuple[int, int]]:
    """Start and end of each run of equal values."""
    cuts = [0, *(i for i in range(1, len(values)) if values[i] != values[i - 1]), len(values)]
    return [(a, b) for a, b in pairwise(cuts) if b > a]


def detections(layer: str, scores: np.ndarray[Any, Any], bias: float) -> list[tuple[int, int, int, float]]:
    """Spans of one layer in its tags' log-probabilities, as (start, end, label, confidence).

    Where they are is decided over all labels together, then which label is the likeliest. `bias` is added to O.
    """
    (found,) = detections_at(layer, scores, (bias,))
    return found


def detections_at(
    layer: str, scores: np.ndarray[Any, Any], biases: Sequence[float]
) -> list[list[tuple[int, int, int, float]]]:
    """The same for each of some biases."""
    if len(LAYERS[layer]) == 1:
        merged = scores.copy()
    else:
        merged = np.stack([scores[:, 0], *(np.logaddexp.reduce(scores[:, k::2], axis=1) for k in (1, 2))], axis=1)
    found: list[list[tuple[int, int, int, float]]] = []
    for bias in biases:
        merged[:, 0] = scores[:, 0] + bias
        found.append([])
        for a, b, confidence in viterbi(merged):
            labels = scores[a, 1::2] + scores[a + 1 : b, 2::2].sum(0)
            found[-1].append((a, b, int(labels.argmax()), min(1.0, confidence)))
    return found


#: By so much O is likelier than B and I on two words running where what stands on either side is surely apart.
CLEAR = 4.0


def viterbi(scores: np.ndarray[Any, Any]) -> list[tuple[int, int, float]]:
    """Best legal sequence of tags (O, B, I) by their log-probabilities, shape (words, 3).

    Stretches that are clearly apart are decided each for itself: most of a text is clearly outside of all spans.

    Returns
    -------
    list of (start, end, confidence), the confidence being the geometric mean of the tags' probabilities.

    References
    ----------
    Viterbi (1967), "Error bounds for convolutional codes"; Ratinov & Roth (2009) on BIO constraints.
    """
    clear = scores[:, 0] - np.maximum(scores[:, 1], scores[:, 2]) > CLEAR
    two = clear[:-1] & clear[1:]
    apart = np.ones(len(scores) + 2, dtype=bool)
    apart[1:-1] = False
    apart[1:-2] |= two
    apart[2:-1] |= two
    edges = np.flatnonzero(apart[1:] != apart[:-1]).tolist()
    found = []
    for a, b in zip(edges[::2], edges[1::2], strict=True):
        found += [(start + a, end + a, confidence) for start, end, confidence in _viterbi(scores[a:b].tolist())]
    return found


def _viterbi(rows: list[list[float]]) -> list[tuple[int, int, float]]:
    # Numbers of Python: for three tags a call of NumPy a word would take ten times as long.
    outside, begins, inside = rows[0][0], rows[0][1], -math.inf
    back = []
    for out, begin, within in rows[1:]:
        tag, best = (0, outside) if outside >= begins else (1, begins)
        if inside > best:
            tag, best = 2, inside
        on, longest = (1, begins) if begins >= inside else (2, inside)
        back.append((tag, tag, on))
        outside, begins, inside = best + out, best + begin, longest + within
    ends = (outside, begins, inside)
    tags = [ends.index(max(ends))]
    for step in reversed(back):
        tags.append(step[tags[-1]])
    tags.reverse()
    found = []
    for start in (place for place, tag in enumerate(tags) if tag == 1):
        end = next((place for place in range(start + 1, len(tags)) if tags[place] != 2), len(tags))
        logs = [rows[place][tags[place]] for place in range(start, end)]
        found.append((start, end, math.exp(sum(logs) / len(logs))))
    return found
