import unittest

from timetable.network import Line, Network, Stop, Trip, interval_starts

LINE = Line("4", (Stop("Harbour", 0), Stop("Market", 4), Stop("Station", 9)), (360, 380))


class IntervalStarts(unittest.TestCase):
    def test_includes_the_last_departure(self):
        self.assertEqual(interval_starts(360, 420, 20), [360, 380, 400, 420])

    def test_stops_before_a_last_departure_that_the_interval_misses(self):
        self.assertEqual(interval_starts(360, 410, 20), [360, 380, 400])

    def test_longer_than_the_service(self):
        self.assertEqual(interval_starts(360, 370, 60), [360])

    def test_refuses_intervals_that_make_no_sense(self):
        for first, last, every in ((360, 420, 0), (360, 420, -5), (420, 360, 20)):
            with self.subTest(every=every), self.assertRaises(ValueError):
                interval_starts(first, last, every)


class Trips(unittest.TestCase):
    def test_a_line_has_a_trip_for_each_start(self):
        self.assertEqual(LINE.trips, (Trip(LINE, 360), Trip(LINE, 380)))

    def test_time_at_a_stop(self):
        self.assertEqual([LINE.trips[0].time_at(name) for name in ("Harbour", "Station")], [360, 369])
        self.assertIsNone(LINE.trips[0].time_at("Airport"))

    def test_stops_after(self):
        trip = LINE.trips[0]
        self.assertEqual(trip.stops_after("Market"), (Stop("Station", 9),))
        self.assertEqual(trip.stops_after("Station"), ())
        self.assertEqual(trip.stops_after("Airport"), ())


class Stops(unittest.TestCase):
    def test_names(self):
        self.assertEqual(Network([LINE]).stop_names, {"Harbour", "Market", "Station"})

    def test_lines_do_not_leave_from_their_last_stop(self):
        network = Network([LINE])
        self.assertEqual(network.lines_at("Market"), [LINE])
        self.assertEqual(network.lines_at("Station"), [])

    def test_an_unknown_stop_is_an_error_that_suggests_the_spelling(self):
        with self.assertRaisesRegex(LookupError, "no stop is called 'Marked'; did you mean Market?"):
            Network([LINE]).require_stop("Marked")
        with self.assertRaisesRegex(LookupError, "no stop is called 'Zoo'$"):
            Network([LINE]).require_stop("Zoo")
