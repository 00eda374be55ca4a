"""Reads candidacy statements: who stands, what they have done, for whom they work, what they want.

The public names, each imported when it is first used, so that ``import analyzer`` costs nothing:

=====================  ==================================================================================
`load`, `model_path`   the spaCy pipeline, and where it lies
`read`                 sources (mailboxes, pages, files, folders) → messages
`from_messages`        messages → statements
`extract`, `settle`    statements → records; records with their elections
`Workspace`            the store
`Embedder`             sentence vectors
`Directory`            who is who, and in which election
=====================  ==================================================================================
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from analyzer.directory import Directory
    from analyzer.elections import settle
    from analyzer.embeddings import Embedder
    from analyzer.extraction import extract
    from analyzer.pipeline import load, model_path
    from analyzer.sources import read
    from analyzer.statements import from_messages
    from analyzer.store import Workspace

__version__ = "0.1.0"

__all__ = ["Directory", "Embedder", "Workspace", "extract", "from_messages", "load", "model_path", "read", "settle"]

_HOMES = {
    "Directory": "directory",
    "Embedder": "embeddings",
    "Workspace": "store",
    "extract": "extraction",
    "from_messages": "statements",
    "load": "pipeline",
    "model_path": "pipeline",
    "read": "sources",
    "settle": "elections",
}


def __getattr__(name: str) -> Any:
    from importlib import import_module

    if name not in _HOMES:
        raise AttributeError(f"module 'analyzer' has no attribute {name!r}")
    return getattr(import_module(f"analyzer.{_HOMES[name]}"), name)
