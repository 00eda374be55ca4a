"""OpenStack's layout: ``candidates/<cycle>/<team>/<who>``, ``doc/source/results/<cycle>/<office>.yaml``.

A results file is named after the office and lists the candidates of each team with their address, account and
whether they were elected; the office of all but one is a team of its own (``TC``). ``configuration.yaml`` has the
days of the current cycle.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import unquote

from analyzer.records import Outcome
from analyzer.sources.message import Filed
from analyzer.sources.repositories.layout import stem
from analyzer.sources.repositories.schedules import day
from analyzer.sources.repositories.tree import Tree

_RESULTS = re.compile(r"^(?P<root>(?:.*/)?)doc/source/results/(?P<cycle>[^/]+)/(?P<office>[^/]+)\.ya?ml$")
_STATEMENT = re.compile(r"^candidates/(?P<cycle>[^/]+)/(?P<team>[^/]+)/(?P<who>[^/]+)$")
_POLLS = re.compile(r"^(?P<office>\w+) election$", re.IGNORECASE)

_Entry = dict[str, Any]


def survey(tree: Tree) -> Mapping[str, Filed]:
    """Return what repositories of OpenStack's layout say of their files."""
    results: dict[str, dict[str, dict[str, str]]] = {}
    for path in tree:
        if match := _RESULTS.match(path):
            results.setdefault(match["root"], {}).setdefault(match["cycle"], {})[match["office"].upper()] = path
    filed = {}
    for root, cycles in results.items():
        offices = sorted({office for files in cycles.values() for office in files})
        tables = {
            cycle: [table for path in files.values() if isinstance(table := tree.data(path).get("candidates"), dict)]
            for cycle, files in cycles.items()
        }
        # An office that never stands among the teams is the one each team has.
        teams = {team for found in tables.values() for table in found for team in table}
        of_teams = next((office for office in offices if office not in teams), None)
        days = _days(tree.data(f"{root}configuration.yaml"))
        for path in tree:
            match = _STATEMENT.match(path.removeprefix(root)) if path.startswith(root) else None
            if match is None:
                continue
            office = match["team"] if match["team"] in offices else of_teams
            begins, ends = days.get((match["cycle"], office or ""), (None, None))
            listed = [table.get(match["team"]) for table in tables.get(match["cycle"], ())]
            entries = [entry for one in listed if isinstance(one, list) for entry in one]
            filed[path] = Filed(
                statement=True,
                office=office,
                cycle=match["cycle"],
                outcome=_outcome(path.removeprefix(root), match["who"], entries),
                begins=begins,
                ends=ends,
            )
    return filed


def _outcome(path: str, who: str, entries: Iterable[object]) -> Outcome | None:
    """Return the outcome of a team's entry that means this file: by its address on the web, else by who it is."""
    own = [entry for entry in entries if isinstance(entry, dict) and isinstance(entry.get("elected"), bool)]
    for means in (_by_url, _by_person):
        found = [entry for entry in own if means(entry, path, who)]
        if len(found) == 1:
            return "elected" if found[0]["elected"] else "not_elected"
    return None


def _by_url(entry: _Entry, path: str, who: str) -> bool:
    return unquote(str(entry.get("url") or "")).endswith(f"/{path}")


def _by_person(entry: _Entry, path: str, who: str) -> bool:
    name = stem(who).casefold()
    full = str(entry.get("fullname") or "").casefold().split()
    keys = {str(entry.get(key) or "").casefold() for key in ("email", "ircname")} | {"_".join(full), "-".join(full)}
    return name in keys - {""}


def _days(configuration: Mapping[str, Any]) -> dict[tuple[str, str], tuple[str | None, str | None]]:
    """Return the days of voting by cycle and office."""
    days = {}
    timeline = configuration.get("timeline")
    for event in timeline if isinstance(timeline, list) else ():
        if isinstance(event, dict) and (match := _POLLS.match(str(event.get("name")))):
            cycle = str(configuration.get("release"))
            days[cycle, match["office"].upper()] = day(event.get("start")), day(event.get("end"))
    return days
