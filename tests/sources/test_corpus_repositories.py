"""Real election repositories: every statement with its election, counted by year, and nothing else."""

from __future__ import annotations

import shutil
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

from analyzer.sources import read
from analyzer.statements import Statement, from_messages

CORPUS = Path(__file__).resolve().parents[3] / "shared" / "corpus"
pytestmark = pytest.mark.skipif(not CORPUS.is_dir(), reason="needs ../shared/corpus")


@cache
def statements(repository: str) -> tuple[Statement, ...]:
    return tuple(item for item in from_messages(read([CORPUS / repository])) if isinstance(item, Statement))


def counted(repository: str) -> dict[str, str]:
    """Return, by cycle and office, how many were elected, were not, and of how many nothing is told."""
    counts: dict[str, Counter[str | None]] = {}
    for one in statements(repository):
        contest = " ".join(hint.value for hint in (one.cycle, one.office) if hint)
        counts.setdefault(contest, Counter())[one.outcome.value if one.outcome else None] += 1
    return {
        contest: "{elected} {not_elected} {None}".format_map(Counter({str(k): n for k, n in count.items()}))
        for contest, count in sorted(counts.items())
    }


def test_kubernetes() -> None:
    assert counted("kubernetes-community") == {
        "2017 Steering Committee": "6 14 0",
        "2018 Steering Committee": "3 5 0",
        "2019 Steering Committee": "4 7 0",
        "2020 Steering Committee": "3 7 0",
        "2021 Steering Committee": "4 9 0",
        "2022 Steering Committee": "3 5 0",
        "2023 Code of Conduct Committee": "2 7 0",
        "2023 Governing Board": "1 1 0",
        "2023 Steering Committee": "4 7 0",
    }


def test_knative() -> None:
    assert counted("knative-community") == {
        "2020 SC": "0 0 6",
        "2021 SC-EU": "0 0 2",
        "2021 Steering Committee": "2 4 0",
        "2021 TOC": "3 1 0",
        "2022 SC-EU": "0 0 1",
        "2022 Steering Committee": "0 0 4",
        "2022 TOC": "0 0 7",
        "2023 Steering Committee": "2 0 0",
        "2023 TOC": "1 1 0",
        "2024 SC": "2 0 0",
        "2024 SC-EU": "0 0 1",
        "2025 SC": "2 0 0",
        "2025 SC-EU": "0 0 3",
    }


def test_kata() -> None:
    assert counted("kata-community") == {
        f"{cycle} Architecture Committee": counts
        for cycle, counts in {
            "2018-09": "3 1 0",
            "2019-03": "2 0 0",
            "2019-09": "3 0 0",
            "2020-02": "2 1 0",
            "2020-09": "3 1 0",
            "2021-02": "2 0 0",
            "2021-09": "3 0 0",
            "2022-03": "2 0 0",
            "2022-11": "3 3 0",
        }.items()
    }


def test_dapr() -> None:
    assert counted("dapr-community") == {"2023 STC": "0 0 10"}


def test_dotnet() -> None:
    assert counted("dotnet-foundation-election") == {"2019": "5 25 0"}


