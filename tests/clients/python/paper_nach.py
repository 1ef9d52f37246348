"""A paper mandate from its form to a debit, through every method of the SDK that touches one."""

import base64
import io
import json
import re
import urllib.request

from razorpay.errors import BadRequestError

from drive import collection, equal, has, identifier, keys, refused, true
from receiver import Receiver

EVENTS = ["payment.captured", "payment.failed", "order.paid", "invoice.paid", "token.confirmed"]
WEBHOOK_SECONDS = 20
# One grey pixel.
PICTURE = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNoAAAAggCBd81ytgAAAABJRU5ErkJggg=="
)


def run(client, log):
    # The bank moves when we say so.
    client.patch("/v1/sandbox/settings", {"auto": False})
    receiver = Receiver()
    client.webhook.create(
        {"url": receiver.url, "secret": "whsec_paper", "events": EVENTS, "active": True}, None
    )
    link = registration_link(client, log)
    token = register(client, log, link)
    charge(client, log, link, token)
    refusals(client, log, link, token)
    end(client, log, link, token)
    told(client, log, receiver)
    receiver.close()


def registration_link(client, log):
    link = client.registration_link.create(
        {
            "customer": {
                "name": "Asha Verma",
                "email": "asha.verma@example.com",
                "contact": 9820012345,
            },
            "amount": 0,
            "currency": "INR",
            "type": "link",
            "description": "Lunch plan 12 pm",
            "subscription_registration": {
                "method": "nach",
                "auth_type": "physical",
                "bank_account": {
                    "beneficiary_name": "Asha Verma",
                    "account_number": 50100012345678,
                    "account_type": "savings",
                    "ifsc_code": "HDFC0000060",
                },
                "max_amount": 50000,
            },
            "receipt": "LP-12-0007",
            "sms_notify": True,
            "email_notify": True,
            "notes": {"source": "counter"},
        }
    )
    identifier("link", link["id"], "inv_")
    has("link", link, entity="invoice", status="issued", sms_status="sent", email_status="sent")
    equal("account number", link["token"]["bank_account"]["account_number"], "50100012345678")
    log.step("registration_link.create", id=link["id"])

    equal("fetched link", client.invoice.fetch(link["id"]), link)
    equal("listed link", collection("links", client.invoice.all({"type": "link"}), link["id"]), link)
    equal("notified", client.invoice.notify_by(link["id"], "sms"), {"success": True})
    refused(
        "a pigeon",
        BadRequestError,
        "pigeon is not a valid communication medium",
        client.invoice.notify_by,
        link["id"],
        "pigeon",
    )
    log.step("invoice.fetch, all and notify_by")

    form = page(client, link["nach_form_url"])
    true("the form is a PDF", form.startswith(b"%PDF-"), form[:8])
    html = page(client, link["short_url"]).decode()
    true("the page takes a file", 'name="file"' in html and "Upload NACH Form" in html, html)
    log.step("the form and the page")
    return link


def page(client, url):
    """What a browser gets: the path of a printed URL, at the server under test."""
    path = re.sub(r"^https?://[^/]+", "", url)
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(client.base_url + path) as answer:
        return answer.read()


def upload(client, order_id):
    picture = io.BytesIO(PICTURE)
    picture.name = "form.png"
    return client.file(
        "/v1/payments/create/nach/file", {"order_id": order_id, "recurring": "1", "file": picture}
    )


def register(client, log, link):
    taken = upload(client, link["order_id"])
    keys("upload", taken, "razorpay_payment_id razorpay_order_id razorpay_signature")
    client.utility.verify_payment_signature(taken)
    payment = client.payment.fetch(taken["razorpay_payment_id"])
    has("registration", payment, status="created", amount=0, method="nach", bank="HDFC")
    token_id = payment["token_id"]
    log.step("client.file", payment=payment["id"])

    client.post(f"/v1/sandbox/mandates/{token_id}", {"action": "approve"})
    token = client.token.fetch(link["customer_id"], token_id)
    has("token", token, method="nach", recurring=True, auth_type="physical", mrn=None)
    equal("status", token["recurring_details"]["status"], "confirmed")
    tokens = client.token.all(link["customer_id"])
    equal("listed token", collection("tokens", tokens, token_id), token)
    has("link", client.invoice.fetch(link["id"]), status="paid", payment_id=payment["id"])
    payments = client.order.payments(link["order_id"])
    has("payment", collection("payments", payments, payment["id"]), status="captured", fee=0)
    log.step("token.fetch and all", id=token_id)
    return token


def charge_of(link, token, order):
    return {
        "email": "asha.verma@example.com",
        "contact": "9820012345",
        "amount": order["amount"],
        "currency": "INR",
        "order_id": order["id"],
        "customer_id": link["customer_id"],
        "token": token["id"],
        "recurring": "1",
        "description": "Instalment 2",
        "notes": {"instalment": "2"},
    }


def charge(client, log, link, token):
    for action, status in (({"action": "succeed"}, "captured"), ({"action": "fail", "reason": "04"}, "failed")):
        order = client.order.create({"amount": 49900, "currency": "INR", "payment_capture": True})
        answer = client.payment.createRecurring(charge_of(link, token, order))
        client.utility.verify_payment_signature(answer)
        payment_id = answer["razorpay_payment_id"]
        has("debit", client.payment.fetch(payment_id), status="created", token_id=token["id"])
        client.post(f"/v1/sandbox/payments/{payment_id}", action)
        payment = client.payment.fetch(payment_id)
        has("decided debit", payment, status=status, acquirer_data={})
        log.step(f"payment.createRecurring, {status}", id=payment_id)
    has("returned debit", payment, error_reason="insufficient_funds")


def refusals(client, log, link, token):
    order = client.order.create({"amount": 50001, "currency": "INR"})
    refused(
        "more than the mandate allows",
        BadRequestError,
        "Amount exceeds maximum amount allowed",
        client.payment.createRecurring,
        charge_of(link, token, order),
    )
    refused(
        "a paid link",
        BadRequestError,
        "Operation not allowed for Invoice in paid status",
        client.invoice.cancel,
        link["id"],
    )
    refused(
        "a second form",
        BadRequestError,
        "Your payment has been declined as the order is already paid. Please initiate the payment "
        "with a new order",
        upload,
        client,
        link["order_id"],
    )
    log.step("refusals")


def end(client, log, link, token):
    equal("delete", client.token.delete(link["customer_id"], token["id"]), {"deleted": True})
    equal("tokens", client.token.all(link["customer_id"])["count"], 0)
    log.step("token.delete", id=token["id"])


def told(client, log, receiver):
    # The registration, one debit that was honoured, one that was returned.
    count = 4 + 2 + 1
    deliveries = receiver.wait_for(count, WEBHOOK_SECONDS)
    equal("events in all", len(deliveries), count)
    for delivery in deliveries:
        signature = delivery.headers["x-razorpay-signature"]
        body = delivery.body.decode("ascii")
        client.utility.verify_webhook_signature(body, signature, "whsec_paper")
    names = sorted(json.loads(delivery.body)["event"] for delivery in deliveries)
    equal(
        "events",
        names,
        sorted(["payment.captured"] * 2 + ["order.paid"] * 2 + ["invoice.paid", "token.confirmed", "payment.failed"]),
    )
    log.step("webhooks", events=len(names))
