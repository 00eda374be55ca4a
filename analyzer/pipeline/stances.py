"""How a sentence speaks of something in it: as wanted, done, under way, or as what somebody does not want.

Read off the general layers (tags and trees in Universal Dependencies): the verbs that govern the words in question
are climbed from the inside out until one of them tells the time, and a negation on the way counts only where it
bears on what is wanted. What the trees do not tell stays untold.

References
----------
Universal Dependencies: de Marneffe et al. (2021), Computational Linguistics 47. Events by tense, modality and
negation of the governing verb: Saurí and Pustejovsky (2009), FactBank, Lang. Resour. Eval. 43.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from spacy.language import Language
    from spacy.tokens import Doc, Span, Token

Told = Literal["done", "under-way"]
Time = Literal[Told, "wanted"]
Will = Literal["against", "unclear"]

# Lemmas. What their objects are is wished for, whatever their tense: "I wanted to improve the gate".
WISHES = frozenset({
    "want", "like", "love", "hope", "plan", "wish", "intend", "aim", "propose", "promise", "need", "expect",
    "aspire", "strive", "desire", "prefer", "seek", "suggest", "encourage", "ask", "consider", "must", "commit",
})  # fmt: skip
OPINIONS = frozenset({"think", "believe", "feel", "see", "expect"})
MODALS = frozenset({
    "will", "would", "should", "shall", "must", "'ll", "wo", "can", "could", "may", "might", "ca", "ought",
})  # fmt: skip
# Modal verbs whose negation says what somebody does not want; "cannot" tells what is impossible.
WILLING = frozenset({"will", "would", "should", "shall", "must", "'ll", "wo"})
# What one does while it lasts: in the present tense it is under way.
ACTIVITIES = frozenset({
    "work", "lead", "maintain", "drive", "run", "help", "coordinate", "contribute", "oversee", "manage",
})  # fmt: skip
# Who does this to a thing does not want it, and who does not do it does.
ENDINGS = frozenset({
    "drop", "remove", "deprecate", "abandon", "oppose", "reject", "stop", "end", "ban", "discontinue", "retire",
    "scrap", "resist",
})  # fmt: skip
# Who does not do this to a thing, or does not let it do this, wants it.
HARMS = frozenset({
    "forget", "neglect", "lose", "ignore", "overlook", "underestimate", "compromise", "sacrifice", "break", "hurt",
    "harm", "block", "hinder", "hamper", "regress", "suffer", "slip", "fail", "rest", "rush", "give", "waste",
    "skip", "miss", "doubt",
})  # fmt: skip
# "support for old releases" is dropped, and with it the old releases.
CARRIERS = frozenset({"support", "use", "usage"})
# What a negation may be a part of without denying anything: "not only".
MERELY = frozenset({"only", "just", "merely", "simply"})
# A verb with these starts a clause of its own: its words are no part of what another verb tells.
APART = frozenset({"conj", "parataxis", "advcl", "ccomp", "acl:relcl", "csubj", "list"})
# A noun that hangs so is no thing that a clause is about, but a part of one, its doer, or a time.
INNER = frozenset({"compound", "nsubj", "flat", "nmod:poss", "obl:tmod", "obl:npmod", "obl:unmarked"})


@cache
def reader() -> Language:
    """Return the pipeline with what stances are read off, and nothing else; loaded once.

    Raises
    ------
    ModelError
        If the pipeline is missing or damaged.
    """
    from analyzer import pipeline

    return pipeline.load(exclude=["candidacy_blocks", *pipeline.DOMAIN, "ner"])


def told(doc: Doc) -> Iterator[tuple[Span, Told]]:
    """Yield what a sentence tells as done or under way: the words of each such clause, and of each thing in it.

    "We merged the scheduler and have written its tests" gives "merged the scheduler", "scheduler",
    "written its tests", "tests".
    """
    for token in doc:
        time = _own_time(token)
        if time not in ("done", "under-way") or _denied(token):
            continue
        clause = _clause(token)
        if clause is None:
            continue
        yield clause, time
        for child in token.children:
            if child.dep_ == "nsubj:pass":  # "Upgrades were finished"
                yield doc[child.left_edge.i : child.right_edge.i + 1], time
        for inner in clause:
            if inner.pos_ in ("NOUN", "PROPN") and inner.dep_ not in INNER:
                thing = _thing(inner, clause)
                # What the inner clause wants is not done: "I was asked to improve the gate".
                if thing is not None and when(thing) == time:
                    yield thing, time


def when(span: Span) -> Time | None:
    """Return whether a sentence speaks of some of its words as done, under way or wanted, or not at all."""
    for token in _chain(span.root):
        time = _own_time(token)
        if time is not None:
            if time != "wanted" and _denied(token):
                return None
            return time
        # "wrote tests to help newcomers" has not helped them yet; "worked to help them" has.
        if token.dep_ in ("advcl", "acl") and _infinitive(token) and token.head.lemma_.lower() not in ACTIVITIES:
            return None
    return None


def will(span: Span) -> Will | None:
    """Return whether a sentence says that some of its words are not wanted.

    Returns
    -------
    ``against`` where that is said ("we should not adopt X", "drop support for X", "no more X", "I am against X"),
    ``unclear`` where something else is denied ("I have no time for X"), and nothing where nothing is.
    """
    root = span.root
    below: Token = root
    # Each ending and each negation turns the meaning round.
    ended = denied = bearing = blurred = False
    if not _is_verb(root) and (_negatives(root) or _without(root)):
        denied = True
        bearing = _is_whole(root)
    if any(t.lower_ in ("against", "without") and t.dep_ == "case" for t in root.children):
        against = any(t.lower_ == "against" for t in root.children)
        # "protect against attacks" is no opinion, "I am against attacks" and "I vote against attacks" are.
        if against and (root.head == root or root.head.lemma_ in ("be", "vote", "argue", "stand", "speak", "decide")
                        or any(t.dep_ == "cop" for t in root.children)):
            return "against"
    for token in _chain(root):
        if token != root and token.pos_ in ("NOUN", "PROPN") and token.lemma_.lower() in CARRIERS:
            below = token
            continue
        if not _is_verb(token):
            if token != root and _without(token):  # "no time for X", but "no doubt about X"
                denied, blurred = not denied, blurred or token.lemma_.lower() in HARMS
            below = token
            continue
        lemma = token.lemma_.lower()
        direct = below == token or below.dep_ in ("obj", "nsubj:pass", "xcomp", "ccomp", "obl")
        carried = below == root or below.lemma_.lower() in CARRIERS or below.pos_ in ("VERB", "AUX")
        # However the tree hangs it: "drop (support) (for Python 2)".
        borne = any(t.dep_ == "obj" and t.lemma_.lower() in CARRIERS for t in token.children)
        if lemma in ENDINGS and token != root and direct and (borne or (carried and below.dep_ != "obl")):
            ended = not ended
        # "forget testing"; "want testing to regress"
        blurred = blurred or any(
            part.lemma_.lower() in HARMS for part in (token, *token.children) if part == token or part.dep_ == "xcomp"
        )
        negative = bool(_negatives(token))
        if negative:
            modal = any(t.dep_ in ("aux", "aux:pass") and t.lower_ in WILLING for t in token.children)
            subject = below != token and below.dep_ in ("nsubj", "csubj", "nsubj:pass", "obl", "advcl")
            denied = not denied
            bearing = bearing or (not subject and (modal or lemma in WISHES | OPINIONS or _imperative(token)))
        below = token
    if blurred and denied:
        return None  # "we must not neglect documentation"
    if denied and ended:
        return None  # "we should not drop support for old releases"
    if ended:
        return "against"
    if denied:
        return "against" if bearing else "unclear"
    return None


def _chain(token: Token) -> Iterator[Token]:
    """Yield a token and what governs it, up to the root of the tree; clauses that tell of another are passed."""
    while True:
        yield token
        if token.head == token or token.dep_ in ("parataxis", "acl:relcl", "list"):
            return
        token = token.head


def _own_time(token: Token) -> Time | None:
    """Return the time that a verb (or what stands for one, beside "was") tells itself."""
    helpers = [child for child in token.children if child.dep_ in ("aux", "aux:pass", "cop")]
    if token.pos_ not in ("VERB", "AUX") and not any(child.dep_ == "cop" for child in helpers):
        return None
    lemma = token.lemma_.lower()
    if lemma in WISHES or any(child.tag_ == "MD" or child.lower_ in MODALS for child in helpers):
        return "wanted"
    if any(child.dep_ == "aux" and child.lemma_ == "to" for child in helpers):
        return None
    # "to build and distributed X" has no past in it: the tag is wrong.
    if token.dep_ == "conj" and token.head.tag_ == "VB" and not helpers and not _subjects(token):
        return None
    perfect = any(child.lemma_ == "have" for child in helpers)
    past = any(child.tag_ == "VBD" for child in helpers)
    going = any(child.lower_ in ("am", "is", "are", "'m", "'re", "'s", "being") for child in helpers)
    if token.tag_ == "VBG" and helpers:
        if lemma == "go" and any(child.dep_ == "xcomp" for child in token.children):
            return "wanted"
        if past and not perfect:
            return "done"
        return "under-way" if perfect or going else None
    if any(child.lower_ == "being" for child in helpers):
        return "under-way"
    if token.tag_ == "VBD" or perfect or past:
        # "I was a member" tells of a role and "I was happy" of a feeling; "I was able to" of what was done.
        if token.pos_ not in ("VERB", "AUX") and lemma not in ("able", "possible", "successful"):
            return None
        return None if lemma in OPINIONS | {"be", "have"} else "done"
    if token.tag_ == "VBN" and not helpers and token.dep_ == "ROOT":
        return "done"  # "Led the team", without a subject
    if token.tag_ in ("VBP", "VBZ") and lemma in ACTIVITIES:
        return "under-way"
    if token.tag_ in ("VB", "VBP") and token.dep_ == "ROOT" and _imperative(token):
        return "wanted"
    return None


def _infinitive(token: Token) -> bool:
    return any(child.lower_ == "to" and child.dep_ in ("mark", "aux") for child in token.children)


def _subjects(token: Token) -> list[Token]:
    return [child for child in token.children if child.dep_.startswith(("nsubj", "csubj", "expl"))]


def _imperative(token: Token) -> bool:
    """Whether a verb stands alone at the head of its sentence: "Improve the gate", "let us not"."""
    return (
        token.dep_ == "ROOT"
        and token.tag_ in ("VB", "VBP")
        and not _subjects(token)
        and not any(child.dep_ == "aux" and child.lower_ not in ("do", "let") for child in token.children)
    )


def _negatives(token: Token) -> list[Token]:
    """Return the words that deny a verb or noun, but for "not only"."""
    return [
        child
        for child in token.children
        if (child.lower_ in ("not", "n't", "n’t", "never", "neither") or child.dep_ == "neg")
        and not (child.i + 1 < len(token.doc) and token.doc[child.i + 1].lower_ in MERELY)
    ]


def _denied(token: Token) -> bool:
    return bool(_negatives(token)) or any(
        part.lower_ in ("no", "nothing", "none") for child in token.children for part in (child, *child.children)
        if child.dep_ in ("obj", "nsubj", "nsubj:pass")
    )


def _without(token: Token) -> bool:
    """Whether a noun has a "no" before it."""
    return any(child.lower_ == "no" and child.dep_ in ("det", "advmod") for child in token.children)


def _is_verb(token: Token) -> bool:
    """Whether a word is the head of a clause: a verb, or what stands for one beside a form of "be"."""
    return token.pos_ in ("VERB", "AUX") or any(child.dep_ == "cop" for child in token.children)


def _is_whole(token: Token) -> bool:
    """Whether a noun is all that a line says: "No new dependencies"."""
    return token.head == token


def _clause(verb: Token) -> Span | None:
    """Return the words of a clause from its verb on, without those of other clauses and of helping verbs."""
    kept = sorted(token.i for token in _inside(verb))
    kept = [i for i in kept if i >= verb.i]
    last = kept[0]
    for i in kept[1:]:
        if i > last + 1 and not verb.doc[i - 1].is_punct:
            break
        last = i
    while last > verb.i and verb.doc[last].is_punct:
        last -= 1
    found: Span = verb.doc[verb.i : last + 1]
    return found if len(found) > 1 else None


def _inside(verb: Token) -> Iterator[Token]:
    yield verb
    for child in verb.children:
        own = _own_time(child) is not None or any(part.dep_.startswith(("nsubj", "cop")) for part in child.children)
        if not (child.dep_ in APART and own):
            yield from _inside(child)


def _thing(noun: Token, clause: Span) -> Span | None:
    """Return a noun with what belongs to it, without article and without what is coordinated with it."""
    left, right = noun.i, noun.i
    parts: list[Any] = [noun]
    while parts:
        part = parts.pop()
        left, right = min(left, part.i), max(right, part.i)
        parts += [
            child
            for child in part.children
            if child.dep_ not in ("conj", "cc", "punct", "appos", "acl:relcl", "parataxis", "advcl", "list")
            and not (part == noun and child.dep_ in ("det", "case", "nmod:poss", "mark", "cop", "nsubj", "aux"))
        ]
    found: Span = noun.doc[max(left, clause.start) : min(right + 1, clause.end)]
    return found if noun in found else None
