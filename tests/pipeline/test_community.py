"""In which community the office is sought: by all places of each name that may be its."""

import numpy as np
import pytest
import spacy
from spacy.tokens import Doc, SpanGroup

import analyzer
from analyzer.errors import ModelError
from analyzer.pipeline.community import EVIDENCE, NETWORK, Community, Name, is_collective, names_of, stacked
from analyzer.pipeline.linear import log_odds
from analyzer.pipeline.reader import AFFILIATIONS, COMMUNITIES, ORGANIZATIONS, TITLES
from analyzer.records import Block

BLANK = spacy.blank("en")
BLANK.add_pipe("candidacy_blocks")
SOUGHT = [-1.0, -1.0, 1.0]


def doc(text: str, *, office: str | None = None, **groups: list[tuple[str, list[float]]]) -> Doc:
    """A text in which the network held names possible, in the order given."""
    made = BLANK(text)

    def group(name: str, found: list[tuple[str, list[float]]]) -> None:
        spans = []
        for words, _ in found:
            at = text.index(words)
            span = made.char_span(at, at + len(words), label="X")
            assert span is not None
            spans.append(span)
        made.spans[name] = SpanGroup(made, name=name, spans=spans, attrs={"evidence": [e for _, e in found]})

    for name, found in groups.items():
        group(name, found)
    if office:
        group("office", [(office, [])])
    return made


def named(made: Doc) -> dict[str, Name]:
    return {name.mentions[0].text: name for name in names_of(made)}


def evidence(name: Name) -> dict[str, float]:
    return dict(zip(EVIDENCE, name.evidence, strict=True))


def test_what_the_network_holds_possible_may_be_the_community() -> None:
    made = doc(
        "I work for Quillon on the Orrery docs, with Tarnfold.",
        **{
            COMMUNITIES: [("Orrery", [0.6, 1.0])],
            ORGANIZATIONS: [("Tarnfold", [5.0, 10.0, 0.0, -5.0])],
            AFFILIATIONS: [("Quillon", [1.0, 2.5, 0.0, 0.0, 0.0, -5.0])],
        },
    )
    found = named(made)
    assert list(found) == ["Quillon", "Orrery", "Tarnfold"]
    orrery, tarnfold, quillon = (evidence(found[name]) for name in ("Orrery", "Tarnfold", "Quillon"))
    assert orrery["likely"] == log_odds(0.6) and orrery["sure"] == 1.0 and found["Orrery"].confidences == [0.6]
    assert (tarnfold["organization"], tarnfold["of_role"], tarnfold["community_of_role"]) == (1.0, 2.0, -1.0)
    assert (quillon["affiliation"], quillon["community_of_affiliation"]) == (0.5, -1.0)
    assert orrery["ahead"] > 0 > quillon["ahead"] and quillon["sure"] == 0.0


def test_where_a_title_is_sought_counts() -> None:
    made = doc(
        "As steward of Orrery, and member of Tarnfold.",
        **{
            ORGANIZATIONS: [("Orrery", [0.0] * 4), ("Tarnfold", [0.0] * 4)],
            TITLES: [("steward", [1.0, 0.8]), ("member", [1.0, 0.9])],
        },
    )
    made.spans[TITLES].attrs["links"] = [
        [[0, 0.5, 0, 0.0, 0.0, 1.0]],
        [[1, 0.9, 0, 1.0, 0.0, 0.0], [-1, 0.1, 0, *SOUGHT]],
    ]
    found = named(made)
    assert evidence(found["Orrery"])["sought"] == 0.4
    assert evidence(found["Tarnfold"])["sought"] == 0.0


def test_a_name_is_one_wherever_it_stands_whatever_its_case_and_article() -> None:
    made = doc(
        "The Orrery is calm. I like ORRERY and the Orrery docs.\n\nWhy Orrery?\n\nFor Tarnfold.",
        **{COMMUNITIES: [("The Orrery", [0.2, 0.0]), ("ORRERY", [0.4, 0.0]), ("Tarnfold", [0.1, 0.0])]},
    )
    question = made.text.index("Why Orrery?")
    made._.blocks = (Block(kind="question", start=question, end=question + len("Why Orrery?")),)
    found = named(made)
    assert [span.text for span in found["ORRERY"].mentions] == ["ORRERY", "Orrery"]
    assert found["ORRERY"].confidences == [0.4, 0.2]
    told = evidence(found["ORRERY"])
    assert told["often"] == np.log1p(3) and told["less"] == 0.0  # the candidate is not who asks
    assert evidence(found["Tarnfold"])["less"] == np.log1p(1) - np.log1p(3)
    assert {"<like", ">docs", "near calm"} <= found["ORRERY"].words


