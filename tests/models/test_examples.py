"""What the network learns from: tags at the annotated words, and names that come from nowhere they must not."""

import sys
from pathlib import Path
from typing import Any

sys.path.append(str(Path(__file__).parents[2] / "models" / "scripts"))

from examples import Preparer, versions_of
from training import IGNORED, PARTS, Example, is_held_out, part_of, read_examples, write_examples

from analyzer.pipeline.network import LAYERS


def row(source: str, group: str, name: str, company: str) -> dict[str, Any]:
    text = f"I am {name} of {company}, a reviewer of Orrery.\n\nI want faster reviews in Orrery.\n\n{name}"

    def at(words: str, nth: int = 0) -> list[int]:
        start = -1
        for _ in range(nth + 1):
            start = text.index(words, start + 1)
        return [start, start + len(words)]

    return {
        "id": group,
        "source": source,
        "group": group,
        "text": text,
        "blocks": [
            {"kind": "paragraph", "start": a, "end": b}
            for a, b in ((0, text.index("\n")), at("I want faster reviews in Orrery."), at(name, 1))
        ],
        "spans": {
            "candidate": [[*at(name), "NAME"], [*at(name, 1), "NAME"]],
            "office": [],
            "community": [[*at("Orrery"), "COMMUNITY"]],
            "affiliations": [[*at(company), "employer", "current"]],
            "focus_areas": [[*at("faster reviews"), "goal"]],
        },
        "ignore": {
            "candidate": [], "office": [], "community": [at("Orrery", 1)], "affiliations": [], "focus_areas": [],
            "titles": [], "organizations": [at("Orrery", 1)],
        },
        "roles": [{"title": at("reviewer"), "organization": at("Orrery"), "status": "current"}],
        "key_sentences": [[at("I want")[0], 0]],
    }  # fmt: skip


def words(example: Example) -> list[str]:
    return [word for window in example.windows for word in window.words]


def test_tags_stand_at_the_annotated_words() -> None:
    example = Preparer()(row("here", "a", "Ada Voss", "Quillworks"))
    said = words(example)

    def tagged(layer: str, tag: int) -> list[str]:
        return [said[i] for i, t in enumerate(example.tags[layer]) if t == tag]

    assert tagged("candidate", 1) == ["Ada", "Ada"] and tagged("candidate", 2) == ["Voss", "Voss"]
    assert tagged("affiliations", 1) == ["Quillworks"] and tagged("titles", 1) == ["reviewer"]
    assert tagged("focus_areas", 1) == ["faster"] and tagged("focus_areas", 2) == ["reviews"]
    # A second mention of the community is neither right nor wrong.
    assert tagged("community", 1) == tagged("community", IGNORED) == ["Orrery"]
    assert set(example.tags) == set(LAYERS) and {len(tags) for tags in example.tags.values()} == {len(said)}
    [(title, mentions, status)] = example.roles
    assert said[slice(*title)] == ["reviewer"] and status == "current"
    assert [said[slice(*m)] for m in mentions] == [["Orrery"], ["Orrery"]]
    assert list(example.keys.values()) == [1.0]


def test_what_is_left_out_lends_nothing() -> None:
    people = [("Ada Voss", "Quillworks"), ("Bo Lind", "Silverharbor"), ("Cy Ngo", "Wrenfield"), ("Di Ro", "Ostmark")]
    rows = [row("here" if i % 3 else "there", f"g{i}", *people[i % 4]) for i in range(40)]
    cells = {r["id"]: (r["source"], part_of(r["group"], PARTS)) for r in rows}
    lenders = {
        cell: {r["text"][slice(*r["spans"]["affiliations"][0][:2])] for r in rows if cells[r["id"]] == cell}
        for cell in cells.values()
    }
    for versions in versions_of(rows, 8, 1, ["Jo Kerr"], ["Kindelhafen"]):
        strangers = {company for _, company in people} - lenders[cells[versions.id]]
        assert not strangers & {word for example in versions.examples for word in words(example)}


def test_versions_are_the_same_each_time_and_survive_a_file(tmp_path: Path) -> None:
    rows = [row("here", "a", "Ada Voss", "Quillworks"), row("here", "b", "Bo Lind", "Silverharbor")]
    first, again = (versions_of(rows, 4, 7, ["Jo Kerr"], ["Kindelhafen"]) for _ in range(2))
    write_examples(tmp_path / "x.examples", first)
    for found in (again, read_examples(tmp_path / "x.examples")):
        assert [[words(e) for e in v.examples] for v in found] == [[words(e) for e in v.examples] for v in first]


def test_a_part_leaves_out_groups_and_invented_statements_are_never_left_out() -> None:
    held = [k for k in range(PARTS) if is_held_out("here", "somebody", f"{k}/{PARTS}", None)]
    assert held == [part_of("somebody", PARTS)]
    assert is_held_out("here", "somebody", None, "here") and not is_held_out("here", "somebody", None, "there")
    assert not any(is_held_out("invented", "x", f"{k}/{PARTS}", "invented") for k in range(PARTS))
