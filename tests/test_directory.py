"""Who is who, which elections there are, and finding either by what somebody types."""

import string
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from invented import full, statement

from analyzer.directory import Directory, name_key, slug
from analyzer.errors import UnknownNameError
from analyzer.records import StatementRecord

NAMES = [
    "Ines Moreau", "Tomas Brandt", "Yuki Sato", "Łukasz Żurawski", "Anna-Lena Fischer", "Ann Fisher",
    "Oluwaseun Adeyemi", "Marguerite O'Shea", "王小明", "Ivan Petrov", "Petra Ivanova", "Chidi",
]  # fmt: skip


@pytest.fixture(scope="module")
def directory() -> Directory:
    return Directory(statement(name, index=n) for n, name in enumerate(NAMES))


def people(*records: StatementRecord) -> list[tuple[str, int]]:
    """Return the ids of the people found in records, and how many statements each has."""
    return [(person.id, len(person.statements)) for person in Directory(records).people]


def choices(directory: Directory, text: str) -> str:
    with pytest.raises(UnknownNameError) as caught:
        directory.find_person(text)
    assert "\n" not in str(caught.value)
    return str(caught.value)


class TestWhoIsWho:
    @pytest.mark.parametrize("other", ["ines moreau", "Moreau, Ines", "MOREAU Ines", "Inés Moreau", "Ines  Moreau "])
    def test_a_name_is_the_same_but_for_case_accents_and_order(self, other: str) -> None:
        assert people(statement("Ines Moreau"), statement(other, index=1)) == [("ines-moreau", 2)]

    def test_an_address_joins_names_that_can_be_one_persons(self) -> None:
        mail = ["Ines@Moreau.example"]
        for other in ("Ines M. Moreau", "ines", "伊内斯", None):
            records = (
                statement("Ines Moreau", emails=mail),
                statement(other, emails=["ines@moreau.example"], index=1),
            )
            assert [count for _, count in people(*records)] == [2]

    def test_three_spellings_at_one_address_are_one_person(self) -> None:
        names = ["Ines Moreau", "Moreau Ines M.", "Ines", "imo"]
        records = [statement(name, emails=["i@moreau.example"], index=n) for n, name in enumerate(names)]
        assert [count for _, count in people(*records)] == [4]

    @pytest.mark.parametrize(
        "names", [["Ines Moreau", "Tomas Brandt"], ["Ines Moreau", "tomas", "yuki"], ["a", "b", "c"]]
    )
    def test_a_shared_address_joins_nobody(self, names: list[str]) -> None:
        records = [statement(name, emails=["council@tarnfold.example"], index=n) for n, name in enumerate(names)]
        assert len(people(*records)) == len(names)

    def test_a_shared_address_does_not_part_the_statements_of_one_of_them(self) -> None:
        mail = ["council@tarnfold.example"]
        records = [statement(name, emails=mail, index=n) for n, name in enumerate(["Ines Moreau", "Tomas Brandt"] * 2)]
        assert people(*records) == [("ines-moreau", 2), ("tomas-brandt", 2)]

    def test_one_name_at_several_addresses_is_one_person(self) -> None:
        records = (
            statement("Ines Moreau", emails=["a@x.example"]),
            statement("Ines Moreau", emails=["b@y.example"], index=1),
        )
        assert people(*records) == [("ines-moreau", 2)]

    def test_different_names_with_one_id_are_numbered_by_their_first_statement(self) -> None:
        later = statement("Ann-Lee", index=1, submitted="2026-01-01")
        assert name_key("Annlee") != name_key("Ann-Lee")
        assert people(later, statement("Ann.Lee", index=2), statement("Lee, Ann", index=3)) == [("ann-lee", 3)]
        one, other = statement("Ann Lee Ann"), statement("Ann, Ann Lee", index=1)
        assert people(one, other) == [("ann-lee-ann", 2)]
        assert people(statement("D'Arc"), statement("Darc D", index=1)) == [("darc", 1), ("darc-d", 1)]

    def test_whom_no_statement_names_has_a_handle_or_the_start_of_an_address(self) -> None:
        records = [
            statement(None, handles={"irc": "imo", "github": "imoreau"}, index=0),
            statement(None, emails=["tomas.brandt@quillworks.example"], index=1),
        ]
        found = {person.id: person for person in Directory(records).people}
        assert set(found) == {"imoreau", "tomas-brandt"}
        assert all(person.names == [] for person in found.values())

    def test_the_unknown_stay_apart_and_out_of_the_list(self) -> None:
        records = [statement(None, index=n) for n in range(3)]
        directory = Directory(records)
        assert directory.people == []
        assert len({directory.person(record).id for record in records}) == 3
        assert directory.who(records[0]).name == "unnamed"

    def test_the_usual_spelling_is_the_name(self) -> None:
        names = ["Moreau, Ines", "ines moreau", "Ines Moreau", "Ines Moreau"]
        [person] = Directory(statement(name, index=n) for n, name in enumerate(names)).people
        assert person.name == "Ines Moreau"
        assert set(person.names) == {"Ines Moreau", "ines moreau", "Moreau, Ines"}

    @given(st.permutations(range(6)))
    def test_the_order_of_the_records_is_of_no_matter(self, order: list[int]) -> None:
        records = [
            statement(name, emails=[f"{mail}@x.example"], index=n)
            for n, (name, mail) in enumerate(
                [
                    ("Ines Moreau", "a"),
                    ("Ines", "a"),
                    ("Ines", "b"),
                    ("Tomas", "b"),
                    ("Yuki", "c"),
                    (None, "c"),
                ]
            )
        ]
        assert Directory(records[n] for n in order).people == Directory(records).people


