"""Candidacy or not, and what else: a first stage that turns ordinary mail away, and a trained classifier.

The classifier is a multinomial logistic regression over `features`. ``models/decision`` holds its weights,
``models/scripts/decision.py`` trains them, and the model card says how good they are.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
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
from analyzer.statements.features import FILE_FORMATS, READ, SIGNALS, features
from analyzer.statements.subjects import is_reply

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

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
    ModelError : if the weights are missing or damaged.
    """
    if message.named:
        return Decision(label="candidacy", score=1.0, reasons=["named by the user"])
    if message.filed is not None and not message.filed.statement:
        return Decision(label="document", score=0.0, reasons=["its repository keeps no statements in such files"])
    classifier = classifier or load()
    found = features(message, cleaned, classifier.words)
    return classifier.judge(found | {"says:among statements": ""} if among_statements else found)


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
    """

    words: frozenset[str]
    rows: Mapping[str, int]
    weights: npt.NDArray[np.float32]
    bias: npt.NDArray[np.float32]
    mail_threshold: float
    answer_threshold: float
    file_threshold: float

    def judge(self, found: Mapping[str, str]) -> Decision:
        """Weigh features, each given with the words it was seen in.

        The reasons are what tells most between the label and the likeliest other one (candidacy, if it is not).
        """
        import numpy as np

        seen = [(name, self.rows[name]) for name in found if name in self.rows]
        rows = self.weights[[row for _, row in seen]]
        logits = self.bias + rows.sum(axis=0, dtype=np.float64)
        odds = np.exp(logits - logits.max())
        score = float(odds[0] / odds.sum())
        other = 1 + int(logits[1:].argmax())
        threshold = self.answer_threshold if "says:reply" in found else self.mail_threshold
        threshold = self.file_threshold if "says:file" in found else threshold
        label = LABELS[0] if score >= threshold else LABELS[other]
        if label == "traffic" and "says:election thread" in found:
            label = "reply"  # whatever it goes on to speak of
        tells = rows[:, 0] - rows[:, other]
        order = sorted(range(len(seen)), key=lambda i: (-abs(tells[i]), seen[i][0]))
        order = [i for i in order if _TELLING.search(seen[i][0].partition(":")[2])][:_REASONS]
        reasons = [f"{_told(seen[i][0], found[seen[i][0]])} ({tells[i]:+.1f})" for i in order if abs(tells[i]) >= 0.05]
        return Decision(label=label, score=score, reasons=reasons)


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
        if weights.shape != (len(names), len(LABELS)) or settings["labels"] != list(LABELS):
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
    )


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
    own = _SIGNATURE.sub("", _QUOTED.sub("", "\n" + message.glance[:READ].lower()))
    # A profile may do without; an answer is none.
    return None if wording.may_stand(own) or (not answers and wording.is_profile(own)) else _ORDINARY
