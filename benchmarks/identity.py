"""How well statements are joined into people, against the names and addresses in the results files of OpenStack.

usage: python benchmarks/identity.py [REPOSITORY] [--workspace FILE] [--errors]

REPOSITORY is the election repository (by default ../shared/corpus/openstack-election). Its statements are read and
extracted now, or taken from a workspace that was made of it, alone or in a folder with others. Two statements are one
person's if the results files give their candidates the same full name or e-mail address, over however many steps. These
files say nothing to the resolution: they are read for how an election ended, never for who stood.

Printed are pairwise precision, recall and F1 over the statements that the results files name: of the resolution as it
is, and of equal names and addresses alone, which is what there was before. `--errors` lists the people that came out
wrong.
"""

from __future__ import annotations

import argparse
from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Mapping
from math import comb
from pathlib import Path
from urllib.parse import unquote

import yaml

from analyzer import workflow
from analyzer.directory import Directory, name_key
from analyzer.records import StatementRecord
from analyzer.store import Workspace

DEFAULT = Path(__file__).parents[2] / "shared" / "corpus" / "openstack-election"


def named(repository: Path) -> dict[str, tuple[str, str]]:
    """Return full name and address of candidates under the place of their statement, below ``candidates/``."""
    found = {}
    for file in sorted(repository.glob("doc/source/results/*/*.yaml")):
        for candidates in yaml.safe_load(file.read_text("utf-8"))["candidates"].values():
            for candidate in candidates:
                _, marker, place = (candidate.get("url") or "").partition("/candidates/")
                if marker and candidate.get("fullname") and candidate.get("email"):
                    found[folded(unquote(place.partition("?")[0]))] = (candidate["fullname"], candidate["email"])
    return found


def folded(place: str) -> str:
    """Return a place as results files and folders have in common: teams are written with blanks or without."""
    return place.casefold().replace(" ", "_")


def keys(name: Hashable, addresses: Iterable[str]) -> list[Hashable]:
    """Return what two statements of one person have in common."""
    return [*([("name", name)] if name else []), *(("address", address.casefold()) for address in addresses)]


def joined(keys: Mapping[str, Iterable[Hashable]]) -> dict[str, int]:
    """Return a number for each thing, the same for those that share a key, over however many steps."""
    group: dict[Hashable, set[str]] = {}
    for id_, shared in keys.items():
        together = {id_}.union(*(group.get(key, ()) for key in shared))
        for other in together:
            group.update(dict.fromkeys(keys[other], together))
        group["id", id_] = together
        group.update({("id", other): together for other in together})
    numbers = {id(members): number for number, members in enumerate(group.values())}
    return {id_: numbers[id(group["id", id_])] for id_ in keys}


def score(found: Mapping[str, Hashable], true: Mapping[str, Hashable]) -> tuple[float, float, float]:
    """Return precision, recall and F1 over the pairs that are one person's."""

    def pairs(groups: Iterable[Hashable]) -> int:
        return sum(comb(count, 2) for count in Counter(groups).values())

    right = pairs((found[id_], true[id_]) for id_ in true)
    precision, recall = right / pairs(found[id_] for id_ in true), right / pairs(true.values())
    return precision, recall, 2 * precision * recall / (precision + recall)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("repository", nargs="?", type=Path, default=DEFAULT)
    parser.add_argument("--workspace", type=Path)
    parser.add_argument("--errors", action="store_true")
    arguments = parser.parse_args()
    if arguments.workspace:
        with Workspace.open(arguments.workspace, read_only=True) as workspace:
            records = workspace.records()
    else:
        records = workflow.extract([arguments.repository])[0].statements
    results = named(arguments.repository)
    told: dict[str, tuple[str, str]] = {}
    own: list[StatementRecord] = []
    for record in records:
        # In a workspace of several repositories, those of this one stand below its name, or below nothing.
        before, marker, place = f"/{record.source.path}".rpartition("/candidates/")
        if marker and before in ("", f"/{arguments.repository.name}"):
            own.append(record)
            if folded(place) in results:
                told[record.id] = results[folded(place)]
    true = joined({id_: keys(name.strip().casefold(), [mail.strip()]) for id_, (name, mail) in told.items()})
    directory = Directory(records)
    ours = {record.id: directory.person(record).id for record in own}
    plain = joined(
        {
            record.id: keys(name_key(record.candidate.name or ""), (email.address for email in record.candidate.emails))
            for record in own
        }
    )
    print(f"{len(own)} statements, {len(told)} of them in results files, by {len(set(true.values()))} people")
    for what, found in (("equal names or addresses", plain), ("weighed evidence", ours)):
        precision, recall, f1 = score(found, true)
        print(f"{what:26s} precision {precision:.4f}  recall {recall:.4f}  F1 {f1:.4f}")
    mixed, parted = wrong(ours, true), wrong(true, ours)
    print(f"{len(mixed)} of those found hold statements of several people; {len(parted)} people are parted")
    if arguments.errors:
        for title, groups in (("several people as one", mixed), ("one person as several", parted)):
            for members in groups:
                print(f"\n{title}:")
                for id_ in members:
                    print(f"  {ours[id_]:30s} {' '.join(told[id_])}")


def wrong(found: Mapping[str, Hashable], true: Mapping[str, Hashable]) -> list[list[str]]:
    """Return the groups found that are of several true ones."""
    groups: dict[Hashable, list[str]] = defaultdict(list)
    for id_ in found.keys() & true.keys():
        groups[found[id_]].append(id_)
    return sorted(sorted(members) for members in groups.values() if len({true[id_] for id_ in members}) > 1)


if __name__ == "__main__":
    main()