class TestFindingPeople:
    @pytest.mark.parametrize(
        ("typed", "id_"),
        [
            ("Ines Moreau", "ines-moreau"),
            ("ines moreau", "ines-moreau"),
            ("  MOREAU,   INES ", "ines-moreau"),
            ("ines-moreau", "ines-moreau"),
            ("Moreau", "ines-moreau"),
            ("I. Moreau", "ines-moreau"),
            ("brandt tom", "tomas-brandt"),
            ("Lukasz Zurawski", "lukasz-zurawski"),
            ("żurawski", "lukasz-zurawski"),
            ("anna lena", "anna-lena-fischer"),
            ("fischer anna", "anna-lena-fischer"),
            ("oshea", "marguerite-oshea"),
            ("O'Shea Marguerite", "marguerite-oshea"),
            ("王小明", slug("王小明")),
            ("chidi", "chidi"),
            ("Ivan Petrov", "ivan-petrov"),
            ("petra ivan", "petra-ivanova"),
        ],
    )
    def test_case_accents_order_and_parts_are_forgiven(self, directory: Directory, typed: str, id_: str) -> None:
        assert directory.find_person(typed).id == id_

    @given(
        name=st.sampled_from(
            ["Ines Moreau", "Tomas Brandt", "Oluwaseun Adeyemi", "Łukasz Żurawski", "Anna-Lena Fischer"]
        ),
        data=st.data(),
    )
    def test_one_wrong_letter_is_forgiven_wherever_it_is(
        self, directory: Directory, name: str, data: st.DataObject
    ) -> None:
        at = data.draw(st.sampled_from([n for n, char in enumerate(name) if char.isalpha()]))
        letter = data.draw(st.sampled_from(string.ascii_lowercase))
        kind = data.draw(st.sampled_from(["replaced", "left out", "doubled"]))
        typed = {
            "replaced": name[:at] + letter + name[at + 1 :],
            "left out": name[:at] + name[at + 1 :],
            "doubled": name[:at] + name[at] + name[at:],
        }[kind]
        assume(name_key(typed) != name_key(name))
        assert directory.find_person(typed).id == slug(name)

    @pytest.mark.parametrize("typed", ["Moraeu", "Adeyem", "Brandd", "zurawsky"])
    def test_one_wrong_letter_in_a_part_is_forgiven(self, directory: Directory, typed: str) -> None:
        assert directory.find_person(typed).id in (
            "ines-moreau",
            "oluwaseun-adeyemi",
            "tomas-brandt",
            "lukasz-zurawski",
        )

    def test_addresses_and_handles_are_names_too(self) -> None:
        records = [
            statement("Ines Moreau", emails=["Ines@moreau.example"], handles={"irc": "imo", "slack": "@inesm"}),
            statement("Tomas Brandt", handles={"github": "tbr"}, index=1),
        ]
        directory = Directory(records)
        for typed in ("ines@moreau.example", "IMO", "@imo", "@inesm", "inesm"):
            assert directory.find_person(typed).id == "ines-moreau"

    def test_an_ambiguous_name_lists_the_choices(self, directory: Directory) -> None:
        assert choices(directory, "Ann") == (
            "Ann: several candidates fit: Ann Fisher (ann-fisher), Anna-Lena Fischer (anna-lena-fischer): "
            "give more of the name, or the id in brackets"
        )
        assert directory.find_person("ann-fisher").name == "Ann Fisher"

    def test_a_whole_name_wins_over_one_that_begins_like_it(self) -> None:
        directory = Directory([statement("Ann Lee"), statement("Anna Leeds", index=1)])
        assert directory.find_person("ann lee").id == "ann-lee"

    def test_many_choices_are_cut_short(self) -> None:
        directory = Directory(statement(f"Ann {letter}.", index=n) for n, letter in enumerate("abcdefghijkl"))
        assert "and 4 more" in choices(directory, "ann")

    def test_two_likely_misspellings_are_not_chosen_between(self) -> None:
        directory = Directory([statement("Marta Klein"), statement("Maria Klein", index=1)])
        line = choices(directory, "Marva Klein")
        assert "did you mean" in line and "Marta Klein" in line and "Maria Klein" in line

    @pytest.mark.parametrize("typed", ["", "  ", "!?", "Zebulon Quist"])
    def test_nobody(self, directory: Directory, typed: str) -> None:
        assert "no such candidate" in choices(directory, typed)
        assert "'candidacy list'" in choices(directory, typed)

    def test_a_name_without_letters_is_not_found_by_nothing(self) -> None:
        assert "no such candidate" in choices(Directory([statement("???")]), "")

    def test_in_an_empty_workspace(self) -> None:
        assert "no such candidate" in choices(Directory([]), "Ines")


