"""State of a projection: tables cut into partitions by event time.

A catch-up rewrites only the partitions it touched, a query loads only those it needs, and a replay until an instant
reuses every partition that ended before it. All states of the library are of this one type.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt

from ..domain.columns import StringColumn
from .table import Table, TableSchema, combine, key_names, row_columns

Array = npt.NDArray[Any]
Load = Callable[[], bytes]
Give = Callable[[], Table]

HOUR_NS = 3_600_000_000_000
"""Width of a partition. Chosen: an hour is what a late record usually touches, and a month has only 720."""

MOST_UNMERGED = 64
"""Parts of one hour that wait to be merged until it is used. Chosen: one of each of a small cluster's cores."""

_HOUR = "partition hour"


class PartitionedTable:
    """One table per hour of event time; stored partitions are loaded when first used.

    >>> table = PartitionedTable(TableSchema(strings=("service",), measures={"events": "sum"}))
    >>> table.add(np.array([5, HOUR_NS]), {"service": StringColumn.of(["a", "a"])}, {}, {"events": [1, 1]})
    >>> sorted(table.hours())
    [0, 1]
    """

    def __init__(self, schema: TableSchema) -> None:
        self.schema = schema
        self.dirty: set[int] = set()
        self._loaded: dict[int, Table] = {}
        self._stored: dict[int, Load] = {}
        self._unmerged: dict[int, list[Give]] = {}

    def add(
        self,
        times_ns: Array,
        strings: Mapping[str, StringColumn],
        numbers: Mapping[str, Array | Sequence[int]],
        measures: Mapping[str, Array | Sequence[int]],
    ) -> None:
        """Add rows, each to the partition of its time; those with equal keys are combined first."""
        if not len(times_ns):
            return
        hours = {_HOUR: times_ns // HOUR_NS} | row_columns(self.schema, strings, numbers, measures)
        rows = combine(hours, (_HOUR, *key_names(self.schema)), self.schema.measures)
        self._distribute(rows.pop(_HOUR), rows, {name: strings[name].values for name in self.schema.strings})

    def extend(
        self,
        times_ns: Array,
        strings: Mapping[str, StringColumn],
        numbers: Mapping[str, Array | Sequence[int]],
        measures: Mapping[str, Array | Sequence[int]],
    ) -> None:
        """Add rows as `add` does, of which hardly any have equal keys: they are combined later, with many others."""
        if len(times_ns):
            rows = row_columns(self.schema, strings, numbers, measures)
            values = {name: strings[name].values for name in self.schema.strings}
            self._distribute(times_ns // HOUR_NS, rows, values)

    def _distribute(self, hours: Array, rows: dict[str, Array], values: Mapping[str, Sequence[str]]) -> None:
        """Add rows to the tables of their hours."""
        first, last = int(hours.min()), int(hours.max())
        if first == last:
            self.change(first).extend(rows, values)
            return
        is_there = np.zeros(last - first + 1, np.bool_)
        is_there[hours - first] = True
        for hour in (np.flatnonzero(is_there) + first).tolist():
            of_hour = np.flatnonzero(hours == hour)
            self.change(hour).extend({name: column[of_hour] for name, column in rows.items()}, values)

    def hours(self) -> set[int]:
        """Return the hours (since the epoch) that have rows."""
        return self._loaded.keys() | self._stored.keys() | self._unmerged.keys()

    def change(self, hour: int) -> Table:
        """Return the table of an hour, to be changed."""
        self.dirty.add(hour)
        return self.part(hour)

    def part(self, hour: int) -> Table:
        """Return the table of an hour, to be read."""
        if hour not in self._loaded:
            load = self._stored.pop(hour, None)
            self._loaded[hour] = Table(self.schema) if load is None else Table.decode(self.schema, load())
        for gives in self._unmerged.pop(hour, ()):
            self._loaded[hour].merge(gives())
        return self._loaded[hour]

    def parts(self, *, since_ns: int | None = None, until_ns: int | None = None) -> Iterator[tuple[int, Table]]:
        """Yield hour and table of the partitions that overlap [since, until), in time order."""
        for hour in sorted(self.hours()):
            if since_ns is not None and (hour + 1) * HOUR_NS <= since_ns:
                continue
            if until_ns is not None and hour * HOUR_NS >= until_ns:
                continue
            yield hour, self.part(hour)

    def joined(self, *, since_ns: int | None = None, until_ns: int | None = None) -> Table:
        """Return the rows of all overlapping partitions as one table (whole hours: filter by time columns after)."""
        parts = [table for _, table in self.parts(since_ns=since_ns, until_ns=until_ns)]
        if len(parts) == 1:
            return parts[0]
        whole = Table(self.schema)
        for table in parts:
            whole.merge(table)
        return whole

    def merge(self, other: PartitionedTable) -> None:
        """Add all rows of another partitioned table of the same schema; what it has stored is loaded when first used.

        So the process that gathers the parts of a parallel fold has little to do, and holds them in few bytes.
        """
        for hour in sorted(other.hours()):
            self.dirty.add(hour)
            if hour in other._loaded:
                self.part(hour).merge(other.part(hour))
                continue
            waiting = other._unmerged.get(hour, [])
            if hour in other._stored and not waiting and hour not in self.hours():
                self._stored[hour] = other._stored[hour]
                continue
            if hour in other._stored:
                self._merge_later(hour, partial(_decoded, self.schema, other._stored[hour]))
            for gives in waiting:
                self._merge_later(hour, gives)

    def receive(self, hour: int, packed: bytes) -> None:
        """Add what `Table.packed` gave in another process; it is merged when the hour is first used."""
        self.dirty.add(hour)
        self._merge_later(hour, partial(Table.unpacked, self.schema, packed))

    def _merge_later(self, hour: int, gives: Give) -> None:
        waiting = self._unmerged.setdefault(hour, [])
        waiting.append(gives)
        if len(waiting) >= MOST_UNMERGED:
            self.part(hour)

    def restore(self, hour: int, load: Load) -> None:
        """Make a stored partition available; it is loaded when first used."""
        self._loaded.pop(hour, None)
        self._unmerged.pop(hour, None)
        self._stored[hour] = load

    def loader(self, hour: int) -> Load:
        """Return what gives the canonical bytes of a partition, without loading one that is stored as it is."""
        unchanged = hour in self._stored and hour not in self._unmerged
        return self._stored[hour] if unchanged else self.part(hour).encode


def _decoded(schema: TableSchema, load: Load) -> Table:
    return Table.decode(schema, load())


class ProjectionState:
    """The named, partitioned tables of one projection.

    Two states are equal when `encoded()` is equal: same events, same bytes.

    >>> state = ProjectionState({"events": TableSchema(strings=("service",), measures={"events": "sum"})})
    >>> state["events"].add(np.array([5]), {"service": StringColumn.of(["a"])}, {}, {"events": [1]})
    >>> sorted(state.encoded())
    ['events/0']
    """

    def __init__(self, schemas: Mapping[str, TableSchema]) -> None:
        self.schemas = dict(schemas)
        self._tables = {name: PartitionedTable(schema) for name, schema in self.schemas.items()}

    def __getitem__(self, name: str) -> PartitionedTable:
        return self._tables[name]

    def merge(self, other: ProjectionState) -> None:
        """Add all rows of another state of the same projection."""
        for name, table in self._tables.items():
            table.merge(other[name])

    def keys(self) -> list[str]:
        """Return the keys of all partitions: `table/hour`."""
        return sorted(f"{name}/{hour}" for name, table in self._tables.items() for hour in table.hours())

    def dirty_keys(self) -> list[str]:
        """Return the keys of the partitions changed since they were last stored."""
        return sorted(f"{name}/{hour}" for name, table in self._tables.items() for hour in table.dirty)

    def mark_stored(self) -> None:
        """Say that all partitions are stored as they are now."""
        for table in self._tables.values():
            table.dirty.clear()

    def encode(self, key: str) -> bytes:
        """Return the canonical bytes of one partition."""
        name, _, hour = key.rpartition("/")
        return self._tables[name].loader(int(hour))()

    def encoded(self, keys: Iterable[str] | None = None) -> dict[str, bytes]:
        """Return the canonical bytes of partitions (all of them by default)."""
        return {key: self.encode(key) for key in (self.keys() if keys is None else keys)}

    def packed(self) -> dict[str, bytes]:
        """Return all partitions as they are sent to another process: not canonical, nothing is combined for it.

        >>> state = ProjectionState({"events": TableSchema(numbers=("n",))})
        >>> state["events"].add(np.array([5]), {}, {"n": [1]}, {})
        >>> other = ProjectionState(state.schemas)
        >>> other.receive(state.packed())
        >>> other.encoded() == state.encoded()
        True
        """
        names = self._tables.items()
        return {f"{name}/{hour}": table.part(hour).packed() for name, table in names for hour in table.hours()}

    def receive(self, packed: Mapping[str, bytes]) -> None:
        """Add partitions that `packed` gave in another process; they are merged when they are first used."""
        for key, content in packed.items():
            name, _, hour = key.rpartition("/")
            self._tables[name].receive(int(hour), content)

    def restore(self, key: str, load: Load) -> None:
        """Make a stored partition available under its key; unknown tables are ignored (an older projection's).

        A partition that is in memory leaves it: so a state that was just stored gives its memory back.
        """
        name, _, hour = key.rpartition("/")
        if name in self._tables:
            self._tables[name].restore(int(hour), load)

    def mark_changed(self, key: str) -> None:
        """Say that a partition has to be stored again."""
        name, _, hour = key.rpartition("/")
        self._tables[name].dirty.add(int(hour))

    def before(self, hour: int) -> ProjectionState:
        """Return a state of the partitions before an hour; stored ones are not loaded for it.

        >>> state = ProjectionState({"events": TableSchema(numbers=("n",), measures={"events": "sum"})})
        >>> state["events"].add(np.array([5, HOUR_NS]), {}, {"n": [1, 2]}, {"events": [1, 1]})
        >>> state.before(1).keys()
        ['events/0']
        """
        earlier = ProjectionState(self.schemas)
        for name, table in self._tables.items():
            for kept in [known for known in table.hours() if known < hour]:
                earlier[name].restore(kept, table.loader(kept))
        return earlier
