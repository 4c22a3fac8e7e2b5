"""A worker of the suite that measures nothing: what it answers, or does instead,
depends on the contestant that it is asked for."""

import json
import os
import sys
import time


def figures(latency, throughput, error=0.5, **more):
    return {"latency_us": latency, "throughput_us": throughput, "error": error, **more}


def hang():
    time.sleep(60)


ANSWERS = {
    "ours": lambda: figures(10.0, 8.0, cpu_us=2.5),
    "hand-graph": lambda: figures(9.0, 7.0, cpu_us=2.0),
    "hand-coop": hang,
    "hand-chip": lambda: os._exit(7),
    "captured": lambda: {"unavailable": "needs CUDA graphs"},
    "foreach": lambda: figures(15.0, 15.0, error=3.0),
    # Its process says that it can not go on, and would answer nothing more.
    "compile": lambda: {"failure": "ValueError: no", "ends": True},
}

replies = os.fdopen(int(sys.argv[1]), "w")
print(json.dumps({"ready": True}), file=replies, flush=True)
for line in sys.stdin:
    request = json.loads(line)
    if "machine" in request:
        answer = {"gpu": None, "copy_bytes_per_s": 1e9, "l2_bytes": 0, "chip_bytes": 0}
    else:
        row = request["row"]
        assert all(map(os.path.exists, row["libraries"])), row
        answer = ANSWERS.get(row["contestant"], lambda: figures(40.0, 30.0))()
    print(json.dumps(answer), file=replies, flush=True)
    if answer.get("ends"):
        sys.exit(1)
