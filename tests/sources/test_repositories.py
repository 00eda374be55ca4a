"""Election repositories: what each layout tells of a statement, and what nobody tells stays unknown."""

from __future__ import annotations

import io
import re
import tarfile
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzer.records import Skipped
from analyzer.sources import packed, read, repositories
from analyzer.sources.message import Filed, Message
from analyzer.sources.repositories import Tree
from analyzer.sources.repositories.results import identity, outcomes, read_results
from analyzer.sources.repositories.schedules import polls
from analyzer.statements import Statement, from_messages

SAYS = "I have worked on Kettle for years. If elected, I will see to it that I answer every proposal in a week.\n"


def tree(tmp_path: Path, name: str, files: Mapping[str, str]) -> Path:
    folder = tmp_path / name
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")
    return folder


def statements(folder: Path) -> dict[str, Statement]:
    found = [item for item in from_messages(read([folder])) if isinstance(item, Statement)]
    return {" § ".join(filter(None, (one.source.path, one.source.section))): one for one in found}


def told(statement: Statement, *keys: str) -> tuple[str | None, ...]:
    hints = [getattr(statement, key) for key in keys]
    return tuple(hint.value if hint else None for hint in hints)


ELECTION = (
    "name: 2024 Steering Committee Election\norganization: Kettle\nstart_datetime: 2024-05-06 00:00:01\n"
    "end_datetime: 2024-05-20 23:59:59\nno_winners: 1\n"
)


def profile(name: str, account: str) -> str:
    return f"-----\nname: {name}\nID: {account}\ninfo:\n  - employer: Acme\n-----\n\n## Why\n\n{SAYS}"


class TestElekto:
    def folder(self, tmp_path: Path, results: str) -> dict[str, Statement]:
        return statements(
            tree(
                tmp_path,
                "community",
                {
                    "elections/board/2024/election.yaml": ELECTION,
                    "elections/board/2024/election_desc.md": f"# The election\n\n{SAYS}",
                    "elections/board/2024/voters.md": SAYS,
                    "elections/board/2024/candidate-template.md": profile("Your Name", "githubid"),
                    "elections/board/2024/candidate-rlind.md": profile("Rosa Lindqvist", "rlind"),
                    "elections/board/2024/candidate-omar9.md": profile("Omar Haddad", "omar9"),
                    "elections/board/2024/results.md": results,
                    "elections/board/2019/README.md": (
                        "| Date | Event |\n|---|---|\n| May 2 | Election Begins |\n| May 9 | Election Closes |\n"
                    ),
                    "elections/board/2019/rosa_bio.md": f"# Rosa Lindqvist\n\n{SAYS}",
                },
            )
        )

    def test_its_configuration_tells_community_office_and_days(self, tmp_path: Path) -> None:
        found = self.folder(tmp_path, "## Winner\n\n- Rosa Lindqvist\n")
        assert sorted(found) == [
            "elections/board/2019/rosa_bio.md",
            "elections/board/2024/candidate-omar9.md",
            "elections/board/2024/candidate-rlind.md",
        ]
        rosa = found["elections/board/2024/candidate-rlind.md"]
        assert told(rosa, "community", "office", "cycle", "begins", "ends", "outcome") == (
            *("Kettle", "Steering Committee", "2024", "2024-05-06", "2024-05-20"),
            "elected",
        )
        assert rosa.outcome and (rosa.outcome.source, rosa.outcome.start) == ("results", None)
        assert told(found["elections/board/2024/candidate-omar9.md"], "outcome") == ("not_elected",)

    def test_older_years_belong_to_the_same_community(self, tmp_path: Path) -> None:
        older = self.folder(tmp_path, "")["elections/board/2019/rosa_bio.md"]
        assert told(older, "community", "cycle", "begins", "ends", "outcome") == (
            *("Kettle", "2019", "2019-05-02", "2019-05-09"),
            None,
        )

    @pytest.mark.parametrize("broken", ["name: [", "- a\n- list\n", "start_datetime: 2024-13-45 99:00:00\n", "\0"])
    def test_a_broken_configuration_costs_only_what_it_would_have_told(self, tmp_path: Path, broken: str) -> None:
        folder = tree(
            tmp_path,
            "kettle-community",
            {"elections/2024-SC/election.yaml": broken, "elections/2024-SC/candidate-r.md": profile("Rosa Lind", "r")},
        )
        [found] = statements(folder).values()
        assert told(found, "community", "office", "cycle", "begins") == ("kettle", "SC", "2024", None)


