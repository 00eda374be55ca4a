"""From statements to records: what the pipeline read, joined with what was known from elsewhere.

A value the candidate's own words state wins over one from a subject, header or folder; whatever is reported says
where it comes from, and points at its characters where it stands in the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise, tee
from typing import TYPE_CHECKING

from analyzer.directory import name_key, slug
from analyzer.organizations import MailDomain, canonical, canonical_office, is_legal_form, mail_domain
from analyzer.records import (
    Affiliation,
    Candidate,
    Election,
    FocusArea,
    Provenance,
    Role,
    Span,
    StatementRecord,
    Summary,
    SummarySentence,
    Warning_,
)
from analyzer.statements.context import related
from analyzer.statements.statement import Hint, Statement

if TYPE_CHECKING:
    from spacy.language import Language
    from spacy.tokens import Doc
    from spacy.tokens import Span as SpacySpan

#: Confidence of an affiliation that only an e-mail domain suggests.
DOMAIN_CONFIDENCE = 0.3
#: Confidence from which a community in the text is a part of the one that the surroundings name.
UNIT_CONFIDENCE = 0.7
#: Confidence from which the text's office wins over another one that the surroundings name.
OFFICE_CONFIDENCE = 0.8
# What stands before one's own name, within so many characters; and the most that stands beside it on a line of its own.
_I_AM = re.compile(
    r"(?:\bI am|\bI['’]m|\b[Mm]y (?:\w+ )?name(?:['’]s| is)|\b[Tt]his is|\b[Cc]all me|\bknown as|\bmyself)\W{1,4}$"
)
_BEFORE, _BESIDE = 40, 30
# What stands before somebody else's, also in a signature: "Many thanks to Ada and all the others".
_OF_OTHERS = re.compile(r"\b(?:to|with|and|for|of|from|by)\W+$", re.IGNORECASE)
#: Likeness (0-100) of two spellings of one community's name.
ALIKE = 85
#: A name, up to what is no part of it: an open bracket, the last word of a heading, signs.
NAME = re.compile(
    r"""[^\W\d_].*?(?=\s*(?:\([^)]*|(?<=\s)(?:bio|biography|candidate|candidacy|nomination|platform|profile|statement)"""
    r"""|[^\w.')\]"’”]*)$)""",
    re.IGNORECASE | re.DOTALL,
)
#: A sentence is at most this long; the rest of an unbroken block is no evidence anybody can read.
LONGEST_SENTENCE = 2000


def extract(
    statements: Iterable[Statement], nlp: Language | None = None, *, min_confidence: float = 0.0
) -> Iterator[StatementRecord]:
    """Yield the record of each statement, in order. Elections get their ids in `analyzer.elections.settle`.

    Parameters
    ----------
    nlp : the pipeline; `analyzer.pipeline.load()` with the domain layers by default.
    min_confidence : roles, affiliations and focus areas below it are left out.

    Notes
    -----
    A statement in another language than English is not analysed: its record holds what headers and fields say.
    """

    if nlp is None:
        from analyzer.pipeline import GENERAL, load

        nlp = load(exclude=list(GENERAL))
    first, second = tee(statements)

    def docs() -> Iterator[Doc]:
        for statement in first:
            doc = nlp.make_doc(statement.text if _readable(statement) else "")
            doc._.blocks = statement.blocks if len(doc) else ()
            yield doc

    nlp.max_length = 10**9  # the limit guards the memory of a parser, and long statements are read in windows
    for statement, doc in zip(second, nlp.pipe(docs(), batch_size=8), strict=True):
        yield _record(statement, doc, min_confidence)


def _readable(statement: Statement) -> bool:
    return statement.language in (None, "en")


def _record(statement: Statement, doc: Doc, least: float) -> StatementRecord:
    warnings = list(statement.warnings)
    if not _readable(statement) and not any(w.code == "not-english" for w in warnings):
        warnings.append(
            Warning_(code="not-english", message=f"the text is {statement.language}, and only English is analysed")
        )
    candidate, election = _candidate(statement, doc), _election(statement, doc)
    if _readable(statement):
        warnings += [
            Warning_(code=f"no-{thing}", message=f"neither the text nor its surroundings say {what}")
            for thing, what, found in (
                ("candidate", "who stands", candidate.name),
                ("office", "for which office", election.office),
            )
            if not found
        ]
    roles = _roles(doc, least)
    return StatementRecord(
        id=statement.id,
        source=statement.source,
        submitted=statement.submitted,
        language=statement.language,
        decision=statement.decision,
        text=statement.text,
        blocks=list(statement.blocks),
        candidate=candidate,
        election=election,
        roles=roles,
        affiliations=_affiliations(statement, doc, roles, least, candidate.name),
        focus_areas=_focus_areas(doc, least),
        summary=_summary(doc),
        warnings=warnings,
    )


def _span(span: SpacySpan) -> Span:
    """Return a stretch of a document without white space at its ends."""
    text = span.text
    start = span.start_char + len(text) - len(text.lstrip())
    return Span(start=start, end=start + len(text.strip()), text=text.strip())


def _hinted(hint: Hint) -> Span | None:
    if hint.start is None or hint.end is None:
        return None
    return Span(start=hint.start, end=hint.end, text=hint.value)


def _candidate(statement: Statement, doc: Doc) -> Candidate:
    emails, handles = list(statement.emails), dict(statement.handles)
    hint, (read, confidence) = statement.name, _own_name(statement, doc)
    if hint is not None and (hint.source == "field" or read is None or _better(hint.value, read.text)):
        return Candidate(name=hint.value, source=hint.source, emails=emails, handles=handles, evidence=_hinted(hint))
    if read is None:
        return Candidate(emails=emails, handles=handles)
    return Candidate(
        name=read.text, source="text", emails=emails, handles=handles, confidence=confidence, evidence=read
    )


def _name(span: Span) -> Span:
    """Return a name without the signs around it ("--Ada", "Ada Voss (adav") and a heading's words ("Ada Voss Bio")."""
    found = NAME.search(span.text)
    if found is None:
        return span
    start = span.start + found.start()
    return Span(start=start, end=start + len(found.group()), text=found.group())


def _own_name(statement: Statement, doc: Doc) -> tuple[Span | None, float | None]:
    """Return the likeliest candidate that was read in the text and may be its writer, and how sure that is.

    Where something is known of the writer (an address, a nickname, which may be the file's name), somebody whose
    name is like none of that wrote the text only if they say so: after "I am", in a signature, on a line of their own.
    Others are colleagues whom the writer speaks of.
    """
    known = [*(email.address.partition("@")[0] for email in statement.emails), *dict(statement.handles).values()]
    if known and statement.name is not None:
        known.append(statement.name.value)
    if doc._.candidate is not None:
        group = doc.spans["candidate"]
        for span, confidence in zip(group, group.attrs["confidences"], strict=True):
            name = _name(_span(span))
            if not known or any(related(name.text, one) for one in known) or _introduced(statement, name):
                return name, confidence
    return None, None


def _introduced(statement: Statement, name: Span) -> bool:
    """Whether a text says anywhere that a name is its writer's."""
    whole = r"(?<!\w)" + re.escape(name.text) + (r"(?!\w)" if name.text[-1:].isalnum() else "")
    for match in re.finditer(whole, statement.text):
        if _I_AM.search(statement.text, max(0, match.start() - _BEFORE), match.start()):
            return True
        for block in statement.blocks:
            if block.start <= match.start() < block.end and block.kind != "greeting":
                before = statement.text[block.start : match.start()]
                alone = not re.search(r"\w", before) and block.end - match.end() <= _BESIDE
                signed = block.kind in ("signature", "heading", "field") and not _OF_OTHERS.search(before)
                if alone or signed:
                    return True
    return False


def _better(known: str, read: str) -> bool:
    """Whether a name from the surroundings is to be trusted more than the one read in the text.

    "Cheers, Tao" says less than the header does; and a text that names somebody else, while the sender has a full
    name of their own, speaks of that other person.
    """
    a, b = name_key(known), name_key(read)
    return set(b) < set(a) or (len(a) > 1 and not set(a) & set(b))


def _election(statement: Statement, doc: Doc) -> Election:
    provenance: dict[str, Provenance] = {}

    def choose(key: str, hint: Hint | None, read: SpacySpan | None) -> str | None:
        """The user's word first, then the text's, then the surroundings'."""
        if hint is not None and (read is None or hint.source in ("user", "field")):
            provenance[key] = Provenance(source=hint.source, evidence=_hinted(hint))
            return hint.value
        if read is None:
            return None
        span = _span(read)
        provenance[key] = Provenance(source="text", evidence=span)
        return span.text

    told = statement.office
    if told is not None and doc._.office is not None and not _surely_other(doc, told.value):
        office = choose("office", None, doc._.office) if _same_office(doc, told.value) else choose("office", told, None)
    else:
        office = choose("office", told, doc._.office)
    unit = choose("unit", statement.unit, None)
    community: str | None
    read = doc._.community
    hint = statement.community
    if hint is None or (read is not None and _same_body(hint.value, read.text)):
        community = choose("community", hint, None if unit else read)
    else:
        community = choose("community", hint, None)
        if read is not None and unit is None and _is_unit(doc, office or ""):
            # The surroundings name the body that votes; what the text names beside it is a part of that body.
            unit = choose("unit", None, read)
    cycle = choose("cycle", statement.cycle, None)
    outcome = statement.outcome.value if statement.outcome is not None else None
    if statement.outcome is not None:
        provenance["outcome"] = Provenance(source=statement.outcome.source, evidence=_hinted(statement.outcome))
    begins, ends = choose("begins", statement.begins, None), choose("ends", statement.ends, None)
    return Election(
        community=community,
        unit=unit,
        office=office,
        office_canonical=canonical_office(office) if office else None,
        cycle=cycle,
        # The name all statements from these surroundings share, until `analyzer.elections.settle` knows a better one.
        community_canonical=hint.value if hint is not None else None,
        begins=begins,
        ends=ends,
        outcome=outcome,  # type: ignore[arg-type]  # validated by the model
        provenance=provenance,
    )


def _same_office(doc: Doc, told: str) -> bool:
    return canonical_office(_span(doc._.office).text).casefold() == canonical_office(told).casefold()


def _surely_other(doc: Doc, told: str) -> bool:
    """Whether the text surely names another office than its surroundings do."""
    return not _same_office(doc, told) and doc.spans["office"].attrs["confidences"][0] >= OFFICE_CONFIDENCE


def _is_unit(doc: Doc, office: str) -> bool:
    """Whether the community read in the text is surely one, and not the office in other words."""
    sure = doc.spans["community"].attrs["confidences"][0] >= UNIT_CONFIDENCE
    return sure and not set(name_key(doc._.community.text)) <= set(name_key(office))


def _same_body(one: str, other: str) -> bool:
    """Whether two names can mean one community: one begins the other ("kata", "Kata Containers") or is nearly it."""
    from rapidfuzz import fuzz

    a, b = slug(one).split("-"), slug(other).split("-")
    return a[: len(b)] == b or b[: len(a)] == a or fuzz.ratio("".join(a), "".join(b)) >= ALIKE


def _roles(doc: Doc, least: float) -> list[Role]:
    roles = []
    for role in doc._.roles:
        if role.confidence < least:
            continue
        title = _span(role.title)
        organization = _span(role.organization) if role.organization is not None else None
        roles.append(
            Role(
                title=title.text,
                organization=organization.text if organization else None,
                organization_canonical=canonical(organization.text) if organization else None,
                status=role.status,
                confidence=role.confidence,
                evidence=title,
                organization_evidence=organization,
            )
        )
    return roles


#: Labels of fields that say for whom the candidate works.
_EMPLOYERS = re.compile(
    r"(?:current |present |other |company |organi[sz]ation )?"
    r"(?:employers?|company|affiliations?|organi[sz]ations?|works? (?:at|for)|where i work)",
    re.IGNORECASE,
)
#: What such a field says where there is none, whole or in front of an explanation.
_NOBODY = re.compile(
    r"(?:n/?a|none|nil|no|tbd|self|self[- ]employed|independent|individual|unaffiliated|unemployed|freelancer?|retired|"
    r"student|community)\b.*|\W*",
    re.IGNORECASE | re.DOTALL,
)
#: Where a field that names several is cut.
_BETWEEN = re.compile(r"\s*(?:[;,]|\s/\s|\s[–—-]\s)\s*")
#: Words of the longest name that a field holds; more is a story.
_LONGEST_NAME = 8
#: Confidence of what only a field's label tells.
FIELD_CONFIDENCE = 0.9


def _employers(statement: Statement) -> Iterator[Span]:
    """Yield the names in fields such as ``Employer: A, B (the cloud team)``, and those under such headings."""
    if not _readable(statement):
        return
    for field in statement.fields:
        if field.start is not None and _EMPLOYERS.fullmatch(" ".join(field.label.split())):
            yield from _names_in(field.value, field.start)
    for heading, below in pairwise(statement.blocks):
        title = statement.text[heading.start : heading.end].strip("#?:* ")
        if heading.kind == "heading" and below.kind != "heading" and _EMPLOYERS.fullmatch(title):
            line = statement.text[below.start : below.end].partition("\n")[0]
            for name in _names_in(line, below.start):
                # Under a heading may stand a sentence, too.
                if all(word[0].isupper() or word[0].isdigit() or word in _IN_NAMES for word in name.text.split()):
                    yield name


#: Words of lower case in names of organizations.
_IN_NAMES = frozenset({"&", "and", "at", "de", "for", "of", "the", "von"})
_GENITIVE = re.compile(r"['’]s\b")


def _names_in(value: str, at: int) -> Iterator[Span]:
    """Yield the names that a field's value enumerates; `at` is where it begins in the text."""
    # What stands in brackets says more of a name, and so does what follows them, or a genitive.
    value = value.split("(")[0].rstrip()
    names: list[tuple[int, int]] = []
    cuts = [(0, 0), *(cut.span() for cut in _BETWEEN.finditer(value)), (len(value), len(value))]
    for (_, start), (end, _) in pairwise(cuts):
        if names and is_legal_form(value[start:end]):  # "Quillon Labs, Inc."
            names[-1] = (names[-1][0], end)
        else:
            names.append((start, end))
    for start, end in names:
        name = _GENITIVE.split(value[start:end])[0]
        story = len(name.split()) > _LONGEST_NAME or name.startswith(("http://", "https://", "@"))
        if not story and not _NOBODY.fullmatch(name):
            yield Span(start=at + start, end=at + start + len(name), text=name)


def _affiliations(
    statement: Statement, doc: Doc, roles: Sequence[Role], least: float, name: str | None
) -> list[Affiliation]:
    found = []
    in_fields = list(_employers(statement))
    for item in doc._.affiliations:
        span = _span(item.organization)
        if item.confidence < least or _NOBODY.fullmatch(span.text):
            continue
        # Of a name in a field the whole is the name: "Read the Docs".
        if any(f.start <= span.start and span.end <= f.end and len(span.text) < len(f.text) for f in in_fields):
            continue
        if name and set(span.text.casefold().split()) <= set(name.casefold().split()):
            continue
        in_field = any(f.start is not None and f.start <= span.start < (f.end or 0) for f in statement.fields)
        found.append(
            Affiliation(
                organization=span.text,
                canonical=canonical(span.text),
                relation=item.relation,
                status=item.status,
                source="field" if in_field else "text",
                confidence=item.confidence,
                evidence=span,
            )
        )
    known = [x.evidence for x in found if x.evidence is not None]
    for span in in_fields:
        if least > FIELD_CONFIDENCE or any(span.start < k.end and k.start < span.end for k in known):
            continue
        if any(x.canonical == canonical(span.text) for x in found):
            continue
        found.append(
            Affiliation(
                organization=span.text,
                canonical=canonical(span.text),
                relation="employer",
                status="current",
                source="field",
                confidence=FIELD_CONFIDENCE,
                evidence=span,
            )
        )
    found.sort(key=lambda x: x.evidence.start if x.evidence else 0)
    for email in statement.emails:
        suggestion = mail_domain(email.address)
        if suggestion is None or any(_of_domain(x.canonical, suggestion) for x in found):
            continue
        if name and _is_own(suggestion.domain, name):
            continue
        # The organization of a role whose domain the candidate writes from is no mere project.
        role = next((r for r in roles if r.organization and _of_domain(r.organization, suggestion)), None)
        if role is not None and role.organization_evidence is not None:
            found.append(
                Affiliation(
                    organization=role.organization_evidence.text,
                    canonical=canonical(role.organization_evidence.text),
                    relation="employer",
                    status="past" if role.status == "past" else "current",
                    source="text",
                    confidence=role.confidence,
                    evidence=role.organization_evidence,
                )
            )
        elif least <= DOMAIN_CONFIDENCE:
            found.append(
                Affiliation(
                    organization=suggestion.domain,
                    canonical=suggestion.canonical,
                    relation="other",
                    status="current",
                    source="email-domain",
                    confidence=DOMAIN_CONFIDENCE,
                )
            )
    return found


def _is_own(domain: str, name: str) -> bool:
    """Whether a domain is called after a person: ``adavoss.example``, ``avoss.example``, ``voss.example``."""
    label, words = _label(domain), slug(name).split("-")
    first, last = words[0] if len(words) > 1 else "", words[-1]
    return len(label) > 3 and label in {first + last, last + first, first[:1] + last, first + last[:1], last}


def _label(domain: str) -> str:
    """Return what a domain is called, without its ending and what stands before: ``voss`` of ``mail.voss.example``."""
    return slug(domain.rsplit(".", 1)[0].rpartition(".")[2]).replace("-", "")


def _of_domain(organization: str, suggestion: MailDomain) -> bool:
    """Whether an organization is the one of a domain: by the lexicon, or since one is named after the other."""
    if canonical(organization).casefold() == suggestion.canonical.casefold():
        return True
    label = _label(suggestion.domain)
    words = slug(organization).split("-")
    name = "".join(words)
    named_after = label in words or name.startswith(label) or (len(name) > 3 and label.startswith(name))
    return len(label) > 2 and named_after


def _focus_areas(doc: Doc, least: float) -> list[FocusArea]:
    areas = []
    for area in doc._.focus_areas:
        if area.confidence < least:
            continue
        phrase = _span(area.phrase)
        sentence = _span(area.phrase.sent)
        if sentence.end - sentence.start > LONGEST_SENTENCE:
            sentence = phrase
        areas.append(
            FocusArea(
                phrase=phrase.text, kind=area.kind, confidence=area.confidence, evidence=phrase, sentence=sentence
            )
        )
    return areas


def _summary(doc: Doc) -> Summary:
    ranked = [(rank, _span(span)) for rank, span in enumerate(doc._.key_sentences, 1)]
    ranked.sort(key=lambda item: item[1].start)
    sentences = [SummarySentence(rank=rank, start=s.start, end=s.end, text=s.text) for rank, s in ranked]
    return Summary(text=" ".join(s.text for s in sentences), sentences=sentences)
