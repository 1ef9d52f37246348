"""Debits of paper mandates by the hundred thousand: asked for in bulk files, presented into files of the
bank, settled from its responses. Used by scripts/bench."""

import json
import os
import signal
import struct
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
import uuid
import zlib
from base64 import b64encode

SIZES = [int(n) for n in os.environ.get("BENCH_DEBITS", "100000,1000000").split(",")]
MANDATES = int(os.environ.get("BENCH_PAPER_MANDATES", "400"))
# Rows of one bulk file (paper-nach 14).
ROWS_MAX = 500_000
DAY = 86_400
# Eight in the morning in India, an hour before the cut-off.
EIGHT = 8 * 3600 - 19_800


class Api:
    def __init__(self, url, keys):
        self.url = url
        pair = f"{keys['VASOOL_KEY_ID']}:{keys['VASOOL_KEY_SECRET']}"
        self.auth = "Basic " + b64encode(pair.encode()).decode()

    def call(self, method, path, body=None, kind="application/json"):
        data = json.dumps(body).encode() if isinstance(body, dict) else body
        request = urllib.request.Request(self.url + path, method=method, data=data)
        request.add_header("Authorization", self.auth)
        request.add_header("Content-Type", kind)
        try:
            with urllib.request.urlopen(request, timeout=3600) as answer:
                return json.loads(answer.read())
        except urllib.error.HTTPError as error:
            raise SystemExit(f"bench: {method} {path}: {error.read()[:500]}") from error

    def upload(self, path, fields, name, data):
        boundary = uuid.uuid4().hex
        parts = [f'--{boundary}\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n'
                 for key, value in fields.items()]
        parts.append(f'--{boundary}\r\nContent-Disposition: form-data; name="file"; '
                     f'filename="{name}"\r\n\r\n')
        body = "".join(parts).encode() + data + f"\r\n--{boundary}--\r\n".encode()
        return self.call("POST", path, body, f"multipart/form-data; boundary={boundary}")


def png():
    """A small grey picture."""
    rows = b"".join(b"\0" + bytes(20 if (x + y) % 7 == 0 else 230 for x in range(80))
                    for y in range(48))

    def chunk(name, data):
        check = struct.pack(">I", zlib.crc32(name + data))
        return struct.pack(">I", len(data)) + name + data + check

    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 80, 48, 8, 0, 0, 0, 0))
            + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))


