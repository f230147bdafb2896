"""What C's ctime(3) says: a line of JSON in for each zone, one out.

In: {"zone": TZ, "at": [seconds, ...]}. Out: [[seconds, text], ...], those that
were asked for, and those around each change of the clock from 2025 to 2027.
"""

import json
import os
import sys
import time

DAY = 86400
FROM = 20089 * DAY  # 2025-01-01
TO = FROM + 3 * 365 * DAY


def offset(at):
    return time.localtime(at).tm_gmtoff


def edges():
    for day in range(FROM, TO, DAY):
        if offset(day) == offset(day + DAY):
            continue
        low, high = day, day + DAY
        while high - low > 1:
            middle = (low + high) // 2
            if offset(middle) == offset(low):
                low = middle
            else:
                high = middle
        yield from (low - 1, low, high, high + 1)


for line in sys.stdin:
    asked = json.loads(line)
    os.environ["TZ"] = asked["zone"]
    time.tzset()
    print(json.dumps([[at, time.ctime(at)] for at in [*asked["at"], *edges()]]))
