"""What the benchmarks in Python have in common: the paper's integers, and rows that are timed in turns."""

import json
import time

# fmt: off
INTEGERS = [
    127, 71, 110, 75, 140, 150, 44, 112, 119, 88, 88, 58, 34, 69, 59, 133, 124, 111, 121, 102, 91, 118, 62, 122, 79, 77,
    73, 82, 116, 153, 115, 139, 97, 111, 117, 81, 18, 100, 60, 118, 150, 47, 80, 159, 109, 92, 106, 108, 106, 126, 143,
    72, 96, 46, 108, 119, 148, 119, 123, 145,
]
# fmt: on
TURN_NS = 500_000


def timed(call, calls):
    turns = range(calls)
    start = time.perf_counter_ns()
    for _ in turns:
        call()
    return (time.perf_counter_ns() - start) / calls


def measure(rows, seconds):
    """Times rows of an id, a title, a call and the id of the native row for `seconds` each, and prints them as JSON."""
    counts = [max(1, int(TURN_NS / timed(run, 200))) for _, _, run, _ in rows]
    times = [[] for _ in rows]
    end = time.monotonic() + seconds * len(rows)
    while time.monotonic() < end:
        for (_, _, run, _), count, seen in zip(rows, counts, times):
            timed(run, max(1, count // 8))
            seen.append(timed(run, count))
    answer = []
    for (name, title, _, native), seen in zip(rows, times):
        middle = sorted(seen)[len(seen) // 2]
        answer.append({"id": name, "title": title, "native": native, "minimum_ns": min(seen), "median_ns": middle})
    print(json.dumps({"rows": answer}))
