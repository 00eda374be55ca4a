"""What the linear components learn from: what may be, beside what was annotated."""

import sys
from pathlib import Path

import numpy as np
import pytest
import spacy
from spacy.tokens import Doc, SpanGroup

sys.path.append(str(Path(__file__).parents[2] / "models" / "scripts"))

import community
import employment
import focus
import marking
import positions
from unseen import Words, save_all, vocabulary

from analyzer.evaluation import Annotation
from analyzer.pipeline import model_path
from analyzer.pipeline.community import EVIDENCE, NETWORK
from analyzer.pipeline.employment import WORD
from analyzer.pipeline.reader import COMMUNITIES, FOCUS_AREAS, ORGANIZATIONS, TITLES

BLANK = spacy.blank("en")
BLANK.add_pipe("candidacy_blocks")
ROW = {"source": "orrery", "group": "ada"}
NOTHING = {
    "candidate": None, "sought": {}, "roles": [], "affiliations": [], "focus_areas": [], "key_sentences": [],
}  # fmt: skip


def annotation(**said: object) -> Annotation:
    return Annotation.model_validate(NOTHING | said)


def marked(doc: Doc, name: str, words: list[str], **attrs: object) -> None:
    spans, at = [], 0
    for phrase in words:
        at = doc.text.index(phrase, at)
        span = doc.char_span(at, at + len(phrase), label="goal")
        assert span is not None
        spans.append(span)
        at += 1
    doc.spans[name] = SpanGroup(doc, name=name, spans=spans, attrs=attrs)


def test_a_subject_that_is_named_twice_is_right_in_both_places() -> None:
    doc = BLANK("I want faster builds. Why faster builds? Calm lists.")
    said = [1.0, 0.0, 0.6, *[0.5] * 8]
    marked(doc, FOCUS_AREAS, ["faster builds", "faster builds", "Calm lists"], evidence=[said] * 3)
    read = focus.compared(doc, ROW, annotation(focus_areas=[{"span": "faster builds", "kind": "goal"}]))
    assert read.right == [True, True, False]


def test_of_names_only_words_are_known_that_invented_organizations_share(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "index.jsonl").write_text("")
    invented = Path(__file__).parents[2] / "data" / "invented"
    monkeypatch.setattr(sys, "argv", ["marking.py", str(invented), str(tmp_path)])
    with pytest.raises(SystemExit, match="0"):
        marking.main()
    shared = employment.shared_words(tmp_path)
    assert {"university", "labs", "gmbh"} < shared
    with np.load(model_path() / "candidacy_employment" / "weights.npz") as shipped:
        own = {feature.rpartition(" ")[2] for feature in shipped["known"].tolist() if feature.startswith(WORD)}
    assert own and own <= shared


def test_of_a_communitys_name_no_word_is_known() -> None:
    with np.load(model_path() / "candidacy_community" / "weights.npz") as shipped:
        assert not [feature for feature in shipped["known"].tolist() if feature.startswith(WORD)]


def test_a_name_is_the_communitys_as_annotated_or_where_none_is_if_it_means_the_same() -> None:
    doc = BLANK("Orrery is calm, and the Orrery community, unlike Tarnfold, is kind.")
    marked(doc, COMMUNITIES, ["Orrery", "Orrery community", "Tarnfold"], evidence=[[0.5, 0.0]] * 3)
    read = community.compared(doc, ROW, annotation(sought={"community": "orrery"}))
    assert read.right == [True, False, False] and read.rows.shape == (3, 3 * len(EVIDENCE))
    assert community.compared(doc, ROW, annotation(sought={"community": "Orrery project"})).right == [
        True,
        False,
        False,
    ]
    assert community.compared(doc, ROW, annotation()).right == [False] * 3
    invented = community.compared(doc, ROW | {"source": "invented"}, annotation())
    assert not invented.rows[:, :NETWORK].any() and read.rows[:, :NETWORK].any()
    assert (invented.rows[:, NETWORK:] == read.rows[:, NETWORK:]).all()


def test_a_community_is_learned_from_what_is_preferred_to_what() -> None:
    def read(source: str, at: int) -> community.Read:
        rows = np.zeros((2, 3 * len(EVIDENCE)))
        rows[at % 2, EVIDENCE.index("often")] = 1.0
        words = [{"<for"}, {"<about"}] if at % 2 == 0 else [{"<about"}, {"<for"}]
        return community.Read(source, 0, words, rows, [at % 2 == 0, at % 2 == 1])

    component = community.trained([read(source, at) for source in ("orrery", "tarnfold") for at in range(8)])
    assert component._sum({"<for"})[0] > 0 > component._sum({"<about"})[0]
    top = component._top[:, 0]
    assert top[EVIDENCE.index("often")] > 0 and not top[len(EVIDENCE) :].any()


def test_an_annotated_role_is_found_in_one_position_the_likest() -> None:
    doc = BLANK("A reviewer of Heat, of the Heat project and of Nova.")
    marked(doc, ORGANIZATIONS, ["Heat", "Heat project", "Nova"], evidence=[[0.0] * 4] * 3)
    links = [[at, p, 0, 0.9, 0.1, 0.0] for at, p in ((-1, 0.1), (0, 0.4), (1, 0.3), (2, 0.2))]
    marked(doc, TITLES, ["reviewer"], evidence=[[1.0, 0.9, *[0.0] * 6]], links=[links])
    said = annotation(roles=[{"title": "reviewer", "organization": "Heat", "status": "current"}])
    read = positions.compared(doc, ROW, said)
    assert read.right == [True]
    assert [(p.organization, held) for p, held in zip(read.titles[0].positions, read.held[0], strict=True)] == [
        ("", False), ("heat", True), ("heat project", False), ("nova", False),
    ]  # fmt: skip


def test_a_feature_of_one_community_is_none_unless_it_was_invented() -> None:
    texts = [("orrery", [{"shared", "own"}]), ("tarnfold", [{"shared"}]), ("orrery", [{"own"}])]
    texts.append(("invented", [{"new"}]))
    assert vocabulary(texts, 1) == ["new", "shared"]
    assert vocabulary(texts, 2) == ["shared"]


def test_words_say_the_most_that_a_part_says() -> None:
    texts = [("orrery", [{"for"}]), ("tarnfold", [{"for"}]), ("orrery", [{"about"}]), ("tarnfold", [{"about"}])]
    words = Words(texts, [True, True, False, False], [1.0] * 4, penalty=1.0, least=1)
    assert words([{"about"}]) < words([set()]) == 0.0 < words([{"for"}]) == words([{"about"}, {"for"}])


def test_weights_are_written_that_have_not_seen_a_part_or_a_community(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    class Kept:
        def __init__(self, reads: list[positions.Read]) -> None:
            self.of = sorted((r.source, r.part) for r in reads)

        def to_bytes(self) -> bytes:
            return repr(self.of).encode()

        def __len__(self) -> int:
            return len(self.of)

    reads = [positions.Read(source, part, [], [], []) for source, part in (("orrery", 0), ("tarnfold", 1))]
    save_all(tmp_path, "it", reads, Kept)  # type: ignore[arg-type]
    assert {file.name: file.read_text() for file in tmp_path.iterdir()} == {
        "domain.it.npz": "[('orrery', 0), ('tarnfold', 1)]",
        "part0.it.npz": "[('tarnfold', 1)]",
        "part1.it.npz": "[('orrery', 0)]",
        "no-orrery.it.npz": "[('tarnfold', 1)]",
        "no-tarnfold.it.npz": "[('orrery', 0)]",
    }
    assert "domain: 2 features" in capsys.readouterr().out