class TestOpenStack:
    def folder(self, tmp_path: Path) -> dict[str, Statement]:
        entry = "  - elected: {}\n    email: {}\n    fullname: {}\n    ircname: {}\n    url: {}\n"
        at = "https://kettle.example/plain/candidates/alder"
        return statements(
            tree(
                tmp_path,
                "kettle-election",
                {
                    "candidates/alder/Spout/rosa@kettle.example": SAYS,
                    "candidates/alder/Spout/omar.txt": SAYS + "Omar\n",
                    "candidates/alder/TC/mina.txt": SAYS + "Mina\n",
                    "candidates/alder/Lid/nobody.txt": SAYS + "Nobody\n",
                    "candidates/birch/Spout/rosa@kettle.example": SAYS + "Again.\n",
                    "doc/source/results/alder/ptl.yaml": "candidates:\n  Spout:\n"
                    + entry.format("true", "r@old.example", "Rosa", "null", f"{at}/Spout/rosa%40kettle.example")
                    + entry.format("false", "o@kettle.example", "Omar H", "Omar", f"{at}/Spout/Omar_H.txt")
                    + "  Lid:\n  - elected: LEADERLESS\n    statement: nobody stood\n",
                    "doc/source/results/alder/tc.yaml": "candidates:\n  TC:\n"
                    + entry.format("false", "m@kettle.example", "Mina", "''", f"{at}/TC/mina.txt"),
                    "configuration.yaml": (
                        "release: birch\ntimeline:\n"
                        "  - {name: PTL Nominations, start: 2024-08-05T23:45, end: 2024-08-19T23:45}\n"
                        "  - {name: PTL Election, start: 2024-08-26T23:45, end: 2024-09-16T23:45}\n"
                    ),
                },
            )
        )

    def test_results_are_found_by_address_on_the_web_and_by_account(self, tmp_path: Path) -> None:
        found = {path: told(one, "unit", "office", "cycle", "outcome") for path, one in self.folder(tmp_path).items()}
        assert found == {
            "candidates/alder/Lid/nobody.txt": ("Lid", "PTL", "alder", None),
            "candidates/alder/Spout/omar.txt": ("Spout", "PTL", "alder", "not_elected"),
            "candidates/alder/Spout/rosa@kettle.example": ("Spout", "PTL", "alder", "elected"),
            "candidates/alder/TC/mina.txt": (None, "TC", "alder", "not_elected"),
            "candidates/birch/Spout/rosa@kettle.example": ("Spout", "PTL", "birch", None),
        }

    def test_results_do_not_say_who_a_candidate_is(self, tmp_path: Path) -> None:
        omar = self.folder(tmp_path)["candidates/alder/Spout/omar.txt"]
        assert "o@kettle.example" not in [email.address for email in omar.emails]
        assert omar.name is None or omar.name.value == "Omar"

    def test_the_configuration_has_the_days_of_its_own_cycle_only(self, tmp_path: Path) -> None:
        found = self.folder(tmp_path)
        assert told(found["candidates/birch/Spout/rosa@kettle.example"], "begins", "ends") == (
            "2024-08-26",
            "2024-09-16",
        )
        assert told(found["candidates/alder/Spout/omar.txt"], "begins", "ends") == (None, None)


