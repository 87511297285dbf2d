"""
Runs journeys, each in a fork of this process: loading Locust takes longer than many a run. For programs.

    locust -f preloaded.py

Standard input says what to run, a JSON line each: {"run": 1, "words": ["-f", "mixed.py", …], "output": "FILE"}.
Standard output says {"run": 1, "pid": 123} when it begins and {"run": 1, "code": 0} when it has ended, by a negative
code where a signal ended it. The end of the input is the end of all.
"""

# cspell:ignore waitpid -- a call of POSIX

from __future__ import annotations

import json
import os
import random
import sys
from signal import SIGKILL

from gevent import monkey
from gevent.os import fork
from locust.main import main

# Those of gevent take turns with greenlets, of which this process has none.
select = monkey.get_original("select", "select")
waitpid = monkey.get_original("os", "waitpid")

STANDARD_INPUT = 0
CHUNK = 1 << 16


def say(**fields: int) -> None:
    print(json.dumps(fields), flush=True)


def become(words: list[str], output: str) -> None:
    """Has this process be `locust` with other words, and nothing of the one that it is a fork of."""
    nothing = os.open(os.devnull, os.O_RDONLY)
    written = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    for old, new in ((nothing, 0), (written, 1), (written, 2)):
        os.dup2(old, new)
    sys.argv[1:] = words
    random.seed()


def serve() -> None:
    """Until the input ends. A fork goes on as the run that it is for, and does not come back here."""
    rest = b""
    inputs = [STANDARD_INPUT]
    running: dict[int, tuple[int, int]] = {}
    """The run and its process, by a pipe that closes as the process ends."""
    while inputs or running:
        for ready in select([*inputs, *running], [], [])[0]:
            if ready in running:
                run, pid = running.pop(ready)
                os.close(ready)
                say(run=run, code=os.waitstatus_to_exitcode(waitpid(pid, 0)[1]))
                continue
            chunk = os.read(STANDARD_INPUT, CHUNK)
            if not chunk:
                inputs.clear()
                for _, pid in running.values():
                    os.kill(pid, SIGKILL)
            *lines, rest = (rest + chunk).split(b"\n")
            for line in lines:
                order = json.loads(line)
                end, held = os.pipe()
                pid = fork()
                if pid == 0:
                    become(order["words"], order["output"])
                    sys.exit(main())
                os.close(held)
                running[end] = order["run"], pid
                say(run=order["run"], pid=pid)
    sys.exit(0)


serve()
