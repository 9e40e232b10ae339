"""Timetables from a small text format: departure boards and journeys with changes."""

from .board import Departure, departures
from .clock import format_time, parse_time
from .network import Line, Network, Stop, Trip
from .parser import TimetableError, parse_network
from .planner import Leg, plan

__all__ = [
    "Departure",
    "Leg",
    "Line",
    "Network",
    "Stop",
    "TimetableError",
    "Trip",
    "departures",
    "format_time",
    "parse_network",
    "parse_time",
    "plan",
]
