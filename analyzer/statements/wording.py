"""What candidates, officials, voters and friends write: the phrases behind the signals of a decision.

Patterns are for text in lower case with straight apostrophes, one line a paragraph. Every gap in them is
bounded and ends with the sentence, and where a gap was followed by what it leads to there is no way back into it
(`_on`): from any letter a search takes as many steps as a few gaps have letters, not as many as their product.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from analyzer.statements.offices import OFFICE_WORDS


def _any(*alternatives: str) -> re.Pattern[str]:
    """Compile alternatives; those that begin with a word are tried at the beginning of words only."""
    words = [one.removeprefix(r"\b") for one in alternatives if one.startswith(r"\b")]
    others = [one for one in alternatives if not one.startswith(r"\b")]
    return re.compile("|".join(([rf"\b(?=\w)(?:{'|'.join(words)})"] if words else []) + others))


# The word for a candidacy, in the ways people misspell it and in some other languages.
CANDIDACY = (
    r"(?:can[a-z]{1,3}i[a-z]{0,4}cy|candidacies|candidatur\w*|kandidatur\w*|kandydatur\w*|кандидатур\w*|"
    r"竞选|競選|立候補)"
)
_OFFICE = rf"\b{OFFICE_WORDS}\b"
_I = r"\b(?:i|i'm|i'd|i'll|i've)\b"
# On in the sentence, but not past another person or a "not".
_ON = (
    r"(?:(?!\b(?:you|anyone|someone|people|others|not|never|if|who|that|he|she|they)\b|n't)"
    r"(?:[^.!?\n]|\.(?=\w))){0,90}?"
)
_NEAR = r"[^.!?\n]{0,60}?"


def _on(words: str) -> str:
    """On in the sentence to the first of some words."""
    return rf"(?>{_ON}\b(?:{words}))"


_MY_CANDIDACY = (
    rf"\b(?:my|our) (?:\w+[- ]){{0,3}}?(?:\"?self[- ]?nomination|{CANDIDACY}|nomination|hats?|name|"
    r"intent\w* to (?:run|stand|continue))\b"
)
_MYSELF = r"(?:my ?self|me\b(?! to))"
_INTENDS = (
    r"\b(?<!whether )(?<!\bif )i(?:'ll|'m| will| am|'d (?:like|love|be happy|be glad) to| would (?:like|love|be happy|"
    r"be glad) to| want to| have decided to|'ve decided to| decided to| intend to| plan to| shall)"
    r" (?:(?:be|also|again|hereby|gladly|happily|happy to|glad to|willing to|going to|now|indeed|definitely) ){0,3}"
)
_WISHES = (
    r"(?:want|like|love|intend|hope|hoping|wish|willing|happy|glad|pleased|honou?red|privileged?|interest|interested|"
    r"volunteer\w*|offer|propose|step(?:ping)? up|seek|seeking|pleasure|available|ready|eager|excited|plan|apply|"
    r"applying|opportunity|decided|going to|aim|ask|continue)\b"
)
_TO_SERVE = (
    r"(?:serv(?:e|ing)(?: you)?|continu(?:e|ing)|becom(?:e|ing)|be|act|lead|take on|fill|join|remain|represent|stay on|"
    r"carry on|keep)\b"
)

SUBJECT: Mapping[str, re.Pattern[str]] = {
    "subject withdrawal": _any(
        r"\bnon[- ]?(?:candidacy|nomination)",
        r"\b(?:withdraw|retract|rescind)",
        r"\bnot (?:running|standing|seeking|continuing)",
        r"\bstepping (?:down|aside)",
    ),
    "subject call": _any(
        r"\bcall for (?:candidat|nominat|self|volunteer)",
        r"\b(?:seeking|need|wanted|looking for|last chance|more) (?:\w+ )?(?:candidates|nominations|nominees)",
        r"\bnominat\w* (?:\w+ ){0,3}?(?:is|are|now|period|opens?|season|kick-?off|phase|ends?|clos\w+|deadline|"
        r"reminder|last|wanted|due)\b",
        r"\b(?:reminder|deadline|last days?|open)\b.{0,60}\b(?:nominations?|candidacies)\b",
    ),
    "subject ballot": _any(
        r"^\W*vote\b(?! for me)",
        r": vote\b(?! for me)",
        r"\bvot(?:e|ing) (?:now|is|has|open|period|end|start|kick-?off|for (?!me\b))",
        r"\b(?:polls?|ballots?|please vote)\b",
        r"\bcast your\b",
        r"\bhow to vote\b",
        r"\b(?:list of|confirmed|final|the|meet|all)(?: \w+)? (?:candidates|nominees|statements)\b",
        r"\b(?:candidates?'? statements|statements of|who(?:'s| is) (?:running|standing))\b",
    ),
    "subject results": _any(
        r"\b(?:results?|congratulations|winners?|welcome|concluded?|outcome)\b", r"\b(?:newly|new) elected\b"
    ),
    "subject question": _any(r"\?\s*$", r"\bquestions?\b", r"\bcandidates'? (?:q&a|debate|forum)"),
    "subject candidacy": _any(
        rf"\b{CANDIDACY}",
        r"\bself[- ]?nominat",
        r"\bnominati(?:on|ng myself)\b",
        rf"\b(?:running|standing) (?:again )?for .{{0,40}}(?:{OFFICE_WORDS}|board|election)\b",
        r"\b(?:candidate|personal|position) statement\b",
        r"\bcandidate (?:for|profile|bio)\b",
        r"\bvote for me\b",
        r"\bre-?election\b",
        r"\bmy hat\b",
    ),
    "subject platform": _any(
        r"^\W*(?:platform|manifesto)\b(?! (?!of |for |by |and |statement|20|[(|\u2013-]))",
        r"(?:\bmy |\b(?:election|candidate|board|council|committee|chair|lead|leader) )(?:platform|manifesto)\b"
        r"(?! (?:team|group|support|engineer))",
        r"(?:[:\u2013-] |\w's )(?:platform|manifesto|campaign)\b|^\W*campaign\s*$",
        r"\b(?:questionnaire|my answers)\b",
        r"\bstatement(?: of intent)?\s*$",
        r"^\W*statement\b(?! of (?:the |all )?candidates)",
        r"\bi(?:'m| am)(?: \w+)? (?:running|standing)\b",
        r"^\W*(?:running|standing) (?:again|once more)\b",
        r"\bwhy i\b",
        rf"(?<!who is )(?<!who's )\b(?:running|standing|application|volunteering) (?:as|for) (?:the |a )?"
        rf"(?:\w+ ){{0,3}}?{OFFICE_WORDS}\b",
    ),
    "subject election": _any(r"\belections?\b", r"\bcandidates?\b(?! ?\d)", rf"\b{OFFICE_WORDS}\b"),
}

WORDS: Mapping[str, re.Pattern[str]] = {
    "announces": _any(
        rf"\b(?<!\bwhen i )(?<!\bbefore i )(?<!\bafter i )(?:announc(?:e|ing|ement of)|submit(?:ting)?|declar(?:e|"
        rf"ing)|put(?:ting)?|"
        rf"present(?:ing)?|propos(?:e|ing|al of)|offer(?:ing)?|enter(?:ing)?|confirm(?:ing)?|renew(?:ing)?|stat(?:e|"
        rf"ing)|formali[sz](?:e|ing)|"
        rf"send(?:ing)?|giv(?:e|ing)|regist(?:er|ering)|throw(?:ing)?|toss(?:ing)?|cast(?:ing)?|express(?:ing)?|"
        rf"extend(?:ing)?|"
        rf"resubmit(?:ting)?|post(?:ing)?|consider|accept(?:ing)?) {_ON}{_MY_CANDIDACY}(?! (?:was|has|had))",
        rf"\bthis is (?:my|a|an) (?:\w+[- ]){{0,2}}?(?:{CANDIDACY}|nomination|platform|statement|"
        r"announcement (?:of my|to run))\b",
        r"\bmy (?:self[- ]?)?nomination (?:for|as)\b",
        rf"\b(?:nominate|nominating|renominate|re-nominate) (?:{_MYSELF}|for the (?:role|position|post)\b|"
        rf"for (?:the )?{OFFICE_WORDS}\b)",
        r"\bself[- ]nominat(?:e|ing) (?:myself|for|as)\b",
        r"\b(?:nominated|announc(?:e|ing)|announcement) (?:myself|my self|to (?:run|stand))\b",
        r"\b(?:consider|take|treat|count|regard|accept) this (?:(?:e-?mail|mail|message|post|note) )?(?:as |to be )?my "
        r"(?:\w+[- ]){0,2}?(?:nomination|candidacy)\b",
        r"\b(?:throw|put|toss|drop|add)(?:ing)? (?:in my (?:own )?name|my (?:own )?name (?:in|into|forward|down|up|"
        r"on)|my hat in)\b",
        r"\b(?:count|put|add|list|note) me (?:in\b|down\b|as (?:a|one more) candidate\b|(?:up)?on (?:the|your) (?:list|"
        r"ballot)|to the (?:list|candidates|ballot))",
        rf"\b(?:propose|proposing|submit|submitting|volunteer|volunteering|offer|offering|put|putting|present|"
        rf"presenting|suggest|enter) "
        rf"(?:{_MYSELF}|my (?:own )?name|my foot)\b",
        r"\bmy hat (?:\w+ ){0,5}?(?:in|into) (?:the|this) (?:\w+ )?ring\b",
        r"\b(?:ich kandidiere|kandidiere ich|ich stelle mich (?:\w+ ){0,4}zur (?:wieder)?wahl)\b",
        r"\b(?:me postulo|je me présente|mi candido|kandiduję|"
        r"выдвигаю свою|(?:présente|presento|apresento) (?:ma|mi|la mia|a minha) candida\w+)\b",
        r"竞选|競選|立候補",
    ),
    "stands": _any(
        rf"{_I}{_on('(?:run|running|stand|standing|apply|applying) (?:again |once more |this time )*(?:for|as|to) ')}"
        rf"{_ON}(?:{_OFFICE}|\b(?:re-?)?election\b|\banother term\b)",
        rf"{_I}{_ON}\b(?:seek|seeking) (?:re-?election|election|another term|a seat|a place|a position)\b",
        rf"{_I}{_on('candidate (?:for|to|in|of) ')}{_ON}(?:{_OFFICE}|\belection\b)",
        r"\bi (?:have )?nominated myself\b",
        r"\b(?<!whether )(?<!\bif )(?:i'll|i will|i'm|i am) (?:\w+ )?(?:stand|standing|running for office|run) "
        r"(?:again|once more)\b",
        r"\b(?<!not )(?<!n't )vote for me\b",
        r"\bcast your (?:vote|ballot) for me\b",
        r"\b(?:ask|asking|need|want|like|appreciate)(?: you)? for your votes?\b",
        r"\bi (?:humbly |respectfully )?(?:ask|request) (?:for )?your (?:vote|support)\b",
    ),
    # As answers to a call or a nomination put it, and whoever has named the office in the subject.
    "runs": _any(
        rf"{_INTENDS}(?:run|running|stand|standing|be a candidate)(?: (?:again|once more|once again|this \w+|next \w+|"
        rf"too|also|as well|for (?:it|this|that|one|another \w+)|unopposed|on (?:this|the same|my)|in (?:this|the) "
        rf"election))*(?=\s*(?:[.!,;:()\n-]|$)| (?:because|and|so|but|if|since|as|with|to)\b)",
        r"\bi(?:'m| am)(?: \w+)? (?:a|one of the) candidates?\b(?! for (?:up|commit|member|deletion))",
        r"\bas a candidate(?: for \w+)?,? i\b",
        rf"{_INTENDS}(?:apply|applying|volunteer|volunteering|nominate (?:my ?self|me)|self-nominate|step up|take (?:"
        rf"it|this) on|do (?:it|this)|take (?:the|this) (?:role|post|position|job))\b(?! to (?:write|fix|help)|"
        rf" for (?:\w+ )?(?:membership|upload|commit))",
    ),
    "accepts": _any(
        rf"{_I} (?:\w+ ){{0,3}}?accept (?:the|this|that|her|his|their|your|my|\w+'s) (?:\w+ )?nomination\b",
        r"(?:^|\n)[ \t]{0,9}(?:gladly |happily )?accept(?:ed|ing)\b",
        rf"{_I} (?:(?:\w+ly|will|do|hereby|would|happy to|am|to|be|humbly) ){{0,3}}accept(?=\s*(?:[.!,;:\n-]|$)| "
        r"(?:gladly|with|and|it\b|happily))",
        r"\bthank(?:s| you)\b[^.!?\n]{0,30}\b(?:nomination|nominating me)\b",
        r"\b(?:honou?red|excited|happy|glad|proud|grateful|thankful) (?:to (?:be|have been)|by (?:the|this|your)) "
        r"(?:\w+ )?nominat",
        r"(?:^|\n)[ \t]{0,9}self[- ]?nomination\s{0,9}:",
        r"\byes[,.!]? (?:please[,.!]? )?i(?: will|'ll| am|'m| do| would| accept)\b",
    ),
    "would do it": _any(
        r"\b(?:happy|glad|willing|ready|up|available|game|pleased|delighted|prepared|honou?red|interest\w*|in) (?:to|"
        r"for|in) (?:(?:do|doing|keep|keeping|continue|continuing|carry|carrying|take|taking|serv\w+|lead\w*|go|"
        r"join\w*|represent\w*|co-?chair\w*|chair\w*)\b[^.!?\n]{0,60}\b(?:again|it|this|on|another|more|term|cycle|years?|"
        rf"longer|time|role|position|{OFFICE_WORDS})|another|one more|one of the|the role|the position)\b",
        rf"{_I}{_on('(?:keep|continue|go on|carry on|stay|do (?:it|this)) ')}"
        rf"{_ON}\b(?:another|one more|cycle|term)\b",
        rf"{_I}{_on('like|love|want|happy|glad|interested|honou?r|willing|ready|pleasure|delighted')}"
        rf"(?:{_ON}\b(?:co-?)?(?:chair|chairing|represent|representing)\b|"
        rf"{_on('(?:join|joining|be on) ')}{_ON}{_OFFICE})",
        r"\bi feel ready (?:to|for)\b",
        rf"{_INTENDS}(?:lead|chair|coordinate|represent|serve|continue (?:in|as|with|to serve)|stay on|keep (?:it|"
        r"the))\b",
        r"\bi(?:'d| would) be (?:honou?red|delighted|proud) to\b",
        r"\bit(?:'d| would|'s| is) (?:be )?(?:an? |my )(?:great )?(?:honou?r|privilege|pleasure) to (?:serve|keep|"
        r"continue|be|represent|lead|work)\b",
    ),
    "has plans": _any(
        r"\bi(?:'d like| would like| want|'d love) (?:us|our|the \w+|this \w+|people|everyone|everybody|more \w+) to\b",
        r"\b(?:my|the) (?:main |top |first )?(?:focus|priorit\w+|goals?|vision|agenda|plans?|ideas?|aims?) (?:is|are|"
        r"will|would|for|remain)\b",
        r"\bmy (?:goals?|plans?|priorit\w+|vision|agenda)\b",
        r"\b(?:focus|priorities|goals|vision|plans|ideas|agenda)\s*:",
        r"\b(?:things|what) i(?:'d| would|'ll| will| want| plan| hope)\b",
        r"\bi(?:'d| would|'ll| will) (?:\w+ )?(?:work (?:on|to|for)|push|focus|strive|bring|help|make sure|fight|keep|"
        r"advocate|continue)\b",
        r"\bi (?:care (?:about|deeply)|believe in|stand for|promise)\b",
        rf"\bi (?:think|believe)\b[^.!?\n]{{0,30}}\b(?:{OFFICE_WORDS}) should\b",
    ),
    "wants office": _any(
        rf"\b(?:i|i'm|i'd|i'll|i've|my|me)\b{_on(_WISHES)}{_on(_TO_SERVE)}{_ON}{_OFFICE}",
        rf"\b(?:serve|continue|serving|continuing) (?:\w+ ){{0,2}}?(?:as|on|in) (?>{_ON}{_OFFICE})"
        rf"{_ON}\b(?:again|next|another|one more|for the \w+ (?:cycle|term|release))\b",
        rf"\b(?:select|elect|choose|pick) me (?:as|to|for)\b{_ON}{_OFFICE}",
        rf"{_I}{_on('(?:volunteer|volunteering|apply|applying) (?:as|for|to be) ')}{_ON}{_OFFICE}",
    ),
    "own candidacy": _any(
        rf"\bmy (?:\w+[- ]){{0,2}}?(?:{CANDIDACY}|nomination|campaign|platform|re-?election|manifesto)\b",
        rf"\b{CANDIDACY} (?:for (?:\w+ ){{0,3}}?{OFFICE_WORDS}|declaration|announcement)\b",
        rf"\bthis {CANDIDACY} is\b",
        r"\bwhy (?:am i|i'm|i am|you're|you are|i) (?:running|run|standing|want)",
        rf"{_I} (?:am )?running (?:because|to|again)\b",
        rf"{_I} decided to run\b",
    ),
    "asks for votes": _any(
        r"\byour (?:\w+ ){0,2}?(?:consideration|votes?|support|trust)\b",
        r"\bconsider(?:ing|ation)? (?:of )?(?:me\b|my (?:\w+[- ])?(?:candidacy|nomination|self))",
        r"\bif you (?:will |would |'ll )?(?:choose|elect|select|want|have|let|allow|trust|vote for|pick) me\b",
        r"\byou(?:'ll| will) have me\b",
        r"\b(?:the|this|such an) opportunity to (?:serve|continue)\b",
    ),
    "if elected": _any(
        rf"\b(?:if|when|once|should i be|were i) (?:i (?:am|get|were) )?(?:re-?)?elected\b{_ON}{_I}",
        rf"{_I}{_ON}\bif (?:re-?)?elected\b",
        r"\bif i(?:'m| am| get| were) (?:re-?)?elected\b",
    ),
    # Whoever holds the office says so, too.
    "in office": _any(
        rf"\bas (?:a|an|your|your next) (?:\w+ ){{0,3}}?{OFFICE_WORDS}(?: member)?,? (?:i'd|i'll|i will|i would|"
        rf"i want|i hope|i intend|i plan)\b",
        rf"\bas (?:the |a |your )?{OFFICE_WORDS},? (?:i'd|i would|i'll|i will)\b",
        rf"\bas (?:a|an|your) (?:\w+ )?(?:member|part) of {_ON}{_OFFICE},? (?:i'd|i'll|i will|i would|i want|i hope|"
        rf"i intend|i plan)\b",
    ),
    "next term": _any(r"\b(?:next|coming|upcoming|new|following|forthcoming|this|\w+) (?:cycle|term)\b"),
    "election words": _any(
        r"\b(?:re-?)?elect(?:ion|ions|ed|ing|oral|orate)?\b",
        r"\bcandida(?:te|tes|cy|cies)\b",
        r"\bnomin\w+",
        r"\bvot(?:e|es|ed|ers?|ing)\b",
        r"\bcampaign\b",
    ),
    "office words": _any(_OFFICE),
    "introduces": _any(
        r"\bmy name is\b",
        r"\b(?:about|introduce) (?:me|myself)\b",
        r"\bi'm [a-z]+ [a-z]+,",
        r"\bi (?:currently )?work (?:for|at|as)\b",
        r"\bi am (?:an?|the|currently) [^.\n]{0,40}\b(?:at|for|of|with)\b",
        r"\b(?:i've|i have) been (?:a |an |the |involved|working|contribut|part|using|core|active)",
        r"\bi (?:joined|started|founded|co-?founded|served|have served|began)\b",
        r"\bas (?:many|some|most) of you\b",
    ),
    "calls": _any(
        r"\bnominations? (?:\w+ ){0,2}?(?:is|are|will be|remain) (?:\w+ ){0,2}?(?:open|accept|clos|due|over)",
        r"\bcall for (?:candidates|nominations|self)",
        r"\b(?:nomination|candidacy|self[- ]?nomination) (?:period|phase|deadline|process|window)\b",
        rf"\bdeadline (?:for|to)\b{_NEAR}\b(?:nominat|candida)",
        r"\b(?:your|their) (?:self[- ]?)?(?:candidac|nomination)",
        r"\b(?:submit|propose|announce) (?:a|your|their|his|her) (?:candidacy|nomination)",
        r"\bhow to (?:nominate|submit a candidacy|become a candidate)",
        r"\bseats? (?:are|is|will be) (?:\w+ )?(?:up for|open|available|due)",
        r"\b(?:please|to|can) nominate (?:someone|somebody|others|yourself|candidates|people)",
        r"\bnominate (?:yourself|themselves)\b",
        r"\b(?:eligible|eligibility) (?:to|for) (?:run|stand|candida)",
        r"\b(?:encourage|urge|ask) you to (?:run|stand|nominate)",
        r"\bstep up and run\b",
        r"\bsubmit (?:their|your) names?\b",
    ),
    "lists candidates": _any(
        r"(?<!me to the )(?<!me on the )\blist of (?:the |all )?(?:confirmed |final )?(?:candidates|nominees)\b",
        r"\b(?:following|confirmed|these) (?:\w+ )?(?:candidates|nominees|people|members) (?:are|have|has|will|were)\b",
        r"\b(?:candidates|nominees) (?:are|who are running|for the election are|in this election)\b",
        rf"\b(?:announced|submitted|declared) their {CANDIDACY}",
        r"\bhere are the (?:\w+ )?(?:candidates|nominees|statements)\b",
        r"\b(?:following|these) (?:\w+ )?statements\b",
        r"\bstatements? of (?:the |all )+(?:candidates|nominees)\b",
        r"\bthe (?:candidates|nominees)\b[^.!?\n]{0,40}:",
    ),
    "tells results": _any(
        r"\belection results\b",
        r"\bresults of (?:the|this|our)\b" + _NEAR + r"\b(?:election|vote|poll|ballot)",
        rf"\bwinners?\b{_NEAR}\b(?:is|are)\b",
        r"\bcongratulat(?:e|ions|ing)\b",
        r"\b(?:votes|ballots) (?:were )?cast\b",
        r"\bturn-?out\b",
        r"\b(?:have|has|were|are) (?:all )?(?:been )?(?:re-?)?elected\b(?! to me)",
        r"\bran unopposed\b",
        r"\bannounce the (?:\w+ ){0,3}?(?:members|results?|outcome|winners?)\b",
        r"\b\d+ votes?\b(?! each)",
        r"\bby acclamation\b",
    ),
    "calls to vote": _any(
        r"\bcast (?:your|a|their) (?:vote|ballot)(?!s? for me)",
        r"\bvoting (?:is|has|will|period|opens?|closes?|ends?|begins?|now)",
        r"\b(?:the )?polls? (?:is|are|has|have|will|opens?|closes?)\b",
        r"\bvote (?:now|here|by|before|at)\b",
        r"\bballots? (?:is|are|were|have|has|will|email|link)",
        r"\beligible to vote\b",
        r"\b(?:receive|received|emailed) (?:a|your|the) (?:ballot|link)",
    ),
    "withdraws": _any(
        rf"\bwithdraw\w*\b[^.!?\n]{{0,30}}\b(?:my|from|as)\b[^.!?\n]{{0,40}}(?:{CANDIDACY}|candidate|nomination|name|"
        rf"election|race|ballot|consideration|running)",
        r"\b(?:retract|rescind|revoke|cancel|remove|drop|take back)\w* my (?:\w+ )?(?:candidacy|nomination|"
        r"self[- ]?nomination|name)\b",
        r"\bdeclin\w+ (?:the|my|this|your) nomination\b",
        r"\bnon-?candidacy\b",
        r"\bi (?:\w+ ){0,4}?(?:decline|refuse)\b",
        r"\bbut no,? thanks\b",
        r"\bstep\w* (?:back|aside|down) from (?:this|the) (?:election|race)\b",
        r"(?:\bnot|cannot|can't|won't|unable to) accept\b",
        r"\bconsider my (?:candidacy|nomination) (?:withdrawn|void)",
        r"\bi am withdrawing\b",
        r"\bmy (?:candidacy|nomination) is withdrawn\b",
    ),
    "will not run": _any(
        rf"{_I}{_NEAR}\b(?:not|(?<!have )(?<!had )(?<!'ve )never|no longer)\b (?:\w+ ){{0,4}}?(?:run|running|stand|"
        rf"standing|seek|seeking|nominate|re-?nominate|nominating|continue as|candidate)\b",
        rf"\bi (?:won't|don't|can't){_NEAR}\b(?:run|stand|seek|nominate) (?:again|for|myself|re-?election)\b",
        r"\bi(?:'m| am| will| have decided to|'ve decided to)[^.!?\n]{0,30}\bstep(?:ping)? (?:down|aside|back)\b",
        rf"\bi(?:'m| am| will be|'ll be) leaving {_ON}{_OFFICE}",
        r"\b(?:somebody|someone) else (?:have|take|do|step|lead|run)\b",
        r"\btime for (?:a change|(?:some|any)(?:one|body) (?:else|new)|new)\b",
    ),
    "cheers": _any(
        r"(?:^|\n)[ \t]{0,9}\+1",
        r"\b(?:i|we) (?:fully |strongly |wholeheartedly |definitely |really |also )*(?:support|second|endorse|"
        r"back) (?:your|him|her|the nomination|this nomination|this candidacy|[a-z]+'s (?:nomination|candidacy))\b",
        r"\b(?:good|best of) luck\b",
        r"\b(?:thanks|thank you)[^.!?\n]{0,30}\bfor (?:running|standing|stepping|putting|volunteering|all your|"
        r"your (?:work|service|candidacy|leadership|nomination|time as|contributions))",
        r"\b(?:glad|great|happy|good|nice|excited|pleased|delighted) (?:to see|to hear|that) (?:you|your)\b",
        r"\byou(?:'ll| will|'d| would) (?:be|make) a\b",
        r"\byou have my (?:vote|support)\b",
        r"\bseconded\b",
    ),
    "asks candidates": _any(
        r"\bquestions? (?:for|to) (?:\w+ ){0,3}?(?:candidates?|nominees?)\b",
        r"\b(?:candidates|nominees)\b[^.!?\n]{0,120}\?",
        r"\b(?:dear|hi|hello) (?:\w+ ){0,3}?(?:candidates|nominees)\b",
    ),
}

# "I nominate Ann Bee", in the text's own case.
NOMINATES = re.compile(
    r"\b(?:I|We|i|we)\b[^.!?\n]{0,40}?\b(?:nominat\w{1,4}|propose|proposing|suggest|suggesting|consider|put forward|"
    r"recommend|(?:name|nomination) of)\s+(?!I\b)[A-Z][\w'’-]+(?=[\s,.]+(?:[A-Z][\w'’-]+|for|as|to be|\())"
)
# In lower case, with nicknames or a list behind it.
NOMINATES_ANY = re.compile(
    r"\b(?:i|we)(?:'d like to| would like to| hereby| want to|, [^,\n]{0,40},)? nominate "
    r"(?!my|me\b|for\b|a\b|an\b|people|some|any|your)|\bnominate(?: the following[\w ]{0,20})?:|"
    r"\bmy nominations?(?: \w+){0,4}(?::| goes? to\b| (?:is|are)\b)|"
    r"\b(?:propose|suggest|recommend) that (?!i\b|we\b|you\b)[^.!?\n]{0,60}\b(?:become|be|takes? over|is made)\b|"
    r"\bdo you accept\b|\bwould you (?:run|stand|accept)\b|\bhow about \w+ \w+\?|\bput forward (?:the name of )?(?!my)"
)
COMMENT = re.compile(r"<!--.{0,1000}?-->")
RELEASE_CANDIDATE = re.compile(r"\brelease[- ]candidates?\b|\bcandidates? (?:release|tarball|\d)")

# "i" alone counts in capitals only: in lower case it is a variable.
FIRST_PERSON = re.compile(
    r"\bI\b(?!/)|\bi(?:'m|'d|'ll|'ve| am| have| will| would| was| think| want| believe| see| hope)\b|"
    r"\b(?:[Mm]e|[Mm]y|[Mm]ine|[Mm]yself)\b(?![-_])"
)
# In some other languages: "never speaks of the writer" must be true.
FOREIGN_FIRST_PERSON = re.compile(
    r"\b(?:ich|mich|meine?|je|moi|mon|yo|mi|io|eu|ja|ik|mijn|jag|jeg|я|меня|ben|minä)\b|[我私僕저]", re.IGNORECASE
)
THIRD_PERSON = re.compile(r"\b(?:he|she|his|her|him|they|their)\b")
CAREER = re.compile(
    r"\b(?:contribut\w+|maintain\w+|member|served|serves|engineer|developer|founder|co-founder|organi[sz]\w+|communit\w+|career|"
    r"volunteer\w*|president|chair|director|leader|experience)\b"
)
SECOND_PERSON = re.compile(r"\b(?:you|your|you're|you've|you'll|yours|yourself)\b")

PLATFORM_HEADING = re.compile(
    r"^(?:what (?:i'll|i will|i want|i have|i've|i did|is important)|why (?:i|i'm|am i|me|you|vote)|about(?: me)?|"
    r"background|introduction|bio(?:graphy)?|"
    r"experience|platform|vision|goals|priorities|contributions|your work|my (?:work|goals|\S+ contributions|"
    r"contributions|background|story|vision|"
    r"experience)|who (?:am i|i am|is \w+)|current work|resources about me|(?:candidate |personal )?statement|"
    r"(?:company )?affiliations?|name|"
    r"contact(?: information)?|interview|plans?)\b"
)
BLANK = re.compile(
    r"\{ ?(?:your|link|name|candidate)\b[^}\n]{0,40}\}|\[ ?(?:your|insert|name)\b[^\]\n]{0,40}\](?!\()|<(?:your|name|"
    r"insert)\b[^>\n]{0,40}>|"
    r"^your name(?: here)?$|\bXXX\b|\bgithubid\b|\byour employer or\b|\b(?:copy|use) (?:of )?this (?:file|template)\b",
    re.MULTILINE | re.IGNORECASE,
)

# "candida", "kandid" and what people make of it, and the rest in full.
_STEMS = (
    "andid", "canadi", "nomin", "committee", "council", "steering", "ptl", " hat in", "chair", "serve as",
    "president", "treasurer", "secretary",
)  # fmt: skip
# Common letters, and what must follow or go before. Begun with what it looks for, a pattern is searched for fast.
_BEGINNINGS = (
    ("vote", re.compile(r"vote(?<!devote)")),
    ("run", re.compile(
        r"run(?:ning)? for\b|run\b(?:(?<=i'll run)|(?<=i will run))|running(?:(?<=i'm running)|(?<=i am running)|"
        r"(?<=be running))(?: (?:again|this|because|once|too|as well)\b|[.,!;])"
    )),
    ("stand", re.compile(
        r"stand(?:ing)? (?:for|as)\b|stand\b(?:(?<=i'll stand)|(?<=i will stand))|standing(?:(?<=i'm standing)|"
        r"(?<=i am standing)|(?<=be standing))"
    )),
    ("board", re.compile(r"board(?: of\b| election\b|(?<=(?:the|our) board)|(?<=governing board))")),
    (" lead", re.compile(r" lead(?:er)?\b(?:(?<=team lead)|(?<=project lead)|(?<=team leader)|(?<=project leader))")),
    ("elect", re.compile(r"elect(?!r[io])(?:(?<![a-z]elect)|(?<=\breelect))")),
)  # fmt: skip
_OTHER_STEMS = ("andyd", "zur wahl", "кандид", "竞选", "競選", "立候補")
# What the subject of a candidacy may say besides.
_SUBJECT_STEMS = (
    "manifesto", "statement", "board", "seat", "lead", "manager", "core team", "secretar", "treasur",
    "representative", "director", "trustee", "standing", "wahl", "vacan", "campaign", "cycle", "position",
)  # fmt: skip
# Programs run, too, on platforms, and for a long term.
_SUBJECT_WORDS = re.compile(
    rf"{_OFFICE}|(?:^\W*|[:\]\u2013-] |\bmy |['’]s |\b(?:election|candidate|team) )platform\b|"
    r"\bplatform(?: (?:for|of|20)\b.{0,60})?[\s.!]*$|\brunning (?:for|as|again|once|in|to|because|unopposed)\b|"
    r"\b(?:i['’]m|i am|who is|why) running\b|\brunning\W*$|(?<!-)\bterm\b(?! (?:fix|solution|support))"
)


def is_about(subject: str) -> bool:
    """Whether a subject in lower case, which answers none, may be that of a candidacy."""
    return any(stem in subject for stem in _SUBJECT_STEMS) or has_stem(subject) or bool(_SUBJECT_WORDS.search(subject))


def has_stem(text: str) -> bool:
    """Whether a text in lower case has any word without which it is no candidacy of any kind."""
    for stem in _STEMS:  # not with any(): this is asked of every mail of an archive
        if stem in text:
            return True
    for stem, more in _BEGINNINGS:
        if stem in text and more.search(text) is not None:
            return True
    return not text.isascii() and any(stem in text for stem in _OTHER_STEMS)


# Stems that a text needs more of: a test may run for hours and a module serve as an example; a candidate speaks.
_WEAK = re.compile(
    r"\b(?:i|i['’]\w{1,2}|me|my|we)\b(?:(?!\b(?:you|it|this|that|which|who|he|she|they)\b)(?:[^.!?]|\.(?=\w))){0,200}"
    r"\b(?:run for|serve as)"
)
_PTL = re.compile(r"ptl(?<![a-z]ptl)")


def may_stand(text: str) -> bool:
    """Whether a mail in lower case may be a candidacy by its words: as `has_stem`, and slower to believe it."""
    if not has_stem(text):
        return False
    return (
        has_stem(text.replace("ptl", "").replace("run for", "").replace("serve as", ""))
        or _PTL.search(text) is not None
        or _WEAK.search(text) is not None
    )


# The labels and headings of a profile, which may do without. Pipermail names the attachments that it took off, and
# their type or address below.
_PROFILE = re.compile(
    r"\n[ \\#*-]{0,6}(?:(?:full name|name(?!:.*\n(?:type|url|desc):)|affiliation|employer|company|github|slack)\**\s?:|"
    r"(?:what i(?:['’](?:ve|ll)| have| will)|why i)\b[^.\n]{0,40}$|(?:about me|background\s*:?$|manifesto$|bio$))",
    re.MULTILINE,
)


def is_profile(text: str) -> bool:
    """Whether a mail in lower case begins as a profile does."""
    return _PROFILE.search("\n" + text[:3000]) is not None
