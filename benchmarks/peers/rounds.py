"""Run contenders in interleaved rounds, each in a process of its own, and compare them with the first.

Between the command and the contenders. The CPU time of a process comes from the kernel when it ends, so that it
includes imports, threads and children. Interleaving makes all contenders see the same neighbours on the machine.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from statistics import median

import msgspec

from .contender import Outcome, Task

ROOT = Path(__file__).resolve().parents[2]


class Contender(msgspec.Struct, frozen=True):
    """A module of this folder, the package that it needs, and how its rows are named."""

    label: str
    module: str
    package: str
    task: Task
    units: int = 0
    """Events that it handles, where it is given fewer than the others; its figures are scaled."""


class Measured(msgspec.Struct):
    """One run of one contender."""

    outcome: Outcome
    process_cpu_s: float


def run(contender: Contender) -> Measured:
    """Run a contender once.

    Raises:
        RuntimeError: its process failed.
    """
    _remove(contender.task.output)
    task = msgspec.json.encode(contender.task).decode()
    command = [sys.executable, "-m", "benchmarks.peers.contender", contender.module, task]
    threads = str(contender.task.cores)
    path = os.pathsep.join([str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])])
    environment = os.environ | {"PYTHONPATH": path, "POLARS_MAX_THREADS": threads, "OMP_NUM_THREADS": threads}
    with tempfile.TemporaryFile() as printed:
        child = subprocess.Popen(command, stdout=printed, cwd=ROOT, env=environment)
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        printed.seek(0)
        lines = printed.read().splitlines()
    if child.returncode or not lines:
        raise RuntimeError(f"{contender.label}: exit {child.returncode}")
    return Measured(msgspec.json.decode(lines[-1], type=Outcome), usage.ru_utime + usage.ru_stime)


def _remove(output: str) -> None:
    """Remove what an earlier round wrote."""
    path = Path(output) if output else None
    if path and path.is_dir():
        shutil.rmtree(path)
    elif path:
        path.unlink(missing_ok=True)


def compare(title: str, contenders: Sequence[Contender], *, rounds: int, units: int) -> None:
    """Run all in interleaved rounds and print medians, spreads and ratios to the first; check that answers agree."""
    present = [one for one in contenders if importlib.util.find_spec(one.package)]
    print(f"\n{title}: medians of {rounds} rounds (least-most)")
    for one in contenders:
        if one not in present:
            print(f"  {one.label}: not installed ({one.package})")
    runs: dict[str, list[Measured]] = {one.label: [] for one in present}
    for number in range(rounds):
        for one in present[number % len(present) :] + present[: number % len(present)]:
            try:
                runs[one.label].append(run(one))
            except RuntimeError as error:
                print(f"  failed: {error}")
    _print_table(present, runs, units)
    _print_answers(present, runs)


def _print_table(contenders: Sequence[Contender], runs: dict[str, list[Measured]], units: int) -> None:
    heads = ("task CPU s", "task wall s", "process CPU s", "peak MB")
    print(
        f"  {'':<26}{''.join(f'{head:>22}' for head in heads)}{'events/s wall':>15}{'CPU ratio':>11}{'wall ratio':>11}"
    )
    base: tuple[float, float] | None = None
    for one in contenders:
        measured = runs[one.label]
        if not measured:
            continue
        scale = units / one.units if one.units else 1
        columns = [
            [m.outcome.cpu_s * scale for m in measured],
            [m.outcome.wall_s * scale for m in measured],
            [m.process_cpu_s * scale for m in measured],
            [m.outcome.peak_mb for m in measured],
        ]
        cpu_s, wall_s = median(columns[0]), median(columns[1])
        base = base or (cpu_s, wall_s)
        shown = "".join(f"{_spread(column):>22}" for column in columns)
        rate = units / max(wall_s, 1e-9)
        print(f"  {one.label:<26}{shown}{rate:>15,.0f}{base[0] / cpu_s:>11.2f}{base[1] / wall_s:>11.2f}")
    print("  ratio = first line / this line: below 1 the first is better")


def _spread(values: list[float]) -> str:
    digits = 0 if max(values) >= 100 else 2
    return f"{median(values):.{digits}f} ({min(values):.{digits}f}-{max(values):.{digits}f})"


def _print_answers(contenders: Sequence[Contender], runs: dict[str, list[Measured]]) -> None:
    whole = [(one, runs[one.label][0].outcome) for one in contenders if runs[one.label]]
    for one, outcome in whole:
        if outcome.figures:
            per_run = [measured.outcome.figures for measured in runs[one.label]]
            figures = {name: median(run[name] for run in per_run) for name in outcome.figures}
            print(f"  {one.label}: " + ", ".join(f"{name} {value:.2f}" for name, value in figures.items()))
    answers = {one.label: outcome.answer for one, outcome in whole if outcome.answer and not one.units}
    first = next(iter(answers.values()), {})
    for label, answer in answers.items():
        wrong = {key: (first.get(key), value) for key, value in answer.items() if first.get(key) != value}
        print(f"  {label}: " + (f"DIFFERENT ANSWER {wrong}" if wrong else f"same answer ({len(answer)} facts)"))
