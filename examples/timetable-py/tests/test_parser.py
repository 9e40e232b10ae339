import unittest

from timetable import Stop, TimetableError, parse_network

STOPS = "stops A +0, B +5\n"


class ParseNetwork(unittest.TestCase):
    def test_a_line(self):
        (line,) = parse_network(f"line 4 from A to B\n{STOPS}at 06:10, 06:00\n").lines
        self.assertEqual(line.name, "4")
        self.assertEqual(line.stops, (Stop("A", 0), Stop("B", 5)))
        self.assertEqual(line.starts, (360, 370))

    def test_departures_of_all_kinds_are_merged(self):
        (line,) = parse_network(f"line 4\n{STOPS}every 30 min from 06:00 to 06:59\nat 06:30, 23:00\n").lines
        self.assertEqual(line.starts, (360, 390, 1380))

    def test_comments_and_blank_lines(self):
        network = parse_network(f"# all lines\n\nline 4 # the old one\n  {STOPS}\n  at 06:00 # early\n")
        self.assertEqual([line.name for line in network.lines], ["4"])

    def test_names_with_spaces(self):
        (line,) = parse_network("line 4\nstops Old Town +0, Main Street +12\nat 6:00\n").lines
        self.assertEqual(line.destination, "Main Street")

    def test_an_empty_timetable(self):
        self.assertEqual(parse_network("").lines, ())

    def test_errors_name_the_line(self):
        cases = {
            "at 06:00": "1: a timetable starts with a line",
            "line 4\nstops A, B +5": "2: expected 'Name .minutes', not 'A'",
            "line 4\nstops A +0, B +0": "2: B is not later than A",
            "line 4\nstops A +0, A +9": "2: A is there twice",
            f"line 4\n{STOPS}every 20 from 6:00": "3: expected 'N min from",
            f"line 4\n{STOPS}at 6:00, noon": "3: not a time: ' ?noon'",
            f"line 4\n{STOPS}via C": "3: unknown keyword 'via'",
            "line 4\nstops A +0\nat 6:00": "1: line 4 needs two stops",
            f"line 4\n{STOPS}": "1: line 4 has no departures",
        }
        for text, message in cases.items():
            with self.subTest(text), self.assertRaisesRegex(TimetableError, f"^{message}"):
                parse_network(text)