class TestElections:
    @pytest.fixture
    def records(self) -> list[StatementRecord]:
        def stands(name: str, election: str, unit: str, office: str, date: str | None, **more: Any) -> StatementRecord:
            contest = f"{election}/{slug(unit)}"
            record = statement(name, election_id=election, contest_id=contest, submitted=date, **more)
            return record.model_copy(
                update={
                    "election": record.election.model_copy(
                        update={"unit": unit, "office": office, "office_canonical": None}
                    )
                }
            )

        return [
            stands("Ines Moreau", "tarnfold/2025-03", "Build", "Lead", "2025-03-04T10:00:00Z", index=1),
            stands("Tomas Brandt", "tarnfold/2025-03", "Build", "Lead", "2025-03-02", index=2),
            stands("Tomas Brandt", "tarnfold/2025-03", "Docs", "Lead", None, index=3),
            stands("Ines Moreau", "tarnfold/2026-03", "Build", "Lead", "2026-03-01", index=4),
            statement("Yuki Sato", election_id=None, index=5),
        ]

    def test_are_counted_by_people_and_contest(self, records: list[StatementRecord]) -> None:
        first, second = Directory(records).elections
        assert (first.id, first.statements, first.first_submitted, first.last_submitted) == (
            "tarnfold/2025-03", 3, "2025-03-02", "2025-03-04T10:00:00Z",
        )  # fmt: skip
        assert [(c.id, c.unit, c.office, c.candidates) for c in first.contests] == [
            ("tarnfold/2025-03/build", "Build", "Lead", 2),
            ("tarnfold/2025-03/docs", "Docs", "Lead", 1),
        ]
        assert second.id == "tarnfold/2026-03"

    def test_are_listed_with_their_candidates(self, records: list[StatementRecord]) -> None:
        listing = Directory(records).listing(skipped=4)
        assert (listing.statements, listing.people, listing.skipped, listing.without_election) == (5, 3, 4, 1)
        first, second = listing.elections
        assert [who.id for who in first.candidates] == ["ines-moreau", "tomas-brandt"]
        assert [[who.id for who in contest.candidates] for contest in first.contests] == [
            ["ines-moreau", "tomas-brandt"],
            ["tomas-brandt"],
        ]
        assert [who.id for who in second.candidates] == ["ines-moreau"]

    def test_a_listing_can_be_narrowed(self, records: list[StatementRecord]) -> None:
        directory = Directory(records)
        by_contest = directory.listing("tarnfold/2025-03/docs")
        assert (by_contest.statements, len(by_contest.elections[0].contests)) == (1, 1)
        by_person = directory.listing(person="ines-moreau")
        assert [entry.id for entry in by_person.elections] == ["tarnfold/2025-03", "tarnfold/2026-03"]

    @pytest.mark.parametrize(
        ("typed", "id_"),
        [
            ("tarnfold/2025-03", "tarnfold/2025-03"),
            ("Tarnfold/2025-03/Docs", "tarnfold/2025-03/docs"),
            ("2026", "tarnfold/2026-03"),
            ("tarnfold 2026", "tarnfold/2026-03"),
            ("docs", "tarnfold/2025-03/docs"),
            ("2025 build lead", "tarnfold/2025-03/build"),
        ],
    )
    def test_are_found_by_id_and_words(self, records: list[StatementRecord], typed: str, id_: str) -> None:
        assert Directory(records).find_election(typed) == id_

    def test_the_whole_id_wins_over_longer_ones(self) -> None:
        records = [statement(election_id=id_, index=n) for n, id_ in enumerate(["osp/2022", "osp/2022-10"])]
        assert Directory(records).find_election("OSP 2022") == "osp/2022"

    def test_several_or_none(self, records: list[StatementRecord]) -> None:
        directory = Directory(records)
        for typed, answer in {
            "tarnfold": "several elections fit: tarnfold/2025-03, tarnfold/2026-03: give one of these",
            "tarnfild/2025-03": "did you mean tarnfold/2025-03",
            "": "no such election",
            "zzz": "'candidacy list' shows what is there",
        }.items():
            with pytest.raises(UnknownNameError) as caught:
                directory.find_election(typed)
            assert answer in str(caught.value)