def test_kata(tmp_path: Path) -> None:
    folder = tree(
        tmp_path,
        "kettle-community",
        {
            "elections/arch-committee-2024-09/README.md": (
                "# Elections\n\nThere are two seats.\n\n"
                "* September 3, 1500 UTC - September 10, 2024 14:59 UTC: Voting open\n"
            ),
            "elections/arch-committee-2024-09/RosaLind.txt": f"Name: Rosa Lind\n\n{SAYS}",
            "elections/arch-committee-2024-09/HaddadOmar.txt": f"Name: Haddad, Omar\n\n{SAYS}",
            "elections/arch-committee-2024-09/MinaRoth.txt": f"Name: Mina Roth\n\n{SAYS}",
            "elections/arch-committee-2024-09/2024-09-Results.txt": "Results:\n1) Rosa Lind (rl)\n2) Omar Haddad\n",
            "weekly-2024-09/README.md": SAYS,
            "weekly-2024-09/Monday.txt": "I will bring cake.\n",
        },
    )
    monday = next(item for item in read([folder]) if item.path.endswith("Monday.txt"))
    assert isinstance(monday, Message) and monday.filed is None
    folder = folder / "elections"
    found = {one.source.path.rpartition("/")[2]: one for one in statements(folder).values()}
    assert {name: told(one, "outcome")[0] for name, one in found.items()} == {
        "RosaLind.txt": "elected",
        "HaddadOmar.txt": "elected",
        "MinaRoth.txt": "not_elected",
    }
    assert told(found["RosaLind.txt"], "office", "cycle", "begins", "ends") == (
        *("Architecture Committee", "2024-09", "2024-09-03"),
        "2024-09-10",
    )


def test_any_folder_with_results(tmp_path: Path) -> None:
    folder = tree(
        tmp_path,
        "kettle",
        {
            "elections/2024/results.md": "# Winners\n\n- Rosa Lind\n",
            "elections/2024/candidates/rosa-lind.md": SAYS,
            "elections/2024/candidates/omar-haddad.md": SAYS + "Omar\n",
        },
    )
    found = statements(folder)
    assert {path: told(one, "cycle", "outcome") for path, one in found.items()} == {
        "elections/2024/candidates/omar-haddad.md": ("2024", "not_elected"),
        "elections/2024/candidates/rosa-lind.md": ("2024", "elected"),
    }


def test_front_matter_that_marks_the_elected_says_who_was_not(tmp_path: Path) -> None:
    def marked(name: str, mark: str) -> str:
        return f"---\ntitle: {name}\n{mark}---\n\n{SAYS}"

    files = {
        "rosa-lind.md": marked("Rosa Lind", "elected: true\n"),
        "omar-haddad.md": marked("Omar Haddad", ""),
        "mina-roth.md": marked("Mina Roth", "appointed: true\n"),
    }
    found = statements(tree(tmp_path, "kettle-election", {f"_campaign-2024/{name}": t for name, t in files.items()}))
    assert {path.rpartition("/")[2]: told(one, "outcome")[0] for path, one in found.items()} == {
        "rosa-lind.md": "elected",
        "omar-haddad.md": "not_elected",
        "mina-roth.md": None,
    }
    unmarked = tree(tmp_path, "lid-election", {"_campaign-2024/omar-haddad.md": files["omar-haddad.md"]})
    assert told(next(iter(statements(unmarked).values())), "outcome") == (None,)


@pytest.mark.parametrize(
    ("url", "community"),
    [
        ("git@host.example:tea-kettle/community.git", "tea kettle"),
        ("https://host.example/tea-kettle/community", "tea kettle"),
        ("/home/rosa/community.git", None),
        ("../community", None),
    ],
)
def test_a_clone_of_a_bare_name_is_of_the_account_it_comes_from(
    tmp_path: Path, url: str, community: str | None
) -> None:
    folder = tree(
        tmp_path,
        "community",
        {
            "elections/2024/results.md": "# Winners\n\n- Rosa Lind\n",
            "elections/2024/rosa-lind.md": SAYS,
            ".git/config": f'[core]\n\tbare = false\n[remote "origin"]\n\turl = {url}\n',
        },
    )
    [found] = statements(folder).values()
    assert told(found, "community") == (community,)
    assert found.community is None or found.community.source == "inferred"


