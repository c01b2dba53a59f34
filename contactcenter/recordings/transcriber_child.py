"""An engine in a process of its own: at low priority, with bounded threads, gone when it is idle or we are.

Parent and child speak over the child's stdin and stdout, in memory only. A message is

    4 bytes, length of the header (big endian) | header, JSON | as many bytes as the header's "bytes" says

After a request the child asks, and the parent answers: for the sound, a piece at a time (16-bit samples, channel after
channel; nothing at its end), and from the beginning as often as it likes; and whether it has done some of it before.
So neither ever holds a long call. The child tells what is finished as it goes on, and at last that it is through, or
failed, by the kind of failure. Words stand in what is finished and nowhere else: no log, no error, no stderr.

The parent's half imports no engine, so a worker stays small.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import struct
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np

from contactcenter.notes.said import Segment, Transcript
from contactcenter.recordings.audio import Samples, Sound
from contactcenter.recordings.engine import EngineName
from contactcenter.recordings.transcriber import Course, Finished, Task, Transcriber, TranscriptionFailed

STALLED = 900.0  # seconds without any message, after which the child is taken for hung; batches take some 10
LONGEST_HEADER = 64 * 1024
LONGEST_BODY = 16 * 2**20  # more than a piece of two channels takes, or the words of some windows
FULL_SCALE = 32_767

Header = dict[str, Any]


class Garbled(ValueError):
    """What came over the pipe is no message."""


def write_message(pipe: IO[bytes], header: Header, *body: bytes) -> None:
    """Send one message."""
    head = json.dumps({**header, "bytes": sum(map(len, body))}).encode()
    pipe.write(struct.pack(">I", len(head)) + head)
    for piece in body:
        pipe.write(piece)
    pipe.flush()


def read_message(pipe: IO[bytes]) -> tuple[Header, bytes] | None:
    """The next message, None when the other side has closed; raises Garbled."""
    start = pipe.read(4)
    if not start:
        return None
    length = int.from_bytes(start, "big")
    if len(start) < 4 or length > LONGEST_HEADER:
        raise Garbled("no message begins like this")
    try:
        header = json.loads(_exactly(pipe, length))
        size = header["bytes"]
    except (ValueError, KeyError, TypeError) as error:
        raise Garbled("the header can't be read") from error
    if not isinstance(size, int) or not 0 <= size <= LONGEST_BODY:
        raise Garbled("the message is too long")
    return header, _exactly(pipe, size)


def _exactly(pipe: IO[bytes], length: int) -> bytes:
    read = pipe.read(length)
    if len(read) < length:
        raise Garbled("the message broke off")
    return read


# --- the parent's half -----------------------------------------------------------------------------------------------


class ChildTranscriber:
    """Implements Transcriber with a child that starts with the first call and ends after some idle time."""

    def __init__(
        self, model: str, threads: int, engine: EngineName, idle_seconds: float = 300.0, glossary: str = ""
    ) -> None:
        chosen = ["--engine", engine.value, "--model", model, "--threads", str(threads), "--glossary", glossary]
        self._command = [sys.executable, "-m", __name__, *chosen]
        self._threads = threads
        self._idle_seconds = idle_seconds
        self._lock = threading.Lock()
        self._child: subprocess.Popen[bytes] | None = None
        self._idle: threading.Timer | None = None

    def transcribe(self, sound: Sound, language: str | None, course: Course | None = None) -> Transcript:
        """One call at a time; others wait. Raises TranscriptionFailed, and the next try has a fresh child."""
        with self._lock:
            self._stay()
            try:
                return self._transcribed(self._running(), sound, language, course or Course())
            except (OSError, Garbled) as error:
                self._end()
                raise _stopped() from error
            except BaseException:
                self._end()
                raise
            finally:
                self._leave_later()

    @property
    def pid(self) -> int | None:
        """The child's process id while there is one."""
        child = self._child
        return child.pid if child is not None else None

    def close(self) -> None:
        """End the child, also in the middle of a call, which then fails; another call would start one again."""
        child = self._child
        if child is not None:
            child.kill()
        with self._lock:
            self._stay()
            self._end()

    def _transcribed(
        self, child: subprocess.Popen[bytes], sound: Sound, language: str | None, course: Course
    ) -> Transcript:
        assert child.stdin is not None
        call = {"kind": "transcribe", "language": language, "count": sound.count, "seconds": sound.seconds}
        write_message(child.stdin, call)
        dialogue = _Dialogue(sound, course)
        while True:
            said, body = self._receive(child)
            if said["kind"] == "through":
                return dialogue.transcript
            if (answer := dialogue.answer(said, body)) is not None:
                write_message(child.stdin, *answer)

    def _receive(self, child: subprocess.Popen[bytes]) -> tuple[Header, bytes]:
        assert child.stdout is not None
        hung = threading.Timer(STALLED, child.kill)
        hung.daemon = True
        hung.start()
        try:
            message = read_message(child.stdout)
        finally:
            hung.cancel()
        if message is None:
            raise _stopped()
        if message[0]["kind"] == "failed":
            raise TranscriptionFailed(str(message[0]["sentence"]))
        return message

    def _running(self) -> subprocess.Popen[bytes]:
        if self._child is not None and self._child.poll() is None:
            return self._child
        self._end()
        # Its threads sleep while they wait for each other: spinning, they burn five times the time on a busy machine.
        environment = {**os.environ, "OMP_NUM_THREADS": str(self._threads), "OMP_WAIT_POLICY": "passive"}
        self._child = subprocess.Popen(  # noqa: S603  # ourselves, with what the settings name
            self._command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment,
        )
        self._receive(self._child)  # "ready"
        return self._child

    def _end(self) -> None:
        if self._child is None:
            return
        self._child.kill()
        self._child.wait()
        for pipe in (self._child.stdin, self._child.stdout):
            _close(pipe)
        self._child = None

    def _stay(self) -> None:
        if self._idle is not None:
            self._idle.cancel()
            self._idle = None

    def _leave_later(self) -> None:
        if self._child is None:
            return
        self._idle = threading.Timer(self._idle_seconds, self._leave, [self._child])
        self._idle.daemon = True
        self._idle.start()

    def _leave(self, child: subprocess.Popen[bytes]) -> None:
        with self._lock:
            if self._idle is threading.current_thread() and self._child is child:
                self._idle = None
                self._end()