def test_eight_hundred_records_are_held_and_found() -> None:
    letters = "abcdefghijklmnopqrstuvwxyz"
    records = [
        full(
            f"In{letters[n % 23]}es {letters[n % 26]}o{letters[n // 26 % 26]}e{letters[n // 676]}ov",
            election_id=f"tarnfold/{2000 + n % 20}",
            index=n,
            emails=[f"person{n}@tarnfold.example"],
        )
        for n in range(800)
    ]
    directory = Directory(records)
    assert len(directory.people) == 800
    assert sum(len(entry.candidates) for entry in directory.listing().elections) == 800
    assert directory.find_person("person799@tarnfold.example").names == [records[799].candidate.name]


def test_the_work_grows_with_the_number_of_records_not_its_square(monkeypatch: pytest.MonkeyPatch) -> None:
    """Counts how often a record is asked for its id, for 100 and for 400 people."""

    def asked(count: int) -> int:
        calls = 0

        class Counted(StatementRecord):
            def __getattribute__(self, name: str) -> object:
                nonlocal calls
                calls += name == "id"
                return super().__getattribute__(name)

        letters = "abcdefghijklmnopqrst"
        records = [
            Counted(**dict(statement(f"{letters[n % 20]}{letters[n // 20]}x Quist", index=n))) for n in range(count)
        ]
        Directory(records).listing()
        return calls

    assert asked(400) <= 5 * asked(100)


class TestFindingACommunity:
    @pytest.fixture
    def directory(self) -> Directory:
        names = ["Kata Containers", "Tarnfold", "Tarnfold Europe"]
        made = [(slug(name), name) for name in names]
        records = [statement("Ines Moreau", election_id=f"{id_}/2025", index=n) for n, (id_, _) in enumerate(made)]
        for record, (_, name) in zip(records, made, strict=True):
            record.election.community = name
        return Directory(records)

    @pytest.mark.parametrize(
        ("typed", "id_"),
        [
            ("kata-containers", "kata-containers"),
            ("Kata Containers", "kata-containers"),
            ("kata", "kata-containers"),
            ("Tarnfold", "tarnfold"),
            ("europe", "tarnfold-europe"),
            ("tarnfold eur", "tarnfold-europe"),
        ],
    )
    def test_by_name_or_part_of_it(self, directory: Directory, typed: str, id_: str) -> None:
        assert directory.find_community(typed) == id_

    @pytest.mark.parametrize(
        ("typed", "words"),
        [
            ("tarn", "several communities fit: tarnfold, tarnfold-europe"),
            ("orrery", "there are kata-containers, tarnfold, tarnfold-europe"),
            ("", "(nothing): no such community"),
        ],
    )
    def test_what_fits_none_or_several_lists_them(self, directory: Directory, typed: str, words: str) -> None:
        with pytest.raises(UnknownNameError) as caught:
            directory.find_community(typed)
        assert words in str(caught.value)

    def test_where_no_election_is_known_that_is_said(self) -> None:
        with pytest.raises(UnknownNameError, match="no election is known"):
            Directory([statement(election_id=None)]).find_community("tarnfold")
