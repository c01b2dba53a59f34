"""What a machine could do at most: the time that Whisper's multiplications take at its own measured peaks.

The work of the base model: 87.4 GFLOP a window in the encoder, .116 GFLOP a token in the decoder, for which 37 MB of
what the encoder made are read each time. Everything else counts as nothing, so no engine can be faster.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass

import torch

WINDOW, TOKEN = 87.4e9, 0.116e9  # operations
READ = 37e6  # bytes a token
SIZE, REPEATS = 2048, 12


@dataclass(frozen=True)
class Peaks:
    """Operations a second in fp32, bf16 and int8, and bytes a second from memory."""

    fp32: float
    bf16: float
    int8: float
    memory: float

    def seconds(self, windows: int, tokens: int, encoder: str, decoder: str) -> float:
        """The least time for so many windows and tokens with these number formats."""
        multiplied = windows * WINDOW / getattr(self, encoder) + tokens * TOKEN / getattr(self, decoder)
        return float(multiplied + tokens * READ / self.memory)


def measured(threads: int) -> Peaks:
    """The peaks of this machine, now."""
    torch.set_num_threads(threads)
    whole = torch.randn(SIZE, SIZE)
    half, small = whole.bfloat16(), torch.randint(-127, 127, (SIZE, SIZE), dtype=torch.int8)
    many = torch.empty(256 * 2**20 // 4)
    operations = 2 * SIZE**3
    return Peaks(
        fp32=operations / _fastest(lambda: whole @ whole),
        bf16=operations / _fastest(lambda: half @ half),
        int8=operations / _fastest(lambda: torch._int_mm(small, small)),
        memory=many.nbytes / _fastest(many.sum),
    )


def _fastest(work: Callable[[], object]) -> float:
    work()
    took = []
    for _ in range(REPEATS):
        began = time.perf_counter()
        work()
        took.append(time.perf_counter() - began)
    return min(took)
