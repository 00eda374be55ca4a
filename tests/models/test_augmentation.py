"""Statements with other names or one sentence more: every annotation still points at its words."""

import random
import re
import sys
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

sys.path.append(str(Path(__file__).parents[2] / "models" / "scripts"))

from augmentation import BODIES, EMPLOYERS, OTHERS, PERSONS, add_employer, swap_names, swap_office

TEXT = "Hi,\n\nI am Ada Voss of Quillworks, a reviewer of Orrery.\n\nI want faster reviews in Orrery.\n\nAda"


def at(words: str, nth: int = 0) -> list[int]:
    start = -1
    for _ in range(nth + 1):
        start = TEXT.index(words, start + 1)
    return [start, start + len(words)]


ROW: dict[str, Any] = {
    "text": TEXT,
    "blocks": [
        {"kind": "greeting", "start": 0, "end": 3},
        {"kind": "paragraph", "start": at("I am")[0], "end": at("of Orrery.")[1]},
        {"kind": "paragraph", "start": at("I want")[0], "end": at("in Orrery.")[1]},
        {"kind": "signature", "start": at("Ada", 1)[0], "end": len(TEXT)},
    ],
    "spans": {
        "candidate": [[*at("Ada Voss"), "NAME"]],
        "office": [],
        "community": [[*at("Orrery"), "COMMUNITY"]],
        "affiliations": [[*at("Quillworks"), "employer", "current"]],
        "focus_areas": [[*at("faster reviews"), "goal"]],
    },
    "ignore": {
        "candidate": [at("Ada"), at("Ada", 1)],
        "office": [],
        "community": [at("Orrery", 1)],
        "affiliations": [],
        "focus_areas": [],
        "titles": [],
        "organizations": [at("Orrery", 1)],
    },
    "roles": [{"title": at("reviewer"), "organization": at("Orrery"), "status": "current"}],
    "key_sentences": [[at("I want")[0], 0]],
}


def said(row: dict[str, Any], layer: str) -> list[str]:
    return [row["text"][a:b] for a, b, *_ in row["spans"][layer]]


seeds = st.integers(0, 2**31)


@given(seeds)
def test_swapped_names_are_annotated_where_they_now_stand(seed: int) -> None:
    row = swap_names(ROW, random.Random(seed), ["Bo Calder"], ["Farlight"])
    assert said(row, "focus_areas") == ["faster reviews"]
    (name,), (organization,) = said(row, "candidate"), said(row, "affiliations")
    assert "Ada" not in row["text"] and row["text"].endswith(name.split()[0])
    assert "Quillworks" not in row["text"] and organization
    (role,) = row["roles"]
    assert row["text"][slice(*role["title"])] == "reviewer"
    assert row["text"][slice(*role["organization"])] == said(row, "community")[0]
    assert [row["text"][b["start"] :][:2] for b in row["blocks"][:3]] == ["Hi", "I ", "I "]


@given(seeds)
def test_an_added_sentence_is_annotated_and_moves_the_rest(seed: int) -> None:
    row = add_employer(ROW, random.Random(seed), ["Farlight"])
    for layer in ("candidate", "community", "focus_areas"):
        assert said(row, layer) == said(ROW, layer)
    first, *more = said(row, "affiliations")
    assert first == "Quillworks" and len(more) <= 1
    assert len(row["blocks"]) == len(ROW["blocks"]) + 1
    assert [b["start"] for b in row["blocks"]] == sorted(b["start"] for b in row["blocks"])
    assert row["text"][row["key_sentences"][0][0] :].startswith("I want")
    for role in row["roles"][1:]:
        title, organization = (row["text"][slice(*role[key])] for key in ("title", "organization"))
        sentences = [s for s, _, _ in EMPLOYERS] if more else OTHERS
        assert any(f"[{title}]" in sentence for sentence in sentences)
        assert not more or organization == more[0]


def test_the_statement_itself_stays_as_it_is() -> None:
    for seed in range(50):
        add_employer(ROW, random.Random(seed), [])
        swap_names(ROW, random.Random(seed), [], [])
    assert said(ROW, "affiliations") == ["Quillworks"] and len(ROW["roles"]) == 1 and len(ROW["blocks"]) == 4


def test_every_sentence_names_one_organization() -> None:
    assert all(sentence.count("{}") == 1 for sentence in [*OTHERS, *(s for s, _, _ in EMPLOYERS)])
    assert all(s.count("[") == s.count("]") <= 1 for s in [*OTHERS, *(s for s, _, _ in EMPLOYERS)])


OFFICE = "I run for chair of the Orrery board. As chair of the Orrery board I chaired little: it has a chairman."


def office_row(office: str, *, title: str | None = None) -> dict[str, Any]:
    def places(words: str) -> list[list[int]]:
        return [[m.start(), m.end()] for m in re.finditer(rf"\b{words}\b", OFFICE)]

    empty: dict[str, Any] = {k: [] for k in ROW["spans"]}
    community = places("Orrery")
    return {
        "text": OFFICE,
        "blocks": [{"kind": "paragraph", "start": 0, "end": len(OFFICE)}],
        "spans": empty | {"office": [[*places(office)[0], "OFFICE"]], "community": [[*community[0], "COMMUNITY"]]},
        "ignore": {k: [] for k in ROW["ignore"]} | {"community": community[1:]},
        "roles": [{"title": places(title)[0], "organization": None, "status": "sought"}] if title else [],
        "key_sentences": [[0, 0]],
    }


@given(seeds)
def test_another_office_is_named_wherever_the_old_one_was(seed: int) -> None:
    row = swap_office(office_row("chair", title="chair"), random.Random(seed))
    (office,), (community,) = said(row, "office"), said(row, "community")
    assert office in PERSONS and row["text"].startswith(f"I run for {office} of the {community} board. As {office} of")
    # Other words that begin with it stay.
    assert row["text"].endswith("I chaired little: it has a chairman.")
    assert [row["text"][slice(*r["title"])] for r in row["roles"]] == [office]
    assert [row["text"][a:b] for a, b in row["ignore"]["community"]] == [community]
    assert row["blocks"] == [{"kind": "paragraph", "start": 0, "end": len(row["text"])}]


@given(seeds)
def test_what_several_hold_together_stays_so(seed: int) -> None:
    assert said(swap_office(office_row("board"), random.Random(seed)), "office")[0] in BODIES


@given(seeds)
def test_no_word_is_changed_that_an_annotation_cuts(seed: int) -> None:
    row = office_row("Orrery board", title="board")
    assert swap_office(row, random.Random(seed)) == row
