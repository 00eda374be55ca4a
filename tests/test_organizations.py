"""Organizations and offices: many spellings, one name to count under."""

from __future__ import annotations

import csv
import re
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzer import organizations
from analyzer.organizations import by_domain, canonical, canonical_office, is_shared, mail_domain
from analyzer.resources import shipped


def rows(name: str) -> list[dict[str, str]]:
    with shipped(f"data/lexicons/{name}").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def names(row: dict[str, str]) -> list[str]:
    return [row["canonical"], *filter(None, row["names"].split("|"))]


ORGANIZATIONS = rows("organizations.csv")
OFFICES = rows("offices.csv")
SHARED = rows("shared_domains.csv")

# Names as people write them: known ones and invented ones, with legal forms, articles and remarks around.
PIECES = st.sampled_from(
    [
        "The ",
        "the",
        "Inc.",
        ", Inc",
        "GmbH",
        "& Co. KG",
        "Co., Ltd.",
        "S.A.",
        "AG",
        "(formerly Foo)",
        "(",
        ")",
        ",",
        "and",
        "PTL",
        "TC",
        "seat on the",
        "member",
        "a",
        "Board",
        "Red Hat",
        "IBM",
        "Ørsted Söhne",
        "株式会社",
        "🙂",
        " ",
        "\u00a0",
        ".",
    ]
)
WRITTEN = st.one_of(
    st.text(max_size=40),
    st.lists(PIECES, max_size=6).map(" ".join),
    st.lists(PIECES, max_size=6).map("".join),
    st.sampled_from([name for row in ORGANIZATIONS + OFFICES for name in names(row)]),
)


class TestCanonical:
    @pytest.mark.parametrize(
        ("written", "expected"),
        [
            ("Red Hat", "Red Hat"),
            ("RedHat, Inc.", "Red Hat"),
            ("red-hat", "Red Hat"),
            ("Huawei Technologies Co., Ltd.", "Huawei"),
            ("Amazon Web Services (AWS)", "Amazon Web Services"),
            ("the Linux Foundation", "Linux Foundation"),
            ("Facebook", "Meta"),
            ("TU München", "Technical University of Munich"),
            ("ETH Zürich", "ETH Zurich"),
            ("AT&T", "AT&T"),
            ("Yahoo!", "Yahoo"),
        ],
    )
    def test_spellings_of_a_known_organization_are_one(self, written: str, expected: str) -> None:
        assert canonical(written) == expected

    @pytest.mark.parametrize(
        ("written", "expected"),
        [
            ("Grubeneck GmbH", "Grubeneck"),
            ("Grubeneck GmbH & Co. KG", "Grubeneck"),
            ("Hestrum Data, Inc.", "Hestrum Data"),
            ("Ambersett S.A.", "Ambersett"),
            ("the Ottersholm Foundation", "Ottersholm Foundation"),
            ("Hestrum Data (formerly Hestrum)", "Hestrum Data"),
            ("  Loxdale \n Partners ", "Loxdale Partners"),
            ("“Pellandine”", "Pellandine"),
        ],
    )
    def test_an_unknown_one_loses_its_legal_form_and_little_else(self, written: str, expected: str) -> None:
        assert canonical(written) == expected

    @pytest.mark.parametrize(
        "written",
        ["Nordlys as", "Casa Costa co", "Booking.com", ".NET Foundation", "KDE e.V.", "Company of Wolves"],
    )
    def test_what_only_looks_like_a_legal_form_stays(self, written: str) -> None:
        assert canonical(written) == written

    @pytest.mark.parametrize("written", ["Inc.", "(Foo)", "The", "...", "🙂"])
    def test_a_name_of_nothing_else_stays(self, written: str) -> None:
        assert canonical(written) == written

    @given(WRITTEN)
    def test_is_idempotent_and_never_empty(self, written: str) -> None:
        once = canonical(written)
        assert canonical(once) == once
        assert bool(once) == bool(written.strip())

    @given(
        st.sampled_from(ORGANIZATIONS),
        st.sampled_from([str.upper, str.lower, str.title, lambda s: f"The {s} Inc."]),
    )
    def test_case_article_and_legal_form_do_not_matter(self, row, change) -> None:
        for name in names(row):
            assert canonical(change(name)) == row["canonical"]


