"""Whether what a caller said is what we know: spelling, spaces, number words and order don't matter. Pure."""

import hmac
import re
import unicodedata
from datetime import date

NUMBER_WORDS = {
    word: str(number)
    for number, words in enumerate(
        (
            "nul zero", "een one", "twee two", "drie three", "vier four", "vijf five", "zes six", "zeven seven",
            "acht eight", "negen nine", "tien ten", "elf eleven", "twaalf twelve",
        )
    )
    for word in words.split()
}  # fmt: skip
MONTHS = {
    word: number
    for number, words in enumerate(
        (
            "januari january jan", "februari february feb", "maart march mrt mar", "april apr", "mei may",
            "juni june jun", "juli july jul", "augustus august aug", "september sept sep",
            "oktober october okt oct", "november nov", "december dec",
        ),
        start=1,
    )
    for word in words.split()
}  # fmt: skip
FILLERS = {
    "1", "a", "an", "and", "at", "de", "den", "een", "en", "for", "het", "i", "in", "is", "it",
    "met", "mijn", "my", "of", "on", "onze", "our", "the", "to", "van", "voor", "we", "wij", "with",
}  # fmt: skip


SUBJECTS = {  # how callers call what an earlier call was about
    "outage": {
        "storing",
        "storingen",
        "outage",
        "stuk",
        "kapot",
        "broken",
        "down",
        "synchroniseert",
        "werkte",
        "working",
    },
    "complaint": {"klacht", "klachten", "complaint", "ontevreden", "unhappy"},
    "invoice": {"factuur", "facturen", "rekening", "betaling", "invoice", "invoices", "bill", "payment"},
}


def words(text: str) -> list[str]:
    """The words of a text, without case, diacritics and punctuation; number words up to twelve as digits."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    plain = "".join(character for character in plain if not unicodedata.combining(character))
    return [NUMBER_WORDS.get(word, word) for word in re.findall(r"[a-z0-9]+", plain)]


def same_code(expected: str, said: str) -> bool:
    """Postcodes and the like: equal once spaces are gone."""
    return _equal("".join(words(expected)), "".join(words(said)))


def same_count(expected: str, said: str) -> bool:
    """A count: the one number in what was said. Several numbers are a guess and don't hold."""
    numbers = [word for word in words(said) if word.isdigit()]
    return _equal(expected, str(int(numbers[0])) if len(numbers) == 1 else "")


def same_amount(expected: str, said: str) -> bool:
    """An amount of money, to the cent."""
    return _equal(str(cents(expected)), str(cents(said))) and cents(expected) is not None


def same_month(expected: str, said: str) -> bool:
    """A month, by name or number; `expected` is an ISO date. A year that was said must be right too."""
    on, heard = date.fromisoformat(expected), month_of(said)
    if heard is None:
        return False
    month, year = heard
    return _equal(f"{on.month} {on.year}", f"{month} {year or on.year}")


def same_phrase(expected: str, said: str) -> bool:
    """A subject: at least half of its words, and no heap of guesses around them."""
    wanted, heard = _telling(expected), _telling(said)
    if not wanted or not heard:
        return False
    shared = len(wanted & heard)
    return "".join(words(expected)) == "".join(words(said)) or (2 * shared >= len(wanted) and 2 * shared >= len(heard))


def same_occasion(expected: str, said: str) -> bool:
    """A month and a subject, both; `expected` is "2026-10-12 invoice". Two subjects are a guess and don't hold."""
    on, subject = expected.split(" ")
    named = {kind for kind, called in SUBJECTS.items() if not called.isdisjoint(words(said))}
    return bool(same_month(on, said) & _equal(subject, named.pop() if len(named) == 1 else ""))


def cents(text: str) -> int | None:
    """181,50 · € 1.250 · 181 euro 50 · twelve euros as whole cents; None when it is no single amount."""
    plain = " ".join(NUMBER_WORDS.get(word, word) for word in text.casefold().split())
    spoken = re.fullmatch(r"(\d+) euros?(?: (?:en |and )?(\d{1,2})(?: cents?)?)?", plain.strip())
    if spoken:
        return int(spoken[1]) * 100 + int(spoken[2] or 0)
    written = re.fullmatch(
        r"(?:€|eur|euro)? ?(\d{1,3}(?:[.,]\d{3})+|\d+)(?:[.,](\d{2}|\d|-))? ?(?:€|eur|euros?)?", plain.strip()
    )
    if not written:
        return None
    fraction = (written[2] or "0").replace("-", "0")
    return int(re.sub(r"[.,]", "", written[1])) * 100 + int(fraction.ljust(2, "0"))


def month_of(text: str) -> tuple[int, int | None] | None:
    """(month, year or None): October, oktober 2026, 10-2026, 2026-10-15, 15/10/2026; None when it is not one month."""
    said = words(text)
    named = {MONTHS[word] for word in said if word in MONTHS}
    years = [int(word) for word in said if re.fullmatch(r"(?:19|20)\d\d", word)]
    if len(named) > 1 or len(years) > 1:
        return None
    year = years[0] if years else None
    if named:
        return named.pop(), year
    numbers = [int(word) for word in said if word.isdigit() and int(word) not in years]
    if not numbers or len(numbers) > 2 or (len(numbers) == 2 and year is None):
        return None
    first_is_year = bool(years) and said[0] == str(year)
    month = numbers[0] if len(numbers) == 1 or first_is_year else numbers[1]
    return (month, year) if 1 <= month <= 12 else None


def _telling(text: str) -> set[str]:
    found = set(words(text))
    return found - FILLERS or found


def _equal(one: str, other: str) -> bool:
    return bool(other) and hmac.compare_digest(one.encode(), other.encode())
