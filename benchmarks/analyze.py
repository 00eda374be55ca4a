"""How fast `candidacy analyze` is, and how much memory it takes, on a generated mailbox.

usage: python benchmarks/analyze.py [--statements N] [--traffic N] [--seed N]

The mailbox holds N invented candidacies of about 300 words among ordinary list mail. The program is run as a user
runs it, twice: into a new workspace, and again into the same one, where nothing is new. Printed are statements
and megabytes a second, peak memory (the largest resident set of the process), and the ratio of the two runs.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from mailboxes import generate


def run(command: list[str]) -> tuple[float, float]:
    """Return the seconds and the peak megabytes of a command."""
    code = (
        "import resource, subprocess, sys; subprocess.run(sys.argv[1:], check=True, capture_output=True); "
        "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
    )
    start = time.perf_counter()
    done = subprocess.run([sys.executable, "-c", code, *command], check=True, capture_output=True, text=True)
    unit = 1 if sys.platform == "darwin" else 1024
    return time.perf_counter() - start, int(done.stdout) * unit / 1e6


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--statements", type=int, default=200)
    parser.add_argument("--traffic", type=int, default=800)
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        box = Path(folder) / "list.mbox"
        generate(box, args.statements, args.traffic, args.seed)
        size = box.stat().st_size / 1e6
        command = [sys.executable, "-m", "analyzer", "analyze", str(box), "--db", str(Path(folder) / "work.duckdb")]
        print(f"{args.statements} statements among {args.statements + args.traffic} messages, {size:.1f} MB")
        times = []
        for name in ("new workspace", "same again"):
            seconds, memory = run(command)
            times.append(seconds)
            print(f"{name:15s} {seconds:7.1f} s  {args.statements / seconds:7.2f} statements/s  peak {memory:6.0f} MB")
        print(f"ratio again/new {times[1] / times[0]:7.2f}")


if __name__ == "__main__":
    main()
