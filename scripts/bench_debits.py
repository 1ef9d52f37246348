"""Debits of mandates: spread over many, on one, and both beside each other. Used by scripts/bench."""

import json
import os
import subprocess
import sys
import urllib.request
from base64 import b64encode

MANDATES = int(os.environ.get("BENCH_MANDATES", "10000"))
# Orders made for one figure, for each second of it: more than any server debits.
ORDERS_PER_SECOND = 16_000
WARM_UP = 2
# Debits of one mandate: the load generator goes on to the next after so many.
DEBITS_OF_ONE = 990
# Connections of each of two load generators, beside each other.
BESIDE = 32


class Debits:
    """One database with its mandates. `tools`: what scripts/bench has."""

    def __init__(self, tools, server, directory, connections, seconds):
        self.tools, self.server, self.directory = tools, server, directory
        self.connections, self.seconds = connections, seconds
        self.orders = ORDERS_PER_SECOND * (seconds + WARM_UP)
        self.hot_used = 0

    def prepare(self):
        """Mandates: those that share the load, and those that are debited one after the other."""
        settings(self.tools, self.server, {"auto": True, "auto_delay": 0})
        self.spread, self.hot = self.directory / "spread", self.directory / "hot"
        hot = (len(self.connections) + 2) * (self.orders // DEBITS_OF_ONE + 1)
        for path, count in [(self.spread, MANDATES), (self.hot, hot)]:
            self.tools.bench("mandates", self.server.url, 64, "--count", count, "--out", path)

    def start(self, connections, hot):
        """Makes orders, outside what is measured, and begins to debit."""
        orders = self.directory / f"orders-{hot}-{connections}"
        made = self.tools.bench("orders", self.server.url, 256, "--count", self.orders,
                                "--out", orders)
        mandates = self.spread
        if hot:
            # A mandate takes no more than its share of debits: every run has its own.
            mandates = self.directory / "hot-now"
            lines = self.hot.read_text().splitlines(keepends=True)
            share = self.orders // DEBITS_OF_ONE + 1
            mandates.write_text("".join(lines[self.hot_used:self.hot_used + share]))
            self.hot_used += share
        command = [self.tools.BENCH, "debits", "--url", self.server.url, "--connections",
                   str(connections), "--seconds", str(self.seconds), "--warm-up-seconds",
                   str(WARM_UP), "--orders", orders, "--mandates", mandates]
        return command + ["--hot"] * hot, made

    def run(self, *commands):
        """Runs load generators at the same time; their reports."""
        running = [subprocess.Popen(command, env={**os.environ, **self.tools.KEYS},
                                    stdout=subprocess.PIPE, text=True) for command in commands]
        reports = [json.loads(each.communicate()[0]) for each in running]
        for report in reports:
            if report["non_200"] or report["total_pending"]:
                raise SystemExit(f"bench: debits were refused: {report}")
        return reports

    def measure(self):
        """Rows of both tables, the pairs beside each other, and how many orders are made a second."""
        rows, made = {False: [], True: []}, []
        for connections in self.connections:
            for hot in [False, True]:
                command, orders = self.start(connections, hot)
                made.append(orders["per_second"])
                rows[hot].append((connections, self.run(command)[0]))
                print("debits", connections, "hot" if hot else "spread", rows[hot][-1][1],
                      file=sys.stderr)
        alone = self.run(self.start(BESIDE, False)[0])[0]
        beside = []
        for hot in [False, True]:
            # The names of the files differ by their connections.
            first, second = self.start(BESIDE, False)[0], self.start(BESIDE + 1, hot)[0]
            beside.append(self.run(first, second))
        return {"spread": rows[False], "hot": rows[True], "alone": alone, "beside": beside,
                "orders": max(made)}


def settings(tools, server, changes):
    request = urllib.request.Request(
        f"{server.url}/v1/sandbox/settings", method="PATCH", data=json.dumps(changes).encode())
    pair = f"{tools.KEYS['VASOOL_KEY_ID']}:{tools.KEYS['VASOOL_KEY_SECRET']}"
    request.add_header("Authorization", "Basic " + b64encode(pair.encode()).decode())
    request.add_header("Content-Type", "application/json")
    with urllib.request.urlopen(request) as answer:
        assert answer.status == 200


def run(tools, server, directory, connections, seconds):
    """Everything about debits on one server."""
    place = directory / "debits"
    place.mkdir()
    debits = Debits(tools, server, place, connections, seconds)
    debits.prepare()
    return debits.measure()


def rows(tools, measured, base):
    return [
        (connections, tools.thousands(report["per_second"]),
         f"{100 * report['per_second'] / base[connections]['per_second']:.1f} %",
         f"{report['p50_us'] / 1000:.1f}", f"{report['p99_us'] / 1000:.1f}")
        for connections, report in measured
    ]


def replace(path, section):
    """Puts the section into the page, in the place of the one that was there."""
    text = path.read_text()
    start = text.find("\n" + section.split("\n", 1)[0])
    last = text.index("\n## Lists at size")
    end = text.find("\n## ", start + 1) if start >= 0 else last
    start = start if start >= 0 else last
    path.write_text(text[:start] + "\n" + section + "\n" + text[end:])
    return section


def section(tools, databases, base):
    """What docs/performance.md says about debits. `databases`: name and what was measured."""
    head = ["connections", "debits/s", "of (a)", "p50 ms", "p99 ms"]
    parts = []
    for name, measured in databases:
        parts.append(f"On {name}, {MANDATES:,} mandates:\n\n"
                     + tools.table(head, rows(tools, measured["spread"], base))
                     + f"\n\nOn {name}, one mandate at a time:\n\n"
                     + tools.table(head, rows(tools, measured["hot"], base)))
    beside = []
    for name, measured in databases:
        whole = measured["alone"]["per_second"]
        cases = [("alone", [measured["alone"]]),
                 ("beside as many spread as well", measured["beside"][0]),
                 ("beside as many on one mandate", measured["beside"][1])]
        for case, reports in cases:
            first = reports[0]
            other = tools.thousands(reports[1]["per_second"]) if len(reports) > 1 else "-"
            beside.append((name, case, tools.thousands(first["per_second"]),
                           f"{100 * first['per_second'] / whole:.0f} %",
                           f"{first['p50_us'] / 1000:.1f}", f"{first['p99_us'] / 1000:.1f}", other))
    beside = tools.table(
        ["database", f"{BESIDE} connections, spread", "debits/s", "of alone", "p50 ms", "p99 ms",
         "the others' debits/s"], beside)
    orders = ", ".join(f"{tools.thousands(measured['orders'])}/s on {name}"
                       for name, measured in databases)
    ceiling = ", ".join(f"{tools.thousands(report['per_second'])}/s at {connections}"
                        for connections, report in base.items())
    return f"""## Debits of mandates (UPI Reserve Pay)

A debit is one `POST /v1/payments/create/json`, answered with its signature after the network's \
answer is on disk: two commits, one before the network is told and one after it has answered. The \
sandbox's network answers at once. Each debit is for an order of its own; orders are made over HTTP \
before the measured time, at 256 connections {orders}. One mandate takes 999 debits, so "one mandate \
at a time" goes on to the next after {DEBITS_OF_ONE}. The empty handler of this run, (a): {ceiling}. \
`scripts/bench debits`, after the build of `make bench`, measures this section alone.

{chr(10).join(part + chr(10) for part in parts)}
Does a mandate that is hammered slow the others down? Two load generators at once:

{beside}"""