class Month:
    """One database, its mandates and its directory."""

    def __init__(self, tools, database, directory):
        self.tools, self.root = tools, directory / "nach"
        self.connectors = directory / "connectors.json"
        self.connectors.write_text(json.dumps({"nach_files": [{
            "name": "bench", "mode": "test", "directory": str(self.root), "ifsc": "HDFC0000240",
            "bank_name": "HDFC Bank", "login": "BENCH", "utility_code": "HDFC00000000012345",
            "company": "Bench Traders", "account": "00600000012345", "category": "L001"}]}))
        self.server = tools.Server(database, "--connectors", str(self.connectors))
        self.api = Api(self.server.url, tools.KEYS)
        self.high = 0
        threading.Thread(target=self.watch, daemon=True).start()

    def clock(self, **change):
        return self.api.call("POST", "/v1/sandbox/clock", change)["now"]

    def to_eight(self):
        """Eight in the morning of the next day."""
        now = self.clock(advance=1)
        self.clock(advance=((now - EIGHT) // DAY + 1) * DAY + EIGHT - now)

    def names(self, folder):
        return [name for name in os.listdir(self.root / folder) if not name.endswith(".part")]

    def wait(self, done):
        begin = time.monotonic()
        while not done():
            time.sleep(0.05)
        return time.monotonic() - begin

    def bank(self):
        """The bank acknowledges and answers everything, while the server rests."""
        os.kill(self.server.process.pid, signal.SIGSTOP)
        begin = time.monotonic()
        subprocess.run([self.tools.VASOOL, "sandbox", "nach-bank", "--connectors", self.connectors],
                       check=True, capture_output=True)
        took = time.monotonic() - begin
        os.kill(self.server.process.pid, signal.SIGCONT)
        return took

    def register(self):
        self.clock(freeze=True)
        self.to_eight()
        picture, self.mandates = png(), []
        for number in range(MANDATES):
            customer = self.api.call("POST", "/v1/customers", {
                "name": f"Payer {number}", "email": f"payer{number}@example.test",
                "contact": f"98{number:08}"})["id"]
            order = self.api.call("POST", "/v1/orders", {
                "amount": 0, "currency": "INR", "method": "nach", "customer_id": customer,
                "token": {"auth_type": "physical", "max_amount": 2_500_000, "bank_account": {
                    "account_number": f"5010{number:010}", "ifsc_code": "HDFC0000060",
                    "beneficiary_name": f"Payer {number}", "account_type": "savings"}}})["id"]
            payment = self.api.upload("/v1/payments/create/nach/file",
                                      {"order_id": order, "recurring": "1"}, "form.png", picture)
            token = self.api.call("GET", f"/v1/payments/{payment['razorpay_payment_id']}")
            self.mandates.append((token["token_id"], customer))
        self.clock(advance=1)
        self.wait(lambda: len(self.names("out")) >= -(-MANDATES // 40))
        self.bank()
        self.wait(lambda: not self.names("in"))

    def watch(self):
        """Looks at the server's own memory all the time: pages of a mapped database are not its own."""
        while self.server.process.poll() is None:
            self.high = max(self.high, self.server.status("status", "RssAnon") // 1024)
            time.sleep(0.05)

    def peak(self):
        return self.high

    def rest(self):
        """Forgets the peak so far."""
        self.high = 0

    def measure(self, count):
        """Seconds and peak memory in MiB of each stage."""
        self.to_eight()
        stages = {}
        self.rest()
        begin = time.monotonic()
        for first in range(0, count, ROWS_MAX):
            rows = ["token,customer_id,amount,currency,receipt,description"]
            for number in range(first, min(first + ROWS_MAX, count)):
                token, customer = self.mandates[number % MANDATES]
                # Every twentieth debit is returned: the balance is insufficient.
                amount = 50_004 if number % 20 == 0 else 50_000
                rows.append(f"{token},{customer},{amount},INR,,Instalment")
            data = ("\n".join(rows) + "\n").encode()
            batch = self.api.upload("/v1/batches", {"type": "recurring_charge"}, "charges.csv", data)
            path = f"/v1/batches/{batch['id']}"
            self.wait(lambda: self.api.call("GET", path)["status"] == "processed")
            report = self.api.call("GET", path)
            if report["failure_count"]:
                raise SystemExit(f"bench: charges were refused: {report}")
        stages["asked for"] = (time.monotonic() - begin, self.peak())
        before = len(self.names("out"))
        self.rest()
        begin = time.monotonic()
        # The call may end before the files are out.
        try:
            self.clock(advance=3_600)
        except (OSError, SystemExit):
            pass
        self.wait(lambda: len(self.names("out")) - before >= -(-count // 75_000))
        stages["in files"] = (time.monotonic() - begin, self.peak())
        size = sum((self.root / "out" / name).stat().st_size for name in self.names("out"))
        bank = self.bank()
        self.rest()
        took = self.wait(lambda: not self.names("in"))
        stages["settled"] = (took, self.peak())
        if self.names("bad"):
            raise SystemExit(f"bench: files were put aside: {self.names('bad')}")
        print("nach", count, stages, f"{size} bytes, the bank {bank:.1f} s", file=sys.stderr)
        return {"count": count, "stages": stages, "bytes": size, "bank": bank}


def run(tools, database, directory):
    """Every size on one database."""
    month = Month(tools, database, directory)
    month.register()
    measured = [month.measure(count) for count in SIZES]
    month.server.stop()
    tools.audit(database)
    return measured


def section(tools, databases):
    """What docs/performance.md says about debits by file."""
    rows = []
    for name, measured in databases:
        for one in measured:
            for stage, (seconds, peak) in one["stages"].items():
                rows.append((name, tools.thousands(one["count"]), stage, f"{seconds:.1f}",
                             tools.thousands(round(one["count"] / seconds)), peak))
    table = tools.table(["database", "debits", "stage", "seconds", "debits/s", "peak MiB"], rows)
    return f"""## Debits by file (Paper NACH)

Debits of {MANDATES} mandates, asked for by `POST /v1/batches` in files of {ROWS_MAX:,} rows, each row an \
order and a debit ("asked for"); presented into files of 75,000 records of 306 bytes from the cut-off to \
the last file's name ("in files"); settled from the bank's acknowledgements and responses, each file \
read whole and checked first, each answer a commit with its ledger entries and events ("settled"). One \
in twenty is returned. Peak memory is the server's own (RssAnon, looked at every 50 ms): pages of the \
mapped database are the system's to keep or drop. `scripts/bench nach`, after the build of `make bench`, measures this section \
alone.

{table}"""
