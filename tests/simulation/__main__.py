"""`make simulate`: seeded unions, month by month, held against a page of arithmetic.

Each union is a database of its own, and as many are led at a time as there are jobs. A finding ends
its union; its life is shrunk to what still fails, and printed as dates and messages.
"""

import argparse
import resource
import sys
import time
from contextlib import ExitStack

from tests.simulation.processes import results, running

PER_UNION = 1000
"""Lives that are led in one database; more of them are further seeds."""


def main() -> int:
    """Lead the unions and print each figure as one line ``name value``; 1 if anything is wrong."""
    options = argparse.ArgumentParser(prog="python -m tests.simulation", description=__doc__)
    options.add_argument("--lives", type=int, default=1000)
    options.add_argument("--years", type=int, default=40)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--seeds", type=int, default=0, help="So many unions of --lives each.")
    options.add_argument("--pause", type=int, default=2400, help="Days between messages.")
    options.add_argument("--server", help="URL of one that has the template; else one is started.")
    options.add_argument("--first", action="store_true", help="End with the first finding.")
    options.add_argument("--jobs", type=int, default=2, help="0: in this process.")
    given = options.parse_args()
    if given.seeds:
        shares = [(given.seed + nth, given.lives) for nth in range(given.seeds)]
    else:
        parts = max(1, given.jobs, -(-given.lives // PER_UNION))
        sizes = [given.lives // parts + (nth < given.lives % parts) for nth in range(parts)]
        shares = [(given.seed + nth, size) for nth, size in enumerate(sizes) if size]
    wrong, years, messages = 0, 0.0, 0
    with ExitStack() as stack:
        url = given.server or stack.enter_context(running())
        began = time.monotonic()
        for led in results(
            url, shares, given.years, given.jobs, pause=given.pause, stories=not given.first
        ):
            wrong, years = wrong + len(led.findings), years + led.member_years
            messages += led.messages
            for said in led.findings:
                print(f"seed {led.seed}: {said}", file=sys.stderr)
            if wrong and given.first:
                break
        took = time.monotonic() - began
    spent = resource.getrusage(resource.RUSAGE_CHILDREN)
    print(f"simulation_seeds {shares[0][0]}-{shares[-1][0]}")
    print(f"simulation_member_years {years:.0f}")
    print(f"simulation_messages {messages}")
    print(f"simulation_seconds {took:.0f}")
    print(f"simulation_processor_seconds {spent.ru_utime + spent.ru_stime:.0f}")
    print(f"simulation_member_years_per_second {years / took:.0f}")
    print(f"simulation_findings {wrong}")
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(main())
