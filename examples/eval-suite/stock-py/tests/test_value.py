import unittest

import stock


class ValueTest(unittest.TestCase):
    def test_sum(self):
        self.assertEqual(stock.value({"bolt": (3, 0.1), "nut": (2, 1.005)}), 2.31)

    def test_nothing(self):
        self.assertEqual(stock.value({}), 0)

    def test_negative(self):
        with self.assertRaisesRegex(ValueError, "bolt"):
            stock.value({"bolt": (-1, 2.0)})


if __name__ == "__main__":
    unittest.main()
