"""Finds passwords and codes: what follows when somebody says theirs, or is asked for it (nl, en)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import zip_longest

from contactcenter.notes.finds import Kind
from contactcenter.notes.numbers import Span, without_dates_and_amounts

_LEAD = (
    r"(?:(?:dat|het|die|that|it|this|ja|yes|dus|so|nu|now|nou|well|gewoon|just|namelijk|okay|oke|zeker|is|was|'s|that's"
    r"|it's|met|with|het volgende|as follows|volgens mij|i think|I believe)\b[\s,.:!]{1,3}){0,5}"
)
_STATE = (
    r"(?!(?:niet|not|geen|no|none|vergeten|verlopen|kwijt|fout|verkeerd|onjuist|ongeldig|geldig|goed|juist|correct|weg"
    r"|te|too|al|already|nog|still|never|nooit|gewijzigd|veranderd|geblokkeerd|gereset|verstuurd|verzonden|expired|wrong"
    r"|incorrect|invalid|valid|forgotten|lost|changed|blocked|locked|reset|sent|being|going|working|required|nodig"
    r"|verplicht|in|on|op|bij|at|case|hoofdlettergevoelig|minimaal|minstens|maximaal|ten minste|at least|only|alleen"
    r"|ik|i|i'm|we|u|you|who|wat|what|waar|where|hoe|how|mag|kan|can|don't|do|weet|heb|ben|sorry|ooit|alweer|steeds"
    r"|voor|for|om|to|aan|van|of|the same|hetzelfde|de|een|a|an|the|onbekend|unknown|gestolen|stolen|bekend|known"
    r"|veilig|sterk|zwak|secure|strong|weak|uw|your|mijn|my|toch|per|altijd|always|gelukt|prima|fine"
    r"|[\w-]{1,15} (?:dagen|days?|weken|weeks?|maand\w*|months?|jaar|years?|tekens|characters|minut\w+|uur|hours?)"
    r"|(?-i:[a-z]{2,20}ed|ge[a-z]{3,20}[dtn])|makkelijk|moeilijk|easy|easily|hard|difficult|lang|kort|long|short|daarvoor"
    r"|er|zo|ze|they|iets|something|hersteld|blijkbaar|apparently|zeg|vertel|geef|liever|rather|kunt|kun|could|would|will|won't|can't|zal|ga|wil|moet|must|should|langer|korter|longer|shorter|opgeslagen|saved|stored|ingesteld|set|meegestuurd|please|alstublieft)\b)"
)
_PASS = r"\b(?:\w{0,20}wachtwoord|wachtzin|toegangswoord|password|pass\s?phrase|passwoord)\b"
_OF = r"(?:[\s,](?!en\b|and\b|but\b|maar\b)[\w'-]{1,20}){0,6}?"
_LINK = r"(?:\s(?:is|was|wordt|luidt|werd|becomes|would be|reads|zegt|says)\b|['’]s\b|:|\s=)"
_ASKED_PASS = (
    r"\b(?:wat (?:is|was)|noem|zeg|geef|spel|what(?:'s| is| was)|tell me|give me|spell|say)[\s\w'-]{0,25}?"
    rf"{_PASS}[\s\w'-]{{0,25}}[?.]"
)
_SPOKEN_MARK = (
    r"(?:\d{1,12}|\w|hoofdletter|kleine letter|capital|upper\s?case|lower\s?case|lowercase"
    r"|uitroepteken|exclamation mark"
    r"|vraagteken|question mark|streepje|dash|hyphen|underscore|hekje|hash|hashtag|sterretje|asterisk|dollarteken"
    r"|dollar sign|apenstaartje|at sign|punt|dot|letter)"
)
_NAMED_SIGN = (
    r"(?:uitroepteken|exclamation mark|vraagteken|question mark|streepje|dash|hyphen|underscore|hekje|hash|hashtag"
    r"|sterretje|asterisk|dollarteken|dollar sign)\b"
)
_END = r"(?:en|and|maar|but|want|because|dus|so|die|dat|that|which|hij|he|ik|i|alstublieft|please|klopt|toch)\b"
_WORD = r"[^\s,.?!\[\]]{1,40}(?:[.!?@][^\s,.?!\[\]]{1,40}){0,4}[!]{0,3}"
_VALUE = (
    rf"(?P<value>(?!{_END})(?!(?:met|with)\s{{0,2}}\[){_WORD}(?:[ ](?!{_END}){_WORD}){{0,7}}"
    rf"(?:[\s,.-]{{1,4}}(?!{_END})(?:{_SPOKEN_MARK}(?!\w)"
    rf"|\w{{2,20}}(?=[\s,]{{1,3}}{_NAMED_SIGN}))){{0,24}})"
)
# a word with digits at its end, as people make them; but for the programs that are named so
_LIKE_ONE = (
    r"(?!(?:windows|office|outlook|excel|word|ios|android|iphone|galaxy|win|mp|versie|version)\d)"
    r"[a-z]{3,20}\d{1,6}(?!\w)[!@#$%&*]{0,3}"
)
_PASSWORDS = (
    re.compile(rf"{_PASS}{_OF}{_LINK}[\s,:]{{1,3}}{_LEAD}{_STATE}{_VALUE}", re.I),
    re.compile(rf"{_ASKED_PASS}\s{{1,3}}{_LEAD}{_STATE}{_VALUE}", re.I),
    re.compile(rf"{_PASS}\?\s{{1,3}}(?:dat is|het is|it's|it is|that's|that is)\s{_LEAD}{_STATE}{_VALUE}", re.I),
    re.compile(
        rf"\b(?:have|has|as|als|heb|heeft)\s(?:[\w']{{1,8}}\s){{0,2}}{_PASS}[.,:]\s{{1,3}}{_STATE}{_VALUE}", re.I
    ),
    re.compile(rf"{_PASS}[^\[\]]{{1,90}}?[\s,:](?P<value>{_LIKE_ONE})", re.I),
    re.compile(
        rf"\b(?P<value>{_LIKE_ONE})[\s,.]{{1,3}}(?:(?:dat|that)\s)?(?:is|was|'s|that's)\s\w{{2,5}}\s{_PASS}", re.I
    ),
    re.compile(rf"{_PASS}\s(?P<value>\d{{4,8}})\b", re.I),
    re.compile(rf"{_PASS}[\s:]{{1,2}}(?P<value>(?=[a-z]{{0,20}}\d)(?=\d{{0,20}}[a-z])[\w!@#$%&*-]{{6,40}})", re.I),
)

_CODE = re.compile(
    r"\b(?P<no>post\s?code|postal code|zip code|(?:fout|error|artikel|product|kortings|land|country|area|discount|bar|"
    r"streep|bron|source|afdelings|kosten|project|klant|factuur|order)[\s-]?code\w{0,2}|qr[\s-]?code|status\s?code"
    r"|foutmelding|error message"
    r"|factuur\w*|invoice\w*|order\w*|bestel\w*|ticket\w*|relatien\w*|reference\w*|licen[tc]\w*|telefoon\w*|phone\w*"
    r"|bsn|iban|rekening\w*|account number|versie|version|bedrag|amount|jaar|year)\b"
    r"|\b(?P<code>\w{0,20}codes?|pin|pin\s?number|otp|cvc|cvv|puk|passcode|sms'?je"
    r"|text (?:message|saying|that says|with)|authenticator|sms"
    r"|(?:digits|numbers) on the back|cijfers (?:achterop|op de achterkant)"
    r"|app (?:staat|zegt|says|shows))(?:['’]s)?\b",
    re.I,
)
_ASKED = (
    r"(?:[\s,.?!]{1,3}(?!werkt\b|klopt\b|doet\b|does\b|did\b|will\b|geldig\b|expired\b|verlo\w*\b|niet\b|not\b|n't\b|kost\w*\b)"
    r"[\w'-]{1,20}){0,9}?"
)
_RUN = r"\d{1,10}(?:[\s,.~?!-]{1,12}\d{1,10}){0,9}"
_MIXED = r"(?=[A-Z0-9\s,.-]{0,20}\d)(?=[\d\s,.-]{0,20}[A-Z])[A-Z0-9]{1,10}(?:[\s,.~-]{1,4}[A-Z0-9]{1,4}(?!\w)){0,9}"
_UNIT = (
    r"(?!\w)(?![\s-]{1,2}(?:uur|keer|maal|minu\w*|seconde\w*|second\w*|dagen|days|weken|weeks|maand\w*|month\w*|jaar|year\w*"
    r"|hours|times|tekens|cijfers|digits|characters|licent\w*|licen[cs]\w*|gebruikers|users|euro|procent|percent|stuks"
    r"|computers|werkplekken|nummers|numbers|o'clock|letters|am\b|pm\b)|%|:\d)"
)
_AFTER = re.compile(rf"{_ASKED}(?:[\s:?.,!=]{{1,4}}){_LEAD}(?P<value>(?:(?-i:{_MIXED})|{_RUN}){_UNIT})", re.I)
_BEFORE = re.compile(
    r"\b(?P<value>\d{4,8})(?:\s(?:in|dus))?[\s,.]{1,3}(?:(?:dat|that|it)\s)?(?:als|as|is|was|that's|it's)\s"
    r"(?:(?:de|the|uw|your|mijn|my)\s)?(?:(?!post)\w){0,15}code\b",
    re.I,
)
_ANOTHER = re.compile(
    r"[\s,.]{1,3}(?:en|and|maar|but)\s(?:(?:mijn|de|my|the)\s)?(?:nieuwe|oude|andere|new|old|other)"
    rf"(?:\s(?:1|is|was)){{0,2}}\s(?P<value>{_RUN}{_UNIT})",
    re.I,
)


def passwords(text: str) -> Iterator[Span]:
    """Words after "my password is", or after the question for it; what is said about a password stays."""
    for pattern in _PASSWORDS:
        for found in pattern.finditer(text):
            yield (Kind.PASSWORD, *found.span("value"))


def codes(text: str) -> Iterator[Span]:
    """Digits and capitals after a word for a code; three or more, and none that counts something or names a year."""
    text = without_dates_and_amounts(text)
    yield from ((Kind.CODE, *found.span("value")) for found in _BEFORE.finditer(text))
    words = [*_CODE.finditer(text)]
    for word, following in zip_longest(words, words[1:]):
        if word["no"]:
            continue
        end = following.start() if following and following["no"] else len(text)
        found = _AFTER.match(text, word.end(), min(end, word.end() + 160))
        if found is None:
            continue
        start, end = found.span("value")
        end = _before_pronoun(text, start, end)
        if _is_code(text[start:end]) and not _is_year(text, start, end):
            yield Kind.CODE, start, end
            another = _ANOTHER.match(text, end)
            if another and _is_code(another["value"]):
                yield (Kind.CODE, *another.span("value"))


def _before_pronoun(text: str, start: int, end: int) -> int:
    """Where a code ends: an "I" after which somebody goes on is nobody's letter ("4829 I type it")."""
    pronoun = re.search(r"[\s,.~-]{1,4}I\Z", text[start:end])
    return start + pronoun.start() if pronoun and re.match(r"['’]\w|\s\w", text[end:]) else end


def _is_code(written: str) -> bool:
    bare = re.sub(r"[^A-Za-z0-9]", "", written)
    return 3 <= len(bare) <= 12


def _is_year(text: str, start: int, end: int) -> bool:
    """Whether somebody names a year; directly after "the code is" nobody does."""
    named = re.search(r"\b(?:in|van|uit|sinds|tot|jaar|since|from|of|until|by|year)\s\Z", text[:start], re.I)
    return named is not None and re.fullmatch(r"20[12]\d", text[start:end]) is not None
