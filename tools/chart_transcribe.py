"""The picture of `bench transcribe`: how fast each engine is, with its word error rate, from the lines that it prints.

./run.sh bench transcribe > lines; python -m tools.chart_transcribe < lines > docs/pictures/transcription.svg
"""

import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from xml.sax.saxutils import escape

from tools.figures import Case

LANGUAGES = {"nl": "Dutch", "en": "English"}
WIDTH, NAMES, BARS, ROW, HEAD = 760, 180, 330, 26, 44  # pixels
OURS, THEIRS, INK = "#1f6f8b", "#a9b4bd", "#1c2329"


def chart(cases: Sequence[Case]) -> str:
    """An SVG with a bar for each engine, per language; the fastest fills the width."""
    groups = [(name, [one for one in cases if _of(one, language)]) for language, name in LANGUAGES.items()]
    groups = [(name, sorted(found, key=_speed, reverse=True)) for name, found in groups if found]
    fastest = max(_speed(one) for _, found in groups for one in found)
    lines: list[str] = []
    top = 0
    for name, found in groups:
        lines += _group(name, found, top, fastest)
        top += HEAD + ROW * len(found)
    return "\n".join([*_opening(top + 12), *lines, "</svg>", ""])


def cases_of(lines: Iterable[str]) -> Iterator[Case]:
    """The lines that measure an engine on a language; others are passed over."""
    for line in lines:
        if line.startswith("{") and (case := json.loads(line))["case"].startswith("transcribe ") and "wer" in case:
            yield case


def _of(case: Case, language: str) -> bool:
    return str(case["case"]).startswith(f"transcribe {language}, ")


def _speed(case: Case) -> float:
    return float(str(case["ours"]))


def _opening(height: int) -> list[str]:
    said = "Speed of transcription by engine, times real time, with word error rate and words outside speech"
    named = f' role="img" aria-label="{said}"'
    font = 'font-family="system-ui, sans-serif" font-size="14"'
    return [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}"{named} {font}>',
        f'<rect width="{WIDTH}" height="{height}" fill="#fff"/>',
    ]


def _group(name: str, cases: Sequence[Case], top: int, fastest: float) -> Iterator[str]:
    yield _text(8, top + 30, f"{name}: times real time", weight="600")
    yield _text(NAMES + BARS + 70, top + 30, "error rate · words outside", size=12)
    for number, case in enumerate(cases):
        engine = str(case["case"]).partition(", ")[2]
        middle, length = top + HEAD + ROW * number, BARS * _speed(case) / fastest
        colour = OURS if engine.startswith("ours") else THEIRS
        yield _text(8, middle + 12, engine)
        yield f'<rect x="{NAMES}" y="{middle - 2}" width="{length:.1f}" height="18" rx="2" fill="{colour}"/>'
        yield _text(NAMES + length + 6, middle + 12, f"{_speed(case):g}×")
        yield _text(NAMES + BARS + 70, middle + 12, f"{case['wer']} · {case['outside']}")


def _text(x: float, y: float, text: str, weight: str = "400", size: int = 14) -> str:
    return f'<text x="{x:.1f}" y="{y}" fill="{INK}" font-weight="{weight}" font-size="{size}">{escape(text)}</text>'


if __name__ == "__main__":
    sys.stdout.write(chart(list(cases_of(sys.stdin))))
