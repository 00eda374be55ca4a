"""Candidacy or not, and what else: a first stage that turns ordinary mail away, a trained classifier, and a second
opinion where that is unsure of a mail.

The classifier is a multinomial logistic regression over `features`, the second opinion one over the sentence vector
of what a mail begins with. ``models/decision`` holds the weights of both, ``models/scripts/decision.py`` trains them,
and the model card says how good they are.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from analyzer.errors import ModelError
from analyzer.records import Decision
from analyzer.resources import shipped
from analyzer.sources.message import Message
from analyzer.statements import wording
from analyzer.statements.cleaning import CleanText
from analyzer.statements.features import FILE_FORMATS, READ, SIGNALS, features, own
from analyzer.statements.subjects import bare, is_reply

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from analyzer.embeddings import Embedder

    Vector = npt.NDArray[np.float32]

LABELS = (
    "candidacy", "reply", "question", "nomination", "call", "results", "ballot", "withdrawal", "document", "traffic",
)  # fmt: skip
# Reasons that are given for a decision.
_REASONS = 12


def decide(
    message: Message, cleaned: CleanText, *, among_statements: bool = False, classifier: Classifier | None = None
) -> Decision:
    """Decide whether a message is a candidacy, and if not, what it is.

    Parameters
    ----------
    among_statements : the other files of its folder are candidacies (see `Folders`).
    classifier : other weights than those that are shipped.

    Raises
    ------
    ModelError : if the weights are missing or damaged, or the default embedding model is where it is needed.
    """
    if message.named:
        return Decision(label="candidacy", score=1.0, reasons=["named by the user"])
    if message.filed is not None and not message.filed.statement:
        return Decision(label="document", score=0.0, reasons=["its repository keeps no statements in such files"])
    classifier = classifier or load()
    found = features(message, cleaned, classifier.words)
    if among_statements:
        found["says:among statements"] = ""
    return classifier.judge(found, lambda: vector(beginning(message, cleaned)))


#: So many characters of the subject and of the text are read for the second opinion.
_BEGINNING = 150, 600


def beginning(message: Message, cleaned: CleanText) -> str:
    """Return what the second opinion reads: the subject, and what the writer says first."""
    subject, text = _BEGINNING
    return f"{bare((message.subject or '')[:300])[:subject]}\n{own(cleaned)[:text]}".strip()


def vector(text: str) -> Vector:
    """Return the sentence vector of a text by the default model, whatever model the user names for the views.

    One at a time, so that no text's vector depends on what else is read.
    """
    row: Vector = _embedder().encode([text])[0]
    return row


@cache
def _embedder() -> Embedder:
    from analyzer.embeddings import Embedder

    return Embedder()


@dataclass(frozen=True)
class SecondOpinion:
    """Whether a mail begins as candidacies do.

    Attributes
    ----------
    weights : log-odds for each component of the vector, and for mail that answers another, shape (components + 1,
        labels).
    bias : log-odds before anything is known, shape (labels,).
    share : what its log-odds count beside the first opinion's.
    unsure : it is asked where the probability by the first opinion lies between these.
    """

    weights: npt.NDArray[np.float32]
    bias: npt.NDArray[np.float32]
    share: float
    unsure: tuple[float, float]

    def log_odds(self, vector: Vector, *, reply: bool) -> float:
        """Return the log-odds of a candidacy, times the share."""
        import numpy as np

        logits = np.append(vector, reply) @ self.weights + self.bias
        return self.share * float(logits[0] - np.logaddexp.reduce(logits[1:]))


@dataclass(frozen=True)
class Classifier:
    """The weights: a row for each feature, a column for each label, and what is known before any feature.

    Attributes
    ----------
    words : the vocabulary, see `words.tokens`.
    rows : the row of `weights` that a feature has.
    weights : log-odds, shape (features, labels).
    bias : log-odds of a text of which nothing is known, shape (labels,).
    mail_threshold, answer_threshold, file_threshold : the probability from which a mail, one that answers another, or a
        file is a candidacy.
    second : asked about mails, unless None.
    """

    words: frozenset[str]
    rows: Mapping[str, int]
    weights: npt.NDArray[np.float32]
    bias: npt.NDArray[np.float32]
    mail_threshold: float
    answer_threshold: float
    file_threshold: float
    second: SecondOpinion | None = None

    def judge(self, found: Mapping[str, str], vector: Callable[[], Vector] | None = None) -> Decision:
        """Weigh features, each given with the words it was seen in.

        The reasons are what tells most between the label and the likeliest other one (candidacy, if it is not).

        Parameters
        ----------
        vector : makes the vector that the second opinion needs; without it there is none.
        """
        import numpy as np

        seen = [(name, self.rows[name]) for name in found if name in self.rows]
        rows = self.weights[[row for _, row in seen]]
        logits = self.bias + rows.sum(axis=0, dtype=np.float64)
        other = 1 + int(logits[1:].argmax())
        log_odds = logits[0] - np.logaddexp.reduce(logits[1:])
        opinion = self._opinion(found, float(np.exp(-np.logaddexp(0, -log_odds))), vector)
        score = float(np.exp(-np.logaddexp(0, -(log_odds + (opinion or 0)))))
        threshold = self.answer_threshold if "says:reply" in found else self.mail_threshold
        threshold = self.file_threshold if "says:file" in found else threshold
        label = LABELS[0] if score >= threshold else LABELS[other]
        if label == "traffic" and "says:election thread" in found:
            label = "reply"  # whatever it goes on to speak of
        tells = {name: float(row[0] - row[other]) for (name, _), row in zip(seen, rows, strict=True)}
        told = {name: _told(name, found[name]) for name in tells if _TELLING.search(name.partition(":")[2])}
        if opinion is not None:
            tells[_SECOND] = opinion
            told[_SECOND] = f"begins as {'candidacies do' if opinion > 0 else 'other mail does'}"
        order = sorted(told, key=lambda name: (-abs(tells[name]), name))[:_REASONS]
        reasons = [f"{told[name]} ({tells[name]:+.1f})" for name in order if abs(tells[name]) >= 0.05]
        return Decision(label=label, score=score, reasons=reasons)

    def _opinion(
        self, found: Mapping[str, str], score: float, vector: Callable[[], Vector] | None
    ) -> float | None:
        """Return the second opinion on a mail, None where it is not asked for."""
        if self.second is None or vector is None or "says:file" in found:
            return None
        low, high = self.second.unsure
        return self.second.log_odds(vector(), reply="says:reply" in found) if low <= score <= high else None


@cache
def load(folder: Path | None = None) -> Classifier:
    """Load the weights that are shipped, or those of a folder.

    Raises
    ------
    ModelError : if they are missing or damaged.
    """
    import numpy as np

    try:
        folder = folder or shipped("models/decision")
        settings: dict[str, Any] = json.loads((folder / "settings.json").read_text(encoding="utf-8"))
        with np.load(folder / "weights.npz", allow_pickle=False) as held:
            weights, bias = held["weights"].astype(np.float32) * settings["scale"], held["bias"]
            names, words = str(held["features"]).split("\n"), str(held["words"]).split("\n")
            second = SecondOpinion(
                weights=held["second_weights"].astype(np.float32),
                bias=held["second_bias"],
                share=float(settings["second_share"]),
                unsure=(float(settings["unsure"][0]), float(settings["unsure"][1])),
            )
        shapes = {weights.shape[1:], second.weights.shape[1:], second.bias.shape, bias.shape}
        if len(weights) != len(names) or shapes != {(len(LABELS),)} or settings["labels"] != list(LABELS):
            raise ValueError("its parts do not fit together")
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelError(
            f"the weights of the first decision cannot be read ({error}): reinstall candidacy-analyzer"
        ) from error
    return Classifier(
        words=frozenset(words),
        rows={name: row for row, name in enumerate(names)},
        weights=weights,
        bias=bias,
        mail_threshold=float(settings["mail_threshold"]),
        answer_threshold=float(settings["answer_threshold"]),
        file_threshold=float(settings["file_threshold"]),
        second=second,
    )


_SECOND = "second"
_GROUPS = {
    "subject": "subject says", "answers": "answers a message whose subject says", "text": "says",
    "first": "begins with",
}  # fmt: skip
# A feature that is more than borders, full stops and masked words.
_TELLING = re.compile(r"\b(?!Name\b)[^\W\d_]")


def _told(name: str, words: str) -> str:
    """Return a feature in words that a user understands."""
    group, _, what = name.partition(":")
    if group == "says":
        words = " ".join(words.split())
        return SIGNALS[what] + (f": “{words if len(words) <= 60 else words[:59] + '…'}”" if words else "")
    if group == "shape":
        return what
    return f"{_GROUPS[group]} “{what.strip('^$ ')}”"


class Folders:
    """What the files of each folder were found to be, in the order they came.

    A folder nearly all of whose files are candidacies is one of statements, and a file that hardly says so
    is one, too.
    """

    _ENOUGH, _NEARLY = 5, 0.8

    def __init__(self) -> None:
        self._seen: dict[tuple[str | None, str], tuple[int, int]] = {}

    def among_statements(self, message: Message) -> bool:
        """Whether a file lies among statements."""
        candidacies, files = self._seen.get(self._folder(message), (0, 0))
        return message.format in FILE_FORMATS and files >= self._ENOUGH and candidacies >= self._NEARLY * files

    def add(self, message: Message, decision: Decision) -> None:
        """Remember what a file was found to be."""
        if message.format in FILE_FORMATS and not message.named:
            candidacies, files = self._seen.get(self._folder(message), (0, 0))
            self._seen[self._folder(message)] = candidacies + (decision.label == "candidacy"), files + 1

    @staticmethod
    def _folder(message: Message) -> tuple[str | None, str]:
        return message.folder, str(PurePosixPath(message.member or message.path).parent)


_QUOTED = re.compile(r"\n>.*")
_SIGNATURE = re.compile(r"\n-- ?(?:\n.*){0,8}\s*\Z")
_ORDINARY = Decision(label="traffic", score=0.0, reasons=["no word of an election"])


def hopeless(message: Message) -> Decision | None:
    """Decide on mail that has not one word of elections; None if it has, or is no mail.

    Most mail is decided here, so this must cost next to nothing.
    """
    if message.named or message.format in FILE_FORMATS:
        return None
    subject = (message.subject or "").lower()
    answers = is_reply(message)
    if wording.has_stem(subject) if answers else wording.is_about(subject):
        return None
    # What it quotes may speak of elections, and its signature of a secretary.
    said = _SIGNATURE.sub("", _QUOTED.sub("", "\n" + message.glance[:READ].lower()))
    # A profile may do without; an answer is none.
    return None if wording.may_stand(said) or (not answers and wording.is_profile(said)) else _ORDINARY