def test_capitalised_words_beside_the_office_are_possible_though_the_network_passed_over_them() -> None:
    made = doc("I stand as Quartz Loom steward. Later Brell wrote to us about it.", office="steward")
    assert list(named(made)) == ["Quartz Loom"]
    told = evidence(named(made)["Quartz Loom"])
    assert told["likely"] == log_odds(0.0) and told["beside"] == 1.0 and told["inside"] == 0.0


def test_how_a_name_stands_to_the_office_and_to_others() -> None:
    made = doc(
        "For the Orrery board in the Quartz cycle. SIG Orrery Docs taught me much, and Quartz is near.",
        office="Orrery board",
        **{COMMUNITIES: [("Orrery", [0.5, 0.0]), ("Quartz", [0.5, 0.0]), ("SIG Orrery Docs", [0.1, 0.0])]},
    )
    orrery, quartz, docs = (evidence(named(made)[name]) for name in ("Orrery", "Quartz", "SIG Orrery Docs"))
    assert (orrery["inside"], quartz["inside"]) == (1.0, 0.0)
    assert (orrery["part"], orrery["whole"], docs["part"], docs["whole"]) == (1.0, 0.0, 0.0, 1.0)
    assert (orrery["cycle"], quartz["cycle"]) == (0.0, 0.5)
    assert (orrery["group"], docs["group"]) == (0.0, 1.0)
    assert quartz["far"] < docs["far"]


@pytest.mark.parametrize(
    ("office", "together"),
    [("Technical Committee", True), ("board of directors", True), ("TC", True), ("PTL", False), ("secretary", False)],
)
def test_an_office_is_one_of_several_or_held_alone(office: str, together: bool) -> None:
    assert is_collective(office) is together
    span = BLANK(office)[:]
    rows = stacked([1.0, 2.0], span).tolist()
    assert rows == ([1, 2, 1, 2, 0, 0] if together else [1, 2, 0, 0, 1, 2])
    assert stacked([1.0, 2.0], None).tolist() == [1, 2, 0, 0, 0, 0]


def trained() -> Community:
    """The commonest name where an office is one of several, and the one beside it where it is not."""
    top = np.zeros((3 * len(EVIDENCE), 1))
    top[len(EVIDENCE) + EVIDENCE.index("often")] = 1.0
    top[2 * len(EVIDENCE) + EVIDENCE.index("beside")] = 1.0
    component = Community(BLANK.vocab, "trained")
    component.install(["near friends"], np.array([[0.1]]), top)
    return component


@pytest.mark.parametrize(
    ("office", "community"), [("board member", "Orrery"), ("maintainer", "Heliograph"), (None, "Tarnfold")]
)
def test_a_seat_is_the_whole_communitys_and_a_lead_a_projects(office: str | None, community: str) -> None:
    text = "I stand for board member or maintainer of Heliograph. Orrery is large. In Orrery and Orrery alone, I grew."
    names = ("Heliograph", "Orrery")
    made = doc(
        f"{text} Hello to friends of Tarnfold.",
        office=office,
        **{COMMUNITIES: [(name, [0.5, 0.0]) for name in (*names, "Tarnfold")]},
    )
    trained()(made)
    assert made._.community is not None and made._.community.text == community
    assert made.spans["community"].attrs["confidences"] == [0.5]
    assert {span.label_ for span in made.spans["community"]} == {"COMMUNITY"}


def test_no_name_is_no_community_and_some_ask_for_weights() -> None:
    untrained = Community(BLANK.vocab, "untrained")
    made = untrained(doc("I want faster builds."))
    assert made._.community is None and list(made.spans["community"]) == []
    with pytest.raises(ModelError, match="load a trained pipeline"):
        untrained(doc("I love Orrery.", **{COMMUNITIES: [("Orrery", [0.5, 0.0])]}))


def test_what_the_network_says_comes_first() -> None:
    assert EVIDENCE[:NETWORK][-1] == "sought" and len(EVIDENCE) == len(set(EVIDENCE))


@pytest.fixture(scope="module")
def nlp() -> spacy.Language:
    return analyzer.load(exclude=list(analyzer.pipeline.GENERAL))


@pytest.mark.parametrize(
    ("text", "community"),
    [
        ("I am running for the Quillfeather steering committee. I work at Brightwell Systems.", "Quillfeather"),
        ("I would like to continue as Marlstone PTL for the Quartz cycle.", "Marlstone"),
        ("I'd like to serve as PTL of the Heliograph project for the Tern release.", "Heliograph"),
        (
            "I stand for the Technical Committee. For most of my time in Orrery I have worked on Heliograph, where I "
            "am a core reviewer. Orrery taught me a lot, and I want Orrery to stay open.",
            "Orrery",
        ),
    ],
)
def test_the_shipped_weights_tell_communities_from_employers_projects_and_cycles(
    nlp: spacy.Language, text: str, community: str
) -> None:
    made = nlp(f"Hello all,\n\nI am Ada Voss.\n\n{text}\n\nI want faster builds and calmer lists.")
    assert made._.community is not None and made._.community.text == community