class TestDomains:
    @pytest.mark.parametrize(
        ("address", "expected"),
        [
            ("jo@redhat.com", "Red Hat"),
            ("Jo@RedHat.COM", "Red Hat"),
            ("<jo@us.ibm.com>", "IBM"),
            ("cs.cmu.edu", "Carnegie Mellon University"),
            ("jo@notredhat.com", None),
            ("jo@redhat.com.example", None),
            ("jo@pellandine.example", None),
            ("jo", None),
            ("", None),
        ],
    )
    def test_staff_domains_name_their_organization(self, address: str, expected: str | None) -> None:
        assert by_domain(address) == expected

    @pytest.mark.parametrize(
        "address",
        [
            "jo@gmail.com",
            "jo@qq.com",
            "jo@people.debian.org",
            "12+jo@users.noreply.github.com",
            "jo@alumni.cmu.edu",
        ],
    )
    def test_a_shared_domain_tells_nothing(self, address: str) -> None:
        assert is_shared(address)
        assert by_domain(address) is None
        assert mail_domain(address) is None

    def test_an_unknown_domain_suggests_itself_and_no_name(self) -> None:
        found = mail_domain("jo@mail.pellandine.example")
        assert found is not None
        assert (found.domain, found.canonical) == ("mail.pellandine.example", "mail.pellandine.example")

    def test_a_known_domain_suggests_its_organization(self) -> None:
        found = mail_domain("jo@us.ibm.com")
        assert found is not None
        assert (found.domain, found.canonical) == ("us.ibm.com", "IBM")

    @pytest.mark.parametrize(
        "address", ["", "@", "jo", "jo@localhost", "jo@[127.0.0.1]", "jo@10.0.0.1", "jo@.", "jo@a b.com"]
    )
    def test_what_is_no_domain_suggests_nothing(self, address: str) -> None:
        assert mail_domain(address) is None


class TestOffices:
    @pytest.mark.parametrize(
        ("written", "expected"),
        [
            ("PTL", "Project Team Lead"),
            ("ptl", "Project Team Lead"),
            ("Project Technical Lead", "Project Team Lead"),
            ("TC", "Technical Committee"),
            ("TOC", "Technical Oversight Committee"),
            ("SC", "Steering Committee"),
            ("STC", "Steering and Technical Committee"),
            ("steering & technical committee", "Steering and Technical Committee"),
            ("technical committee", "Technical Committee"),
            ("CoCC", "Code of Conduct Committee"),
            ("Board", "Board of Directors"),
        ],
    )
    def test_abbreviations_in_general_use_are_spelled_out(self, written: str, expected: str) -> None:
        assert canonical_office(written) == expected

    @pytest.mark.parametrize(
        "written",
        [
            "the TC",
            "TC seat",
            "a seat on the Technical Committee",
            "member of the TC",
            "Technical Committee election",
        ],
    )
    def test_a_place_in_a_committee_is_the_committee(self, written: str) -> None:
        assert canonical_office(written) == "Technical Committee"

    def test_an_abbreviation_within_a_name_is_spelled_out_in_its_place(self) -> None:
        assert canonical_office("Weaver PTL") == "Weaver Project Team Lead"

    @pytest.mark.parametrize(
        "written",
        [
            "documentation lead",
            "release manager",
            "scribe",
            "TC/PTL",
            "SCons maintainer",
            "end user seat",
            "member",
        ],
    )
    def test_other_offices_stay_as_written(self, written: str) -> None:
        assert canonical_office(written) == written

    @given(WRITTEN)
    def test_is_idempotent_and_never_empty(self, written: str) -> None:
        once = canonical_office(written)
        assert canonical_office(once) == once
        assert bool(once) == bool(written.strip())


class TestLexicons:
    """A line that contradicts another, or that nobody can check, does not get in."""

    @pytest.mark.parametrize("table", [ORGANIZATIONS, OFFICES], ids=["organizations", "offices"])
    def test_no_name_belongs_to_two(self, table: list[dict[str, str]]) -> None:
        claims = Counter(
            key
            for row in table
            for key in {organizations._key(organizations._bare(name)) for name in names(row)}
        )
        assert [key for key, count in claims.items() if count > 1 or not key] == []

    def test_every_name_finds_its_own_line(self) -> None:
        for row in ORGANIZATIONS:
            assert {canonical(name) for name in names(row)} == {row["canonical"]}
        for row in OFFICES:
            assert {canonical_office(name) for name in names(row)} == {row["canonical"]}

    def test_no_domain_belongs_to_two_or_is_shared(self) -> None:
        domains = [domain for row in ORGANIZATIONS for domain in filter(None, row["domains"].split("|"))]
        assert [domain for domain, count in Counter(domains).items() if count > 1] == []
        assert [domain for domain in domains if is_shared(domain)] == []

    def test_domains_are_written_as_they_are_looked_up(self) -> None:
        domains = [domain for row in ORGANIZATIONS for domain in filter(None, row["domains"].split("|"))]
        domains += [row["domain"] for row in SHARED]
        assert [domain for domain in domains if not re.fullmatch(r"[a-z0-9-]+(\.[a-z0-9-]+)+", domain)] == []

    @pytest.mark.parametrize(
        "table", [ORGANIZATIONS, OFFICES, SHARED], ids=["organizations", "offices", "domains"]
    )
    def test_lines_have_a_source_and_stand_in_order(self, table: list[dict[str, str]]) -> None:
        assert all(row["source"].startswith("https://") for row in table)
        first = [next(iter(row.values())).casefold() for row in table]
        assert first == sorted(set(first))
