"""Finds out whether an exported audit trail is what it was: `python audit_verifier.py LOG CHECKPOINTS --key KEY`.

One file that imports nothing of the product, so that an auditor can keep it, read it, and run it elsewhere. LOG is what
`contactcenter audit export` wrote: a line with the installation's name, then one JSON list an entry, its hash last.
CHECKPOINTS is a file that was kept outside the database; KEY what `contactcenter audit key` said once.

Every edit, deletion, insertion, swap or truncation up to the last checkpoint is found. What came later is not sealed.
"""

import argparse
import hashlib
import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

Told = Callable[[int], None]
_compact = json.JSONEncoder(separators=(",", ":")).encode


class Altered(Exception):
    """The trail is not what was sealed; the sentence says where."""


def verify(log: Path, checkpoints: Path, key: str, told: Told = lambda _: None) -> str:
    """What was found in an exported log, as a sentence; raises `Altered`. `told` hears of each ten thousandth entry."""
    return check(_rows(log), checkpoints, key, told)


def check(rows: Iterator[object], checkpoints: Path, key: str, told: Told = lambda _: None) -> str:
    """The same for the lines of a log, read only after the checkpoints: sealing may go on meanwhile."""
    sealed = _checkpoints(checkpoints, key)
    last = max(sealed)
    installation = next(rows, None)
    if not isinstance(installation, str) or installation != sealed[last]["installation"]:
        raise Altered("The log is of another installation than the checkpoint.")
    head, count = hashlib.sha256(f"contactcenter audit {installation}".encode()).hexdigest(), 0
    entry, good = 0, 0
    for row in rows:
        head, entry = _next(row, head, count + 1, entry)
        count += 1
        if count in sealed:
            if sealed[count]["head"] != head:
                raise Altered(f"Entries {good + 1} to {count} were rewritten: the checkpoint knows others.")
            good = count
        if count % 10_000 == 0:
            told(count)
    if count < last:
        raise Altered(f"Entry {count + 1} is missing, and all after it: the checkpoint knows {last} entries.")
    return f"{last} entries are as they were sealed at {sealed[last]['at']}; {count - last} came later."


def _next(row: object, before: str, sequence: int, entry: int) -> tuple[str, int]:
    if not isinstance(row, list) or len(row) != 9:
        raise Altered(f"Entry {sequence} can't be read.")
    *line, said = row
    if line[0] != sequence or not isinstance(line[1], int) or line[1] <= entry:
        raise Altered(f"Where entry {sequence} should be there is none, or another one.")
    head = hashlib.sha256(before.encode() + _compact(line).encode()).hexdigest()
    if head != said:
        raise Altered(f"Entry {sequence} was changed.")
    return head, line[1]


def _checkpoints(file: Path, key: str) -> dict[int, dict[str, str]]:
    """Checkpoints by how many entries they know; each must bear our signature."""
    public, found = Ed25519PublicKey.from_public_bytes(bytes.fromhex(key)), {}
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
        try:
            one = json.loads(line)
            signed = json.dumps([one["installation"], one["count"], one["head"], one["at"]], separators=(",", ":"))
            public.verify(bytes.fromhex(one["signature"]), signed.encode())
        except (InvalidSignature, ValueError, KeyError, TypeError):
            raise Altered(f"Checkpoint {number} does not bear the signature of this key.") from None
        found[one["count"]] = one
    if not found:
        raise Altered("There is no checkpoint in this file.")
    return found


def _rows(log: Path) -> Iterator[object]:
    with log.open(encoding="utf-8") as file:
        for line in file:
            try:
                yield json.loads(line)
            except ValueError:
                yield None


def _say(count: int) -> None:
    sys.stderr.write(f"{count} entries\n")


def main() -> None:
    """Read the command line, verify, say what was found."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("log", type=Path)
    parser.add_argument("checkpoints", type=Path)
    parser.add_argument("--key", required=True, help="the public key of the installation's checkpoints")
    wish = parser.parse_args()
    try:
        sys.stdout.write(verify(wish.log, wish.checkpoints, wish.key, _say))
        sys.stdout.write("\n")
    except (Altered, OSError) as problem:
        sys.exit(f"NOT AS IT WAS: {problem}")


if __name__ == "__main__":
    main()
