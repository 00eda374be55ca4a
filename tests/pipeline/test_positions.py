"""Which titles are the candidate's, and in which organizations: by all their mentions and the words around them."""

import numpy as np
import pytest
import spacy
from hypothesis import given
from hypothesis import strategies as st
from spacy.tokens import Doc, Span, SpanGroup

import analyzer
from analyzer.errors import ModelError
from analyzer.pipeline.linear import with_products
from analyzer.pipeline.positions import LEAST, Positions, Surroundings, titles_of
from analyzer.pipeline.reader import ORGANIZATIONS, TITLES
from analyzer.records import Block

BLANK = spacy.blank("en")
BLANK.add_pipe("candidacy_blocks")
CURRENT, PAST, SOUGHT = (0.9, 0.1, 0.1), (0.1, 0.9, 0.1), (0.1, 0.1, 0.9)
ORGANIZATION_NAMES = st.sampled_from(["Quillon", "Brightwell Systems", "Ostara Labs GmbH"])
#: How many values of evidence a title and a position have, with what their words say.
OF_TITLE, OF_POSITION = 15, 21


@pytest.fixture(scope="module")
def nlp() -> spacy.Language:
    return analyzer.load(exclude=list(analyzer.pipeline.GENERAL))


def spans(doc: Doc, *names: str) -> list[Span]:
    """The first place of each name after that of the one before."""
    found, at = [], 0
    for name in names:
        at = doc.text.index(name, at)
        span = doc.char_span(at, at + len(name))
        assert span is not None
        found.append(span)
        at += 1
    return found


def possible(
    text: str,
    titles: list[tuple[str, float]],
    organizations: list[str],
    links: list[list[tuple[int, float, int, tuple[float, float, float]]]],
) -> Doc:
    """A document with titles (and ratings), organizations, and the links of each title."""
    doc = BLANK(text)
    doc.spans[TITLES] = SpanGroup(
        doc,
        name=TITLES,
        spans=spans(doc, *(name for name, _ in titles)),
        attrs={
            "evidence": [[1.0, rating, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0] for _, rating in titles],
            "links": [[[at, p, together, *statuses] for at, p, together, statuses in some] for some in links],
        },
    )
    doc.spans[ORGANIZATIONS] = SpanGroup(
        doc,
        name=ORGANIZATIONS,
        spans=spans(doc, *organizations),
        attrs={"evidence": [[0.0, 0.0, 0.0, 0.0]] * len(organizations)},
    )
    return doc


