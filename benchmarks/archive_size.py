"""How much memory `candidacy analyze` takes for an archive that is larger than it.

usage: python benchmarks/archive_size.py [--gigabytes N] [--statements N] [--seed N] [--keep FOLDER]

An mbox of N gigabytes is made: invented candidacies spread over ordinary list mail. The program is run as a user
runs it, twice: into a new workspace, and again into the same one, where nothing is new. Printed are the size, the
seconds, and the peak memory (the largest resident set of the process).
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

from analyze import run
from mailboxes import generate_size


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--gigabytes", type=float, default=2.0)
    parser.add_argument("--statements", type=int, default=300)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--keep", type=Path, help="leave mailbox and workspace in this folder")
    args = parser.parse_args()
    with ExitStack() as stack:
        folder = args.keep or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        box, db = folder / "list.mbox", folder / "work.duckdb"
        messages = generate_size(box, args.statements, int(args.gigabytes * 1e9), args.seed)
        print(f"{args.statements} statements among {messages} messages, {box.stat().st_size / 1e6:.0f} MB", flush=True)
        command = [sys.executable, "-m", "analyzer", "analyze", str(box), "--db", str(db)]
        for name in ("new workspace", "same again"):
            seconds, memory = run(command)
            size = db.stat().st_size / 1e6
            print(f"{name:15s} {seconds:7.1f} s  peak {memory:6.0f} MB  workspace {size:6.0f} MB", flush=True)


if __name__ == "__main__":
    main()
