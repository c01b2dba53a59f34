"""Whether an employee asks for a password (P08) or an account number (P12), in one sentence (nl, en).

Asks, not mentions: "we will never ask for your password" and "you can change your password yourself" are none. Nothing
is decided by it: a person judges.
"""

import re
from collections.abc import Iterable
from functools import cache

from contactcenter.notes.asking_forms import FORMS, Asked, Forms

Place = tuple[Asked, int]  # what is spoken of, and at which character


def asks(sentence: str, language: str) -> list[Place]:
    """What a sentence of an employee asks for; nothing in a language that is not known."""
    return [(asked, place) for asked, place in _spoken_of(sentence, language) if _is_asked(sentence, language, asked)]


def mentions(sentence: str, language: str) -> list[Place]:
    """What a sentence speaks of, without saying that nobody asks for it or what to do with it."""
    spoken_of = _spoken_of(sentence, language)
    return spoken_of if spoken_of and not _any(_else(language), sentence) else []


def _spoken_of(sentence: str, language: str) -> list[Place]:
    forms = FORMS.get(language)
    found = ((asked, re.search(it, sentence, re.I)) for asked, it in (forms.it.items() if forms else ()))
    return [(asked, place.start()) for asked, place in found if place]


def _is_asked(sentence: str, language: str, asked: Asked) -> bool:
    never, *_ = _else(language)
    surely, maybe = _filled(language, asked)
    if never.search(sentence):
        return False
    return _any(surely, sentence) or (_any(maybe, sentence) and not _any(_else(language), sentence))


@cache
def _else(language: str) -> tuple[re.Pattern[str], re.Pattern[str]]:
    forms = FORMS[language]
    return re.compile(forms.never, re.I), re.compile(forms.other, re.I)


@cache
def _filled(language: str, asked: Asked) -> tuple[tuple[re.Pattern[str], ...], tuple[re.Pattern[str], ...]]:
    """What surely and what maybe asks for this, in a language."""
    forms = FORMS[language]
    surely, maybe = (tuple(_pattern(form, forms, asked) for form in some) for some in (forms.surely, forms.maybe))
    return surely, maybe


def _pattern(form: str, forms: Forms, asked: Asked) -> re.Pattern[str]:
    after = forms.between.replace("[^?]", "[^?,]")
    marks = {"~": forms.between, "{it}=": "{it}" + after, "{your}": forms.your, "{give}": forms.give}
    for mark, part in marks.items():
        form = form.replace(mark, part)
    return re.compile(form.replace("{it}", forms.it[asked]), re.I)


def _any(patterns: Iterable[re.Pattern[str]], text: str) -> bool:
    return any(pattern.search(text) for pattern in patterns)
