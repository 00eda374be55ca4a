"""Whose statement is it? Statements joined into people by evidence that is weighed, kept and shown.

Every two statements that might be one person's are compared in what they say of their candidate: address,
handle, name, and, as support only, community, team and employer. Each agreement or disagreement has a weight, the
logarithm of how much likelier it is between two statements of one person than between those of two (Fellegi and
Sunter); a name that many people bear weighs less than a rare one (Winkler). From the strongest link on, statements
become people, unless what the two sides say of their candidates contradicts the link on the whole.

The result depends on the set of statements alone, never on their order.

References
----------
I. P. Fellegi and A. B. Sunter (1969): A theory for record linkage. JASA 64, 1183-1210.
W. E. Winkler (1989): Frequency-based matching in the Fellegi-Sunter model of record linkage. Proc. ASA, 778-783.
"""

from __future__ import annotations

import csv
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, lru_cache
from itertools import combinations, permutations, product
from math import log2

from analyzer.records import Agreement, IdentityLink, StatementRecord
from analyzer.resources import shipped

#: The weight from which a link holds: what two statements agree in speaks 64 to 1 for one person.
LINK = 6.0
#: What one pair of statements may say for or against joining two groups of statements.
VOICE = 10.0
# An address or handle of this many names that have no word in common is a list's or a team's, and joins nobody.
# So is that of two such full names; beside a full name, a single word may be its nickname, or it in another script.
SHARED = 3
# What is shorter does not tell whose it is by its form.
SHORTEST = 3

# How often two statements of one person agree so, and how often those of two people in one block of candidates do.
# Set by hand from what is known of such data, not fitted; `benchmarks/identity.py` measures what they are worth.
_ODDS: dict[str, tuple[float, float]] = {
    "address": (0.6, 0.00002),
    "handle": (0.6, 0.0005),
    "handle in address": (0.3, 0.001),
    "same name": (0.5, 0.0005),
    "same common name": (0.5, 0.012),
    "fuller name": (0.1, 0.0004),
    "short form of name": (0.1, 0.0006),
    "initial of name": (0.1, 0.0015),
    "same single name": (0.3, 0.013),
    "same common single name": (0.3, 0.04),
    "part of name": (0.2, 0.025),
    "handle spells name": (0.3, 0.0012),
    "handle made of name": (0.2, 0.005),
    "handle made of common name": (0.2, 0.015),
    "handle is part of name": (0.2, 0.01),
    "community": (0.95, 0.25),
    "other community": (0.05, 0.2),
    "team": (0.6, 0.07),
    "employer": (0.5, 0.15),
    "other names": (0.0005, 0.9),
    "other single names": (0.05, 0.9),
    "other addresses": (0.4, 0.8),
    "other handles": (0.1, 0.8),
    "other handles of one service": (0.03, 0.9),
    "name at odds with own handle": (0.05, 0.4),
    "name fits the other's handle alone": (0.01, 0.6),
    "user": (1, 1),
}
_WEIGHTS = {name: round(log2(m / u), 1) for name, (m, u) in _ODDS.items()}
# In what two statements agree or not, and what each of them says.
Sign = tuple[str, str, str]
# Kinds of agreement that can make a link; the others only support or weaken one.
_TELLING = frozenset(list(_ODDS)[: list(_ODDS).index("community")])

_QUOTED = re.compile(r"[\"“”„«»]([^\"“”„«»]*)[\"“”„«»]|\(([^()]*)\)?|\[([^\[\]]*)\]?")
_TITLES = frozenset(["dr", "prof", "mr", "mrs", "ms", "dipl", "ing", "phd", "msc", "jr", "sr"])
_SITE = re.compile(r"^https?://[^/]*")
# Before the @ of an address that says nothing of its owner.
_ROLES = frozenset(
    """admin all announce board contact council dev devel git github hello hi info inbox lists mail me noreply office
    openstack opensource oss owner postmaster root sec security spam staff steering support tc team users web
    webmaster work""".split()  # noqa: SIM905
)


# What stands in the place of a handle where there is none.
_NO_HANDLE = frozenset(["-", "a", "me", "n", "n/a", "na", "nil", "no", "none", "null", "same", "tbd", "x", "yes"])


