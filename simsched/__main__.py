"""What ``simsched`` and ``python -m simsched`` run."""

from __future__ import annotations

import sys

from simsched.interrupt import INTERRUPTED, heeded


def main() -> None:
    """Run the command line, which Ctrl-C ends quietly even while it is loaded."""
    try:
        with heeded():
            from simsched.cli import main as run

            run()
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)


if __name__ == "__main__":
    main()
