"""Drives Vasool with the unmodified Python SDK, as a merchant's program would.

    VASOOL_URL=... VASOOL_KEY_ID=... VASOOL_KEY_SECRET=... python drive.py SCENARIO

Prints one line of JSON per step that went as the contract says. The first
surprise is printed with "ok": false and ends the program with status 1.
"""

import importlib
import json
import os
import sys
import traceback

# A proxy of the environment has no business between us and this machine.
os.environ["NO_PROXY"] = os.environ["no_proxy"] = "127.0.0.1,localhost"

import razorpay  # noqa: E402  (after the environment is set)

SCENARIOS = ["first_rupee", "reserve_pay"]


class Surprise(Exception):
    """The server did something that the contract does not say."""


class Log:
    """The lines of JSON on standard output."""

    def __init__(self, out):
        self.out = out
        self.steps = 0

    def step(self, name, **facts):
        self.steps += 1
        self.line(step=name, ok=True, **facts)

    def line(self, **fields):
        print(json.dumps(fields), file=self.out, flush=True)


def equal(what, got, want):
    if got != want or type(got) is not type(want):
        raise Surprise(f"{what}: got {got!r}, want {want!r}")


def true(what, holds, got=None):
    if not holds:
        raise Surprise(f"{what}: got {got!r}")


def has(what, entity, /, **wanted):
    """Checks some fields of an entity."""
    true(f"{what} is an object", isinstance(entity, dict), entity)
    for key, want in wanted.items():
        true(f"{what} has {key}", key in entity, sorted(entity))
        equal(f"{what}.{key}", entity[key], want)


def keys(what, entity, names):
    """Checks that an entity has exactly these fields."""
    equal(f"fields of {what}", sorted(entity), sorted(names.split()))


def identifier(what, value, prefix):
    true(
        f"{what} is {prefix} and 14 letters or digits",
        isinstance(value, str)
        and value.startswith(prefix)
        and len(value) == len(prefix) + 14
        and value[len(prefix):].isascii()
        and value[len(prefix):].isalnum(),
        value,
    )


def collection(what, answer, want_id):
    """Checks the shape of a list; returns the item with the id."""
    keys(what, answer, "entity count items")
    equal(f"{what}.entity", answer["entity"], "collection")
    equal(f"{what}.count", answer["count"], len(answer["items"]))
    found = [item for item in answer["items"] if item["id"] == want_id]
    equal(f"{what}: items with id {want_id}", len(found), 1)
    return found[0]


def refused(what, kind, description, call, *args):
    """Checks that a call raises the SDK's error of this class with this text."""
    try:
        answer = call(*args)
    except Exception as error:
        equal(f"class of the error of {what}", type(error).__name__, kind.__name__)
        equal(f"text of the error of {what}", str(error).rstrip("."), description)
        return
    raise Surprise(f"{what}: want {kind.__name__}, got {answer!r}")


def main():
    if len(sys.argv) != 2 or sys.argv[1] not in SCENARIOS:
        sys.exit(f"usage: drive.py {'|'.join(SCENARIOS)}")
    missing = [
        name
        for name in ("VASOOL_URL", "VASOOL_KEY_ID", "VASOOL_KEY_SECRET")
        if not os.environ.get(name)
    ]
    if missing:
        sys.exit(f"drive.py: {', '.join(missing)} not set")

    # The SDK prints when a connection fails; standard output is ours.
    log = Log(sys.stdout)
    sys.stdout = sys.stderr
    client = razorpay.Client(
        auth=(os.environ["VASOOL_KEY_ID"], os.environ["VASOOL_KEY_SECRET"]),
        base_url=os.environ["VASOOL_URL"].rstrip("/"),
    )
    scenario = sys.argv[1]
    try:
        importlib.import_module(scenario).run(client, log)
    except Exception as error:
        if not isinstance(error, Surprise):
            traceback.print_exc()
        log.line(
            scenario=scenario,
            ok=False,
            after_steps=log.steps,
            error=f"{type(error).__name__}: {error}",
        )
        return 1
    log.line(scenario=scenario, ok=True, steps=log.steps)
    return 0


if __name__ == "__main__":
    # Scenarios import this file; they must get this very module, for its classes.
    sys.modules["drive"] = sys.modules["__main__"]
    sys.exit(main())
