"""Election repositories: what the folders around a statement say of its election, one adapter per layout.

An adapter is a function from a `Tree` to a `Filed` for each file it knows. To add one, write a module with such a
function and name it under the entry-point group `GROUP` of your package::

    [project.entry-points."candidacy_analyzer.adapters"]
    mylayout = "mypackage.mylayout:survey"

Those that come with this package are ordered from the particular to the general, and the first that knows a file
has it; others are asked before them, in the order of their names.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache
from importlib.metadata import entry_points
from pathlib import Path

from analyzer.records import Skipped
from analyzer.sources.message import Filed
from analyzer.sources.repositories import elekto, folders, kata, openstack, page
from analyzer.sources.repositories.layout import TEXTS
from analyzer.sources.repositories.tree import MOST, Tree

__all__ = ["GROUP", "MOST", "TOLD_BY", "Adapter", "Tree", "survey"]

Adapter = Callable[[Tree], Mapping[str, Filed]]
GROUP = "candidacy_analyzer.adapters"
#: Endings of the files whose text an adapter may ask for.
TOLD_BY = (*TEXTS, ".yaml", ".yml")
# In an order that entry points do not have; a checkout that was not installed has these, too.
_OWN: dict[str, Adapter] = {
    "openstack": openstack.survey,
    "elekto": elekto.survey,
    "kata": kata.survey,
    "page": page.survey,
    "folders": folders.survey,
}


@cache
def _others() -> tuple[tuple[str, Callable[[], Adapter]], ...]:
    found = {point.name: point.load for point in entry_points(group=GROUP) if point.name not in _OWN}
    return tuple(sorted(found.items()))


def survey(root: Path | None, name: str, files: Mapping[str, Path]) -> tuple[dict[str, Filed], list[Skipped]]:
    """Ask all adapters about a SOURCE folder or archive.

    Parameters
    ----------
    root : the folder, with what is hidden in it; None for an archive.
    name : what it is called.
    files : its files by their path.

    Returns
    -------
    What is known of each file, and a `Skipped` (``adapter-failed``) for each adapter that broke: the others' word
    counts, and no run ends by it.
    """
    tree = Tree(root, name, files)
    filed: dict[str, Filed] = {}
    failed: list[Skipped] = []
    loaders = [*_others(), *((name, lambda own=own: own) for name, own in _OWN.items())]
    for called, load in loaders:
        try:
            found = load()(tree)
        except Exception as error:
            why = " ".join(f"{type(error).__name__}: {error}".split())[:200]
            message = f"the adapter {called} failed and was left out ({why})"
            failed.append(Skipped(path=".", code="adapter-failed", message=message))
            continue
        filed = {**found, **filed}
    owners = {folder: tree.owner(folder) for folder in {path.rpartition("/")[0] for path in filed}}
    return {
        path: replace(one, owner=owners[path.rpartition("/")[0]]) if one.owner is None else one
        for path, one in sorted(filed.items())
    }, failed
