#!/usr/bin/env python3
"""Counts the instructions of the hot parts of ranking, and compares them with the committed baseline.

    python3 benches/instructions.py [--bless] [--binary FILE]

Needs valgrind. Instructions are the same on every run of one compiler, so a busy machine does not matter; they are not time:
a change that trades instructions for cache misses looks worse here than it is. The binary is that of the dev profile, which
optimises the crate that ranks and is built for the tests anyway. Exit status 1 where a part grew by more than 5 % and no commit
since the baseline changed explains it in a line such as "Instructions: +7 % because ...".
`--bless` writes the baseline anew: commit it, with the explanation where something grew.
"""
import argparse
import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BASELINE = ROOT / "benches" / "instructions.tsv"
PARTS = ("one", "batch", "fused", "filter")
GROWTH = 1.05


def count(binary, part):
    command = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", str(binary), part]
    try:
        told = subprocess.run(command, capture_output=True, text=True, check=True).stderr
    except FileNotFoundError:
        sys.exit("instructions.py: valgrind is not installed; install it with the system's package manager")
    except subprocess.CalledProcessError as fault:
        sys.exit(f"instructions.py: {part}: {fault.stderr.strip()}")
    return int(re.search(r"Collected : (\d+)", told).group(1))


def explained():
    """Whether a commit after the one that last changed the baseline has a line that explains growth."""
    def git(*args):
        return subprocess.run(["git", *args], cwd=ROOT, capture_output=True, text=True).stdout

    changed = git("log", "-1", "--format=%H", "--", str(BASELINE)).strip()
    messages = git("log", "--format=%B", f"{changed}..HEAD") if changed else git("log", "-1", "--format=%B")
    return re.search(r"^Instructions: \S", messages, re.MULTILINE) is not None


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bless", action="store_true")
    parser.add_argument("--binary", type=Path, help="a ranking_count that is built already")
    args = parser.parse_args()
    binary = args.binary
    if binary is None:
        command = ["cargo", "build", "-q", "--workspace", "--bin", "ranking_count"]
        # Incremental builds inline less.
        subprocess.run(command, cwd=ROOT, check=True, env={**os.environ, "CARGO_INCREMENTAL": "0"})
        binary = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "debug" / "ranking_count"
    setup = count(binary, "setup")
    counts = {part: count(binary, part) - setup for part in PARTS}
    if args.bless:
        BASELINE.write_text("".join(f"{part}\t{n}\n" for part, n in counts.items()))
    before = dict(line.split("\t") for line in BASELINE.read_text().splitlines())
    grown = []
    for part, now in counts.items():
        was = int(before.get(part, now))
        print(f"{part:8} {now:14,} instructions, {100 * (now / was - 1):+6.2f} %")
        if now > GROWTH * was:
            grown.append(part)
    if grown and not explained():
        sys.exit(f"instructions.py: {', '.join(grown)} grew by more than 5 %; make it smaller, or say why in the commit "
                 "message, on a line such as: Instructions: +7 % because ...")


if __name__ == "__main__":
    main()
