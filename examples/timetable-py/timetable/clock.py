"""Times of the service day as whole minutes after midnight.

A service day does not end at midnight: the night bus at 24:15 belongs to the evening it follows.
"""

import re

MINUTES_PER_DAY = 24 * 60
LAST_MINUTE = 30 * 60  # no service day runs past six in the morning

_TIME = re.compile(r"(\d{1,2}):([0-5]\d)")


def parse_time(text):
    """Minutes after midnight of a time such as ``6:05`` or ``24:15``."""
    match = _TIME.fullmatch(text.strip())
    if match is None:
        raise ValueError(f"not a time: {text!r}")
    minutes = int(match[1]) * 60 + int(match[2])
    if minutes > LAST_MINUTE:
        raise ValueError(f"past the end of the service day: {text!r}")
    return minutes


def format_time(minutes):
    """The time on the clock; a day later is marked, as in ``00:15+1``."""
    day, minute = divmod(minutes, MINUTES_PER_DAY)
    text = f"{minute // 60:02d}:{minute % 60:02d}"
    return f"{text}+{day}" if day else text


def format_duration(minutes):
    """A duration in words short enough for a table: ``45 min``, ``2 h``, ``1 h 05 min``."""
    hours, rest = divmod(minutes, 60)
    if not hours:
        return f"{rest} min"
    return f"{hours} h {rest:02d} min" if rest else f"{hours} h"
