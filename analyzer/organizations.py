"""Canonical names of organizations and offices, and the organization behind an e-mail address.

The knowledge is in ``data/lexicons``; this module folds spellings and strips legal forms. Nothing here
knows a person.
"""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, lru_cache

from analyzer.resources import shipped

# Legal forms at the end of a name. Those of the last line are also words or initials in lower case, so
# they count only as lawyers write them: in capitals, or with their dots.
_LEGAL = re.compile(
    r"[\s,]+(?:(?i:inc|incorporated|l\.?l\.?c|l\.?l\.?p|ltd|limited|ltda|corp|corporation|gmbh|mbh|ug|kgaa|plc|"
    r"pty|pvt|private limited|s\.?a\.?r\.?l|s\.?r\.?l|s\.?r\.?o|s\.?p\.?a|sp\.? z ?o\.? ?o|d\.o\.o|aps|oyj|"
    r"b\.v|n\.v|a/s)"
    r"|AG|KG|SE|SA|S\.A|SAS|S\.A\.S|SL|S\.L|BV|NV|AB|AS|Oy|OY|KK|K\.K|LP|L\.P|(?:&\s*)?Co\.?|CO)\.?$"
)
# "Acme GmbH & Co." has lost its last form by the time this is met.
_DANGLING = re.compile(r"[\s,]+(?:&|and)$")
_BRACKETED = re.compile(r"(?<=\S)\s*\([^()]*\)$")
_ARTICLE = re.compile(r"^the\s+(?=\S)", re.IGNORECASE)
_OUTER = " \t\n\"'“”‘’«»,;:"
# Parts of a domain whose addresses say nothing about who employs their holder.
_NOT_STAFF = {"noreply", "users", "alumni", "alum"}
_DOMAIN = re.compile(r"(?:[^\W_](?:[\w-]*[^\W_])?\.)+[^\W\d_][\w-]+")


# Names whose form is remembered: the same few are asked for again and again.
KEPT = 10_000


@dataclass(frozen=True, slots=True)
class MailDomain:
    """The domain of an address, and the canonical name of the organization that it suggests."""

    domain: str
    canonical: str


@lru_cache(maxsize=KEPT)
def canonical(name: str) -> str:
    """Return the form under which an organization is counted.

    ``RedHat, Inc.`` and ``red hat`` become ``Red Hat``; a name the lexicon does not know loses its legal
    form, its article and a remark in brackets, and stays as written otherwise. Idempotent, and never
    empty for a name that is not blank.
    """
    written = _bare(name)
    return _organizations().get(_key(written), written)


def by_domain(address: str) -> str | None:
    """Return the organization that gives its staff addresses at this domain, or None.

    Parameters
    ----------
    address : an address or a bare domain; a subdomain counts as its domain (``us.ibm.com``).

    Notes
    -----
    None for shared domains (`is_shared`), and for those that the lexicon does not know.
    """
    domain = _domain(address)
    return None if is_shared(domain) else _within(domain, _domains())


def mail_domain(address: str) -> MailDomain | None:
    """Return what an address suggests about its holder's organization, or None where that is nothing.

    A domain that the lexicon does not know stands for itself: ``canonical`` is the domain then.
    """
    domain = _domain(address)
    if not _DOMAIN.fullmatch(domain) or is_shared(domain):
        return None
    return MailDomain(domain, by_domain(domain) or domain)


def is_shared(address: str) -> bool:
    """Return whether people of any employer hold addresses at this domain.

    So it is with mail and internet providers, with projects and societies that give addresses to their
    members, with alumni and no-reply hosts, and with domains reserved for examples. `address` may be a
    bare domain.
    """
    domain = _domain(address)
    return _within(domain, _shared()) is not None or not _NOT_STAFF.isdisjoint(domain.split("."))


def is_legal_form(text: str) -> bool:
    """Whether a text is what may end a company's name after a comma: ``Inc.``, ``B.V.``."""
    return _LEGAL.fullmatch(f", {text}") is not None


@lru_cache(maxsize=KEPT)
def canonical_office(text: str) -> str:
    """Return the full name of an office: ``PTL`` becomes ``Project Team Lead``.

    What only says that it is a place in it goes: ``a seat on the TC`` is the ``Technical Committee``. An
    abbreviation within a longer name is spelled out where it stands (``Nova PTL``), if it is written in
    capitals. Other offices stay as written. Idempotent, and never empty for a text that is not blank.
    """
    return _settled(_office, text)


