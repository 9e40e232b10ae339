import unittest

from timetable.clock import format_duration, format_time, parse_time


class ParseTime(unittest.TestCase):
    def test_minutes_after_midnight(self):
        self.assertEqual([parse_time(text) for text in ("00:00", "6:05", "12:30", "23:59")], [0, 365, 750, 1439])

    def test_past_midnight(self):
        self.assertEqual(parse_time("24:15"), 1455)
        self.assertEqual(parse_time("30:00"), 1800)

    def test_refuses_what_is_no_time(self):
        for text in ("", "6", "6:5", "06:60", "6.30", "-1:00", "30:01", "99:00"):
            with self.subTest(text), self.assertRaises(ValueError):
                parse_time(text)


class Format(unittest.TestCase):
    def test_times(self):
        self.assertEqual([format_time(minutes) for minutes in (0, 365, 1439)], ["00:00", "06:05", "23:59"])

    def test_times_of_the_next_day_are_marked(self):
        self.assertEqual([format_time(minutes) for minutes in (1440, 1455)], ["00:00+1", "00:15+1"])

    def test_what_is_written_can_be_read_again(self):
        for minutes in range(0, 1440, 7):
            self.assertEqual(parse_time(format_time(minutes)), minutes)

    def test_durations(self):
        durations = [format_duration(minutes) for minutes in (0, 45, 60, 65, 120)]
        self.assertEqual(durations, ["0 min", "45 min", "1 h", "1 h 05 min", "2 h"])
