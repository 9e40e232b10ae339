import unittest

from timetable import departures, parse_time
from tests.town import town


class Board(unittest.TestCase):
    def setUp(self):
        self.town = town()

    def test_departures_of_all_lines_in_order(self):
        rows = departures(self.town, "Station", parse_time("07:50"), limit=4)
        self.assertEqual(
            [(row.time, row.line, row.destination) for row in rows],
            [(489, "4", "Hospital"), (495, "7", "Airport"), (509, "4", "Hospital"), (525, "7", "Airport")],
        )

    def test_a_departure_this_very_minute_is_shown(self):
        self.assertEqual(departures(self.town, "University", parse_time("08:21"), 1)[0].time, parse_time("08:21"))

    def test_the_last_bus_to_the_airport(self):
        self.assertEqual([row.time for row in departures(self.town, "University", parse_time("21:30"))], [1311])

    def test_a_row_names_the_stops_on_the_way(self):
        self.assertEqual(departures(self.town, "Harbour", 480, limit=1)[0].via, ("Market", "Station"))

    def test_a_row_without_stops_on_the_way(self):
        self.assertEqual(departures(self.town, "Station", 480, limit=1)[0].via, ())

    def test_after_midnight(self):
        rows = departures(self.town, "Station", parse_time("24:30"))
        self.assertEqual([str(row) for row in rows], ["00:50+1 N1   Harbour via Market"])

    def test_nothing_leaves_from_a_terminus(self):
        self.assertEqual(departures(self.town, "Airport"), [])

    def test_unknown_stop(self):
        with self.assertRaises(LookupError):
            departures(self.town, "Moon")
