"""Dutch and English: message catalogues read from their text form at start-up; message ids are the English texts."""

from functools import cache
from gettext import NullTranslations
from importlib.resources import files
from io import BytesIO

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import Translations

LANGUAGES = ("nl", "en")


@cache
def translations(language: str) -> NullTranslations:
    """The catalogue of a language; English is the source and has none."""
    source = files("contactcenter") / "core" / "locales" / f"{language}.po"
    if language == "en" or not source.is_file():
        return NullTranslations()
    binary = BytesIO()
    with source.open("rb") as text:
        write_mo(binary, read_po(text, locale=language))
    binary.seek(0)
    return Translations(binary)


def chosen(preferred: str | None, accept_language: str, default: str) -> str:
    """The language of a page: the person's own, else the browser's first that we speak, else the default."""
    if preferred in LANGUAGES:
        return preferred
    for part in accept_language.split(","):
        code = part.split(";")[0].strip().lower()[:2]
        if code in LANGUAGES:
            return code
    return default
