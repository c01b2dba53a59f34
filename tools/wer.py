"""Words of a text, and what is wrong with those that were heard."""

from collections.abc import Sequence


def words(text: str) -> list[str]:
    """The words of a text, in small letters and without punctuation."""
    return "".join(letter if letter.isalnum() else " " for letter in text.lower().replace("'", "")).split()


def errors(said: Sequence[str], heard: Sequence[str]) -> tuple[int, int, int]:
    """(substituted, deleted, inserted) words of the shortest way from what was said to what was heard."""
    row = [(inserted, 0, 0, inserted) for inserted in range(len(heard) + 1)]  # (all, S, D, I)
    for word in said:
        before, row = row, [_more(row[0], 2)]
        for at, other in enumerate(heard, 1):
            same = before[at - 1] if word == other else _more(before[at - 1], 1)
            row.append(min(same, _more(before[at], 2), _more(row[-1], 3)))
    _, substituted, deleted, inserted = row[-1]
    return substituted, deleted, inserted


def _more(counts: tuple[int, int, int, int], kind: int) -> tuple[int, int, int, int]:
    """With one error more, of a kind: 1 substituted, 2 deleted, 3 inserted."""
    counted = list(counts)
    counted[0] += 1
    counted[kind] += 1
    return counted[0], counted[1], counted[2], counted[3]