@dataclass(frozen=True, slots=True)
class Claim:
    """What one statement says of its candidate, folded for comparison.

    `name` is the words of the name in Latin letters and lower case, in their order; `forms` the names that its
    addresses spell out (``ines.moreau@…``); `handles` by service; `tokens` the handles together with what stands
    before the @ of its addresses.
    """

    id: str
    name: tuple[str, ...]
    written: str
    source: str | None
    forms: tuple[tuple[str, ...], ...]
    addresses: frozenset[str]
    handles: Mapping[str, str]
    tokens: frozenset[str]
    community: str
    team: str
    contest: str | None
    employers: frozenset[str]
    sentences: frozenset[str]


@dataclass(slots=True)
class Resolution:
    """People as lists of statement ids, and the links that made each of them, strongest first.

    `misread` are statements whose name is somebody's whom they only mention.
    """

    groups: list[list[str]] = field(default_factory=list)
    links: list[list[IdentityLink]] = field(default_factory=list)
    misread: frozenset[str] = frozenset()


def words(name: str) -> tuple[str, ...]:
    """Return the words of a name in Latin letters and lower case, in their order."""
    from anyascii import anyascii

    return tuple(re.findall(r"[a-z0-9]+", anyascii(name).lower().replace("'", "")))


def resolve(
    records: Sequence[StatementRecord],
    same: Iterable[tuple[str, str]] = (),
    different: Iterable[tuple[str, str]] = (),
) -> Resolution:
    """Join statements into people.

    Parameters
    ----------
    records : the statements; their order is of no matter.
    same, different : pairs of ids that a user says are, or are not, by one person. Nothing overrules them.

    Returns
    -------
    Each statement in one group, groups and their members by date and id. The links of a group are the fewest
    that hold it together.

    Notes
    -----
    Only statements with a telling value in common are compared, and a given name alone only within its team, so
    the work grows with the number of statements unless they are all of one name.
    """
    ordered = sorted(records, key=lambda record: (record.submitted or "", record.id))
    written = [claim(record) for record in ordered]
    claims = _trusted(written)
    rank = {claim.id: position for position, claim in enumerate(claims)}
    common = _shared_names(claims)
    apart = {frozenset(pair) for pair in different if set(pair) <= rank.keys()}
    groups = _Groups(len(claims), {frozenset(rank[id_] for id_ in pair) for pair in apart})
    made: list[tuple[int, int, IdentityLink]] = []
    for one, other in sorted({tuple(sorted((rank[a], rank[b]))) for a, b in same if {a, b} <= rank.keys()}):
        if groups.join(one, other):
            told = ("user", claims[one].written, claims[other].written)
            made.append((one, other, _link(claims[one], claims[other], [told])))
    scored: dict[tuple[int, int], float] = {}
    reasons: dict[tuple[int, int], list[Sign]] = {}

    def weigh(one: int, other: int) -> float:
        pair = (one, other) if one < other else (other, one)
        if pair not in scored:
            reasons[pair] = compare(claims[pair[0]], claims[pair[1]], common)
            scored[pair] = _sum(reasons[pair])
        return scored[pair]

    held = [pair for pair in _pairs(claims) if weigh(*pair) >= LINK]
    for one, other in sorted(held, key=lambda pair: (-scored[pair], pair)):
        first, second = groups.members(one), groups.members(other)
        if first is second or any(_exclusive(claims[a], claims[b]) for a in first for b in second):
            continue
        # A single misread name must not join two people of whom everything else speaks against it.
        if sum(max(-VOICE, min(VOICE, weigh(a, b))) for a in first for b in second) > 0 and groups.join(one, other):
            made.append((one, other, _link(claims[one], claims[other], reasons[one, other])))
    found = sorted({id(members): sorted(members) for members in map(groups.members, range(len(claims)))}.values())
    return Resolution(
        groups=[[claims[index].id for index in members] for members in found],
        links=[
            sorted((link for one, _, link in made if one in members), key=lambda link: (-link.weight, link.statements))
            for members in map(set, found)
        ],
        misread=frozenset(claim.id for claim, said in zip(claims, written, strict=True) if claim.name != said.name),
    )


