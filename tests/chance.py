"""State machines at random: how long they are played, and from when on chance must have come by everything."""

from collections.abc import Collection

from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import RuleBasedStateMachine, run_state_machine_as_test

MANY = 100  # examples; fewer may miss what a planned story goes through


def play(machine: type[RuleBasedStateMachine], number: int, *, examples: int, length: int) -> None:
    """Play so many examples of so many steps; the number chooses which."""
    chosen = settings(
        max_examples=examples,
        stateful_step_count=length,
        deadline=None,
        database=None,
        print_blob=False,
        suppress_health_check=list(HealthCheck),
        phases=(Phase.generate, Phase.shrink),
    )
    run_state_machine_as_test(seed(number)(machine), settings=chosen)


def to_be_reached(by_chance: Collection[str], examples: int) -> set[str]:
    """What so many examples must have come by."""
    return set(by_chance) if examples >= MANY else set()
