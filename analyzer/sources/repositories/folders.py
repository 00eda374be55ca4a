"""Any other folder that holds one election: statements beside a results page, or whose front matter says who won."""

from __future__ import annotations

import re
from collections.abc import Mapping

from analyzer.sources.message import Filed
from analyzer.sources.repositories.layout import (
    about,
    among_elections,
    is_document,
    join,
    read_folder,
    results_files,
    texts,
)
from analyzer.sources.repositories.tree import Tree

_FRONT = re.compile(r"\A---[ \t]*\n(?P<fields>(?:.*\n){1,60}?)---[ \t]*\n")
_ELECTED = re.compile(r"^elected:[ \t]*(?:true|yes)[ \t]*$", re.IGNORECASE | re.MULTILINE)
_TOLD = re.compile(r"^(?:elected|appointed|outcome|result):", re.IGNORECASE | re.MULTILINE)


def survey(tree: Tree) -> Mapping[str, Filed]:
    """Return what folders of elections say of their files."""
    filed: dict[str, Filed] = {}
    for folder, names in tree.folders.items():
        statements = [name for name in texts(names) if not is_document(name)]
        if not statements or not among_elections(tree, folder):
            continue
        if results_files(about(tree, folder)):
            filed.update(read_folder(tree, folder, statements))
        else:
            filed.update(_by_front_matter(tree, [join(folder, name) for name in statements]))
    return filed


def _by_front_matter(tree: Tree, paths: list[str]) -> dict[str, Filed]:
    """Where front matter marks those who were elected, those without the mark were not."""
    fronts = {path: match["fields"] for path in paths if (match := _FRONT.match(tree.text(path)))}
    if not any(_ELECTED.search(front) for front in fronts.values()):
        return {}
    return {
        path: Filed(statement=True, outcome=None if _TOLD.search(front) else "not_elected")
        for path, front in fronts.items()
    }
