"""The lines that a benchmark prints."""

Case = dict[str, object]


def compared(name: str, unit: str, ours: float, reference: float, digits: int = 1) -> Case:
    """Ours and a reference of the same run, and their ratio."""
    return {
        "case": name,
        "unit": unit,
        "ours": round(ours, digits),
        "reference": round(reference, digits),
        "ratio": round(ours / reference, 3),
    }
