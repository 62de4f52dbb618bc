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


Runs = dict[str, list[Measured]]
"""What each contender measured, by its label."""


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


def compare(title: str, contenders: Sequence[Contender], *, rounds: int, units: int = 0) -> None:
    """Run all in interleaved rounds and print medians, spreads and ratios to the first; check that answers agree.

    Args:
        title: what is measured.
        contenders: the ledger first.
        rounds: how often each runs.
        units: events that each handles; without, the whole times are not comparable, only the figures are.
    """
    present = [one for one in contenders if importlib.util.find_spec(one.package)]
    print(f"\n{title}: medians of {rounds} rounds (least-most)")
    for one in contenders:
        if one not in present:
            print(f"  {one.label}: not installed ({one.package})")
    runs: Runs = {one.label: [] for one in present}
    for number in range(rounds):
        for one in present[number % len(present) :] + present[: number % len(present)]:
            try:
                runs[one.label].append(run(one))
            except RuntimeError as error:
                print(f"  failed: {error}")
    present = [one for one in present if runs[one.label]]
    if units:
        _print_times(present, runs, units)
    else:
        _print_memory(present, runs)
    _print_figures(present, runs)
    _print_answers(present, runs)


def _print_times(contenders: Sequence[Contender], runs: Runs, units: int) -> None:
    heads = ("task CPU s", "task wall s", "process CPU s", "peak MB")
    print(
        f"  {'':<22}{''.join(f'{head:>22}' for head in heads)}{'events/s wall':>15}{'CPU ratio':>11}{'wall ratio':>11}"
    )
    base: tuple[float, float] | None = None
    for one in contenders:
        measured, scale = runs[one.label], units / one.units if one.units else 1
        columns = [
            [m.outcome.cpu_s * scale for m in measured],
            [m.outcome.wall_s * scale for m in measured],
            [m.process_cpu_s * scale for m in measured],
            [m.outcome.peak_mb for m in measured],
        ]
        cpu_s, wall_s = median(columns[0]), median(columns[1])
        base = base or (cpu_s, wall_s)
        shown = "".join(f"{_spread(column):>22}" for column in columns)
        rates = f"{units / wall_s:>15,.0f}{base[0] / cpu_s:>11.2f}{base[1] / wall_s:>11.2f}"
        print(f"  {one.label:<22}{shown}{rates}")
    print("  ratio = first line / this line: below 1 the first is better")


def _print_memory(contenders: Sequence[Contender], runs: Runs) -> None:
    for one in contenders:
        print(f"  {one.label:<22} peak MB {_spread([m.outcome.peak_mb for m in runs[one.label]])}")


def _print_figures(contenders: Sequence[Contender], runs: Runs) -> None:
    """Print further figures side by side; in brackets the first one's over this one's."""
    figures = {one.label: _figures(runs[one.label]) for one in contenders}
    names = dict.fromkeys(name for found in figures.values() for name in found)
    if not names:
        return
    print(f"  {'':<22}{''.join(f'{one.label:>24}' for one in contenders)}")
    for name in names:
        base = figures[contenders[0].label].get(name)
        print(f"  {name:<22}{''.join(f'{_figure(figures[one.label].get(name), base):>24}' for one in contenders)}")


def _figures(measured: Sequence[Measured]) -> dict[str, float]:
    return {name: median(m.outcome.figures[name] for m in measured) for name in measured[0].outcome.figures}


def _figure(value: float | None, base: float | None) -> str:
    if value is None:
        return "-"
    return f"{value:.2f}" if not base or base == value else f"{value:.2f} ({base / value:.2f})"


def _spread(values: Sequence[float]) -> str:
    digits = 0 if max(values) >= 100 else 2
    return f"{median(values):.{digits}f} ({min(values):.{digits}f}-{max(values):.{digits}f})"


def _print_answers(contenders: Sequence[Contender], runs: Runs) -> None:
    answers = {one.label: runs[one.label][0].outcome.answer for one in contenders if not one.units}
    first = next(iter(answers.values()), {})
    for label, answer in answers.items():
        names = dict.fromkeys([*first, *answer])
        wrong = {name: (first.get(name), answer.get(name)) for name in names if first.get(name) != answer.get(name)}
        if wrong:
            print(f"  DIFFERENT ANSWER of {label}: {wrong}")
        elif answer:
            print(f"  {label}: same answer ({len(answer)} facts)")
