"""How long ``simsched fit`` takes for many spans, and how much memory.

The recording in ``tests/data/measured/shop`` is repeated, each time later and with other
identifiers, until it has as many spans.

    python3 benchmarks/span_volume.py [spans]
"""

from __future__ import annotations

import gzip
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

SHOP = Path(__file__).parents[1] / "tests" / "data" / "measured" / "shop"
LENGTH_NS = 70_000_000_000


def later(batch: dict[str, Any], times: int) -> str:
    """Return a batch as one that was recorded after so many repetitions."""
    for part in batch["resourceSpans"]:
        for scope in part["scopeSpans"]:
            for span in scope["spans"]:
                for key in ("startTimeUnixNano", "endTimeUnixNano"):
                    span[key] = str(int(span[key]) + LENGTH_NS * (times > 0))
                span["traceId"] = f"{times:08x}{span['traceId'][8:]}"
    return json.dumps(batch) + "\n"


def write(path: Path, spans: int) -> int:
    """Write at least so many spans; return how many."""
    with gzip.open(SHOP / "cal_r40.otlp.jsonl.gz", "rt") as file:
        batches = [json.loads(line) for line in file]
    own = sum(
        len(scope["spans"])
        for batch in batches
        for part in batch["resourceSpans"]
        for scope in part["scopeSpans"]
    )
    repetitions = -(-spans // own)
    with gzip.open(path, "wt", compresslevel=1) as file:
        for number in range(repetitions):
            file.writelines(later(batch, number) for batch in batches)
    return own * repetitions


def main(spans: int = 1_000_000) -> None:
    """Print the time and the peak of memory of a fit."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "many.otlp.jsonl.gz"
        count = write(path, spans)
        command = [sys.executable, "-m", "simsched", "fit", str(path), "--pool", "db=10"]
        start = time.perf_counter()
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)  # noqa: S603  our own
        took = time.perf_counter() - start
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    print(
        f"{count:,} spans: {took:.0f} s ({used.ru_utime + used.ru_stime:.0f} s of CPU time), "
        f"{used.ru_maxrss / 1e6:.2f} GB"
    )


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
