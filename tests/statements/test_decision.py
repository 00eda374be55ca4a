"""Candidacy or not, and what else: by the subject, the thread, what is quoted, and the words."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analyzer.embeddings import DEFAULT_MODEL
from analyzer.errors import ModelError
from analyzer.records import Decision, Skipped
from analyzer.resources import shipped
from analyzer.sources import read
from analyzer.sources.message import Message
from analyzer.statements import decision
from analyzer.statements.cleaning import clean
from analyzer.statements.decision import LABELS, Classifier, Folders, decide, hopeless, load
from analyzer.statements.features import SIGNALS, features, signals
from analyzer.statements.subjects import is_reply

ROOT = Path(__file__).resolve().parents[2]
SHARED = ROOT.parent / "shared"
CORPUS = SHARED / "corpus"
REPOSITORIES = [
    "openstack-election",
    "kubernetes-community",
    "kata-community",
    "knative-community",
    "dapr-community",
    "dotnet-foundation-election",
]
STATEMENT = """Hello everybody,

I would like to announce my candidacy for the Orrery council. I have looked after
the build farm since 2019 and work for Kelpgate.

If elected, I will publish the minutes of every meeting.

Thank you for your consideration,
Line Aas
"""


def mail(subject: str | None, body: str, *, reply: bool = False) -> Message:
    answered = "<1@example.org>" if reply else None
    return Message(
        path="orrery-dev.mbox", format="mbox", index=0, subject=subject, body=body, in_reply_to=answered, sha256="0"
    )


def file(path: str, body: str, folder: str = "orrery") -> Message:
    markdown = path.endswith(".md")
    return Message(
        path=path,
        folder=folder,
        format="markdown" if markdown else "text",
        body_format="markdown" if markdown else "plain",
        body=body,
        sha256="0",
    )


def decided(message: Message) -> Decision:
    return hopeless(message) or decide(message, clean(message.body, message.body_format))


def quoted(body: str, says: str) -> str:
    lines = "\n".join(f"> {line}" for line in body.splitlines())
    return f"{says}\n\nOn Mon, 3 Mar 2025 at 10:00, Line Aas <line@example.org> wrote:\n{lines}\n"


def other_lists() -> Iterator[tuple[str, Message]]:
    """Yield invented mails, each with its class, in the manner of many communities."""
    text = Path(__file__).with_name("other_lists.txt").read_text(encoding="utf-8")
    for entry in text.split("\n== "):
        head, _, body = entry.partition("\n\n")
        label, *headers = head.removeprefix("== ").split("\n")
        subject = headers[0].removeprefix("Subject: ")
        yield label, mail(subject, body, reply=len(headers) > 1)


CALL = "Nominations are now open until Friday. Please send your self-nomination to this list."


class TestMail:
    @pytest.mark.parametrize(
        ("subject", "body"),
        [
            ("[orrery-dev] candidacy", STATEMENT),
            ("[orrery-dev] hello", STATEMENT),
            (None, STATEMENT),
            ("Council candidacy", "My statement is in the repository: https://example.org/42\n\nLine"),
            ("[elections][farm] PTL candidacy", "I am happy to do it again.\n\n-line"),
            ("Candidacy: Line Aas", "Name: Line Aas\nEmail: line at example.org\n\nI have kept the farm running."),
            ("next cycle", "Hi team,\n\nI would like to continue as PTL of the farm for another cycle."),
            ("hat", "I am throwing my hat into the ring for the technical committee."),
            ("me", "Last year I was treasurer. I am running for the board again, because the books are not done."),
            ("who", "I nominated myself as a candidate for the council.\nI would be glad to serve."),
            ("Kandidatur", "Hallo,\n\nich kandidiere für den Vorstand, weil ich die Technik erneuern will.\n\nLine"),
            ("Resending: council candidacy", STATEMENT),
            ("Fwd: council candidacy", STATEMENT),
            ("I want to be your next treasurer", "I keep the books of two other clubs already."),
            ("Board manifesto", "I believe that the board should decide less. My priorities: minutes and mentors."),
            ("the chair of the farm group", "Hello,\n\nI'd be happy to chair it for another year.\n\nOle"),
            ("the seat of Ole", "I hereby apply for a seat on the board. I have audited its books twice."),
            ("hello", "# Ole Berg\n\n## What I have done\n\nI founded the farm.\n\n## What I'll do\n\nKeep it."),
            ("hello", "\\# Ole Berg\n\n\\## What I have done\n\nI founded it.\n\n\\## What I'll do\n\nKeep it."),
            ("list of candidates", "Please count me as a candidate for the council. I look after the farm."),
        ],
    )  # fmt: skip
    def test_candidacies(self, subject: str | None, body: str) -> None:
        assert decided(mail(subject, body)).label == "candidacy"

    @pytest.mark.parametrize(
        "body",
        [
            quoted(CALL, STATEMENT),
            quoted(CALL, "I would like to nominate myself."),
            quoted(CALL, "This is my nomination. I do not have much of a platform."),
            quoted(CALL, "I'll stand again. The council has work that I would like to finish: the new site, for one."),
            quoted("I nominate Line Aas for the council.", "Thank you Ole. I accept the nomination gladly."),
            quoted(CALL, "I'll be running."),
            quoted("I nominate Line Aas and Ole Berg.", "Thanks. I accept."),
            quoted(CALL, "Since nobody else has come forward, I volunteer to be chair for another year."),
        ],
    )  # fmt: skip
    def test_a_self_nomination_may_answer_the_call(self, body: str) -> None:
        assert decided(mail("Re: [orrery-dev] Call for nominations: council", body, reply=True)).label == "candidacy"

    @pytest.mark.parametrize(
        ("subject", "body", "label"),
        [
            ("Re: council candidacy", quoted(STATEMENT, "+1"), "reply"),
            ("Re: council candidacy", quoted(STATEMENT, "I fully support your candidacy, Line. Good luck!"), "reply"),
            ("AW: council candidacy", quoted(STATEMENT, "Thanks for running, Line."), "reply"),
            (
                "Re: question for the candidates",
                quoted(
                    "How would you keep newcomers?",
                    "As a member of the council I would start a mentoring programme, because I think that keeping "
                    "people matters more than finding them. I have run one in my own team for two years.",
                ),
                "reply",
            ),
            (
                "[elections] A question for the candidates",
                "Dear candidates,\n\nwhat do you think is our largest problem, and how would you address it?",
                "question",
            ),
            ("Nomination: Ole Berg", "I would like to nominate Ole Berg for the council. He is helpful.", "nomination"),
            ("[elections] Council: nominations are open", f"{CALL} Anybody who is a member may stand.", "call"),
            ("Council election", f"{CALL} To be eligible to stand you must be a member since January.", "call"),
            (
                "Council election: results",
                "Please join me in congratulating the newly elected members:\n\n* Ole Berg\n* Line Aas\n",
                "results",
            ),
            (
                "Council election",
                "The polls are open. You should have received a ballot by mail. Please cast your vote before Friday.",
                "ballot",
            ),
            ("I withdraw my candidacy", "For private reasons I withdraw my candidacy for the council.", "withdrawal"),
            ("[farm] PTL non-candidacy", "I will not be running for PTL of the farm in the next cycle.", "withdrawal"),
            ("Re: council candidacy", quoted(STATEMENT, "I am withdrawing from the election."), "withdrawal"),
            ("Re: Nominations", quoted("I nominate Line.", "Thank you, but I have to decline."), "withdrawal"),
            (
                "Re: council candidacy",
                quoted(STATEMENT, "I am running as well, but I do not think that minutes are what we lack."),
                "reply",
            ),
            ("Re: Nominations", quoted("I nominate Line.", "Line has accepted and is now on the list."), "reply"),
            ("The farm is down", "Since this morning no build has started. Is anybody looking into it?", "traffic"),
            ("Re: the farm is down", quoted("No build has started.", "I restarted it."), "traffic"),
            ("[VOTE] Release Orrery 2.1 RC2", "The second release candidate is out. Please vote. I am +1.", "ballot"),
        ],
    )  # fmt: skip
    def test_everything_else(self, subject: str, body: str, label: str) -> None:
        reply = subject.startswith(("Re:", "AW:"))
        assert decided(mail(subject, body, reply=reply)).label == label

    @pytest.mark.parametrize(
        "body",
        [
            "I'm running for the first time with the new reactor and it fails after I run for ten seconds.",
            "I have been working on leader election. A candidate asks for votes, and if elected it sends a heartbeat.",
            "My name is Ole, I am a student at Kelp University and would like to apply for the summer of code. "
            "If selected, I will work full time on it. Thank you for considering my application.",
            "We look for a candidate with five years of experience who will lead the platform team.",
            "I would like to propose Line Aas as a core reviewer. Please vote by Friday.",
            "Line Aas is running for the council and I think she deserves your vote.",
            "I'd like to propose an amendment of the bylaws: members of the board may serve for two terms.",
            "As your president I invite you to the meeting of the board. I will present the budget.",
            "After some thought I have decided not to seek re-election to the board. I might run again some day.",
            "I sent this mail to encourage you to run for PTL. I wish more than one of you would step up.",
            "Thank you for electing me to the council. Congratulations to all other elected members.",
            "The following members have announced their candidacy for the council:\n\n* Ole Berg\n* Line Aas\n",
            "I nominate the following people:\n\n* Ole Berg\n* Line Aas\n",
            "I am thinking about running, but my employer has to agree first.",
            "Below is a list of the candidates.\n\n1. Ole Berg\nI run for the council because I care.\n2. Line Aas\n",
        ],
    )
    def test_words_of_elections_do_not_make_a_candidacy(self, body: str) -> None:
        assert decided(mail("something", body)).label != "candidacy"

    def test_mails_in_the_manner_of_other_lists(self) -> None:
        """No sentence that was trained on was taken from them."""
        judged = [(label, decided(message).label) for label, message in other_lists()]
        taken = [label for label, said in judged if said == "candidacy"]
        candidacies = sum(label == "candidacy" for label, _ in judged)
        found = taken.count("candidacy")
        assert candidacies >= 50 and len(judged) >= 130
        assert found >= 0.87 * candidacies and found >= 0.95 * len(taken)

    def test_the_subject_of_an_answer_is_not_the_answerers(self) -> None:
        body = "I would leave it as it is, and rather mend the tests that fail."
        assert decided(mail("Re: council candidacy", body)).label == "reply"
        assert decided(mail("council candidacy", body)).label == "candidacy"

    def test_mail_without_a_word_of_elections_is_turned_away_before_it_is_cleaned(self) -> None:
        decision = hopeless(mail("The farm is down", "No build has started."))
        assert decision is not None and decision.label == "traffic"
        assert hopeless(mail("The farm is down", "Who was elected to look after it?")) is None
        assert hopeless(mail("Line Aas", "Name: Line Aas\n\nI have kept the farm running.")) is None
        assert hopeless(mail("hello", "I'll stand, and you know me.")) is None
        for subject in ("Platform", "Ole's platform", "[club] Platform of Ole Berg", "why I'm running", "next term"):
            assert hopeless(mail(subject, "Here is what I would do.")) is None

    def test_what_runs_and_stands_in_every_mail_keeps_none(self) -> None:
        for body in (
            "I'm running the farm's tests on a small board; it stands idle. I understand the leader's log.",
            "The program runs for an hour. I'm running version 2 and will stand by.",
        ):
            assert hopeless(mail("The farm is down", body)) is not None
        for subject in ("Builds on the platform?", "A long-running build", "Short-term storage"):
            assert hopeless(mail(subject, "No build has started. How much time can you devote to it?")) is not None

    def test_who_signs_as_secretary_does_not_stand_for_it(self) -> None:
        assert hopeless(mail("The farm", "No build has started.\n-- \nLine Aas\nSecretary, Kelpgate")) is not None
        assert hopeless(mail("The farm", "I would like to be secretary.\n-- \nLine Aas")) is None
        assert hopeless(mail("The farm", "Hello,\n-- \n" + "I would like to be secretary.\n\n" * 9)) is None

    @pytest.mark.parametrize("head", ["# Ole Berg", "\\# Ole Berg", "# [Ole Berg](https://example.org)"])
    def test_a_mail_may_be_headed_by_a_name(self, head: str) -> None:
        body = f"Hello,\n\n{head}\n\nI have kept the farm running."
        assert signals(mail("hello", body), clean(body))["says:name heading"] == "Ole Berg"
        assert "says:name heading" not in signals(mail("hello", body), clean(f"The farm.\n\n{body}"))


class TestFiles:
    def test_a_file_that_the_user_names_is_a_statement_whatever_it_holds(self) -> None:
        decision = decided(replace(file("README.md", "The results of the election."), named=True))
        assert decision == Decision(label="candidacy", score=1.0, reasons=["named by the user"])

    @pytest.mark.parametrize(
        ("path", "body"),
        [
            ("elections/council-2024/LineAas.txt", "I keep the farm running."),
            ("candidates/comet/Farm/line@example.org", "I'm in!"),
            ("elections/2024/candidate-laas.md", "name: Line Aas\nID: laas\n\n# Line Aas\n"),
            ("elections/2024/line_bio.md", "Line has contributed to Orrery since 2014 and leads the farm."),
            ("statements/ole.txt", STATEMENT),
            ("ole.txt", STATEMENT),
            (
                "ole.md",
                "# Ole Berg\n\n## What I have done\n\nI founded the farm.\n\n## What I'll do\n\nI will keep it.",
            ),
        ],
    )
    def test_statements_in_folders(self, path: str, body: str) -> None:
        assert decided(file(path, body)).label == "candidacy"

    @pytest.mark.parametrize(
        ("path", "body"),
        [
            ("elections/council-2024/README.md", "# Council 2024\n\nTwo seats are up for election."),
            ("elections/council-2024/Results.md", "The nominees elected to it were:\n\n- Ole Berg\n- Line Aas\n"),
            ("elections/2024/election_desc.md", "Vote for the council. Voting closes on Friday."),
            ("elections/2024/voter-guide.md", "# Voters\n\nWho is eligible to vote, and how to cast your ballot."),
            ("elections/2024/nomination-template.md", "name:\nID: GitHubID\n\n## What I have done\n"),
            ("elections/2024/templates/mail.md", "My name is {your name} and I am running for the council."),
            ("elections/2024/bio.md", "# Your Name\n\n- Affiliation: none\n\n## What I have done\n\n## What I'll do\n"),
            ("elections/2024/how-to.md", "Nominations are open. To stand, submit your candidacy as a pull request."),
            ("docs/install.md", "# Install\n\nThe following command installs the farm. Restart it afterwards."),
            ("moved.md", "This document has moved to https://example.org/council.md"),
        ],
    )  # fmt: skip
    def test_documents_in_folders(self, path: str, body: str) -> None:
        assert decided(file(path, body)).label == "document"

    def test_a_withdrawal_in_a_file(self) -> None:
        assert decided(file("elections/2024/ole.txt", "I withdraw my candidacy for the council.")).label == "withdrawal"

    def test_a_file_among_statements_needs_to_say_less(self) -> None:
        folders = Folders()
        bare = file("texts/6.txt", "Improve the release process, " * 7)
        for number in range(5):
            assert not folders.among_statements(bare)
            message = file(f"texts/{number}.txt", STATEMENT)
            folders.add(message, decided(message))
        assert folders.among_statements(bare)
        assert not folders.among_statements(file("elsewhere/6.txt", bare.body))
        cleaned = clean(bare.body)
        assert decide(bare, cleaned).label == "document"
        assert decide(bare, cleaned, among_statements=True).label == "candidacy"


class TestExplanation:
    def test_each_reason_says_what_was_seen_where_and_what_it_weighs(self) -> None:
        reasons = decided(mail("Re: council candidacy", quoted(STATEMENT, "+1"), reply=True)).reasons
        assert any(reason.startswith("supports or thanks somebody else: “+1” (-") for reason in reasons)
        assert any(reason.startswith("answers another message (-") for reason in reasons)
        reasons = decided(mail("council candidacy", STATEMENT)).reasons
        begins = "announces the writer's candidacy: “announce my candidacy” (+"
        assert any(reason.startswith(begins) for reason in reasons)

    def test_reasons_are_ordered_by_weight(self) -> None:
        reasons = decided(mail("council candidacy", STATEMENT)).reasons
        weights = [abs(float(reason.rpartition("(")[2].rstrip(")"))) for reason in reasons]
        assert weights == sorted(weights, reverse=True) and len(weights) > 3

    def test_no_reason_is_only_a_border_or_a_masked_word(self) -> None:
        classifier = load()
        masked = [name for name in classifier.rows if not name.startswith(("says:", "shape:"))]
        reasons = [r for name in masked for r in classifier.judge({name: ""}).reasons]
        assert reasons and not [r for r in reasons if "“Name”" in r or "“.”" in r or "“…”" in r or "“”" in r]

    def test_every_feature_that_was_learned_can_be_told(self) -> None:
        classifier = load()
        for name in classifier.rows:
            assert classifier.judge({name: ""}).label in LABELS
            assert not name.startswith("says:") or name.removeprefix("says:") in SIGNALS


def never(text: str) -> object:
    raise AssertionError(f"the second opinion was asked: {text}")


class TestSecondOpinion:
    """A mail of which the first opinion is unsure is judged by the meaning of its beginning, too."""

    ANSWER = quoted("Who will look after the farm?", "As you all know I have kept it for years. I may go on with it.")

    @staticmethod
    def always() -> Classifier:
        classifier = load()
        assert classifier.second is not None
        return replace(classifier, second=replace(classifier.second, unsure=(0.0, 1.0)))

    def test_it_is_not_asked_where_the_first_is_sure(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(decision, "vector", never)
        assert decided(mail("Council candidacy", STATEMENT)).label == "candidacy"
        assert decided(mail("The farm is down", "Who was elected to look after it?")).label == "traffic"
        reply = quoted(STATEMENT, "+1")
        assert decided(mail("Re: council candidacy", reply, reply=True)).label == "reply"

    def test_it_is_not_asked_about_files(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(decision, "vector", never)
        statement = file("ole.txt", STATEMENT)
        decide(statement, clean(statement.body), classifier=self.always())
        with pytest.raises(AssertionError, match="was asked"):
            decide(mail("hello", STATEMENT), clean(STATEMENT), classifier=self.always())

    def test_what_speaks_for_a_candidacy_makes_it_likelier(self) -> None:
        classifier = self.always()
        found = features(mail("hello", self.ANSWER), clean(self.ANSWER), classifier.words)
        assert classifier.second is not None
        towards = classifier.second.weights[:-1, 0] - classifier.second.weights[:-1, 1:].mean(axis=1)
        scores = [classifier.judge(found, lambda s=s: s * towards).score for s in (-1.0, 0.0, 1.0)]  # type: ignore[misc]
        assert scores == sorted(scores) and scores[0] < scores[2]
        assert all(0 <= score <= 1 for score in scores)

    def test_it_is_told(self) -> None:
        message = mail("hello", STATEMENT)
        reasons = decide(message, clean(message.body), classifier=self.always()).reasons
        assert any(reason.startswith("begins as candidacies do (+") for reason in reasons)
        weights = [abs(float(reason.rpartition("(")[2].rstrip(")"))) for reason in reasons]
        assert weights == sorted(weights, reverse=True)

    def test_no_mail_is_judged_by_what_is_read_with_it(self) -> None:
        mails = [mail("hello", STATEMENT), mail("Re: farm", self.ANSWER, reply=True), mail(None, CALL)]
        one = [decide(m, clean(m.body), classifier=self.always()) for m in mails]
        decision._embedder.cache_clear()
        other = [decide(m, clean(m.body), classifier=self.always()) for m in reversed(mails)]
        assert one == other[::-1]

    def test_only_the_beginning_of_what_the_writer_says_is_read(self) -> None:
        message = mail("Re: [farm] nominations", quoted("Who stands?", f"{STATEMENT}\n{'I go on. ' * 400}"))
        read_ = decision.beginning(message, clean(message.body))
        assert read_.startswith("nominations\nI would like to announce") and "Who stands?" not in read_
        assert len(read_) < 1000

    def test_its_model_is_that_of_this_package_and_loaded_for_an_unsure_mail_only(self) -> None:
        assert decision._embedder().name == DEFAULT_MODEL
        code = (
            "import sys; from analyzer.sources.message import Message; from analyzer.statements import from_messages;"
            "m = Message(path='a.mbox', format='mbox', index=0, sha256='', subject='candidacy', body=sys.argv[1]);"
            "print(*[type(item).__name__ for item in from_messages([m])], 'torch' in sys.modules)"
        )
        ran = subprocess.run([sys.executable, "-c", code, STATEMENT], capture_output=True, text=True, cwd=ROOT)
        assert ran.stdout.split() == ["Statement", "False"], ran.stderr


class TestWeights:
    def test_what_speaks_for_a_candidacy_weighs_for_it(self) -> None:
        classifier = load()
        for name in ("announces", "stands", "own candidacy", "subject candidacy", "name field"):
            row = classifier.weights[classifier.rows[f"says:{name}"]]
            assert row[0] > 0 and row[0] > row[LABELS.index("traffic")], name

    def test_no_name_is_a_word(self) -> None:
        known = load().words
        assert {"i", "candidacy", "committee", "elected"} <= known
        names = {"orrery", "kelpgate", "openstack", "kubernetes", "knative", "neutron", "michael", "jay", "berlin"}
        assert not names & known

    def test_who_writes_of_which_community_makes_no_difference(self) -> None:
        found = []
        for community, team, name in (("Orrery", "Kelpgate", "Berit Aas"), ("Zorbulon", "Frobnitz", "Xu Qi")):
            body = STATEMENT.replace("Orrery", community).replace("Kelpgate", team).replace("Line Aas", name)
            message = mail(f"{team} candidacy: {name}", body)
            found.append(set(features(message, clean(message.body), load().words)))
        assert found[0] == found[1]

    @pytest.mark.parametrize("damage", ["missing", "garbage", "other labels"])
    def test_damaged_weights_are_told_in_one_line(self, tmp_path: Path, damage: str) -> None:
        if damage != "missing":
            weights = shipped("models/decision/weights.npz").read_bytes()
            (tmp_path / "weights.npz").write_bytes(weights if damage == "other labels" else b"no archive")
            settings = json.loads(shipped("models/decision/settings.json").read_text("utf-8"))
            (tmp_path / "settings.json").write_text(json.dumps(settings | {"labels": ["x"]}), "utf-8")
        with pytest.raises(ModelError, match="first decision") as error:
            load(tmp_path)
        assert "\n" not in str(error.value)


class TestLaws:
    @settings(deadline=None)
    @given(st.text(max_size=200), st.text(max_size=400), st.booleans())
    def test_any_mail_is_decided_and_the_same_way_twice(self, subject: str, body: str, reply: bool) -> None:
        message = mail(subject, body, reply=reply)
        assert decided(message) == decided(message)

    @pytest.mark.parametrize(
        "unit", ["i want be ", "i run for ", "i like to serve as ", "my candidacy ", "nominate ", "{your "]
    )
    def test_repetition_comes_to_an_end(self, unit: str) -> None:
        assert decided(mail(unit * 20, unit * 5000)).label in LABELS


@pytest.mark.parametrize(
    "subject", ["Re: x", "RE: [list] x", "[list] Re: x", "Re[2]: x", "AW: x", "Antw: x", "回复：x"]
)
def test_replies_by_their_subject(subject: str) -> None:
    assert is_reply(mail(subject, ""))


@pytest.mark.parametrize("subject", [None, "Release: x", "Regarding x", "[list] x", "Fwd: x"])
def test_no_replies_by_their_subject(subject: str | None) -> None:
    assert not is_reply(mail(subject, ""))


@pytest.fixture(scope="module")
def files() -> list[Message]:
    items = (item for name in REPOSITORIES for item in read([CORPUS / name]))
    return [item for item in items if not isinstance(item, Skipped)]


@pytest.mark.skipif(not CORPUS.is_dir(), reason="needs ../shared/corpus")
class TestCorpus:
    """The texts of real elections, and real lists without any."""

    @staticmethod
    def is_statement(message: Message) -> bool:
        name = message.path.rpartition("/")[2].casefold()
        documents = ("readme", "result", "template", "election_desc", "voter-guide", "ranking", "enduser", "2018-09-")
        return not any(word in message.path.casefold() if word == "template" else word in name for word in documents)

    def test_files(self, files: list[Message]) -> None:
        wrong = [m.path for m in files if (decided(m).label == "candidacy") != self.is_statement(m)]
        assert len(files) > 1300 and len(wrong) <= 3, wrong

    @pytest.mark.parametrize(("subject", "recall"), [("[ptl] candidacy", 0.99), ("hello", 0.93)])
    def test_the_same_texts_as_mail(self, files: list[Message], subject: str, recall: float) -> None:
        # One in twenty says nothing but a name, or nothing of an election; only the subject can tell.
        mails = [mail(subject, m.body) for m in files if self.is_statement(m)]
        found = sum(decided(m).label == "candidacy" for m in mails)
        assert found >= recall * len(mails)

    def test_quoting_a_statement_in_full_is_not_standing(self, files: list[Message]) -> None:
        answers = [mail("Re: candidacy", quoted(m.body, "+1, thanks!"), reply=True) for m in files[::7]]
        assert not [answer for answer in answers if decided(answer).label == "candidacy"]

    def test_lists_without_elections(self) -> None:
        messages = [item for item in read([CORPUS / "mail"]) if not isinstance(item, Skipped)]
        found = [m.path for m in messages if decided(m).label == "candidacy"]
        assert len(messages) > 1800
        assert found == ["000_803f5371319a3cdb.txt"]
