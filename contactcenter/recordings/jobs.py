"""Durable workflows of recordings: steps that are checkpointed, and go on where they were after a crash."""

from dbos import DBOS
from structlog.contextvars import bound_contextvars

from contactcenter.core.jobs import SWEEP
from contactcenter.recordings.cuts import CUT_OUT
from contactcenter.recordings.pipeline import Pipeline, Step
from contactcenter.recordings.service import KEEP, REMOVE, WRITE_ANEW, WRITE_DOWN


def register(pipeline: Pipeline, write_anew: Step, remove_unwanted: Step, cut_out: Step, run_sweep: Step) -> None:
    """Tell DBOS what runs under which name; before it is launched. Inputs and outputs are ids only."""

    def in_order(steps: tuple[Step, ...], recording: str) -> None:
        for step in steps:
            with bound_contextvars(step=step.__name__, recording=recording):  # what is logged in it carries them
                go_on = DBOS.run_step({"name": step.__name__}, pipeline.run, step, recording)
            if not go_on:
                return

    @DBOS.workflow(name=KEEP)
    def keep(recording: str) -> None:
        in_order(pipeline.keeping(), recording)

    @DBOS.workflow(name=WRITE_DOWN)
    def write_down(recording: str) -> None:
        in_order(pipeline.writing_down(), recording)

    @DBOS.workflow(name=SWEEP)
    def sweep(name: str) -> None:
        with bound_contextvars(sweep=name):
            DBOS.run_step({"name": name}, run_sweep, name)

    _of_one_step(WRITE_ANEW, write_anew)
    _of_one_step(REMOVE, remove_unwanted)
    _of_one_step(CUT_OUT, cut_out)


def _of_one_step(name: str, step: Step) -> None:
    @DBOS.workflow(name=name)
    def run(recording: str) -> None:
        with bound_contextvars(step=name, recording=recording):
            DBOS.run_step({"name": name}, step, recording)
