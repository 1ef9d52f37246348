"""Lists at size: how long one page takes with millions of payments. Used by scripts/bench."""

import pathlib
import sqlite3
import subprocess

SQL = pathlib.Path(__file__).resolve().parent.parent / "bench/sql"
SECONDS = 2

# What is asked for, and the page. Places are filled with an account and a bank reference.
PAGES = [
    ("payments, first page", "/v1/payments?count=10"),
    ("payments, first page of 100", "/v1/payments?count=100"),
    ("payments, page 1,000", "/v1/payments?count=10&skip=9990"),
    ("payments, page 1,000 of 100", "/v1/payments?count=100&skip=99900"),
    ("payments from an instant on", "/v1/payments?count=10&from=1700000000&to=1700050000"),
    ("payment by UTR", "/v1/payments?va_transaction_id={reference}&virtual_account=1"),
    ("payments of one account", "/v1/virtual_accounts/{account}/payments?count=10"),
    ("virtual accounts, first page", "/v1/virtual_accounts?count=10"),
    ("virtual accounts, first page of 100", "/v1/virtual_accounts?count=100"),
    ("virtual accounts, page 1,000", "/v1/virtual_accounts?count=10&skip=9990"),
    ("virtual accounts, page 1,000 of 100", "/v1/virtual_accounts?count=100&skip=99900"),
    ("active virtual accounts", "/v1/virtual_accounts?count=10&status=active"),
    ("closed virtual accounts (none)", "/v1/virtual_accounts?count=10&status=closed"),
    ("virtual accounts with a UPI address (none)", "/v1/virtual_accounts?receiver_type=vpa"),
]


def statements(name, accounts, payments):
    text = (SQL / name).read_text()
    return text.replace("PAYMENTS", str(payments)).replace("ACCOUNTS", str(accounts))


def fill_sqlite(path, accounts, payments):
    """Adds payments to a database nobody has open; answers an account."""
    connection = sqlite3.connect(path)
    connection.executescript(
        "PRAGMA synchronous = OFF; PRAGMA cache_size = -500000; PRAGMA temp_store = FILE; BEGIN;"
        + statements("payments_sqlite.sql", accounts, payments) + "COMMIT;")
    account = connection.execute("SELECT max(id) FROM virtual_accounts").fetchone()[0]
    connection.close()
    return account


def fill_postgres(psql, accounts, payments):
    """The same on PostgreSQL."""
    subprocess.run(psql + [statements("payments_postgres.sql", accounts, payments)], check=True)
    done = subprocess.run(psql + ["SELECT max(id) FROM virtual_accounts"], capture_output=True,
                          text=True, check=True)
    return done.stdout.strip()


def measure(bench, server, account):
    """Milliseconds per page, one request at a time: median and 99th percentile."""
    rows = []
    for name, path in PAGES:
        path = path.format(account=f"va_{account}", reference="L00000012345")
        report = bench("get", server.url, 1, "--path", path, "--seconds", SECONDS,
                       "--warm-up-seconds", "1")
        rows.append((name, report["p50_us"] / 1000, report["p99_us"] / 1000))
    return rows
