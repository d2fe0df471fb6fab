"""The entry point of ``simsched`` and ``python -m simsched``."""

from __future__ import annotations

import sys

from simsched.interrupt import INTERRUPTED, interruptible


def main() -> None:
    """Run the command line; Ctrl-C ends it quietly, even while modules are imported."""
    try:
        with interruptible():
            from simsched.cli import main as run

            run()
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)


if __name__ == "__main__":
    main()
