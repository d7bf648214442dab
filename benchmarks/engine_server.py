"""Talks to `engine_cuda --serve`, which stays up between measurements.

The program reads one request a line on its standard input and answers each with one line on its
standard output, flushed, in order; what it has to say otherwise goes to its standard error:

    {"case": "train_mixed_256", "math": "bf16", "seconds": 0.5}
    {"case": "train_mixed_256", "math": "bf16", "images_per_second": 1.0, "seconds_per_step": 1.0,
     "tflops": 1.0, "roof": 1.0, "memory_bytes": 1}

(the answer on one line, too). "math" is exact, tf32 or bf16. The program prepares the case and
warms it up outside the time that counts, then takes whole steps for at least "seconds", the device
idle at both ends. "tflops" is what it reached, "roof" what the case could reach on this device, both
in 10^12 operations a second; "memory_bytes" is what the program holds of the device's memory. It may
keep what it prepared for later requests of the same case (in each arithmetic) and frees it when
another case is asked for. Between a request and the next it leaves the device idle. What it cannot measure it answers with

    {"case": "train_mixed_256", "math": "bf16", "error": "why"}

and serves on. The end of its input ends it, with status 0.
"""
import json
import queue
import subprocess
import threading


class EngineError(Exception):
    """What a request came to instead of a measurement."""


class EngineServer:
    """One such process, started again by the next request where it has died."""

    def __init__(self, program, patience=120):
        """:param patience: seconds that a request may take beyond those it asks for"""
        self.program = program
        self.patience = patience
        self.process = None

    def measure(self, case, math, seconds):
        """:return: the answer as a dictionary
        :raises EngineError: where there is none, or one that says why"""
        if self.process is None or self.process.poll() is not None:
            self._start()
        request = {"case": case, "math": math, "seconds": seconds}
        try:
            self.process.stdin.write(json.dumps(request) + "\n")
            self.process.stdin.flush()
            line = self.answers.get(timeout=seconds + self.patience)
        except OSError as error:
            raise self._ended() from error
        except queue.Empty:
            self.process.kill()
            self.process.wait()
            raise EngineError(f"no answer in {seconds + self.patience:.0f} s") from None
        if line is None:
            raise self._ended()
        try:
            answer = json.loads(line)
        except ValueError:
            answer = None
        if not isinstance(answer, dict):
            self.close()  # what follows such a line could be taken for a later answer
            raise EngineError(f"not an answer: {line.strip()[:200]}")
        if "error" in answer:
            raise EngineError(answer["error"])
        if (answer.get("case"), answer.get("math")) != (case, math):
            self.close()
            raise EngineError(f"an answer to something else: {line.strip()[:200]}")
        return answer

    def close(self):
        """Ends the process and waits for it."""
        if self.process is None:
            return
        try:
            self.process.stdin.close()
        except OSError:
            pass
        try:
            self.process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process = None

    def _start(self):
        try:
            self.process = subprocess.Popen([self.program, "--serve"], stdin=subprocess.PIPE,
                                            stdout=subprocess.PIPE, text=True)
        except OSError as error:
            raise EngineError(f"{self.program}: {error.strerror}") from error
        self.answers = queue.Queue()
        threading.Thread(target=self._read, args=(self.process.stdout, self.answers),
                         daemon=True).start()

    @staticmethod
    def _read(stream, answers):
        for line in stream:
            answers.put(line)
        answers.put(None)

    def _ended(self):
        return EngineError(f"{self.program} ended with {self.process.wait()}")
