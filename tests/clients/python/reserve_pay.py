"""A block from its order to its end, through every method of the SDK that touches one."""

import json

from razorpay.errors import BadRequestError, GatewayError, SignatureVerificationError

from drive import collection, equal, has, identifier, keys, refused, true
from receiver import Receiver

EVENTS = [
    "token.confirmed",
    "token.cancelled",
    "payment.authorized",
    "payment.captured",
    "payment.failed",
    "order.paid",
]
WEBHOOK_SECONDS = 20
BLOCK = 200000


def run(client, log):
    # The payer, the bank and the network move when we say so.
    client.patch("/v1/sandbox/settings", {"auto": False})
    receiver = Receiver()
    client.webhook.create(
        {"url": receiver.url, "secret": "whsec_reserve", "events": EVENTS, "active": True}, None
    )
    customer = client.customer.create(
        {"name": "Asha Rao", "email": "asha.rao@example.com", "contact": 9876500001, "notes": {}}
    )
    order = authorisation_order(client, log, customer)
    payment, token = approve(client, log, customer, order)
    debit(client, log, customer, token)
    manual_capture(client, log, customer, token)
    refusals(client, log, customer, token)
    end(client, log, customer, token)
    told(client, log, receiver, payment)
    receiver.close()


def authorisation_order(client, log, customer):
    order = client.order.create(
        {
            "amount": BLOCK,
            "currency": "INR",
            "customer_id": customer["id"],
            "method": "upi",
            "token": {
                "max_amount": BLOCK,
                "frequency": "as_presented",
                "type": "single_block_multiple_debit",
            },
        }
    )
    keys(
        "order",
        order,
        "id entity amount amount_paid amount_due currency receipt offer_id status attempts notes "
        "created_at",
    )
    has("order", order, status="created", attempts=0, amount_due=BLOCK)
    log.step("order.create", id=order["id"])
    return order


def authorisation(customer, order):
    return {
        "amount": BLOCK,
        "currency": "INR",
        "order_id": order["id"],
        "customer_id": customer["id"],
        "method": "upi",
        "recurring": True,
        "upi": {"flow": "intent"},
        "contact": 9876500001,
        "email": "asha.rao@example.com",
    }


def approve(client, log, customer, order):
    known = client.payment.validateVpa({"vpa": "asha@upi"})
    equal("vpa", known, {"vpa": "asha@upi", "success": True, "customer_name": "ASHA"})
    log.step("payment.validateVpa")

    first = client.payment.createUpi(authorisation(customer, order))
    keys("createUpi", first, "razorpay_payment_id link")
    true("a mandate link", first["link"].startswith("upi://mandate?pa="), first["link"])
    log.step("payment.createUpi")

    answer = client.payment.createPaymentJson(authorisation(customer, order))
    keys("createPaymentJson", answer, "razorpay_payment_id next")
    equal("next", [step["action"] for step in answer["next"]], ["intent", "poll"])
    payment_id = answer["razorpay_payment_id"]
    payment = client.payment.fetch(payment_id)
    has("payment", payment, status="created", method="upi", vpa=None)
    token_id = payment["token_id"]
    pending = client.token.fetch(customer["id"], token_id)
    equal("status", pending["recurring_details"]["status"], "initiated")
    log.step("payment.createPaymentJson for an approval", id=payment_id)

    client.post(f"/v1/sandbox/mandates/{token_id}", {"action": "approve", "vpa": "asha@upi"})
    payment = client.payment.fetch(payment_id, {"expand[]": "token"})
    has("payment", payment, status="failed", error_reason="upi_dummy_payment", vpa="asha@upi")
    token = client.token.fetch(customer["id"], token_id)
    equal("expanded token", payment["token"], token)
    details = {
        "status": "confirmed",
        "failure_reason": None,
        "amount_blocked": BLOCK,
        "amount_debited": 0,
    }
    equal("details", token["recurring_details"], details)
    equal("listed", collection("tokens", client.token.all(customer["id"]), token_id), token)
    log.step("token.all and token.fetch", id=token_id)
    lost = client.payment.fetch(first["razorpay_payment_id"])
    has("the other attempt", lost, status="failed", error_reason="duplicate_mandate_request")
    equal("attempts", client.order.fetch(order["id"])["attempts"], 2)
    return payment, token


