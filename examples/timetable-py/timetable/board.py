"""Departure boards."""

from dataclasses import dataclass

from .clock import format_time


@dataclass(frozen=True, order=True)
class Departure:
    """One row of a board; rows sort by time, then by line."""

    time: int
    line: str
    destination: str
    via: tuple = ()

    def __str__(self):
        row = f"{format_time(self.time):<8}{self.line:<5}{self.destination}"
        return f"{row} via {', '.join(self.via)}" if self.via else row


def departures(network, stop, after=0, limit=10):
    """The next departures from a stop, those at ``after`` itself included."""
    network.require_stop(stop)
    rows = [
        Departure(trip.time_at(stop), line.name, line.destination, _via(trip, stop))
        for line in network.lines_at(stop)
        for trip in line.trips
        if trip.time_at(stop) >= after
    ]
    return sorted(rows)[:limit]


def _via(trip, stop):
    """The stops between a stop and the end of the line."""
    return tuple(between.name for between in trip.stops_after(stop)[:-1])
