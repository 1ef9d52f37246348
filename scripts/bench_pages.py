"""Pages of the dashboard at size: how long one takes with a million accounts, and what it weighs. Used
by scripts/bench."""

import http.client
import json
import re
import subprocess
import time
import urllib.parse

import bench_lists

ROUNDS = 60
PASSWORD = "a password for a benchmark"

# What is opened, behind the base of the place.
PAGES = [
    ("overview", ""),
    ("payments", "/payments"),
    ("payments, page 1,000", "/payments?skip=24975"),
    ("virtual accounts", "/virtual_accounts"),
    ("orders (none)", "/orders"),
    ("events", "/events"),
    ("one virtual account", "/virtual_accounts/va_{account}"),
    ("one payment", "/payments/{payment}"),
    ("search by UTR", "/search?q={reference}"),
    ("search by account number", "/search?q={number}"),
    ("console: pay in", "/console"),
    ("console: clock", "/console/clock"),
]


class Browser:
    """One connection with a session."""

    def __init__(self, url):
        host, port = url.removeprefix("http://").split(":")
        self.connection = http.client.HTTPConnection(host, int(port))
        self.headers = {}

    def ask(self, method, path, form=None):
        body = urllib.parse.urlencode(form) if form else None
        headers = dict(self.headers)
        if form:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        self.connection.request(method, path, body, headers)
        answer = self.connection.getresponse()
        return answer, answer.read()


def sign_in(tools, server, database):
    """A browser of a new operator."""
    command = [tools.VASOOL, "operators", "create", "--database", database, "--email",
               "bench@example.com", "--name", "Bench", "--role", "view", "--json"]
    done = subprocess.run(command, env={**tools.os.environ, **tools.KEYS}, capture_output=True,
                          text=True, check=True)
    link = next(value for value in json.loads(done.stdout).values() if "/sign-in/link/" in str(value))
    browser = Browser(server.url)
    answer, _ = browser.ask("POST", urllib.parse.urlparse(link).path,
                            {"name": "Bench", "password": PASSWORD})
    browser.headers["Cookie"] = answer.getheader("Set-Cookie").split(";")[0]
    answer, _ = browser.ask("GET", "/dashboard")
    return browser, answer.getheader("Location")


def measure(tools, server, database, account):
    """Rows of the table: page, median and 99th percentile in milliseconds, bytes."""
    browser, base = sign_in(tools, server, database)
    _, page = browser.ask("GET", base + "/payments")
    payment = re.search(rb"pay_\w{14}", page).group().decode()
    _, page = browser.ask("GET", f"{base}/virtual_accounts/va_{account}")
    number = re.search(rb"&#34;account_number&#34;: &#34;(\w+)", page).group(1).decode()
    places = {"account": account, "payment": payment, "number": number, "reference": "L00000012345"}
    assets = {match.decode() for match in re.findall(rb'(?:href|src)="(/assets/[^"]+)"', page)}
    shared = sum(len(browser.ask("GET", asset)[1]) for asset in assets)
    rows = []
    for name, path in PAGES:
        path = base + path.format(**places)
        taken, first = [], None
        for round_ in range(ROUNDS + 1):
            begin = time.perf_counter()
            answer, body = browser.ask("GET", path)
            took = (time.perf_counter() - begin) * 1000
            assert answer.status in (200, 303), (path, answer.status)
            if round_ == 0:
                first = took
            else:
                taken.append(took)
        taken.sort()
        rows.append((name, first, taken[len(taken) // 2], taken[-1], len(body) + shared))
    return rows


def run(tools, database, place):
    """Fills a fresh database and measures its pages."""
    server = tools.Server(database)
    accounts = place / "accounts"
    tools.bench("accounts", server.url, 256, "--count", tools.ACCOUNTS, "--out", accounts)
    server.stop()
    if database.startswith("sqlite:"):
        account = bench_lists.fill_sqlite(database.removeprefix("sqlite:"), tools.ACCOUNTS,
                                          tools.PAYMENTS)
    else:
        binaries = subprocess.run([tools.ROOT / "scripts/pg", "bin"], capture_output=True, text=True,
                                  check=True).stdout.strip()
        psql = [f"{binaries}/psql", "-qtAX", database, "-v", "ON_ERROR_STOP=1", "-c"]
        account = bench_lists.fill_postgres(psql, tools.ACCOUNTS, tools.PAYMENTS)
        subprocess.run(psql + ["ANALYZE"], check=True)
    server = tools.Server(database)
    rows = measure(tools, server, database, account)
    server.stop()
    return rows


def section(tools, databases):
    """What docs/performance.md says about pages."""
    rows = []
    for name, measured in databases:
        for page, first, middle, worst, weight in measured:
            rows.append((name, page, f"{first:.1f}", f"{middle:.1f}", f"{worst:.1f}",
                         f"{weight / 1024:.0f}"))
    table = tools.table(["database", "page", "first ms", "p50 ms", "worst ms", "KiB"], rows)
    return f"""## Pages of the dashboard

{tools.thousands(tools.ACCOUNTS)} virtual accounts and {tools.thousands(tools.PAYMENTS)} payments of \
one merchant; one request at a time over a kept connection, {ROUNDS} of each page after the first, as \
the browser's side sees it. Weight is the page with its style sheet, scripts and the picture of the \
tab, nothing compressed. The figures of the overview are counted beside it: the page shows those that \
were counted last. `scripts/bench pages`, after the build of `make bench`, measures this section alone.

{table}"""
