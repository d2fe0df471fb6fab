"""What ``python -m simsched`` runs: the same as ``simsched``."""

from __future__ import annotations

from simsched.cli import main

if __name__ == "__main__":
    main()
