"""Has rows measured by worker processes, each within a limit of time.

A worker that takes too long or ends is replaced, and the row says so; the others go
on."""

import json
import os
import select
import signal
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
START_LIMIT = 120  # Seconds until a new process says that it is ready.
GRACE = 5          # Seconds between asking a process to end and ending it.


class Worker:
    """A process that answers requests, a JSON object per line each."""

    def __init__(self, command, log):
        self.reader, writer = os.pipe()
        self.process = subprocess.Popen([*command, str(writer)], stdin=subprocess.PIPE,
                                        stdout=log, stderr=log, pass_fds=[writer],
                                        start_new_session=True)
        os.close(writer)
        self.buffer = b""
        self.is_ready = False

    def ask(self, request, limit):
        """The answer, or one that says why there is none; then the worker is of no
        use any more (is_alive)."""
        if not self.is_ready:
            greeting = self.read_line(START_LIMIT)
            if "ready" not in greeting:
                return greeting
            self.is_ready = True
        try:
            self.process.stdin.write(json.dumps(request).encode() + b"\n")
            self.process.stdin.flush()
        except OSError:
            return self.end()
        return self.read_line(limit)

    def read_line(self, limit):
        """The next object that the process writes, or why there is none."""
        deadline = time.monotonic() + limit
        while b"\n" not in self.buffer:
            left = deadline - time.monotonic()
            if left <= 0 or not select.select([self.reader], [], [], left)[0]:
                self.end()
                return {"over_s": limit}
            chunk = os.read(self.reader, 1 << 16)
            if not chunk:
                return self.end()
            self.buffer += chunk
        line, self.buffer = self.buffer.split(b"\n", 1)
        return json.loads(line)

    def is_alive(self):
        return self.process is not None

    def end(self):
        """Ends the process; returns an answer that says how it ended by itself."""
        process, self.process = self.process, None
        os.close(self.reader)
        try:
            process.stdin.close()
        except OSError:
            pass
        status = None
        status = None
        for number in (None, signal.SIGTERM, signal.SIGKILL):
            if number:  # To compilers that the process started, too.
                self.signal_session(process.pid, number)
            try:
                status = process.wait(GRACE if number else 0.5)
                break
            except subprocess.TimeoutExpired:
                continue
        self.signal_session(process.pid, signal.SIGKILL)
        return {"failure": f"the process ended with status {status}"}

    @staticmethod
    def signal_session(group, number):
        """Signals what is left of the processes of a session."""
        try:
            os.killpg(group, number)
        except ProcessLookupError:
            pass


class Driver:
    """Measures rows and appends each to a file as it comes."""

    def __init__(self, args, lists, builder):
        self.args, self.lists, self.builder = args, lists, builder
        self.worker, self.family = None, None
        command = args.worker or os.path.join(HERE, "worker.py")
        self.command = [sys.executable, command]
        self.log = open(os.path.join(args.out, "worker.log"), "a", encoding="utf-8")

    def ask(self, family, request, limit):
        if self.worker and (self.family != family or not self.worker.is_alive()):
            self.close_worker()
        if not self.worker:
            self.worker, self.family = Worker(self.command, self.log), family
        answer = self.worker.ask(request, limit)
        if answer.pop("ends", False):
            self.close_worker()
        return answer

    def close_worker(self):
        if self.worker and self.worker.is_alive():
            self.worker.end()
        self.worker = None

    def machine(self):
        return self.ask("torch", {"machine": {"device": self.args.device}},
                        self.args.row_limit)

    def measure(self, row, flush_bytes):
        """The record of a row."""
        record = {"row": row.name, "workload": row.case.workload,
                  "list": row.case.list_name, "dtype": row.case.dtype,
                  "layout": row.case.layout, "contestant": row.contestant,
                  "cache": self.args.cache}
        reason = self.builder.reason_of(row)
        if reason:
            return {**record, "failure": reason}
        request = {"case": [row.case.workload, row.case.list_name, row.case.dtype,
                            row.case.layout],
                   "contestant": row.contestant, "device": self.args.device,
                   "shapes": self.lists[row.case.list_name],
                   "seconds": self.args.seconds, "flush_bytes": flush_bytes,
                   "profile": self.args.profile and self.args.device == "cuda",
                   "libraries": [path + ".so" for path in self.builder.libraries(row)],
                   "hand": self.builder.hand()}
        start = time.monotonic()
        answer = self.ask(row.family, {"row": request}, self.args.row_limit)
        return {**record, **answer, "seconds": round(time.monotonic() - start, 2)}

    def close(self):
        self.close_worker()
        self.log.close()
