"""The words in which somebody asks for a thing, and in which they only speak of it (nl, en): patterns for `asking`.

In a pattern `{it}` stands for what is asked for, `{your}` for what goes before it, `{give}` for how one hands it over,
`~` for words before it that begin no other thought, `=` for those after it.
"""

from dataclasses import dataclass
from enum import StrEnum


class Asked(StrEnum):
    """What is never asked for, or not when we called."""

    PASSWORD = "password"
    ACCOUNT = "account"


@dataclass(frozen=True)
class Forms:
    """How a language asks. `surely` asks whatever else the sentence says, unless it says `never`; `maybe` asks unless
    the sentence says `other`: it is about changing it, or what to do with it."""

    it: dict[Asked, str]
    your: str
    give: str
    between: str
    surely: tuple[str, ...]
    maybe: tuple[str, ...]
    never: str
    other: str


NL = Forms(
    it={
        Asked.PASSWORD: r"\b(?:inlog)?(?:wacht ?woord|wachtword|paswoord|passwoord|pass ?word)\b",
        Asked.ACCOUNT: r"\b(?:(?:bank)?rekening ?nummer|bankrekening|iban(?:[ -]nummer)?|bankgegevens"
        r"|nummer van (?:uw|je|de) (?:bank)?rekening)\b",
    },
    your=r"(?:uw|je|jouw|het|dat|de)",
    give=r"(?:geven|noemen|zeggen|doorgeven|spellen|vertellen|opgeven|voorlezen|oplezen|herhalen|mailen|opsturen|delen"
    r"|opnoemen|bevestigen|verstrekken|laten weten)",
    between=r"(?:(?!\b(?:of|wanneer|waarom|waar|hoe|dat|als|met|over|via|in|op)\b)[^?]){0,40}",
    surely=(
        r"\bwat (?:is|was|luidt) (?:(?:dan|nu|ook|ook alweer|precies|eigenlijk) )?{your} (?:\w+ ){0,2}?{it}",
        r"\bwelke? (?:\w+ )?{it}=\b(?:gebruik\w*|heeft|had|hebt|typ\w*|vult?|voert?|hoort|was|is)\b",
        r"\bhoe (?:luidt|spel\w*|schrijf\w*)~{it}",
        r"\b(?:kunt|kan|wilt|wil|zou|zoudt|zult|mag) (?:u|je|jij|ik u|ik je)\b~{it}=\b{give}",
        r"\b(?:kunt|kan|wilt|wil|zou|zoudt|zult) (?:u|je|jij)\b~\b{give}~{it}",
        r"(?:^\W*|[,:] |\b(?:dan|en|maar|graag|even|eerst) )"
        r"(?:geeft?|noemt?|zegt?|spelt?|vertelt?|herhaal|stuur|mail|app)(?: u)?"
        r"(?: (?:mij|me|maar|even|eens|dan|nu|dus|hier|snel|gewoon))* (?:wat )?{your} (?:\w+ )?{it}",
        r"\b(?:heb|hebben) (?:ik|wij|we)\b~{it}=\bnodig\b",
        r"\b(?:ik|wij|we)\b~{it}=\b(?:nodig|weten|horen|noteren|ontvangen|opschrijven|invullen|hebben)\b",
        r"\b(?:ik|wij|we)\b~\b(?:vraag|vragen)\b~{it}",
        r"\b(?:ik|wij|we)\b~\b(?:om|naar)\b~{it}=\b(?:vraag|vragen)\b",
        r"\bmag (?:ik|wij|we)\b~{it}=\b(?:hebben|weten|noteren|horen|vragen|krijgen|ontvangen|van u)\b",
    ),
    maybe=(
        r"\b(?:mag|kan|zou) (?:ik|wij|we)\b~{it}",
        r"\b{your} (?:\w+ )?{it},? (?:alstublieft|alsjeblieft|graag|aub)\b",
        r"^\W*(?:(?:en|dan|nu|of|dus|oké|goed|ja|wat|hoe|u|is)[ ,]+){0,4}"
        r"(?:{your} )?(?:\w+ )?{it}(?: (?:dan|was|is|erbij|ook))?\s*\?",
    ),
    never=r"\b(?:nooit|geen|zonder|hoeft?|niets?|niemand|oplichters?|fraudeurs?|phishing|iemand|criminelen)\b"
    r"|\bniet\b(?! (?:even|gewoon|toch))",
    other=r"\b(?:wijzig\w*|gewijzigd|verander\w*|veranderd|reset\w*|gereset|instel\w*|ingesteld|herstel\w*"
    r"|aanmaken|aangemaakt|kiezen|kiest|kies|gekozen|bedenken|vergeten|kwijt|link|verlopen|onthouden|bewaren"
    r"|aanpas\w*|aangepast|terugzetten|blokker\w*|geblokkeerd|opnieuw|sturen wij|stuur ik|controle|eindigt|beleid"
    r"|zelf|help\w*|uitleggen)\b",
)
EN = Forms(
    it={
        Asked.PASSWORD: r"\b(?:log-?in )?pass ?(?:word|phrase)\b",
        Asked.ACCOUNT: r"\b(?:(?:bank )?account (?:number|details)|iban(?: number)?|bank (?:details|account)|sort code)"
        r"\b",
    },
    your=r"(?:your|the)",
    give=r"(?:give|tell|say|spell|read|repeat|share|provide|confirm|text|email|state|dictate|let me (?:have|know))",
    between=r"(?:(?!\b(?:if|whether|when|why|where|how|that|about|with|via|using|in|on)\b"
    r"|\bto (?!have|know|ask|hear|take|get|note|me|us))[^?]){0,40}",
    surely=(
        r"\bwhat(?:'s| is| was)(?: (?:then|again|now))? {your} (?:\w+ ){0,2}?{it}",
        r"\b(?:which|what) (?:\w+ )?{it} (?:do|did|are|were|have) you\b",
        r"\bhow (?:do|would|did) you (?:spell|write)~{it}",
        r"\b(?:may|can|could|might|shall) (?:i|we)\b~\b(?:have|get|take|ask|know|note|hear|write down|see)\b~{it}",
        r"\b(?:can|could|would|will) you\b~\b{give}~{it}",
        r"\bwould you mind~\b(?:giving|telling|saying|spelling|reading|repeating|sharing|confirming)~{it}",
        r"(?:^\W*|[,:] |\b(?:please|just|then|and|so|now|first) )"
        r"(?:give|tell|spell|read|say|repeat|provide|share|send|text)"
        r"(?: (?:me|us|out|to me|just|again))* (?:what )?{your} (?:\w+ )?{it}",
        r"\b(?:i|we)(?:'ll| will|'d| would)?(?: \w+)? (?:need|require|want|like|have to (?:ask|have|know))\b~{it}",
        r"\b(?:i|we)(?:'m|'re| am| are)?(?: \w+)? (?:ask|asking)(?: you)? for~{it}",
        r"\blet me (?:have|know|take|get|note)~{it}",
    ),
    maybe=(
        r"\b{your} (?:\w+ )?{it},? please\b",
        r"^\W*(?:(?:and|then|now|or|so|okay|right|yes|what|how|about|was|is|sorry)[ ,]+){0,4}"
        r"(?:{your} )?(?:\w+ )?{it}(?: (?:then|was|is|too|again))?\s*\?",
    ),
    never=r"\b(?:never|not|no|nobody|without|anyone|anybody|somebody|someone|scammers?|fraudsters?|phishing|cannot)\b"
    r"|n't\b(?! you (?:just|please))",
    other=r"\b(?:chang\w*|reset\w*|set(?:ting)? (?:up|a)|recover\w*|creat\w*|choos\w*|chosen|choice|forgot\w*|lost"
    r"|link|expired?|remember\w*|updat\w*|block\w*|ends? (?:in|with)|policy|yourself|help\w*|work\w*|wrong with"
    r"|happen\w*)\b",
)
FORMS = {"nl": NL, "en": EN}
