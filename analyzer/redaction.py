"""Redaction: any output without e-mail addresses and handles.

Within a text each character of an address or handle becomes a block, so that every offset holds. Addresses
are told by their form, whoever's they are: ``name@host.org``, ``name (at) host [dot] org``,
``name at host.org``. Handles are told by where they stand (``@name``, ``IRC: name``, ``I am name on Libera``,
the link of a profile), and those that a statement gives for its candidate also wherever else they stand,
unless they are part of somebody's name or an ordinary word.

Every pattern begins at few places and looks at few characters from there, so that the time is linear in the
length of a text, whatever it holds.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Set
from functools import cache
from typing import Any, TypeVar, cast

from analyzer.directory import Directory
from analyzer.records import Record

T = TypeVar("T")
Stretch = tuple[int, int]

MASK = "█"
# A handle is an ordinary word if this many statements of others use it, and this share of all statements.
OTHERS = 3
SHARE = 0.03
# What is shorter is a handle only where it is marked as one.
SHORTEST = 3

# What stands under these keys is an id, a code, a date or one of few words.
_FIXED = frozenset(
    """id contest_id election contest contests statement statements same_text_as topic kind kinds status
    relation source sources format code language submitted cycle begins ends outcome role precision sha256
    schema_version""".split()  # noqa: SIM905
)
_NAMES = frozenset(["name", "names"])
_EMPTIED = frozenset(["emails", "handles"])
_SHOWN = frozenset(
    [
        "same name", "same common name", "fuller name", "short form of name", "initial of name", "community",
        "other community", "team", "employer", "other names",
    ]
)  # fmt: skip
_STATEMENT = frozenset(["id", "text", "candidate", "election"])


def redacted(value: T, directory: Directory | None = None) -> T:
    """Return a record, a list of records or JSON-like data without e-mail addresses and handles.

    ``text[start:end] == evidence.text`` holds as before. People who are known only by a handle or address get
    an id made of that of their first statement.

    Parameters
    ----------
    directory : of the statements that a view was made of. The view alone does not say which words in it are
        handles, nor what stands around its evidence; an export does.
    """
    data = _plain(value)
    return cast(T, _like(value, _Redactor(directory, data).value(data)))


class _Redactor:
    """What is known to be an address, a handle or a person, and the walk that takes them out."""

    def __init__(self, directory: Directory | None, data: Any) -> None:
        self._addresses: set[str] = set()
        self._owners: dict[str, set[str]] = defaultdict(set)  # statements under the handles they give
        self._own: dict[str, frozenset[str]] = {}  # handles under the statement that gives them
        self._words: set[str] = set()  # of names and elections
        self._texts: dict[str, str] = {}
        self._masked: dict[str, str] = {}
        self._people: dict[str, tuple[str, str | None]] = {}  # new id, and new name if any, under the old id
        for record in directory.records if directory else ():
            self._learn_statement(record.model_dump(include=set(_STATEMENT)))
        for item in _dicts(data, _STATEMENT):
            self._learn_statement(item)
        self._known = self._settled()
        for person in directory.people if directory else ():
            self._learn_person(person.model_dump())
        for item in _dicts(data, frozenset(["id", "name", "names", "statements"])):
            self._learn_person(item)

    def value(self, value: Any, key: str = "", own: frozenset[str] = frozenset(), text: str | None = None) -> Any:
        """Return data without addresses and handles.

        Parameters
        ----------
        key : under which it stands.
        own, text : handles and redacted text of the statement that it is part of.
        """
        if isinstance(value, str):
            return self._string(value, key, own)
        if isinstance(value, list):
            return [self.value(item, key, own, text) for item in value]
        if not isinstance(value, dict):
            return value
        if value.keys() >= _STATEMENT:
            own, text = self._own[value["id"]], self._text(value["id"])
            return {k: text if k == "text" else self.value(v, k, own, text) for k, v in value.items()}
        if value.keys() >= {"kind", "values", "weight"}:
            # Of handles and addresses in which two statements agree, only that they do is told.
            named = value["kind"] in _SHOWN
            return value | {"values": [self._mask(v, names=True) if named else MASK for v in value["values"]]}
        settled: dict[str, Any] = {
            k: type(v)() for k, v in value.items() if k in _EMPTIED and isinstance(v, list | dict)
        }
        if key == "decision":
            settled["label"] = value["label"]
        if value.keys() >= {"start", "end", "text"}:
            # What shows to be an address in the text around it need not do so in the evidence alone.
            around = self._text(value["statement"]) if "statement" in value else text
            if around is not None:
                settled["text"] = around[value["start"] : value["end"]]
        made = {k: settled[k] if k in settled else self.value(v, k, own, text) for k, v in value.items()}
        if value.get("id") in self._people and isinstance(value.get("name"), str):
            made["name"] = self._people[value["id"]][1] or made["name"]
        return made

    def _string(self, value: str, key: str, own: frozenset[str]) -> str:
        if value in self._people and key != "text":
            # Itself, or a new id.
            return self._people[value][0]
        if key in _FIXED:
            return value
        return self._mask(value, own, names=key in _NAMES)

    def _text(self, id_: str) -> str | None:
        """Return the redacted text of a statement, or None if it is not known."""
        if id_ in self._texts and id_ not in self._masked:
            self._masked[id_] = self._mask(self._texts[id_], self._own[id_])
        return self._masked.get(id_)

    def _mask(self, text: str, own: frozenset[str] = frozenset(), *, names: bool = False) -> str:
        stretches = [*_addresses(text, self._addresses), *_marked_handles(text)]
        if not names:
            stretches += self._known_handles(text, own)
        chars = list(text) if stretches else []
        for start, end in stretches:
            chars[start:end] = MASK * (end - start)
        return "".join(chars) or text

    def _known_handles(self, text: str, own: frozenset[str]) -> Iterator[Stretch]:
        # An ordinary word is a handle in the statements of those who go by it; a name is always a name.
        for handle in _used(text, [self._known, _by_first_word(own - self._words)]):
            yield from (match.span() for match in _whole_word(handle).finditer(text))

    def _learn_statement(self, record: Mapping[str, Any]) -> None:
        id_, candidate, election = record["id"], record["candidate"], record["election"]
        self._texts[id_] = record["text"]
        self._addresses |= {email["address"].casefold() for email in candidate["emails"]}
        self._own[id_] = frozenset(form for handle in candidate["handles"].values() for form in _forms(handle))
        for handle in self._own[id_]:
            self._owners[handle].add(id_)
        named = [candidate["name"], *(election[key] for key in ("community", "unit", "office"))]
        self._words.update(word for name in named if name for word in _WORD.findall(name.casefold()))

    def _settled(self) -> dict[str, set[str]]:
        """Return the handles that are redacted wherever they stand, under their first words."""
        every = _by_first_word(self._owners)
        others: Counter[str] = Counter()
        for id_, text in self._texts.items():
            others.update(h for h in _used(text, [every]) if id_ not in self._owners[h] and _whole_word(h).search(text))
        ordinary = max(OTHERS, SHARE * len(self._texts))
        return _by_first_word(h for h in self._owners if others[h] < ordinary and h not in self._words)

    def _learn_person(self, person: Mapping[str, Any]) -> None:
        id_, name = person["id"], person["name"]
        if person["names"] and self._mask(name, names=True) == name:
            self._people[id_] = (id_, None)
        elif id_ not in self._people:
            new = f"person-{person['statements'][0][:8]}"
            self._people[id_] = (new, None if person["names"] else new)


# --- addresses ----------------------------------------------------------------------------------------

_WORD = re.compile(r"[^\W_]+")
_AT_SIGN = re.compile(r"[@＠﹫]|%40|&#0{0,4}64;|&#x0{0,4}40;|&commat;", re.IGNORECASE)
# A text without any of these needs no closer look.
_AT_WORD = re.compile(r"@|[\s_(\[{<-]at?[\s_)\]}>-]", re.IGNORECASE)
_BORDERS = frozenset('<>()[]{},;"“”«»‹›|\\/')
_TRAILING = ".:!?'’"

_S = r"[^\S\n]"
_ATOM = r"[\w+%-]{1,64}"
_LABEL = r"[^\W_](?:[\w-]{0,61}[^\W_])?"
_DOT = rf"(?:\.|{_S}{{0,2}}[(\[{{<]{_S}{{0,2}}(?:dot|\.){_S}{{0,2}}[)\]}}>]{_S}{{0,2}}|{_S}dot{_S}|_dot_)"
_LOCAL = rf"(?<![\w+%-])(?P<local>{_ATOM}(?:{_DOT}{_ATOM}){{0,4}})"
_BRACKETED = re.compile(
    rf"{_LOCAL}{_S}{{0,2}}[(\[{{<]{_S}{{0,2}}(?:at|@){_S}{{0,2}}[)\]}}>]{_S}{{0,2}}{_LABEL}(?:{_DOT}{_LABEL}){{0,6}}",
    re.IGNORECASE,
)
_SPACED = re.compile(
    rf"{_LOCAL}(?P<at>{_S}{{1,2}}at{_S}{{1,2}}|{_S}{{0,2}}@{_S}{{0,2}}|_at_|-at-|{_S}?[(\[]a[)\]]{_S}?)"
    rf"(?P<host>{_LABEL}(?:{_DOT}{_LABEL}){{1,12}})(?![\w/-]|\.\w)",
    re.IGNORECASE,
)
# Before these, "at example.org" says where, and is no address.
_BEFORE_AT = frozenset(
    """about active again all am and architect are as available based be been being blog ceo code colleague colleagues
    committer company contributor contributors cto day days developer developers director docs
    documentation documented employed employee employees engineer engineering engineers everything file
    files find found founder from full had have head here hired home hosted i in intern is issues it job
    join joined keynote lead leader lives living located look looked looking maintainer manager me
    meeting member members met more not now of office officer online operations or page pages people
    person place position post posted present presentation presented product profile program programmer
    project projects published read released repo repository researcher role running scientist see
    server session site slides software source speak speaker speaking specialist spent staff start
    started starting stuff talk talking talks team teams that there things this time today up us vice
    was we website were wiki with work worked worker working works wrote years you""".split()  # noqa: SIM905
)


def _addresses(text: str, known: Set[str]) -> Iterator[Stretch]:
    """Yield where e-mail addresses stand, and whatever else clings to an at sign."""
    done = 0
    for match in _AT_SIGN.finditer(text):
        if match.start() < done:
            continue
        start, end = match.span()
        while start > done and not (text[start - 1].isspace() or text[start - 1] in _BORDERS):
            start -= 1
        if start and text[start - 1] == '"' and start == match.start():
            # RFC 5322 lets the local part be quoted.
            opening = text.rfind('"', max(done, start - 66), start - 1)
            start = start if opening < 0 or "\n" in text[opening:start] else opening
        while end < len(text) and not (text[end].isspace() or text[end] in _BORDERS):
            end += 1
        done = end
        while end > match.end() and text[end - 1] in _TRAILING:
            end -= 1
        if _WORD.search(text, start, match.start()) or _WORD.search(text, match.end(), end):
            yield start, end
    if not _AT_WORD.search(text):
        return
    yield from (match.span() for match in _BRACKETED.finditer(text))
    at = 0
    while match_ := _SPACED.search(text, at):
        if _is_address(match_, known):
            at = match_.end()
            yield match_.span()
        else:
            at = match_.end("local")


def _is_address(match: re.Match[str], known: Set[str]) -> bool:
    local, host = match["local"].casefold(), match["host"].casefold()
    if f"{local}@{host}" in known or match["at"].strip().casefold() != "at" or not re.fullmatch(r"[\w.-]+", host):
        return True
    top = host.rpartition(".")[2]
    return local not in _BEFORE_AT and top.isalpha() and len(top) > 1


# --- handles ------------------------------------------------------------------------------------------

_SERVICES = tuple(
    """bitbucket bluesky codeberg discord freenode gerrit gitee github gitlab gitter irc jabber keybase launchpad libera
    linkedin mastodon matrix oftc skype slack telegram twitter wechat xmpp""".split()  # noqa: SIM905
)
_SERVICE = rf"(?:{'|'.join(_SERVICES)})(?:\.chat)?"
# A text without any of these needs no closer look.
_HINTS = (*_SERVICES, "nick", "handle", "user")
_LINK_HINTS = ("/", "=", ":")
_NOUN = r"(?:nick(?:name)?s?|handles?|ids?|user(?:[ _-]?(?:name|id))?|name|account|alias)"
_OPEN, _CLOSE = r"[\"'“‘`<]?[@~]?", r"[\"'”’`>]?"
_HANDLE = r"(?P<handle>[\w`^{}\[\]\\.+-]{1,63}[\w`^{}\[\]\\])"
_LABELLED = re.compile(
    rf"(?<![\w@/.-])(?:{_SERVICE}(?:[ _-]?{_NOUN})?|nick(?:name)?|handle|username){_S}{{0,2}}"
    rf"(?:\([^()\n]{{0,30}}\){_S}{{0,2}})?[:=]{_S}{{0,4}}{_OPEN}{_HANDLE}",
    re.IGNORECASE,
)
_ANOTHER = re.compile(
    rf"{_CLOSE}{_S}{{0,2}}(?:\([^()\n]{{0,30}}\){_S}{{0,2}})?(?:[,/|&]|or{_S}|and{_S}){_S}{{0,2}}{_OPEN}{_HANDLE}"
    rf"(?={_CLOSE}{_S}{{0,2}}(?:[,/|&(\n]|or{_S}|and{_S}|\Z))",
    re.IGNORECASE,
)
_TOLD = [
    # My IRC nick is ines; I am ines on Libera; (ines on IRC); 'ines' on IRC
    re.compile(
        rf"(?<!\w)(?:{_SERVICE}{_S}{_NOUN}|nick(?:name)?|handle|username){_S}(?:is|was){_S}{_OPEN}{_HANDLE}",
        re.I,
    ),
    re.compile(
        rf"(?:(?<!\w)(?:i['’]?m|i{_S}am|aka|a\.k\.a\.?|as|by){_S}{{1,2}}|\(){_OPEN}{_HANDLE}{_CLOSE}"
        rf"{_S}(?:on|in){_S}(?:the{_S})?{_SERVICE}(?!\w)",
        re.IGNORECASE,
    ),
    re.compile(rf"[\"'“‘`][@~]?{_HANDLE}[\"'”’`]{_S}(?:on|in){_S}{_SERVICE}(?!\w)", re.IGNORECASE),
]
_NAME_IN_LINK = r"(?P<handle>[\w.-]{1,63}\w)"
_LINKED = [
    # A repository's link goes on after the first name, a person's does not.
    re.compile(
        rf"(?<![\w-])(?:(?:github|gitlab|gitee|twitter|facebook|instagram)\.com|(?:bitbucket|codeberg)\.org|x\.com|"
        rf"keybase\.io|t\.me)/(?:#!/)?{_NAME_IN_LINK}(?![\w-]|/[\w#?-])",
        re.IGNORECASE,
    ),
    re.compile(rf"/(?:in|u|users?|profile|people)/{_NAME_IN_LINK}", re.IGNORECASE),
    re.compile(rf"/~{_NAME_IN_LINK}", re.IGNORECASE),
    re.compile(rf"(?<!\w)(?:user(?:[_-]?(?:id|name))?|owner|author)[=:]{_NAME_IN_LINK}", re.IGNORECASE),
]
_NO_HANDLE = frozenset(
    """a active also always am an and around as at available be best but by discussion discussions for
    from happy have here http https i if in is it its just me meeting meetings mostly my n/a na new no
    none not of often on online our people present reachable regularly same see still tbd the there to
    usually via we with working yes you your""".split()  # noqa: SIM905
)


def _marked_handles(text: str) -> Iterator[Stretch]:
    """Yield where words stand that a label, a phrase or a link makes handles."""
    folded = text.casefold()
    hinted = any(hint in folded for hint in _HINTS)
    for match in _LABELLED.finditer(text) if hinted else ():
        following: re.Match[str] | None = match
        for _ in range(4):
            if following is None or following["handle"].casefold() in _NO_HANDLE:
                break
            yield following.span("handle")
            following = _ANOTHER.match(text, following.end())
    linked = any(hint in text for hint in _LINK_HINTS)
    for pattern in (*(_TOLD if hinted else ()), *(_LINKED if linked else ())):
        for match in pattern.finditer(text):
            if match["handle"].casefold() not in _NO_HANDLE:
                yield match.span("handle")


def _forms(handle: str) -> Iterator[str]:
    """Yield the handles in what a statement gives as one: a link, ``@ines``, ``ines (away)``, ``ines, im``."""
    for part in re.split(r"[,;|]|\s/\s|\sor\s", handle.casefold()):
        words = re.sub(r"\([^()]*\)", " ", part).split()
        if words:
            # Of a link that names only a service nothing is left.
            last = re.sub(r"^https?://[^/]*", "", words[0]).rstrip("/").rpartition("/")[2]
            form = last.strip("\"'“”‘’<>@~.").partition("@")[0].partition(":")[0]
            if len(form) >= SHORTEST and _WORD.search(form):
                yield form


def _by_first_word(handles: Iterable[str]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for handle in handles:
        found[_WORD.findall(handle)[0]].add(handle)
    return dict(found)


def _used(text: str, groups: list[dict[str, set[str]]]) -> set[str]:
    """Return the handles whose first word is in a text: few, so that they can be looked for one by one."""
    if not any(groups):
        return set()
    words = set(_WORD.findall(text.casefold()))
    return {handle for group in groups for word in words & group.keys() for handle in group[word]}


@cache
def _whole_word(handle: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![^\W_]){re.escape(handle)}(?![^\W_])", re.IGNORECASE)


# --- data ---------------------------------------------------------------------------------------------


def _dicts(data: Any, keys: frozenset[str]) -> Iterator[dict[str, Any]]:
    """Yield every dict in some data that has these keys."""
    if isinstance(data, dict):
        if data.keys() >= keys:
            yield data
        for item in data.values():
            yield from _dicts(item, keys)
    elif isinstance(data, list):
        for item in data:
            yield from _dicts(item, keys)


def _plain(value: Any) -> Any:
    """Return data in which every record is a dict."""
    if isinstance(value, Record):
        return value.model_dump()
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, list | tuple) else value


def _like(value: Any, data: Any) -> Any:
    """Return data with records where `value` has them."""
    if isinstance(value, Record):
        return type(value).model_validate(data)
    if isinstance(value, Mapping):
        return {key: _like(item, data[key]) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_like(item, made) for item, made in zip(value, data, strict=True)]
    return data
