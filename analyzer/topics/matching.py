"""Which candidates speak for a voter's priorities.

For each priority and candidate the sentence is sought that speaks of it best (`searching`), and in it the focus area
most like the priority. A goal supports it fully, anything else half; it opposes it if the candidate says there that
they do not want it (`pipeline.stances`). Where the sentence denies something else ("I have no time for mentoring") it
is unclear, and a candidate who does not speak of a priority is silent on it: both add nothing, for or against, and
the bounds say what support would be if they opposed all of that, and if they wanted it.

Support is the sum over priorities of weight times score, divided by the sum of all weights (without their signs): from
-1 to 1, and its parts add up. A priority of negative weight is something the voter is against.

References
----------
Voting advice, and why silence is no opposition: Louwerse and Rosema (2014), The design effects of voting advice
applications, Acta Politica 49.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Literal

from analyzer.directory import Directory
from analyzer.embeddings import Embedder
from analyzer.errors import UserError
from analyzer.records import FocusKind, Record, StatementRecord
from analyzer.topics import phrases
from analyzer.topics.searching import search
from analyzer.views import Evidence, Score, Who

Verdict = Literal["supports", "opposes", "unclear", "silent"]

_SIGNS: dict[Verdict, int] = {"supports": 1, "opposes": -1, "unclear": 0, "silent": 0}
_SILENT: tuple[None, Verdict] = (None, "silent")
_WEIGHTED = re.compile(r"^(?P<text>.*?)\s*:\s*(?P<weight>[+-]?\d+(?:\.\d+)?)\s*$")


class Priority(Record):
    """What a voter wants, in any words, and how much; less than zero if they are against it."""

    text: str
    weight: float


class Answer(Record):
    """What a candidate says to a priority: `score` is -1 to 1, and `part` what it adds to their support."""

    priority: str
    verdict: Verdict
    score: Score
    part: Score
    kind: FocusKind | None
    sentence: Evidence | None


class Matched(Record):
    """A candidate; `open` is the part of all weight to which they say nothing clear; `lowest`, `highest` the bounds."""

    candidate: Who
    support: Score
    open: Score
    lowest: Score
    highest: Score
    answers: list[Answer]


class MatchResult(Record):
    """Candidates of an election (null: all statements), those who support the priorities most first."""

    election: str | None
    priorities: list[Priority]
    candidates: list[Matched]


def priorities(lines: Iterable[str], where: str) -> list[Priority]:
    """Read priorities, one a line: ``better documentation`` or ``better documentation: 2``.

    Empty lines, and lines that begin with ``#``, say nothing.

    Raises
    ------
    UserError
        If a line has no words, or weighs nothing, or there is none.
    """
    found = []
    for number, line in enumerate(lines, 1):
        text = " ".join(line.split())
        if not text or text.startswith("#"):
            continue
        match = _WEIGHTED.match(text)
        words, weight = (match["text"], float(match["weight"])) if match else (text, 1.0)
        if not re.search(r"\w", words) or weight == 0:
            raise UserError(f"{where}:{number}: {text}: write what you want, or 'what you want: 2', 2 being its weight")
        found.append(Priority(text=words, weight=weight))
    if not found:
        raise UserError(f"{where}: holds no priority: write one a line")
    return found


def match(
    wanted: Sequence[Priority],
    records: Sequence[StatementRecord],
    embedder: Embedder,
    directory: Directory,
    *,
    election: str | None = None,
) -> MatchResult:
    """Return how far each candidate speaks for priorities, with the sentence for each.

    Parameters
    ----------
    records : the statements of the election (`Directory.in_scope`), whose id is `election`.
    """
    whos = {who.id: who for who in map(directory.who, records)}
    by_id = {record.id: record for record in records}
    total = sum(abs(one.weight) for one in wanted)
    answers: dict[str, list[Answer]] = {id_: [] for id_ in whos}
    for one in wanted:
        said = {
            found.candidate.id: found.sentences[0].evidence
            for found in search(one.text, records, embedder, directory, limit=max(1, len(whos))).candidates
        }
        for id_ in whos:
            sentence = said.get(id_)
            kind, verdict = _verdict(one.text, by_id[sentence.statement], sentence, embedder) if sentence else _SILENT
            score = _SIGNS[verdict] * phrases.WEIGHTS[kind or "interest"]
            answers[id_].append(
                Answer(
                    priority=one.text,
                    verdict=verdict,
                    score=score,
                    part=one.weight * score / total,
                    kind=kind,
                    sentence=sentence,
                )
            )
    matched = []
    for id_, own in answers.items():
        support = sum(answer.part for answer in own)
        left = sum(abs(o.weight) for o, a in zip(wanted, own, strict=True) if not _SIGNS[a.verdict]) / total
        matched.append(
            Matched(
                candidate=whos[id_],
                support=support,
                open=left,
                lowest=support - left,
                highest=support + left,
                answers=own,
            )
        )
    matched.sort(key=lambda one: (-round(one.support, 6), round(one.open, 6), one.candidate.id))
    return MatchResult(election=election, priorities=list(wanted), candidates=matched)


def _verdict(
    priority: str, record: StatementRecord, sentence: Evidence, embedder: Embedder
) -> tuple[FocusKind | None, Verdict]:
    """Return the kind of the focus area of a sentence that is most like a priority, and what is said of it."""
    from analyzer.pipeline import stances

    nlp = stances.reader()
    doc = nlp(sentence.text)
    inside = [
        (area.kind, area.evidence)
        for area in record.focus_areas
        if area.evidence and sentence.start <= area.evidence.start and area.evidence.end <= sentence.end
    ]
    if inside:
        rows = embedder.encode([priority, *(area.text for _, area in inside)])
        kind, area = inside[int((rows[1:] @ rows[0]).round(5).argmax())]
        start = area.start - sentence.start
        about = [doc.char_span(start, start + len(area.text), alignment_mode="expand")]
    else:
        # The words of the priority, or, where it is put otherwise, what the whole sentence says.
        named = {form for token in nlp(priority) if not token.is_stop for form in (token.lemma_.lower(), token.lower_)}
        kind, about = None, [doc[t.i : t.i + 1] for t in doc if named & {t.lemma_.lower(), t.lower_} and t.is_alpha]
    said = {stances.will(span) for span in about or doc.sents}
    if about and "against" in said:
        return kind, "opposes"
    return kind, "unclear" if said != {None} and kind != "goal" else "supports"
