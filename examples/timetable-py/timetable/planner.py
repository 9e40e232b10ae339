"""The earliest arrival between two stops, with changes."""

import heapq
from dataclasses import dataclass

from .clock import format_time

CHANGE_MINUTES = 3


@dataclass(frozen=True)
class Leg:
    """A ride without a change."""

    line: str
    origin: str
    departure: int
    destination: str
    arrival: int

    def __str__(self):
        start, end = format_time(self.departure), format_time(self.arrival)
        return f"{start} {self.origin} - {end} {self.destination} (line {self.line})"


def plan(network, origin, destination, after=0, change=CHANGE_MINUTES):
    """The legs of the journey that arrives first; an empty list if one is already there, None if there is no way.

    Stops are settled in the order of their arrival times, as in Dijkstra's algorithm. Changing takes ``change``
    minutes; boarding the first leg takes none.
    """
    network.require_stop(origin)
    network.require_stop(destination)
    arrivals = {origin: after}
    ridden = {}
    queue = [(after, origin)]
    while queue:
        now, stop = heapq.heappop(queue)
        if stop == destination:
            return _trace(ridden, origin, destination)
        if now > arrivals[stop]:
            continue
        ready = now if stop == origin else now + change
        for leg in _boardable(network, stop, ready):
            if leg.arrival < arrivals.get(leg.destination, float("inf")):
                arrivals[leg.destination] = leg.arrival
                ridden[leg.destination] = leg
                heapq.heappush(queue, (leg.arrival, leg.destination))
    return None


def _boardable(network, stop, ready):
    """On each line the first trip that can still be caught, to every stop it reaches."""
    for line in network.lines_at(stop):
        trip = next((trip for trip in line.trips if trip.time_at(stop) >= ready), None)
        if trip is None:
            continue
        for reached in trip.stops_after(stop):
            yield Leg(line.name, stop, trip.time_at(stop), reached.name, trip.start + reached.offset)


def _trace(ridden, origin, destination):
    legs = []
    stop = destination
    while stop != origin:
        legs.append(ridden[stop])
        stop = ridden[stop].origin
    return legs[::-1]