def _close(pipe: Any) -> None:
    try:
        pipe.close()
    except OSError:  # bytes were waiting for a child that is gone
        return


def _stopped() -> TranscriptionFailed:
    return TranscriptionFailed("The speech recognition stopped before it was done. Try again: it starts anew.")


def _as_pcm(samples: Samples) -> bytes:
    return np.rint(np.clip(samples, -1.0, 1.0) * FULL_SCALE).astype("<i2").tobytes()


class _Dialogue:
    """What the parent answers in the course of one call, and what it has heard of it."""

    def __init__(self, sound: Sound, course: Course) -> None:
        self._sound, self._course = sound, course
        self._pieces = sound.pieces()
        self._task = Task("", "", "", 0)
        self._segments: list[Segment] = []

    def answer(self, said: Header, body: bytes) -> tuple[Header, bytes] | None:
        """The answer to a message of the child, if it wants one; raises Garbled."""
        try:
            return self._answer(said, body)
        except (ValueError, KeyError, TypeError) as error:
            raise Garbled("the child says what nobody understands") from error

    @property
    def transcript(self) -> Transcript:
        """All that was said."""
        said = sorted(self._segments, key=lambda segment: (segment.start, segment.channel))
        return Transcript(self._task.language, self._task.engine, self._task.model, tuple(said))

    def _answer(self, said: Header, body: bytes) -> tuple[Header, bytes] | None:
        match said["kind"]:
            case "listen":
                if said["anew"]:
                    self._pieces = self._sound.pieces()
                piece = next(self._pieces, None)
                return {"kind": "sound"}, b"" if piece is None else _as_pcm(piece)
            case "begun":
                self._task = Task(**said["task"])
                finished = self._course.begun(self._task)
                self._segments = list(finished.segments)
                return {"kind": "finished", "windows": finished.windows}, b""
            case "went-on":
                new = [Segment.of(each) for each in json.loads(body)]
                self._segments += new
                self._course.went_on(said["windows"], new)
        return None


# --- the child's half ------------------------------------------------------------------------------------------------


