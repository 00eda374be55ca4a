"""Elekto's layout: ``elections/…/<election>/`` with ``election.yaml``, ``candidate-<account>.md``, ``results.md``.

Kubernetes, Knative, Dapr and others use it. ``election.yaml`` gives community, name and the days of voting. Years
before it have files of any name beside a guide and a results page, and belong to the same community.
"""

from __future__ import annotations

from collections.abc import Mapping

from analyzer.sources.message import Filed
from analyzer.sources.repositories.layout import is_document, join, read_folder, results_files, said, texts, year_of
from analyzer.sources.repositories.schedules import day
from analyzer.sources.repositories.tree import Tree

CONFIGURATION = "election.yaml"
_OWN = {"start_datetime", "end_datetime", "no_winners", "election_officers"}


def survey(tree: Tree) -> Mapping[str, Filed]:
    """Return what Elekto repositories say of their files."""
    settings = {
        folder: data
        for folder, names in tree.folders.items()
        if CONFIGURATION in names and _OWN & (data := tree.data(join(folder, CONFIGURATION))).keys()
    }
    communities = {_root(folder): said(data.get("organization")) for folder, data in settings.items()}
    filed: dict[str, Filed] = {}
    for folder, names in tree.folders.items():
        data = settings.get(folder, {})
        community = said(data.get("organization")) or communities.get(_root(folder))
        profiles = [name for name in texts(names) if name.startswith("candidate-") and not is_document(name)]
        if folder not in settings and _root(folder) not in communities:
            continue
        if not profiles and (data or not _older(names, tree, folder)):
            # What lies beside elections in such a repository is about them.
            filed.update({join(folder, name): Filed(statement=False) for name in texts(names) if is_document(name)})
            continue
        filed.update(
            read_folder(
                tree,
                folder,
                profiles or [name for name in texts(names) if not is_document(name)],
                community=community,
                title=said(data.get("name")),
                begins=day(data.get("start_datetime")),
                ends=day(data.get("end_datetime")),
            )
        )
    return filed


def _root(folder: str) -> str:
    """Return the folder that holds all elections of a repository."""
    parts = folder.split("/")
    return "/".join(parts[: parts.index("elections") + 1]) if "elections" in parts else folder.rpartition("/")[0]


def _older(names: list[str], tree: Tree, folder: str) -> bool:
    """Whether a folder without settings holds an election: it has a year, and a guide or results."""
    guide = any(name.casefold() == "readme.md" for name in names)
    return year_of(tree, folder) is not None and (guide or bool(results_files(names)))
