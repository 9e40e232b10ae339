"""Lines, their stops, and the trips that run on them."""

from dataclasses import dataclass
from functools import cached_property


@dataclass(frozen=True)
class Stop:
    """A place where a line stops, with the minutes from the line's first stop."""

    name: str
    offset: int


@dataclass(frozen=True)
class Trip:
    """One run of a line, leaving its first stop at ``start``."""

    line: "Line"
    start: int

    def time_at(self, name):
        """When the trip is at a stop, or None if it does not stop there."""
        offset = self.line.offset(name)
        return None if offset is None else self.start + offset

    def stops_after(self, name):
        """The stops that can be reached from a stop on this trip, in order."""
        names = [stop.name for stop in self.line.stops]
        if name not in names:
            return ()
        return self.line.stops[names.index(name) :]


@dataclass(frozen=True)
class Line:
    """A line with its departures from the first stop, as minutes in ascending order."""

    name: str
    stops: tuple
    starts: tuple

    @property
    def destination(self):
        return self.stops[-1].name

    def offset(self, name):
        """Minutes from the first stop, or None if the line does not stop there."""
        return next((stop.offset for stop in self.stops if stop.name == name), None)

    @cached_property
    def trips(self):
        return tuple(Trip(self, start) for start in self.starts)


def interval_starts(first, last, every):
    """Departures at a fixed interval between the first and the last, both of which run if the interval meets them."""
    if every <= 0:
        raise ValueError("the interval has to be one minute or more")
    if last < first:
        raise ValueError("the last departure is before the first")
    return list(range(first, last + 1, every))


class Network:
    """All the lines of a place."""

    def __init__(self, lines):
        self.lines = tuple(lines)

    @cached_property
    def stop_names(self):
        return frozenset(stop.name for line in self.lines for stop in line.stops)

    def lines_at(self, name):
        """Lines that stop at a place and go on from there."""
        return [line for line in self.lines if line.offset(name) is not None and line.destination != name]

    def require_stop(self, name):
        """Raises LookupError, with the likely spelling if there is one, unless the stop exists."""
        if name in self.stop_names:
            return
        similar = sorted(stop for stop in self.stop_names if stop.lower().startswith(name.lower()[:3]))
        hint = f"; did you mean {' or '.join(similar)}?" if similar else ""
        raise LookupError(f"no stop is called {name!r}{hint}")