def compare(one: Claim, other: Claim, common: frozenset[tuple[str, ...]] = frozenset()) -> list[Sign]:
    """Return in what two statements agree and disagree about their candidate, each with its weight.

    Parameters
    ----------
    common : names, as sorted words, that several people are known to bear.

    Returns
    -------
    What could tell a person first, then what supports or weakens it; an empty list if they share nothing.
    """
    found = [item for item in (_identifiers(one, other), _names(one, other, common)) if item]
    if not any(kind in _TELLING for kind, _, _ in found):
        return found
    addresses, others = one.addresses, other.addresses
    if addresses and others and addresses.isdisjoint(others):
        found.append(("other addresses", min(addresses), min(others)))
    services = sorted(one.handles.keys() & other.handles.keys())
    differing = [s for s in services if one.handles[s] != other.handles[s]]
    if differing and one.tokens.isdisjoint(other.tokens):
        # A nickname is what any text calls it; an account at one service is one person's.
        strict = [service for service in differing if service not in ("nickname", "irc")]
        service = (strict or differing)[0]
        kind = "other handles of one service" if strict else "other handles"
        found.append((kind, one.handles[service], other.handles[service]))
    if one.community and other.community:
        kind = "community" if one.community == other.community else "other community"
        found.append((kind, one.community, other.community))
        if kind == "community" and one.team and one.team == other.team:
            found.append(("team", one.team, other.team))
    employers = sorted(one.employers & other.employers)
    if employers:
        found.append(("employer", employers[0], employers[0]))
    if not any(kind in ("address", "handle") for kind, _, _ in found):
        odd = [claim for claim in (one, other) if _at_odds(claim)]
        if odd:
            # Beside somebody whose handle is made of that name, it is likely theirs, and was only mentioned here.
            fits = len(odd) == 1 and any(_spelling(token, odd[0].name) for token in (one.tokens | other.tokens))
            kind = "name fits the other's handle alone" if fits else "name at odds with own handle"
            found.append((kind, odd[0].written, min(odd[0].tokens)))
    return found


# --- what a statement says ----------------------------------------------------------------------------


def claim(record: StatementRecord) -> Claim:
    """Return what a statement says of its candidate, folded for comparison."""
    candidate, election = record.candidate, record.election
    written = (candidate.name or "").strip()
    nicknames = [part for match in _QUOTED.finditer(written) for part in match.groups() if part]
    bare = _QUOTED.sub(" ", written)
    name = tuple(word for word in words(bare) if word not in _TITLES) or words(written)
    addresses = frozenset(email.address.casefold() for email in candidate.emails)
    handles = {service: form for service, handle in candidate.handles.items() if (form := _handle(handle))}
    tokens = set(handles.values())
    tokens.update(form for nickname in nicknames if " " not in nickname.strip() and (form := _handle(nickname)))
    forms = []
    for address in addresses:
        local = address.partition("@")[0].partition("+")[0]
        if local not in _ROLES:
            tokens.add(local)
    for token in sorted(tokens):
        parts = [part.rstrip("0123456789") for part in re.split(r"[._-]+", token)]
        if len(parts) > 1 and all(part.isalpha() for part in parts) and max(map(len, parts)) >= SHORTEST:
            forms.append(tuple(parts))
    return Claim(
        id=record.id,
        name=name,
        written=written,
        source=candidate.source,
        forms=tuple(forms),
        addresses=addresses,
        handles=handles,
        tokens=frozenset(tokens),
        community=(election.community_canonical or election.community or "").casefold(),
        team=(election.unit or "").casefold(),
        contest=election.contest_id,
        employers=frozenset(
            item.canonical.casefold() for item in record.affiliations if item.relation in ("employer", "founder")
        ),
        sentences=frozenset(part for part in map(str.strip, re.split(r"[.!?\n]", record.text.casefold())) if part),
    )


def _handle(handle: str) -> str:
    """Return a handle without the link, sign or marks around it: ``https://github.com/Imo`` is ``imo``."""
    written = handle.strip().casefold()
    form = _SITE.sub("", written).rstrip("/").rpartition("/")[2]
    form = form.strip("\"'“”‘’<>@~ ").strip("_").rstrip("`^|")
    return "" if written in _NO_HANDLE or form in _NO_HANDLE else form


def _trusted(claims: list[Claim]) -> list[Claim]:
    """Drop addresses and handles that are shared, and names that are another's than the owner's of its handle."""
    holders: dict[str, list[Claim]] = defaultdict(list)
    for claim in claims:
        for value in claim.addresses | claim.tokens:
            holders[value].append(claim)
    shared: set[str] = set()
    owners: dict[str, tuple[str, ...]] = {}
    for value, members in holders.items():
        names = {claim.name for claim in members if claim.name}
        if len(names) < 2 or not _unlike(names):
            continue
        local = value.partition("@")[0]
        own = [name for name in sorted(names) if len(name) > 1 and _spelling(local, name)]
        if own and all(_related(own[0], name) for name in own[1:]):
            owners[value] = own[0]
        else:
            shared.add(value)
    found = []
    for claim in claims:
        mine = [owners[value] for value in sorted(claim.addresses | claim.tokens) if value in owners]
        # The text names somebody whom the statement speaks of, and its candidate by the handle alone.
        misread = claim.source == "text" and any(not _related(name, claim.name) for name in mine)
        if misread or not shared.isdisjoint(claim.addresses | claim.tokens):
            kept = {service: handle for service, handle in claim.handles.items() if handle not in shared}
            claim = replace(
                claim,
                name=() if misread else claim.name,
                written="" if misread else claim.written,
                forms=() if shared & claim.tokens else claim.forms,
                addresses=claim.addresses - shared,
                handles=kept,
                tokens=claim.tokens - shared - {value.partition("@")[0] for value in shared},
            )
        found.append(claim)
    return found


