"""The text format: lines with their stops and departures, ``#`` for comments."""

import re

from .clock import parse_time
from .network import Line, Network, Stop, interval_starts

_LINE = re.compile(r"line\s+(\S+)(?:\s+.*)?")
_STOP = re.compile(r"(.+?)\s*\+(\d+)")
_EVERY = re.compile(r"(\d+)\s*min\s+from\s+(\S+)\s+to\s+(\S+)")


class TimetableError(ValueError):
    """A timetable that cannot be read; the message starts with the number of the line."""


class _Draft:
    def __init__(self, name, number):
        self.name = name
        self.number = number
        self.stops = []
        self.starts = set()

    def finish(self):
        if len(self.stops) < 2:
            raise TimetableError(f"{self.number}: line {self.name} needs two stops or more")
        if not self.starts:
            raise TimetableError(f"{self.number}: line {self.name} has no departures")
        return Line(self.name, tuple(self.stops), tuple(sorted(self.starts)))


def parse_network(text):
    """Reads a whole timetable."""
    drafts = []
    for number, raw in enumerate(text.splitlines(), start=1):
        line = raw.split("#", 1)[0].strip()
        if not line:
            continue
        try:
            if header := _LINE.fullmatch(line):
                drafts.append(_Draft(header[1], number))
            elif not drafts:
                raise ValueError("a timetable starts with a line")
            else:
                _read_detail(drafts[-1], line)
        except ValueError as error:
            raise TimetableError(f"{number}: {error}") from error
    return Network(draft.finish() for draft in drafts)


def _read_detail(draft, line):
    keyword, _, rest = line.partition(" ")
    if keyword == "stops":
        draft.stops = _read_stops(rest)
    elif keyword == "every":
        match = _EVERY.fullmatch(rest.strip())
        if match is None:
            raise ValueError(f"expected 'N min from HH:MM to HH:MM', not {rest.strip()!r}")
        draft.starts.update(interval_starts(parse_time(match[2]), parse_time(match[3]), int(match[1])))
    elif keyword == "at":
        draft.starts.update(parse_time(part) for part in rest.split(","))
    else:
        raise ValueError(f"unknown keyword {keyword!r}")


def _read_stops(text):
    stops = []
    for part in text.split(","):
        match = _STOP.fullmatch(part.strip())
        if match is None:
            raise ValueError(f"expected 'Name +minutes', not {part.strip()!r}")
        stop = Stop(match[1], int(match[2]))
        if stops and stop.offset <= stops[-1].offset:
            raise ValueError(f"{stop.name} is not later than {stops[-1].name}")
        if any(stop.name == other.name for other in stops):
            raise ValueError(f"{stop.name} is there twice")
        stops.append(stop)
    return stops
