"""How the command line is called as a process of its own."""

from __future__ import annotations

import sys

SIMSCHED = [sys.executable, "-c", "from simsched.cli import main; main()"]
