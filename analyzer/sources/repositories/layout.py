"""What the adapters share: which files of a folder are documents, and what its results and guide say."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from analyzer.sources.message import Filed
from analyzer.sources.repositories.results import Identity, identity, outcomes, read_results
from analyzer.sources.repositories.schedules import polls
from analyzer.sources.repositories.tree import Tree

TEXTS = (".md", ".markdown", ".txt")
_RESULTS = re.compile(r"(?:^|[-_. ])results?$", re.IGNORECASE)
_DOCUMENT = re.compile(
    r"(?:^|[-_. ])(?:readme|results?|\w*template|templates|voters?|guide|rankings?|ballots?|desc|schedule|"
    r"process|contributing|license|index)(?:$|[-_. ])",
    re.IGNORECASE,
)
_GUIDE = ("readme", "voter-guide", "voters-guide", "election_desc")
_ELECTIONS = re.compile(
    r"(?:^|[-_/])(?:elections?|candidates|candidacies|nominations|nominees|campaigns?|statements)(?:$|[-_/])",
    re.IGNORECASE,
)
_STATEMENTS = re.compile(r"^(?:candidates|candidacies|nominations|nominees|statements|bios)$", re.IGNORECASE)
_YEAR = re.compile(r"(?<!\d)((?:19|20)\d\d)(?!\d)")


def stem(name: str) -> str:
    """Return a file's name without its ending; one that is an address stays whole."""
    for ending in TEXTS:
        if name.casefold().endswith(ending):
            return name[: -len(ending)]
    return name


def texts(names: Iterable[str]) -> list[str]:
    """Return those of some file names that are texts."""
    return [name for name in names if name.casefold().endswith(TEXTS)]


def is_document(name: str) -> bool:
    """Whether a file's name is that of a document about an election."""
    return bool(_DOCUMENT.search(stem(name)))


def results_files(paths: Iterable[str]) -> list[str]:
    """Return those of some files that are results pages, by their names or paths."""
    return [path for path in texts(paths) if _RESULTS.search(stem(path.rpartition("/")[2]))]


def among_elections(tree: Tree, folder: str) -> bool:
    """Whether a folder's path says that it is about elections."""
    return bool(_ELECTIONS.search(f"{tree.name}/{folder}"))


def about(tree: Tree, folder: str) -> list[str]:
    """Return the paths of the texts about a folder's election: its own, and those above a ``candidates`` folder."""
    above = folder.rpartition("/")[0]
    called = folder.rpartition("/")[2]
    places = [folder, above] if folder and _STATEMENTS.match(called) else [folder]
    return [join(place, name) for place in places for name in texts(tree.folders.get(place, ())) if is_document(name)]


def said(value: object) -> str | None:
    """Return a configuration's value if it is a short text or a number, as a text."""
    text = " ".join(str(value).split()) if isinstance(value, str | int | float) else ""
    return text if 0 < len(text) <= 120 else None


def join(folder: str, name: str) -> str:
    return f"{folder}/{name}" if folder else name


def year_of(tree: Tree, folder: str) -> int | None:
    """Return the year that the innermost folder's name with one says."""
    found = _YEAR.findall(f"{tree.name}/{folder}")
    return int(found[-1]) if found else None


def read_folder(tree: Tree, folder: str, statements: list[str], **told: str | None) -> Iterator[tuple[str, Filed]]:
    """Yield what a folder that holds one election says of its files.

    Parameters
    ----------
    statements : the names of its statement files; its other texts are documents.
    told : what is known of the election, as attributes of `Filed`.
    """
    names = tree.folders[folder]
    papers = about(tree, folder)
    guide = "\n".join(tree.text(path) for path in papers if stem(path.rpartition("/")[2]).casefold() in _GUIDE)
    begins, ends = polls(guide, year_of(tree, folder))
    told = {"begins": begins, "ends": ends} | {key: value for key, value in told.items() if value}
    people: dict[str, Identity] = {}
    for name in statements:
        people[join(folder, name)] = identity(stem(name), tree.text(join(folder, name)))
    found = {}
    for path in results_files(papers):
        found.update(outcomes(read_results(tree.text(path), guide), people))
    for name in texts(names):
        path = join(folder, name)
        if path in people:
            yield path, Filed(statement=True, outcome=found.get(path), **told)  # type: ignore[arg-type]
        else:
            yield path, Filed(statement=False)
