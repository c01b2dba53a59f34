"""The languages that Whisper writes down, by their codes; without loading Whisper, which pages never do."""

from babel import Locale

_CODES = """
    af am ar as az ba be bg bn bo br bs ca cs cy da de el en es et eu fa fi fo fr gl gu ha haw he hi hr ht hu hy
    id is it ja jw ka kk km kn ko la lb ln lo lt lv mg mi mk ml mn mr ms mt my ne nl nn no oc pa pl ps pt ro ru sa
    sd si sk sl sn so sq sr su sv sw ta te tg th tk tl tr tt uk ur uz vi yi yo yue zh
"""
CODES = frozenset(_CODES.split())
FIRST = ("nl", "en")  # what most calls here are in
BY_OTHER_CODE = {"jw": "jv"}  # Whisper's code for Javanese is an older one


def is_language(code: str) -> bool:
    """Whether Whisper has a language of this code."""
    return code in CODES


def named(reader: str) -> list[tuple[str, str]]:
    """(code, name) of each, named in the reader's language: Dutch and English first, then by name."""
    names = Locale.parse(reader).languages
    every = [(code, names[BY_OTHER_CODE.get(code, code)]) for code in CODES]
    return sorted(every, key=lambda one: (FIRST.index(one[0]) if one[0] in FIRST else len(FIRST), one[1].casefold()))
