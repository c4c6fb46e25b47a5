#!/usr/bin/env python3
"""Exact ranking beside numpy, faiss and hnswlib: the same vectors, the same run, one thread each.

    python3 benches/peers/ranking.py [--sizes 5000 50000 500000] [--venv DIR]

Makes a scratch environment with numpy, faiss-cpu and hnswlib the first time, builds `ranking_peer` in release mode,
makes unit vectors of 384 dimensions from a fixed seed, and prints seconds a query and how many times faster this
project is. Ours runs before and after the peers; the better of the two counts, as does the best of three for each peer.

How it misleads: made-up vectors point anywhere, so the best courses stand out less than real ones; other work on the
machine hits whoever is running (run it on a quiet one, and trust ratios, not seconds); faiss switches its path at batches
of some hundred queries, so the batch of 64 flatters us; hnswlib is approximate, and its recall is printed.
"""
import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DIMS, K = 384, 10


def in_environment(venv: Path):
    """Starts this script again inside the scratch environment."""
    python = venv / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", str(venv)], check=True)
    # An environment that was left half made, or made for something else, is completed.
    if subprocess.run([str(python), "-c", "import numpy, faiss, hnswlib"], capture_output=True).returncode:
        subprocess.run([str(python), "-m", "pip", "install", "-q", "numpy", "faiss-cpu", "hnswlib"], check=True)
    threads = {name: "1" for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")}
    os.execve(str(python), [str(python), *sys.argv], {**os.environ, **threads, "CBP_PEERS": "1"})


def best_of(total, run):
    """Seconds a query of the best pass: three at least, for a second at least, as in `ranking_peer`."""
    begin, best, passes = time.perf_counter(), float("inf"), 0
    while passes < 3 or time.perf_counter() < begin + 1:
        start = time.perf_counter()
        run()
        best = min(best, time.perf_counter() - start)
        passes += 1
    return best / total


def peers(courses, queries, size):
    """Seconds a query by peer and setting, and faiss's result."""
    import faiss
    import numpy as np

    faiss.omp_set_num_threads(1)
    flat = faiss.IndexFlatIP(DIMS)
    flat.add(courses)
    ones = min(len(queries), 100 if size < 100_000 else 20)
    some = min(len(queries), 256 if size < 100_000 else 64)
    times = {}

    def of(peer, setting, total, batch, search):
        parts = [queries[at : at + batch] for at in range(0, total, batch)]
        times[peer, setting] = best_of(total, lambda: [search(part) for part in parts])

    def by_numpy(part):
        scores = part @ courses.T
        best = np.argpartition(-scores, K, axis=1)[:, :K]
        rows = np.arange(len(part))[:, None]
        return best[rows, np.argsort(-scores[rows, best], axis=1)]

    kept = np.zeros(len(courses), dtype=bool)
    kept[::10] = True
    chosen = faiss.SearchParameters(sel=faiss.IDSelectorBitmap(np.packbits(kept, bitorder="little")))
    for setting, total, batch in (("one", ones, 1), ("batch64", some, 64), ("large", len(queries), len(queries))):
        of("faiss flat", setting, total, batch, lambda part: flat.search(part, K))
        if setting == "large":
            batch = min(batch, 512)  # all scores at once would not fit
        of("numpy", setting, total, batch, by_numpy)
    of("faiss flat", "filter64", some, 64, lambda part: flat.search(part, K, params=chosen))
    exact = flat.search(queries, K)[1]
    recall = None
    if size <= 50_000:
        import hnswlib

        graph = hnswlib.Index(space="ip", dim=DIMS)
        graph.init_index(max_elements=size, M=32, ef_construction=200)
        graph.add_items(courses, num_threads=1)
        some = queries[:200]
        for ef in (32, 64, 128, 256, 512, 1024, 2048, 4096):
            graph.set_ef(ef)
            found, _ = graph.knn_query(some, k=K, num_threads=1)
            recall = np.mean([len(set(a) & set(b)) / K for a, b in zip(found, exact)])
            if recall >= 0.999:
                break
        of("hnswlib", "one", min(ones, 200), 1, lambda part: graph.knn_query(part, k=K, num_threads=1))
        recall = f"hnswlib ef {ef}, recall {recall:.4f}"
    return times, exact, recall


def ours(binary, folder):
    out = folder / "ours.tsv"
    text = subprocess.run(
        [binary, folder / "courses.npy", folder / "queries.npy", out], check=True, capture_output=True, text=True
    ).stdout
    return {name: float(seconds) for name, seconds in (line.split("\t") for line in text.splitlines())}, out


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs="+", default=[5_000, 50_000, 500_000])
    parser.add_argument("--venv", type=Path, default=Path(tempfile.gettempdir()) / "cbp-peers")
    parser.add_argument("--binary", type=Path, help="a ranking_peer that is built already")
    args = parser.parse_args()
    if "CBP_PEERS" not in os.environ:
        in_environment(args.venv)
    import numpy as np

    binary = args.binary
    if binary is None:
        command = ["cargo", "build", "--release", "-q", "-p", "cbp-benches", "--bin", "ranking_peer"]
        subprocess.run(command, cwd=ROOT, check=True)
        target = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
        binary = target / "release" / "ranking_peer"
    for size in args.sizes:
        random = np.random.default_rng(20_251_124)
        queries = {5_000: 4096, 50_000: 2048}.get(size, 512)

        def unit(rows):
            table = random.standard_normal((rows, DIMS), dtype=np.float32)
            return table / np.linalg.norm(table, axis=1, keepdims=True)

        with tempfile.TemporaryDirectory() as folder:
            folder = Path(folder)
            courses, queries = unit(size), unit(queries)
            np.save(folder / "courses.npy", courses)
            np.save(folder / "queries.npy", queries)
            first, _ = ours(binary, folder)
            times, exact, note = peers(courses, queries, size)
            second, out = ours(binary, folder)
            mine = np.loadtxt(out, dtype=np.int64, delimiter="\t")
        same = np.mean(np.sort(mine, axis=1) == np.sort(exact, axis=1))
        print(f"\n{size} courses, {len(queries)} queries; ids as faiss's: {same:.5f}; {note or 'hnswlib left out'}")
        us = {name: min(first[name], second[name]) for name in first}
        print(f"  two threads against one: {us['large'] / us['large2']:.2f}")
        for (peer, setting), seconds in times.items():
            print(f"  {setting:9} {peer:11} {1 / seconds:12,.0f} q/s   ours {1 / us[setting]:12,.0f} q/s   {seconds / us[setting]:6.2f} times")


if __name__ == "__main__":
    main()