def debit_of(customer, token, order):
    return {
        "amount": order["amount"],
        "currency": "INR",
        "order_id": order["id"],
        "customer_id": customer["id"],
        "token": token["id"],
        "recurring": True,
        "contact": "9876500001",
        "email": "asha.rao@example.com",
    }


def debit(client, log, customer, token):
    for method in (client.payment.createPaymentJson, client.payment.createRecurring):
        order = client.order.create({"amount": 40000, "currency": "INR", "payment_capture": 1})
        answer = method(debit_of(customer, token, order))
        keys("debit", answer, "razorpay_payment_id razorpay_order_id razorpay_signature")
        client.utility.verify_payment_signature(answer)
        forged = {**answer, "razorpay_order_id": order["id"] + "x"}
        try:
            client.utility.verify_payment_signature(forged)
        except SignatureVerificationError:
            pass
        else:
            true("a forged signature is refused", False, forged)
        payment = client.payment.fetch(answer["razorpay_payment_id"])
        has("debit", payment, status="captured", captured=True, token_id=token["id"], fee=944, tax=144)
        has("order", client.order.fetch(order["id"]), status="paid", amount_paid=40000)
        only = collection("payments", client.order.payments(order["id"]), payment["id"])
        equal("payment of the order", only, payment)
        log.step(f"payment.{method.__name__} for a debit", id=payment["id"])
    details = client.token.fetch(customer["id"], token["id"])["recurring_details"]
    equal("debited", details["amount_debited"], 80000)
    refund = client.payment.refund(payment["id"], {"amount": 10000})
    identifier("refund", refund["id"], "rfnd_")
    log.step("payment.refund of a debit", id=refund["id"])


def manual_capture(client, log, customer, token):
    order = client.order.create({"amount": 1000, "currency": "INR", "payment_capture": False})
    answer = client.payment.createPaymentJson(debit_of(customer, token, order))
    has("debit", client.payment.fetch(answer["razorpay_payment_id"]), status="authorized")
    payment = client.payment.capture(answer["razorpay_payment_id"], 1000, {"currency": "INR"})
    has("captured debit", payment, status="captured", captured=True)
    log.step("payment.capture", id=payment["id"])


def refusals(client, log, customer, token):
    order = client.order.create({"amount": 119001, "currency": "INR"})
    refused(
        "more than the rest",
        BadRequestError,
        "Payment failed because Transaction amount limit has exceeded",
        client.payment.createPaymentJson,
        debit_of(customer, token, order),
    )
    order = client.order.create({"amount": 500, "currency": "INR"})
    trigger = {"notes": {"sandbox": "fail.insufficient_funds"}}
    refused(
        "a debit the bank refuses",
        GatewayError,
        "Transaction failed due to insufficient funds",
        client.payment.createRecurring,
        {**debit_of(customer, token, order), **trigger},
    )
    refused(
        "an active mandate",
        BadRequestError,
        "The token cannot be deleted as the mandate is still active. Cancel the token first",
        client.token.delete,
        customer["id"],
        token["id"],
    )
    log.step("refusals")


def end(client, log, customer, token):
    answer = client.put(f"/v1/customers/{customer['id']}/tokens/{token['id']}/cancel", {})
    equal("cancel", answer, {"status": "cancellation_initiated"})
    client.post(f"/v1/sandbox/mandates/{token['id']}", {"action": "cancel_ok"})
    status = client.token.fetch(customer["id"], token["id"])["recurring_details"]["status"]
    equal("status", status, "cancelled")
    equal("delete", client.token.delete(customer["id"], token["id"]), {"deleted": True})
    equal("tokens", client.token.all(customer["id"])["count"], 0)
    log.step("token.delete", id=token["id"])


def told(client, log, receiver, payment):
    # Two approvals (one lost), three debits captured, two refused, one cancellation.
    count = 1 + 2 + 3 * 3 + 2 + 1
    deliveries = receiver.wait_for(count, WEBHOOK_SECONDS)
    equal("events in all", len(deliveries), count)
    names = []
    for delivery in deliveries:
        body = delivery.body.decode("ascii")
        signature = delivery.headers["x-razorpay-signature"]
        client.utility.verify_webhook_signature(body, signature, "whsec_reserve")
        names.append(json.loads(body)["event"])
    equal("paid orders", names.count("order.paid"), 3)
    equal("confirmed once", names.count("token.confirmed"), 1)
    equal("cancelled once", names.count("token.cancelled"), 1)
    log.step("webhooks", events=len(names), approval=payment["id"])
