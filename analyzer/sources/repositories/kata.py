"""Kata's layout: ``<body>-<year>-<month>/`` with ``<Name>.txt``, ``Results.md`` and a ``README.md`` with the dates."""

from __future__ import annotations

import re
from collections.abc import Mapping

from analyzer.sources.message import Filed
from analyzer.sources.repositories.layout import among_elections, is_document, read_folder, results_files, texts
from analyzer.sources.repositories.tree import Tree

_FOLDER = re.compile(r"^[^\W\d_][\w-]*-(?:19|20)\d\d-(?:0[1-9]|1[0-2])$")


def survey(tree: Tree) -> Mapping[str, Filed]:
    """Return what repositories of Kata's layout say of their files."""
    filed: dict[str, Filed] = {}
    for folder, names in tree.folders.items():
        called = folder.rpartition("/")[2] or tree.name
        if _FOLDER.match(called) and (among_elections(tree, folder) or results_files(names)):
            filed.update(read_folder(tree, folder, [name for name in texts(names) if not is_document(name)]))
    return filed
