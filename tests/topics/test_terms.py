"""The words of topics."""

from analyzer.topics.terms import terms

SAID = {
    "docs": [("user guide", "The user guide needs chapters."), ("chapters", "More chapters for the user guide.")],
    "ci": [("flaky gate", "The flaky gate blocks the team."), ("gate", "A gate the team trusts, not a flaky one.")],
    "empty": [("the", "it is what it is")],
}
TEXTS = [sentence for pairs in SAID.values() for _, sentence in pairs]


def test_words_of_a_topic_are_its_own_and_the_most_telling_come_first() -> None:
    found = terms(SAID, TEXTS)
    assert found["docs"][0] in ("guide", "user", "chapters")
    assert found["ci"][:2] == ["flaky", "gate"] or found["ci"][:2] == ["gate", "flaky"]
    assert not set(found["docs"]) & set(found["ci"])


def test_nothing_but_stop_words_makes_no_terms() -> None:
    assert terms(SAID, TEXTS)["empty"] == []
    assert terms({"a": [("the", "of the")]}, ["of the"]) == {"a": []}
    assert terms({}, []) == {}


def test_no_more_words_than_asked_for() -> None:
    assert all(len(words) <= 2 for words in terms(SAID, TEXTS, count=2).values())


def test_a_word_of_many_topics_stands_for_the_few_where_it_weighs_most() -> None:
    names = ["audits", "budgets", "charts", "drivers", "editors"]
    said = {
        name: [(f"{name} work", f"{name} {number}: work") for number in range(times + 1)]
        + [(name, f"{name}, letter {letter}") for letter in "abcdef"]
        for times, name in enumerate(names)
    }
    found = terms(said, [sentence for pairs in said.values() for _, sentence in pairs])
    assert [name for name in names if "work" in found[name]] == ["charts", "drivers", "editors"]
