"""What an adapter sees of a SOURCE folder: which files there are, and the text of the few it asks for."""

from __future__ import annotations

import configparser
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Any

from analyzer.sources import charsets

#: Bytes of a results file, a configuration or a statement's beginning that are looked at.
MOST = 1 << 20
_KEPT = 256  # texts in memory: more than one election's files, and far less than an archive
# On a host, by scheme or in scp's way; a path on this machine names nobody.
_REMOTE = re.compile(r"^(?:[a-z+]+://|[\w.-]+@[\w.-]+:)(?:[^\s]*/)?([^/\s]+)/[^/\s]+?/?$")


class Tree:
    """The files of a folder by their path below it; a text is "" where it cannot be read.

    Attributes
    ----------
    name : what the folder is called.
    folders : the names of the files of each folder (``""`` is the root), all sorted.
    """

    def __init__(self, root: Path | None, name: str, files: Mapping[str, Path]) -> None:
        self.name = name
        self._root = root
        self._files = files
        self._texts: dict[str, str] = {}
        folders: dict[str, list[str]] = defaultdict(list)
        for path in sorted(files):
            folders[_parent(path)].append(path.rpartition("/")[2])
        self.folders: Mapping[str, list[str]] = dict(sorted(folders.items()))

    def __contains__(self, path: object) -> bool:
        return path in self._files

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(self._files))

    def text(self, path: str) -> str:
        """Return a file's first `MOST` bytes, decoded."""
        if path not in self._texts:
            if len(self._texts) >= _KEPT:
                self._texts.clear()
            try:
                with self._files[path].open("rb") as stream:
                    self._texts[path] = charsets.decode(stream.read(MOST))[0].replace("\r\n", "\n")
            except (OSError, KeyError):
                self._texts[path] = ""
        return self._texts[path]

    def data(self, path: str) -> dict[str, Any]:
        """Return the mapping that a YAML file holds; empty where it is broken or holds something else."""
        import yaml

        try:
            found = yaml.load(self.text(path), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
        except (yaml.YAMLError, ValueError, RecursionError):  # a date that no calendar has is a ValueError
            return {}
        return found if isinstance(found, dict) else {}

    def owner(self, folder: str) -> str | None:
        """Return the account that the clone around a folder comes from: ``kettle`` of ``…/kettle/community``."""
        if self._root is None:
            return None
        here = PurePosixPath(folder)
        for part in (here, *here.parents) if folder else (here,):
            config = self._root / part / ".git" / "config"
            # Git's own syntax has a bit more to it; where this parser gives up, nothing is known.
            parser = configparser.ConfigParser(strict=False, interpolation=None, allow_no_value=True)
            try:
                if not config.is_file():
                    continue
                parser.read_string(config.read_text("utf-8", "replace"))
                match = _REMOTE.search(parser.get('remote "origin"', "url", fallback="") or "")
            except (configparser.Error, OSError):
                return None
            return match[1] if match else None
        return None


def _parent(path: str) -> str:
    return path.rpartition("/")[0]
