import unittest

from stock import add


class AddTest(unittest.TestCase):
    def test_new(self):
        self.assertEqual(add({}, "bolt", 3, 0.1), {"bolt": (3, 0.1)})

    def test_more(self):
        self.assertEqual(add({"bolt": (3, 0.1)}, "bolt", 2, 0.2), {"bolt": (5, 0.2)})


if __name__ == "__main__":
    unittest.main()