# --- names --------------------------------------------------------------------------------------------


def _settled(step: Callable[[str], str], text: str) -> str:
    """Repeat a step until it changes nothing; every step here shortens or looks up, so it ends."""
    while (shorter := step(text)) != text:
        text = shorter
    return text


def _squeeze(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).split())


def _or_else(text: str, otherwise: str) -> str:
    """Return a shortened text, unless nothing that could be a name is left of it."""
    return text if any(character.isalnum() for character in text) else otherwise


def _bare(name: str) -> str:
    return _settled(_strip, _squeeze(name))


def _strip(name: str) -> str:
    for pattern in (_LEGAL, _DANGLING, _BRACKETED, _ARTICLE):
        name = _or_else(pattern.sub("", name), name)
    return _or_else(_squeeze(name.strip(_OUTER)), name)


def _key(name: str) -> str:
    """Return what two spellings of a name have in common: letters and digits, Latin and lower case."""
    from anyascii import anyascii

    return "".join(re.findall(r"[a-z0-9+]+", anyascii(name.replace("&", " and ")).casefold()))


# --- offices ------------------------------------------------------------------------------------------

_ARTICLES = re.compile(r"^(?:the|an?|my)\s+(?=\S)", re.IGNORECASE)
_SEAT = re.compile(
    r"^(?:seat|place|position|member|membership|candidate)s?\s+(?:of|on|in|for|at)\s+(?:the\s+)?(?=\S)"
    r"|(?<=\S)\s+(?:seat|member|membership|position|candidate|candidacy|election)s?$",
    re.IGNORECASE,
)
_BODY = re.compile(r"\b(?:committee|council|board|commission|panel)$", re.IGNORECASE)
_ABBREVIATION = re.compile(r"(?<![\w.@/-])[A-Z][A-Za-z]*[A-Z]\b(?![\w@/-])")


def _office(text: str) -> str:
    text = _squeeze(text)
    text = _or_else(_squeeze(text.strip(_OUTER + ".")), text)
    known = _offices().get(_key(text))
    if known:
        return known
    text = _or_else(_ARTICLES.sub("", text), text)
    text = _ABBREVIATION.sub(lambda match: _abbreviations().get(match.group(), match.group()), text)
    # A seat says nothing beside its body, and much without one ("end user seat").
    body = _SEAT.sub("", text)
    return body if _BODY.search(body) or _key(body) in _offices() else text


# --- the lexicons -------------------------------------------------------------------------------------


def _rows(name: str) -> list[dict[str, str]]:
    with shipped(f"data/lexicons/{name}").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _listed(cell: str) -> list[str]:
    return [item for item in cell.split("|") if item]


@cache
def _organizations() -> dict[str, str]:
    # Under the name as listed, too: "bloomberg lp" in lower case keeps a legal form that capitals give away.
    return {
        _key(form): row["canonical"]
        for row in _rows("organizations.csv")
        for name in [row["canonical"], *_listed(row["names"])]
        for form in (_bare(name), name)
    }


@cache
def _domains() -> dict[str, str]:
    return {
        domain: row["canonical"] for row in _rows("organizations.csv") for domain in _listed(row["domains"])
    }


@cache
def _shared() -> dict[str, str]:
    return {row["domain"]: row["kind"] for row in _rows("shared_domains.csv")}


@cache
def _offices() -> dict[str, str]:
    return {
        _key(name): row["canonical"]
        for row in _rows("offices.csv")
        for name in [row["canonical"], *_listed(row["names"])]
    }


@cache
def _abbreviations() -> dict[str, str]:
    return {
        name: row["canonical"]
        for row in _rows("offices.csv")
        for name in _listed(row["names"])
        if _ABBREVIATION.fullmatch(name)
    }


def _domain(address: str) -> str:
    return address.strip().strip("<>").rpartition("@")[2].rstrip(".").casefold()


def _within(domain: str, known: dict[str, str]) -> str | None:
    """Return what is known of a domain, else of the nearest domain above it."""
    while domain:
        if domain in known:
            return known[domain]
        domain = domain.partition(".")[2]
    return None
