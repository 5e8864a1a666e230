"""A process of its own: build a campaign's set as the worker does; its time, and the most memory that it had."""

import json
import resource
import sys
import time

from duplicate.rebuild import rebuild
from petition.deadline import Deadline

campaign = sys.argv[1]
begin = time.perf_counter()
rebuild(campaign, Deadline(600), force=True)
seconds = time.perf_counter() - begin
peak_kib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(json.dumps({"seconds": seconds, "peakMb": peak_kib * 1024 / 1e6}))
