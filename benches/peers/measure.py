"""Runs commands and measures them: wall time and the peak memory of the process tree."""

import os
import shutil
import statistics
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path


@dataclass
class Run:
    """The median time of some runs of a command in seconds, and their highest peak in bytes."""

    seconds: float
    peak: int


def once(command, output=subprocess.DEVNULL):
    """Runs a command and gives its wall time and the peak memory of its process tree."""
    start = time.perf_counter()
    process = subprocess.Popen([str(c) for c in command], stdout=output, stderr=subprocess.PIPE)
    sampler = Sampler(process.pid)
    sampler.start()
    said = process.stderr.read().decode(errors="replace")
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    sampler.stop()
    if process.returncode != 0:
        sys.exit(f"{' '.join(map(str, command))}\nfailed with exit code {process.returncode}\n{said}")
    unit = 1 if sys.platform == "darwin" else 1024
    return seconds, max(usage.ru_maxrss * unit, sampler.peak)


def several(command, repeat, prepare=lambda: None):
    """The median of some runs after one that only warms the file cache (unless there is just one)."""
    if repeat > 1:
        prepare()
        once(command)
    runs = []
    for _ in range(repeat):
        prepare()
        runs.append(once(command))
    return Run(statistics.median(r[0] for r in runs), max(r[1] for r in runs))


class Sampler(threading.Thread):
    """Adds up what the processes of a tree hold, from time to time: of one process the kernel knows the peak, of
    several together nobody does. Shared pages count once. Where there is no /proc it sees nothing."""

    def __init__(self, root):
        super().__init__(daemon=True)
        self.root, self.peak, self.over = root, 0, threading.Event()

    def run(self):
        while not self.over.wait(0.2):
            tree = descendants(self.root)
            if len(tree) > 1:
                self.peak = max(self.peak, sum(map(proportional, tree)))

    def stop(self):
        self.over.set()
        self.join()


def descendants(root):
    """A process and all that stem from it."""
    parents = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            parents[int(stat.parent.name)] = int(stat.read_text().rpartition(")")[2].split()[1])
        except (OSError, IndexError, ValueError):
            continue
    tree, grown = {root}, True
    while grown:
        more = {pid for pid, parent in parents.items() if parent in tree} - tree
        grown = bool(more)
        tree |= more
    return tree


def proportional(pid):
    """The memory of a process, of shared pages its share."""
    try:
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024
    except OSError:
        pass
    return 0


def removed(path):
    """Something to do before a run: remove what the last one wrote."""
    return lambda: shutil.rmtree(path, ignore_errors=True)


def markdown(header, rows):
    """A table; numbers stand to the right."""
    rows = [[str(cell) for cell in row] for row in rows]
    widths = [max(len(r[i]) for r in [header, *rows]) for i in range(len(header))]
    line = lambda cells: "| " + " | ".join(
        cell.ljust(width) if i == 0 else cell.rjust(width) for i, (cell, width) in enumerate(zip(cells, widths))
    ) + " |"
    rule = "|" + "|".join("-" * (w + 1) + ("-" if i == 0 else ":") for i, w in enumerate(widths)) + "|"
    return "\n".join([line(header), rule, *map(line, rows)])