def serve(requests: IO[bytes], answers: IO[bytes], load: Callable[[], Transcriber]) -> None:
    """Answer requests until the parent closes its pipe; what is no request is refused and ends it."""
    try:
        transcriber = load()
        write_message(answers, {"kind": "ready"})
        while (message := read_message(requests)) is not None:
            _answer(requests, answers, transcriber, message[0])
    except BrokenPipeError:
        return  # nobody listens any more
    except TranscriptionFailed as failure:
        write_message(answers, {"kind": "failed", "sentence": failure.sentence})
    except Exception as error:  # noqa: BLE001  # its kind goes to the parent; its text could hold words of the call
        sentence = f"The speech recognition failed ({type(error).__name__}). Try again: it starts anew."
        write_message(answers, {"kind": "failed", "sentence": sentence})


def _answer(requests: IO[bytes], answers: IO[bytes], transcriber: Transcriber, header: Header) -> None:
    if header.get("kind") != "transcribe":
        raise Garbled("this is no request")
    asking = _Asking(requests, answers)
    sound = _AskedSound(asking, int(header["count"]), float(header["seconds"]))
    transcriber.transcribe(sound, header.get("language"), _ToldCourse(asking))
    write_message(answers, {"kind": "through"})


@dataclass(frozen=True)
class _Asking:
    """How the child asks its parent."""

    requests: IO[bytes]
    answers: IO[bytes]

    def ask(self, kind: str, question: Header) -> tuple[Header, bytes]:
        """Ask, and wait for an answer of this kind."""
        write_message(self.answers, question)
        message = read_message(self.requests)
        if message is None or message[0].get("kind") != kind:
            raise Garbled("this is no answer")
        return message


@dataclass(frozen=True)
class _AskedSound:
    """Implements Sound: the parent has it."""

    asking: _Asking
    count: int
    seconds: float

    def pieces(self) -> Iterator[Samples]:
        """Ask for one piece after the other."""
        anew = True
        while (piece := self._piece(anew)).size:
            yield piece
            anew = False

    def _piece(self, anew: bool) -> Samples:
        _, body = self.asking.ask("sound", {"kind": "listen", "anew": anew})
        if len(body) % (2 * self.count):
            raise Garbled("the sound has half a sample")
        piece: Samples = np.frombuffer(body, "<i2").astype(np.float32) / np.float32(FULL_SCALE)
        return piece.reshape(self.count, -1)


class _ToldCourse(Course):
    """The parent waits, and is told."""

    def __init__(self, asking: _Asking) -> None:
        self._asking = asking

    def begun(self, task: Task) -> Finished:
        """What the parent has of it; its words stay there."""
        header, _ = self._asking.ask("finished", {"kind": "begun", "task": asdict(task)})
        return Finished(int(header["windows"]))

    def went_on(self, windows: int, segments: Sequence[Segment]) -> None:
        """Hand the words over."""
        body = json.dumps([asdict(each) for each in segments]).encode()
        write_message(self._asking.answers, {"kind": "went-on", "windows": windows}, body)


def loaded(engine: EngineName, model: str | Path, threads: int, glossary: str = "") -> Transcriber:
    """An engine with its model, in this process; raises TranscriptionFailed."""
    # Before torch: both bring an OpenMP, the first one serves both, and Silero's has to be held to one thread.
    import contactcenter.recordings.speech  # noqa: PLC0415, F401  # 300 MB with the engine's, in this half only

    if engine is EngineName.CTRANSLATE2:
        from contactcenter.recordings import engine_ctranslate2  # noqa: PLC0415  # as above

        return engine_ctranslate2.load(model, threads, glossary)
    from contactcenter.recordings import engine_openai  # noqa: PLC0415  # as above

    return engine_openai.load(model, threads, glossary)


def main() -> None:
    """The child: `python -m contactcenter.recordings.transcriber_child --engine NAME --model FILE --threads N`."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--engine", type=EngineName, required=True)
    parser.add_argument("--model", required=True)
    parser.add_argument("--threads", type=int, required=True)
    parser.add_argument("--glossary", default="")
    chosen = parser.parse_args()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's, which closes the pipe
    os.nice(10)
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever a library prints must not stand between two messages

    serve(sys.stdin.buffer, answers, lambda: loaded(chosen.engine, chosen.model, chosen.threads, chosen.glossary))


if __name__ == "__main__":
    main()