REPOSITORY = {
    "elections/2024-SC/election.yaml": ELECTION.replace("organization: Kettle\n", ""),
    "elections/2024-SC/README.md": f"# The election\n\n{SAYS}",
    "elections/2024-SC/candidate-rlind.md": profile("Rosa Lindqvist", "rlind"),
    "elections/2024-SC/candidate-omar9.md": profile("Omar Haddad", "omar9"),
    "elections/2024-SC/results.md": "## Winner\n\n- Rosa Lindqvist\n",
    "candidates/alder/Spout/omar.txt": SAYS + "Omar\n",
    "candidates/alder/TC/mina.txt": SAYS + "Mina\n",
    "doc/source/results/alder/ptl.yaml": (
        "candidates:\n  Spout:\n  - {elected: true, email: omar, fullname: Omar H, ircname: omar}\n"
    ),
    "doc/source/results/alder/tc.yaml": "candidates:\n  TC:\n  - {elected: false, email: mina, fullname: Mina}\n",
    "nominees.md": f"# Nominees\n\n## Ada Voss\n\n{SAYS}\n## Bo Lind\n\n{SAYS.replace('week', 'day')}\n",
}


class TestDownloads:
    """An archive of a repository, as git hosts give it: a folder called after the branch or commit, with the tree."""

    @staticmethod
    def zipped(folder: Path, top: str) -> bytes:
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
            for file in sorted(folder.rglob("*.*")):
                archive.write(file, f"{top}/{file.relative_to(folder)}")
        return out.getvalue()

    @staticmethod
    def tarred(folder: Path, top: str) -> bytes:
        out = io.BytesIO()
        with tarfile.open(fileobj=out, mode="w:gz") as archive:
            archive.add(folder, top)
        return out.getvalue()

    @staticmethod
    def said(statements: Iterable[Statement]) -> set[tuple[str | None, ...]]:
        """Return what is known of each statement, with its path below the repository."""
        keys = ("name", "community", "unit", "office", "cycle", "outcome", "begins", "ends")
        return {
            (
                *told(one, *keys),
                re.sub(r"^.*kettle-community[^/]*/", "", one.source.member or one.source.path),
                one.source.section,
            )
            for one in statements
        }

    @pytest.mark.parametrize("top", ["kettle-community", "kettle-community-main", "kettle-community-v1.2-0a1b2c3d4e5f"])
    @pytest.mark.parametrize("pack", ["zipped", "tarred"])
    def test_are_read_as_the_work_tree_is(self, tmp_path: Path, pack: str, top: str) -> None:
        folder = tree(tmp_path, "kettle-community", REPOSITORY)
        expected = self.said(statements(folder).values())
        assert {row[5] for row in expected} == {"elected", "not_elected", None} and len(expected) == 6
        data = getattr(self, pack)(folder, top)
        (tmp_path / "in").mkdir()
        (tmp_path / "in" / "download").write_bytes(data)
        outer = io.BytesIO()
        with zipfile.ZipFile(outer, "w") as archive:
            archive.writestr("a/download", data)
        for source, stdin in (
            (tmp_path / "in" / "download", None), (tmp_path / "in", None), ("-", io.BytesIO(data)),
            ("-", io.BytesIO(outer.getvalue())),
        ):  # fmt: skip
            items = list(from_messages(read([source], stdin=stdin)))
            assert self.said(item for item in items if isinstance(item, Statement)) == expected
            skipped = {item.member or "": item.code for item in items if isinstance(item, Skipped)}
            assert [code for path, code in skipped.items() if path.endswith("README.md")] == ["document"]

    def test_with_too_many_texts_are_no_repositories_and_read_all_the_same(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        folder = tree(tmp_path, "kettle-community", REPOSITORY)
        data = self.zipped(folder, "kettle-community-main")
        for limit, value in (("MAX_TEXTS", 3), ("MAX_TEXT_BYTES", 300)):
            with monkeypatch.context() as small:
                small.setattr(packed, limit, value)
                items = list(read(["-"], stdin=io.BytesIO(data)))
            assert {item.member for item in items} == {f"kettle-community-main/{path}" for path in REPOSITORY}
            assert all(item.filed is None for item in items if isinstance(item, Message))

    def test_leave_nothing_behind_and_write_nothing_under_names_of_theirs(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        folder = tree(tmp_path, "kettle-community", REPOSITORY)
        (tmp_path / "download.zip").write_bytes(self.zipped(folder, "kettle-community-main"))
        (tmp_path / "temporary").mkdir()
        monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))
        seen: list[str] = []

        def look(tree: Tree) -> dict[str, Filed]:
            seen.extend(path.name for path in (tmp_path / "temporary").rglob("*"))
            return {}

        monkeypatch.setitem(repositories._OWN, "look", look)
        assert any(isinstance(item, Message) and item.filed for item in read([tmp_path / "download.zip"]))
        assert len(seen) > 5 and all(name.isdecimal() or name.startswith("candidacy-") for name in seen)
        assert list((tmp_path / "temporary").iterdir()) == []

    def test_an_adapter_that_breaks_is_named_with_the_archive(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        folder = tree(tmp_path, "kettle-community", REPOSITORY)
        (tmp_path / "download.zip").write_bytes(self.zipped(folder, "kettle-community-main"))
        monkeypatch.setitem(repositories._OWN, "odd", lambda tree: 1 / 0)
        skipped = [item for item in read([tmp_path / "download.zip"]) if isinstance(item, Skipped)]
        assert any("odd failed" in item.message for item in skipped if item.path == "download.zip")


@pytest.mark.parametrize(
    "table", ["TC: 5", "TC: {a: b}", "TC: [5, {elected: true}]", "7: []", "{}", "[]", "? [a]\n  : b"]
)
def test_results_of_another_shape_cost_only_themselves(tmp_path: Path, table: str) -> None:
    folder = tree(
        tmp_path,
        "kettle-election",
        {
            "candidates/alder/TC/mina.txt": SAYS,
            "doc/source/results/alder/tc.yaml": f"candidates:\n  {table}\n",
            "doc/source/results/alder/ptl.yaml": "candidates: {Spout: []}\n",
        },
    )
    items = list(read([folder]))
    assert not [item for item in items if isinstance(item, Skipped) and item.code == "adapter-failed"]
    assert [item.filed.outcome for item in items if isinstance(item, Message) and item.filed] == [None]


class TestOnePage:
    PAGE = (
        "# Board election 2024\n\nHow to vote is told elsewhere.\n\n## Candidates\n\n"
        f"### Rosa Lind\n\n{SAYS}\n#### Why me\n\nI am patient.\n\n```\n### No Heading\n```\n\n"
        f"### [Omar Haddad](https://omar.example)\n\n{SAYS}\nI also cook.\n\n## Voting\n\nVote in May.\n"
    )

    @pytest.mark.parametrize("name", ["candidates.md", "README.md"])
    def test_headings(self, tmp_path: Path, name: str) -> None:
        found = statements(tree(tmp_path, "kettle-elections", {f"2024/{name}": self.PAGE}))
        assert list(found) == [f"2024/{name} § Rosa Lind", f"2024/{name} § Omar Haddad"]
        rosa, omar = found.values()
        assert "Why me" in rosa.text and "No Heading" in rosa.text and "cook" not in rosa.text
        assert "Vote in May" not in omar.text
        assert rosa.id != omar.id
        assert [one.cycle.value for one in found.values() if one.cycle] == ["2024", "2024"]

    def test_a_page_that_is_named_itself_is_split_too(self, tmp_path: Path) -> None:
        folder = tree(tmp_path, "kettle", {"candidates.md": self.PAGE})
        assert list(statements(folder / "candidates.md")) == [
            "candidates.md § Rosa Lind",
            "candidates.md § Omar Haddad",
        ]

    def test_a_table(self, tmp_path: Path) -> None:
        page = f"| Candidate | Employer | Statement |\n|---|---|---|\n| Rosa Lind | Acme | {SAYS.strip()} |\n"
        page += f"| Omar Haddad | | {SAYS.strip()} I cook.<br>And bake. |\n"
        rosa, omar = statements(tree(tmp_path, "kettle-elections", {"2024/candidates.md": page})).values()
        assert rosa.text.startswith("Candidate: Rosa Lind\nEmployer: Acme\n")
        assert told(rosa, "name") == ("Rosa Lind",)
        assert "Employer" not in omar.text and "bake" in omar.text

    def test_a_statement_of_one_is_not_split(self, tmp_path: Path) -> None:
        text = f"# Rosa Lind\n\n## Open Kettles\n\n{SAYS}\n## Better Lids\n\n{SAYS}I thank all candidates.\n"
        assert list(statements(tree(tmp_path, "kettle-elections", {"2024/rosa.md": text}))) == ["2024/rosa.md"]


class TestResults:
    FILES = {  # noqa: RUF012
        "rosa": identity("candidate-rlind", profile("Rosa Lindqvist", "rlind")),
        "omar": identity("omar_bio", "# Omar Haddad Bio\n"),
        "mina": identity("minaroth", "Github: [@mr](https://github.com/mr)\n"),
    }

    def read(self, text: str, around: str = "") -> dict[str, str]:
        return dict(outcomes(read_results(text, around), self.FILES))

    @pytest.mark.parametrize(
        "text",
        [
            "## Ranking\n\n1. Omar Haddad\n2. Rosa Lindqvist\n3. Mina Roth\n\n"
            "## Winners\n\nOne year:\n1. Omar Haddad\n",
            "## Winners\n\n- Turnout: 44%\n- [Omar Haddad](https://github.com/oh)\n\nThe rest of the candidates:\n"
            "2. Rosa Lindqvist\n3. Mina Roth\n",
            "Nominated were:\n\n- Rosa Lindqvist\n\nThe nominees elected to the positions were:\n\n* `Omar Haddad`\n",
            "We are happy to announce that Omar Haddad is our newly elected member. He joins Rosa Lindqvist.",
            "Please welcome Omar\nHaddad as the new member.\n\nThanks to Mina Roth, who steps down.",
        ],
    )
    def test_winners_in_lists_and_in_prose(self, text: str) -> None:
        assert self.read(text) == {"omar": "elected", "rosa": "not_elected", "mina": "not_elected"}

    def test_without_a_vote_all_who_are_listed_are_in(self) -> None:
        text = "Nominated were:\n\n- Omar Haddad\n- Rosa Lindqvist\n\nThe two members were (re-)admitted.\n"
        assert self.read(text) == {"omar": "elected", "rosa": "elected", "mina": "not_elected"}

    def test_a_ranking_alone_tells_nothing_unless_all_have_seats(self) -> None:
        ranking = "1. Omar Haddad\n2. Rosa Lindqvist\n"
        assert self.read(ranking) == {}
        assert self.read(ranking, "There is one seat.") == {}
        assert self.read(ranking, "There are two Committee seats.") == {
            "omar": "elected", "rosa": "elected", "mina": "not_elected",
        }  # fmt: skip

    def test_accounts_count_where_no_name_does_and_names_before_accounts(self) -> None:
        assert self.read("# Winners\n\n1. mr\n")["mina"] == "elected"
        # A link that was copied and never changed.
        assert self.read("# Winners\n\n1. [Rosa Lindqvist](https://github.com/mr)\n") == {
            "rosa": "elected", "omar": "not_elected", "mina": "not_elected",
        }  # fmt: skip

    def test_a_winner_without_a_file_leaves_open_whoever_it_may_be(self) -> None:
        found = self.read("# Winners\n\n- Rosalind Lindqvist-Haddad\n")
        assert "omar" not in found and "rosa" not in found
        assert self.read("# Winners\n\n- Bo Ek\n")["omar"] == "not_elected"

    def test_a_name_in_two_spellings(self) -> None:
        assert self.read("# Winners\n\n- Omer Haddad\n")["omar"] == "elected"

    def test_withdrawn(self) -> None:
        assert self.read("# Winners\n\n- Omar Haddad\n- Mina Roth (withdrew)\n") == {
            "omar": "elected", "mina": "withdrawn", "rosa": "not_elected",
        }  # fmt: skip

    @given(st.text(max_size=400))
    def test_whatever_a_page_says_nobody_gets_two_outcomes_and_nothing_breaks(self, text: str) -> None:
        assert self.read(text).keys() <= self.FILES.keys()

    @given(st.permutations(["Omar Haddad", "Rosa Lindqvist", "Mina Roth"]), st.integers(1, 2))
    def test_all_winners_and_only_they_are_elected(self, order: list[str], seats: int) -> None:
        page = "# Winners\n\n" + "".join(f"- {name}\n" for name in order[:seats])
        elected = {path for path, outcome in self.read(page).items() if outcome == "elected"}
        assert elected == {name.split()[0].casefold() for name in order[:seats]}


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("* May 3, 1500 UTC - May 10, 2024 14:59 UTC: Voting open", ("2024-05-03", "2024-05-10")),
        ("| May 3 | Election Begins |\n| May 10 | Election Closes by 0000 UTC |", ("2023-05-03", "2023-05-10")),
        ("Voting: December 28 - January 3", ("2023-12-28", "2024-01-03")),
        ("* May 3 - May 10: nominations open", (None, None)),
        ("| May 33 | Election Begins |", (None, None)),
        ("| May 3 | Announcement of Election |", (None, None)),
    ],
)
def test_days_of_voting(text: str, days: tuple[str | None, str | None]) -> None:
    assert polls(text, 2023) == days