def _unlike(names: Iterable[tuple[str, ...]]) -> bool:
    """Whether names are those of several people."""
    # Names with a word in common are one person's: "Ines Moreau", "Ines M. Moreau", "ines".
    groups: list[list[tuple[str, ...]]] = []
    for name in sorted(names):
        near = [group for group in groups if any(_related(name, other) for other in group)]
        groups = [group for group in groups if group not in near]
        groups.append([name, *(other for group in near for other in group)])
    return len(groups) >= SHARED or sum(any(len(name) > 1 for name in group) for group in groups) > 1


def _related(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    """Whether two names can be one person's: they have a word in common, or spell each other."""
    return not set(one).isdisjoint(other) or _likeness(one, other) not in ("other names", "other single names")


def _at_odds(claim: Claim) -> bool:
    """Whether a text names somebody of whom no handle or address of the statement's own has a letter."""
    if claim.source != "text" or not claim.name or not claim.tokens:
        return False
    return not any(_spelling(token, claim.name) for token in claim.tokens) and not any(
        _related(form, claim.name) for form in claim.forms
    )


def _shared_names(claims: Sequence[Claim]) -> frozenset[tuple[str, ...]]:
    """Return the names of two who stood against each other from different addresses: several people bear them."""
    rivals: dict[tuple[tuple[str, ...], str], list[Claim]] = defaultdict(list)
    for claim in claims:
        if len(claim.name) > 1 and claim.contest and claim.addresses:
            rivals[tuple(sorted(claim.name)), claim.contest].append(claim)
    return frozenset(
        name for (name, _), members in rivals.items() if any(_exclusive(a, b) for a, b in combinations(members, 2))
    )


# --- comparing two ------------------------------------------------------------------------------------


def _exclusive(one: Claim, other: Claim) -> bool:
    """Whether two stood against each other: from different addresses, without a handle in common, in other words."""
    if (
        one.contest is None
        or one.contest != other.contest
        or not (one.addresses and other.addresses)
        or not one.addresses.isdisjoint(other.addresses)
        or not one.tokens.isdisjoint(other.tokens)
    ):
        return False
    # Who sends a statement again, mended and from another address, keeps most of its sentences.
    return 2 * len(one.sentences & other.sentences) < min(len(one.sentences), len(other.sentences))


def _identifiers(one: Claim, other: Claim) -> Sign | None:
    addresses = one.addresses & other.addresses
    if addresses:
        return ("address", min(addresses), min(addresses))
    handles = {*one.handles.values()} & {*other.handles.values()}
    if handles:
        return ("handle", min(handles), min(handles))
    tokens = {token for token in one.tokens & other.tokens if len(token) >= SHORTEST and not _is_given(token)}
    if tokens:
        # Addresses of one form at two domains: a full name, or a handle.
        return ("handle in address", min(tokens), min(tokens))
    return None


def _names(one: Claim, other: Claim, common: frozenset[tuple[str, ...]]) -> Sign | None:
    """Return the best agreement of names and spelled-out handles, or the disagreement of names."""
    best: Sign | None = None
    if one.name and other.name:
        kind = _likeness(one.name, other.name)
        if kind == "same name" and (tuple(sorted(one.name)) in common or _is_common(one.name)):
            kind = "same common name"
        if kind == "same single name" and _is_given(one.name[0]):
            kind = "same common single name"
        best = (kind, one.written, other.written)
        if _WEIGHTS[kind] < 0:
            return best
    for left in (one.name, *one.forms):
        for right in (other.name, *other.forms):
            spelled = (left, right) != (one.name, other.name) and len(left) > 1 and len(right) > 1
            if spelled and _WEIGHTS[_likeness(left, right)] > 0:
                best = _better(best, ("handle spells name", " ".join(left), " ".join(right)))
    for claim, tokens in ((one, other.tokens), (other, one.tokens)):
        for token, name in product(sorted(tokens), (claim.name, *claim.forms)):
            made = _spelling(token, name)
            if made and (name == claim.name or made != "part"):
                usual = "handle made of common name" if _is_common(name) else "handle made of name"
                kind = {"whole": "handle spells name", "made": usual, "part": "handle is part of name"}[made]
                values = (" ".join(name), token)
                best = _better(best, (kind, *(values if claim is one else values[::-1])))
    return best


@lru_cache(maxsize=1 << 16)
def _likeness(one: tuple[str, ...], other: tuple[str, ...]) -> str:
    """Return how two names agree or disagree, as a key of the weights."""
    if len(one) > 1 and len(other) > 1 and (sorted(one) == sorted(other) or _joined(one) & _joined(other)):
        return "same name"
    if len(one) == 1 and len(other) == 1:
        alike = one == other or _short_for(one[0], other[0])
        return "same single name" if one == other else "part of name" if alike else "other single names"
    if len(one) == 1 or len(other) == 1:
        single, full = (one[0], other) if len(one) == 1 else (other[0], one)
        if single in _joined(full):
            return "same name"
        alike = any(single == word or _short_for(single, word) for word in full)
        return "part of name" if alike else "other single names"
    left, right = sorted((one, other), key=lambda name: (len(name), name))
    worst, whole = 0, 0
    spare = list(right)
    for word in sorted(left, key=lambda word: (-len(word), word)):
        steps = [(_step(word, mate), mate) for mate in spare]
        step, mate = min(((s, m) for s, m in steps if s is not None), default=(None, ""))
        if step is None:
            return "other names"
        spare.remove(mate)
        whole += step == 0 and len(word) > 1
        worst = max(worst, step)
    # At least one whole word stands in both: "I. M." and "Ines Moreau" agree in nothing.
    if not whole:
        return "other names"
    return ("fuller name", "short form of name", "initial of name")[worst]


def _step(one: str, other: str) -> int | None:
    """Return how far two words of names are apart: 0 equal, 1 a short form, 2 an initial, None otherwise."""
    if one == other:
        return 0
    if _short_for(one, other):
        return 1
    return 2 if 1 in (len(one), len(other)) and one[0] == other[0] else None


def _short_for(one: str, other: str) -> bool:
    """Whether a word is a short form of another, or both are of one given name."""
    if len(one) > len(other):
        one, other = other, one
    if len(one) >= SHORTEST and other.startswith(one) and len(other) - len(one) <= len(one) + 2:
        return True
    given = _given()
    return not given.get(one, frozenset()).isdisjoint(given.get(other, frozenset()))


@lru_cache(maxsize=1 << 16)
def _joined(name: tuple[str, ...]) -> frozenset[str]:
    """Return a name without its spaces, in every order of its words."""
    return frozenset("".join(order) for order in (permutations(name) if len(name) <= 4 else [name, name[::-1]]))


@lru_cache(maxsize=1 << 16)
def _spelling(token: str, name: tuple[str, ...]) -> str | None:
    """Return how a handle or the start of an address is made of a name.

    Returns
    -------
    ``whole`` (inesmoreau), ``made`` of one word and the beginning of others (imoreau, inesm), ``part`` for one of its
    words (moreau), or None.
    """
    from anyascii import anyascii

    bare = "".join(re.findall(r"[a-z0-9]+", anyascii(token).lower())).rstrip("0123456789")
    if len(bare) < SHORTEST or not name:
        return None
    if bare in name:
        return "part"
    if len(name) > 1 and bare in _joined(name):
        return "whole"
    for word in name:
        if len(word) < SHORTEST or len(name) < 2:
            continue
        others = [other for other in name if other != word]
        # A long surname may be cut: "kaplons" of "kaplonski".
        stems = [word, *(word[:cut] for cut in range(len(word) - 1, 4, -1))]
        for stem in stems:
            rest = bare.removeprefix(stem) if bare.startswith(stem) else bare.removesuffix(stem)
            if rest in ("", bare):
                continue
            # The name may itself be a short one: "andreykurilin" is made of "Andr Kurilin".
            longer = stem == word and any(len(other) >= SHORTEST and rest.startswith(other) for other in others)
            if longer or any(_abbreviates(rest, other) for other in others):
                return "made"
    return None


def _abbreviates(short: str, word: str) -> bool:
    """Whether letters are some of a word in its order, the first one among them: "ysh" of "yongsheng"."""
    letters = iter(word)
    return short[0] == word[0] and all(letter in letters for letter in short)


# --- lexicons -----------------------------------------------------------------------------------------


@cache
def _given() -> dict[str, frozenset[str]]:
    """Return the given names that a word is, or is a short form of, under each word."""
    found: dict[str, set[str]] = defaultdict(set)
    with shipped("data/lexicons/given_names.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            for name in [row["canonical"], *row["names"].split("|")]:
                for word in words(name):
                    found[word].add(row["canonical"])
    return {word: frozenset(names) for word, names in found.items()}


@cache
def _surnames() -> frozenset[str]:
    with shipped("data/lexicons/surnames.csv").open(encoding="utf-8", newline="") as file:
        return frozenset(word for row in csv.DictReader(file) for word in words(row["name"]))


def _is_given(word: str) -> bool:
    return word in _given()


def _is_common(name: Sequence[str]) -> bool:
    """Whether many people bear a name: a common surname beside a common or a short given name."""
    surnames = sum(word in _surnames() for word in name)
    return len(name) == 2 and surnames >= 1 and any(_is_given(w) or len(w) <= 4 or surnames > 1 for w in name)


# --- joining ------------------------------------------------------------------------------------------


def _pairs(claims: Sequence[Claim]) -> list[tuple[int, int]]:
    """Return the pairs of statements, by their indexes, that have something telling in common."""
    blocks: dict[tuple[str, ...], set[int]] = defaultdict(set)
    # A given name, or a handle made of a name, tells somebody only among the few of one team or community, and only
    # where a full name is missing: two full names meet in the blocks above.
    near: dict[tuple[str, ...], set[int]] = defaultdict(set)
    for index, claim in enumerate(claims):
        for value in claim.addresses | claim.tokens:
            blocks["value", value].add(index)
        if len(claim.name) == 1:
            blocks["value", claim.name[0]].add(index)
        for name in {claim.name, *claim.forms}:
            for joined in _joined(name):
                blocks["joined", joined].add(index)
            # A whole word beside the beginning of another: "I. Moreau" and "Moreau, Ines" meet there.
            for word, other in permutations(name, 2):
                starts = {other[0], *(given[0].casefold() for given in _given().get(other, ()))}
                for start in starts if len(word) > 1 else ():
                    blocks["name", word, start].add(index)
        for token in claim.tokens:
            letters = re.sub(r"[^a-z]", "", token)
            blocks["joined", letters].add(index)
            near[claim.community, letters[:4]].add(index)
        for word, other in permutations(claim.name, 2):
            near[claim.community, (other[0] + word)[:4]].add(index)
            near[claim.community, (word + other[0])[:4]].add(index)
        for word in claim.name if claim.team else ():
            for start in (word[:3], *_given().get(word, ())):
                near[claim.community, claim.team, start].add(index)
    found = {pair for members in blocks.values() for pair in combinations(sorted(members), 2)}
    for members in near.values():
        thin = [index for index in members if len(claims[index].name) < 2]
        found.update((min(a, b), max(a, b)) for a, b in product(thin, members) if a != b)
    return sorted(found)


class _Groups:
    """Disjoint groups of indexes, and pairs that must not come together."""

    def __init__(self, count: int, apart: set[frozenset[int]]) -> None:
        self._of = [{index} for index in range(count)]
        self._apart: dict[int, set[int]] = defaultdict(set)
        for one, other in (sorted(pair) for pair in apart if len(pair) == 2):
            self._apart[one].add(other)
            self._apart[other].add(one)

    def members(self, index: int) -> set[int]:
        return self._of[index]

    def join(self, one: int, other: int) -> bool:
        """Join the groups of two, unless they are one already or somebody keeps them apart."""
        first, second = self._of[one], self._of[other]
        if first is second or any(not self._apart[index].isdisjoint(second) for index in first):
            return False
        first |= second
        for index in second:
            self._of[index] = first
        return True


def _better(one: Sign | None, other: Sign) -> Sign:
    return other if one is None or _WEIGHTS[other[0]] > _WEIGHTS[one[0]] else one


def _sum(signs: Iterable[Sign]) -> float:
    return round(sum(_WEIGHTS[kind] for kind, _, _ in signs), 1)


def _link(one: Claim, other: Claim, signs: Sequence[Sign]) -> IdentityLink:
    because = [Agreement.model_construct(kind=kind, values=[a, b], weight=_WEIGHTS[kind]) for kind, a, b in signs]
    return IdentityLink.model_construct(statements=[one.id, other.id], weight=_sum(signs), because=because)