def test_openstack() -> None:
    assert counted("openstack-election") == {
        "2024.1 PTL": "26 0 0", "2024.1 TC": "3 1 0", "2024.2 PTL": "26 0 0", "2024.2 TC": "3 1 0",
        "2025.1 PTL": "26 0 0", "2025.1 TC": "2 1 0", "2025.2 PTL": "29 0 0", "2025.2 TC": "4 0 0",
        "2026.1 PTL": "31 1 0", "2026.1 TC": "2 2 0", "2026.2 PTL": "27 2 0", "2026.2 TC": "3 0 0",
        "2027.1 PTL": "0 0 28", "2027.1 TC": "0 0 3", "antelope PTL": "28 1 0", "antelope TC": "2 1 0",
        "bobcat PTL": "29 0 0", "bobcat TC": "4 0 0", "mitaka PTL": "0 0 43", "mitaka TC": "0 0 16",
        "newton PTL": "0 0 51", "newton TC": "0 0 16", "ocata PTL": "51 5 0", "ocata TC": "6 14 0",
        "pike PTL": "54 3 0", "pike TC": "5 7 0", "queens PTL": "48 0 0", "queens TC": "4 9 0",
        "rocky PTL": "50 3 0", "rocky TC": "6 2 0", "stein PTL": "46 2 0", "stein TC": "5 4 0",
        "train PTL": "55 2 0", "train TC": "6 1 0", "ussuri PTL": "53 0 0", "ussuri TC": "6 0 0",
        "victoria PTL": "39 0 0", "victoria TC": "4 3 0", "wallaby PTL": "41 1 0", "wallaby TC": "3 3 0",
        "xena PTL": "34 0 0", "xena TC": "4 1 0", "yoga PTL": "34 1 0", "yoga TC": "3 0 0",
        "zed PTL": "26 0 0", "zed TC": "5 0 0",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("repository", "community", "files"),
    [
        ("kubernetes-community", "Kubernetes", 92),
        ("knative-community", "Knative", 42),
        ("kata-community", "kata", 29),
        ("dapr-community", "Dapr", 10),
        ("dotnet-foundation-election", "dotnet foundation", 30),
        ("openstack-election", "openstack", 1061),
    ],
)
def test_every_statement_is_read_and_nothing_else(repository: str, community: str, files: int) -> None:
    found = statements(repository)
    assert {one.community.value for one in found if one.community} == {community}
    assert len(found) == len({one.source.path for one in found}) == files
    # Two of OpenStack's files are empty.
    candidates = [path for path in (CORPUS / repository).rglob("*") if path.is_file() and path.stat().st_size]
    no_statement = ("readme", "result", "template", "ranking", "voter", "election_desc", "election.yaml", "enduser")
    assert files == sum(
        1 for path in candidates
        if not any(word in path.name.casefold() for word in no_statement) and path.suffix not in (".yaml",)
    )  # fmt: skip


def test_whose_outcome_is_whose() -> None:
    told = {
        one.source.path.partition("/")[2]: one.outcome.value
        for repository in ("kubernetes-community", "kata-community", "knative-community")
        for one in statements(repository)
        if one.outcome
    }
    # Above those who won in the ranking, and left out by the rule on employers.
    assert told["steering/2017/michaelrubin_bio.md"] == "not_elected"
    assert told["steering/2017/timothysc_bio.md"] == "elected"
    # No heading names this one, and the next has another spelling among the results.
    assert told["steering/2019/parispittman.md"] == "elected"
    assert told["arch-committee-2019-09/HaominTsai.txt"] == "elected"
    # Listed, and beside a link to somebody else's account.
    assert told["arch-committee-2019-09/EricErnst.txt"] == "elected"
    assert told["arch-committee-2022-11/FupanLi.txt"] == "not_elected"
    # In prose only.
    assert told["2023-TOC/candidate-kvmware.md"] == "elected"
    assert told["2021-TOC/candidate-n3wscott.md"] == "not_elected"


def test_days_of_voting_where_a_guide_or_configuration_gives_them() -> None:
    days = Counter(
        (one.cycle.value, one.begins.value if one.begins else None, one.ends.value if one.ends else None)
        for one in statements("kata-community")
        if one.cycle
    )
    assert ("2018-09", "2018-09-03", "2018-09-10") in days
    assert ("2020-09", "2020-09-28", "2020-10-04") in days
    assert not any(None in key for key in days)


def test_a_download_is_read_as_the_work_tree_is(tmp_path: Path) -> None:
    def told(one: Statement) -> tuple[object, ...]:
        hints = (one.name, one.community, one.office, one.cycle, one.outcome, one.begins, one.ends)
        return (one.text, *((hint.value, hint.source) if hint else None for hint in hints))

    for repository, files in (("kata-community", 29), ("dapr-community", 10)):
        download = shutil.make_archive(str(tmp_path / repository), "zip", CORPUS, repository)
        found = [one for one in from_messages(read([download])) if isinstance(one, Statement)]
        assert len(found) == files
        assert {told(one) for one in found} == {told(one) for one in statements(repository)}