class TestAdapters:
    FILES = {"elections/2024/rosa-lind.md": SAYS, "elections/2024/results.md": "# Winners\n\n- Rosa Lind\n"}  # noqa: RUF012

    def install(self, monkeypatch: pytest.MonkeyPatch, adapter: object) -> None:
        point = SimpleNamespace(name="mine", load=lambda: adapter)
        monkeypatch.setattr(repositories, "entry_points", lambda group: [point] if group == repositories.GROUP else [])
        repositories._others.cache_clear()

    @pytest.fixture(autouse=True)
    def _forget(self) -> object:
        yield
        repositories._others.cache_clear()

    def test_that_of_an_entry_point_comes_first(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        def mine(found: Tree) -> dict[str, Filed]:
            return {path: Filed(statement=True, office="Keeper") for path in found if path.endswith("lind.md")}

        self.install(monkeypatch, mine)
        [rosa] = statements(tree(tmp_path, "kettle", self.FILES)).values()
        assert told(rosa, "office", "outcome") == ("Keeper", None)

    def test_one_that_breaks_is_named_and_left_out(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.install(monkeypatch, lambda found: 1 / 0)
        items = list(read([tree(tmp_path, "kettle", self.FILES)]))
        [skipped] = [item for item in items if isinstance(item, Skipped)]
        assert skipped.code == "adapter-failed" and "mine" in skipped.message and "division" in skipped.message
        assert [item.filed.outcome for item in items if isinstance(item, Message) and item.filed] == [None, "elected"]

    def test_one_that_breaks_on_an_archive_is_told_once_and_where(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        self.install(monkeypatch, lambda found: 1 / 0 if any(path.endswith(".md") for path in found) else {})
        with zipfile.ZipFile(tmp_path / "kettle.zip", "w") as archive:
            for path, text in self.FILES.items():
                archive.writestr(path, text)
        for source in (tmp_path / "kettle.zip", tmp_path):
            items = list(read([source]))
            assert [(item.code, item.path) for item in items if isinstance(item, Skipped)] == [
                ("adapter-failed", "kettle.zip")
            ]
            assert sum(isinstance(item, Message) and item.filed is not None for item in items) == 2
        self.install(monkeypatch, lambda found: 1 / 0)
        assert sum(isinstance(item, Skipped) for item in read([tmp_path / "kettle.zip"])) == 1
