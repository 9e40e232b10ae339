import unittest

from timetable import Leg, parse_network, parse_time, plan
from tests.town import town


class Plan(unittest.TestCase):
    def setUp(self):
        self.town = town()

    def test_a_direct_ride(self):
        legs = plan(self.town, "Harbour", "Hospital", parse_time("08:01"))
        self.assertEqual(legs, [Leg("4", "Harbour", parse_time("08:20"), "Hospital", parse_time("08:35"))])

    def test_a_change(self):
        legs = plan(self.town, "Harbour", "Airport", parse_time("08:00"))
        self.assertEqual(
            [str(leg) for leg in legs],
            ["08:00 Harbour - 08:09 Station (line 4)", "08:15 Station - 08:33 Airport (line 7)"],
        )

    def test_a_change_takes_time(self):
        legs = plan(self.town, "Harbour", "Airport", parse_time("08:00"), change=7)
        self.assertEqual(legs[-1].departure, parse_time("08:45"))

    def test_the_first_leg_needs_no_time_to_change(self):
        legs = plan(self.town, "Station", "Airport", parse_time("08:15"))
        self.assertEqual(legs[0].departure, parse_time("08:15"))

    def test_the_faster_line_wins_although_it_leaves_later(self):
        network = parse_network("line slow\nstops A +0, B +50\nat 8:00\nline fast\nstops A +0, B +20\nat 8:10\n")
        self.assertEqual([leg.line for leg in plan(network, "A", "B", 480)], ["fast"])

    def test_the_last_connection_of_the_evening(self):
        legs = plan(self.town, "Market", "Airport", parse_time("21:20"))
        self.assertEqual([leg.departure for leg in legs], [parse_time("21:24"), parse_time("21:45")])

    def test_too_late(self):
        self.assertIsNone(plan(self.town, "Harbour", "Airport", parse_time("22:00")))

    def test_already_there(self):
        self.assertEqual(plan(self.town, "Market", "Market", parse_time("08:00")), [])

    def test_unknown_stops(self):
        with self.assertRaises(LookupError):
            plan(self.town, "Harbour", "Moon")
