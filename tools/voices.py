"""Brings the voices that `make_audio.py` speaks with: `python -m tools.voices FOLDER` prints where they lie.

They are files of npm's kokoro-js (Apache-2.0), of which nothing else is used.
"""

import hashlib
import sys
import tarfile
from pathlib import Path

from tools import node

PACKAGE, VERSION = "kokoro-js", "1.2.1"
SHA256 = "1f0d0383ef0349af0bd9440d81dc12abbea3a5392eb645283eda876f537f5860"


def voices(folder: Path) -> Path:
    """The folder with the voices, got once; `SystemExit` when what came is not what this was written for."""
    there = folder / "package" / "voices"
    if not there.is_dir():
        folder.mkdir(parents=True, exist_ok=True)
        node.main(str(folder), "npm", "pack", "--silent", f"{PACKAGE}@{VERSION}")
        packed = folder / f"{PACKAGE}-{VERSION}.tgz"
        if hashlib.sha256(packed.read_bytes()).hexdigest() != SHA256:
            raise SystemExit("The voices are not those that this was written for.")
        with tarfile.open(packed) as archive:
            wanted = [one for one in archive if one.name.startswith("package/voices/")]
            archive.extractall(folder, wanted, filter="data")
        packed.unlink()
    return there


if __name__ == "__main__":
    print(voices(Path(sys.argv[1])))
