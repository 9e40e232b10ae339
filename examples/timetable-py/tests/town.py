"""The example timetable for the tests."""

from pathlib import Path

from timetable import parse_network

TOWN_FILE = Path(__file__).parent.parent / "data" / "town.txt"


def town():
    """A fresh network, so that no test sees what another one did to it."""
    return parse_network(TOWN_FILE.read_text(encoding="utf-8"))
