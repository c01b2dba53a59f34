"""Long proofs that can be broken off: what passed with the code as it stands is not run again; figures are kept.

`./run.sh prove` marks them with -m prove. A test tells a figure by `record_property(name, value)`. Everything that
passed stands in `.proved/<state of the code>.jsonl`, one line a test: its name, the digest of its file, its seconds,
its figures. A change of a test's own file repeats the tests of that file; any other change repeats all.
"""

import hashlib
import json
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
CODE = ("contactcenter/**/*.py", "tests/**/*.py", "tools/*", "requirements.lock")


class Proofs:
    """The proofs of one run, with why a test failed in a file beside them.

    Only the process that was started writes; xdist's own processes read.
    """

    def __init__(self, config: pytest.Config) -> None:
        self.writes = not hasattr(config, "workerinput")
        self.file = ROOT / ".proved" / f"{state_of_the_code()}.jsonl"
        self.file.parent.mkdir(exist_ok=True)

    def passed(self) -> list[dict[str, object]]:
        """What passed so far and still stands, a line a test."""
        lines = [json.loads(line) for line in self.file.read_text().splitlines()] if self.file.exists() else []
        return [line for line in lines if line["of"] == digest_of_its_file(line["test"])]

    def pytest_collection_modifyitems(self, config: pytest.Config, items: list[pytest.Item]) -> None:
        """Leave out what passed."""
        done = {line["test"] for line in self.passed()}
        out = [item for item in items if item.nodeid in done]
        config.hook.pytest_deselected(items=out)
        items[:] = [item for item in items if item.nodeid not in done]

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Keep what passed as soon as it did."""
        if self.writes and report.when == "call" and report.passed:
            line = {
                "test": report.nodeid,
                "of": digest_of_its_file(report.nodeid),
                "seconds": round(report.duration, 1),
                "figures": dict(report.user_properties),
            }
            with self.file.open("a") as file:
                file.write(json.dumps(line) + "\n")
        if self.writes and report.failed:  # a run for hours may be broken off before it says why
            with self.file.with_suffix(".failed").open("a") as file:
                file.write(f"{report.nodeid}, {report.when}\n{report.longreprtext}\n\n")

    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        """Nothing left to prove is no failure."""
        if exitstatus == pytest.ExitCode.NO_TESTS_COLLECTED and self.passed():
            session.exitstatus = pytest.ExitCode.OK

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Say all figures that this state of the code has reached."""
        if self.writes:
            terminalreporter.section("proved with this code")
            for line in self.passed():
                terminalreporter.write_line(json.dumps(line))


def pytest_configure(config: pytest.Config) -> None:
    """Long proofs are resumable; the suite of every day always runs whole."""
    if config.getoption("markexpr") == "prove":
        config.pluginmanager.register(Proofs(config))


def state_of_the_code() -> str:
    """A digest of what decides whether proofs still stand: everything but the files of the tests themselves."""
    digest = hashlib.sha256()
    for path in sorted(path for pattern in CODE for path in ROOT.glob(pattern) if path.is_file()):
        if "node_modules" not in path.parts and not path.name.startswith("test_"):
            digest.update(str(path.relative_to(ROOT)).encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:16]


def digest_of_its_file(test: str) -> str:
    """A digest of the file in which a test stands, by the test's node id; empty when it is gone."""
    file = ROOT / test.partition("::")[0]
    return hashlib.sha256(file.read_bytes()).hexdigest()[:16] if file.is_file() else ""
