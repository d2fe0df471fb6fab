"""Write a file of many spans: a recording of a service again and again, one after the other.

simsched fit of it shows how long spans take, and how much memory:

    .venv/bin/python benchmarks/many_spans.py many.otlp.jsonl
    /usr/bin/time -v .venv/bin/simsched fit many.otlp.jsonl
"""

from __future__ import annotations

import gzip
import re
import sys
from pathlib import Path

RECORDING = Path(__file__).parents[1] / "tests/data/measured/shop/cal_r40.otlp.jsonl.gz"
SPANS = 1_000_000
_PAUSE_NS = 2 * 10**9
_TIME = re.compile(rb'(UnixNano":")(\d+)')
_TRACE = re.compile(rb'("traceId":").{4}')


def main(out: Path) -> None:
    """Write at least :data:`SPANS` spans to *out*."""
    text = gzip.decompress(RECORDING.read_bytes())
    times = [int(found[2]) for found in _TIME.finditer(text)]
    copies = -(-SPANS // text.count(b'"spanId"'))
    with out.open("wb") as file:
        for number in range(copies):
            later = number * (max(times) - min(times) + _PAUSE_NS)
            moved = _TIME.sub(lambda it, by=later: b"%s%d" % (it[1], int(it[2]) + by), text)
            file.write(_TRACE.sub(rb"\g<1>%04x" % number, moved))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
