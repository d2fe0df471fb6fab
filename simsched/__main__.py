"""The entry point of ``simsched`` and ``python -m simsched``."""

from __future__ import annotations

import gc
import sys

from simsched.interrupt import INTERRUPTED, interruptible

FIRST_COLLECTED = 200_000
"""After how many new objects Python looks for garbage.

A small run makes 140,000, nearly all of which stay. By default they would be looked through dozens
of times, which takes a tenth of the run.
"""


def main() -> None:
    """Run the command line; Ctrl-C ends it quietly, even while modules are imported."""
    gc.set_threshold(FIRST_COLLECTED)
    try:
        with interruptible():
            from simsched.cli import main as run

            run()
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
    finally:
        # Python would end with a search of all objects for garbage, which takes a sixth of the run.
        gc.freeze()


if __name__ == "__main__":
    main()
