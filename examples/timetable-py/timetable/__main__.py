"""Command line: ``python3 -m timetable FILE board STOP [TIME]`` and ``... FILE route FROM TO [TIME]``."""

import argparse
import sys

from .board import departures
from .clock import format_duration, parse_time
from .parser import parse_network
from .planner import plan


def _arguments():
    parser = argparse.ArgumentParser(prog="timetable")
    parser.add_argument("file")
    commands = parser.add_subparsers(dest="command", required=True)
    board = commands.add_parser("board", help="departures from a stop")
    board.add_argument("stop")
    route = commands.add_parser("route", help="the earliest arrival")
    route.add_argument("origin")
    route.add_argument("destination")
    for command in (board, route):
        command.add_argument("time", nargs="?", default="00:00")
    return parser.parse_args()


def main():
    arguments = _arguments()
    with open(arguments.file, encoding="utf-8") as file:
        network = parse_network(file.read())
    after = parse_time(arguments.time)
    if arguments.command == "board":
        print("\n".join(map(str, departures(network, arguments.stop, after))) or "no more departures today")
        return 0
    legs = plan(network, arguments.origin, arguments.destination, after)
    if legs is None:
        print("no way to get there today")
        return 1
    print("\n".join(map(str, legs)))
    if legs:
        print(f"takes {format_duration(legs[-1].arrival - legs[0].departure)}")
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except (LookupError, OSError, ValueError) as error:
        sys.exit(f"timetable: {error}")
