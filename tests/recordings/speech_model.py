"""The real speech recognition model for tests, got once for this checkout, or wherever it lies already."""

import os
from functools import cache
from pathlib import Path

from contactcenter.recordings.weights import ensure

MODELS = Path(os.environ.get("CONTACTCENTER_MODELS_DIR") or Path(__file__).parents[2] / "models")


@cache
def checkpoint() -> Path:
    """Whisper base."""
    return ensure("base", MODELS)