def by_the_network() -> Positions:
    """Titles by their rating, positions by their probability."""
    component = Positions(BLANK.vocab, "by the network")
    top = np.zeros((1 + OF_POSITION + OF_POSITION * (OF_POSITION + 1) // 2, 2))
    top[0] = -4.0
    top[2, 0] = 8.0  # the rating, after the intercept and whether it is sure
    top[3, 1] = 8.0  # the probability, after the surest mention and the sum of all
    component.install(["nothing"], np.zeros((1, 1)), top)
    return component


def roles(doc: Doc) -> list[tuple[str, str | None, str]]:
    return [(r.title.text, r.organization and r.organization.text, r.status) for r in doc._.roles]


def test_a_title_is_held_in_its_likeliest_organization_and_in_all_that_are_likely_enough() -> None:
    doc = possible(
        "I am a reviewer of Heat, Nova and not of Swift.",
        [("reviewer", 0.9)],
        ["Heat", "Nova", "Swift"],
        [[(-1, 0.01, 0, CURRENT), (0, 0.7, 2, CURRENT), (1, 0.6, 2, CURRENT), (2, 0.2, 0, CURRENT)]],
    )
    assert roles(by_the_network()(doc)) == [("reviewer", "Heat", "current"), ("reviewer", "Nova", "current")]
    assert all(LEAST <= role.confidence < 1 for role in doc._.roles)


def test_an_unlikely_title_is_none_and_of_two_that_overlap_the_surer_stays() -> None:
    doc = possible(
        "I was release manager and a fan.",
        [("release manager", 0.9), ("manager", 0.8), ("fan", 0.2)],
        [],
        [[(-1, 0.9, 0, PAST)]] * 3,
    )
    assert roles(by_the_network()(doc)) == [("release manager", None, "past")]


def test_what_is_named_with_its_organization_anywhere_is_no_other_role_without() -> None:
    doc = possible(
        "I am a member of the Heat team. A member reviews. Heat is a project.",
        [("member", 0.9), ("member", 0.8)],
        ["Heat team", "Heat"],
        [[(0, 0.9, 1, CURRENT)], [(-1, 0.9, 0, CURRENT), (1, 0.8, 0, CURRENT)]],
    )
    assert roles(by_the_network()(doc)) == [("member", "Heat team", "current")]


def test_one_office_is_sought_and_without_a_group_it_is_the_communitys() -> None:
    doc = possible(
        "For Orrery I stand as steward, and was treasurer.",
        [("steward", 0.9), ("treasurer", 0.8)],
        [],
        [[(-1, 0.9, 0, SOUGHT)], [(-1, 0.9, 0, SOUGHT)]],
    )
    doc.spans["community"] = SpanGroup(doc, name="community", spans=spans(doc, "Orrery"))
    assert roles(by_the_network()(doc)) == [("steward", "Orrery", "sought")]


def test_an_office_may_be_held_and_sought() -> None:
    doc = possible("Again as steward", [("steward", 0.9)], [], [[(-1, 0.9, 0, (0.8, 0.1, 0.7))]])
    assert roles(by_the_network()(doc)) == [("steward", None, "current"), ("steward", None, "sought")]


def test_mentions_of_a_title_are_one_in_whatever_spelling() -> None:
    doc = possible(
        "As PTL I wrote it. A project team lead reads.",
        [("PTL", 0.6), ("project team lead", 0.7)],
        [],
        [[(-1, 0.9, 0, CURRENT)]] * 2,
    )
    (title,) = titles_of(doc)
    assert title.mention == 1 and len(title.words) == 2 and len(title.positions) == 1
    assert (len(title.evidence) + 1, len(title.positions[0].evidence) + 2) == (OF_TITLE, OF_POSITION)


@given(ORGANIZATION_NAMES, ORGANIZATION_NAMES)
def test_the_organization_itself_is_unknown(one: str, other: str) -> None:
    def around(name: str) -> set[str]:
        doc = BLANK(f"I've been a reviewer for the {name} , since 2014.")
        return Surroundings(doc, spans(doc, "reviewer"), spans(doc, name)).link(0, 0)

    assert around(one) == around(other)
    assert {"right between for the", "right reviewer between for the", "right <the", "right >,"} <= around(one)


def test_words_of_other_sentences_are_not_around_a_title_but_its_heading_is() -> None:
    text = "Emeritus roles\nThat was long ago. I chaired as chair it all. More."
    doc = BLANK.make_doc(text)
    doc._.blocks = (Block(kind="heading", start=0, end=14), Block(kind="item", start=15, end=len(text)))
    doc = BLANK.get_pipe("candidacy_blocks")(doc)
    found = Surroundings(doc, spans(doc, "chair it"), []).title(0)
    assert {"under emeritus", "under roles", "in item", "<as", "<chaired as"} <= found
    assert not {"before ago", "after more"} & found


def test_nothing_possible_asks_for_no_weights_and_something_does() -> None:
    untrained = Positions(BLANK.vocab, "untrained")
    assert untrained(BLANK("I want faster builds."))._.roles == []
    with pytest.raises(ModelError, match="load a trained pipeline"):
        untrained(possible("As steward", [("steward", 0.9)], [], [[(-1, 0.9, 0, CURRENT)]]))


def test_products_come_after_the_values_and_an_intercept() -> None:
    assert with_products(np.array([[2.0, 3.0]])).tolist() == [[1, 2, 3, 4, 6, 9]]


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (
            "I am a maintainer of Orrery Core and a member of the release team.",
            {("maintainer", "Orrery Core", "current"), ("member", "release team", "current")},
        ),
        (
            "I have been a reviewer for SIG Docs and SIG Testing since 2019.",
            {("reviewer", "SIG Docs", "current"), ("reviewer", "SIG Testing", "current")},
        ),
        ("From 2015 to 2018 I was treasurer of the Tarnfold Society.", {("treasurer", "Tarnfold Society", "past")}),
        ("Every maintainer I met was kind to me.", set()),
    ],
)
def test_the_shipped_weights_tell_whose_titles_they_are(
    nlp: spacy.Language, said: str, expected: set[tuple[str, str, str]]
) -> None:
    doc = nlp(f"Hello,\n\nI am Ada Voss.\n\n{said}\n\nI want faster builds.")
    assert set(roles(doc)) == expected
