"""Whether the stories would notice: changes to verification, the table of fields and the audit, one at a time.

The table of fields is data: tests/test_docs.py notices each of its cells. For the rest mutmut makes the changes
(configured in pyproject.toml) and runs the stories that come past each; it goes on where it was broken off.
`mutmut results` names what nobody noticed.
"""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ENOUGH = 0.8


@pytest.mark.prove
def test_four_changes_of_five_are_noticed(record_property: Callable[[str, object], None]) -> None:
    mutmut = [sys.executable, "-m", "mutmut"]
    subprocess.run([*mutmut, "run", "--max-children", str(os.cpu_count() or 2)], cwd=ROOT, check=True)
    subprocess.run([*mutmut, "export-cicd-stats"], cwd=ROOT, check=True)
    found = json.loads((ROOT / "mutants" / "mutmut-cicd-stats.json").read_text())
    noticed = found["killed"] + found["timeout"]
    record_property("changes", {"noticed": noticed, "made": found["total"]})
    assert noticed / found["total"] >= ENOUGH, found
