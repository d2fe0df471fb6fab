"""What ``simsched`` and ``python -m simsched`` run."""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command line, which Ctrl-C ends quietly even while it is loaded."""
    try:
        from simsched.cli import main as run

        run()
    except KeyboardInterrupt:
        sys.exit(130)  # 128 and the number of SIGINT, as shells have it


if __name__ == "__main__":
    main()
