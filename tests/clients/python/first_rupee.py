"""From nothing to a credited payment and its webhooks."""

import copy
import json
import secrets

import razorpay
from razorpay.errors import BadRequestError, SignatureVerificationError

from drive import Surprise, collection, equal, has, identifier, keys, refused, true
import collecting
import refunds
from receiver import Receiver

AMOUNT = 239000
FEE, TAX = 2820, 430
EVENTS = [
    "payment.authorized",
    "payment.captured",
    "virtual_account.created",
    "virtual_account.credited",
    "virtual_account.closed",
]
WEBHOOK_SECONDS = 10

CUSTOMER_KEYS = "id entity name email contact gstin notes created_at"
ACCOUNT_KEYS = (
    "id name entity status description amount_expected notes amount_paid customer_id "
    "receivers close_by closed_at created_at"
)
RECEIVER_KEYS = "id entity ifsc bank_name name notes account_number"
PAYMENT_KEYS = (
    "id entity amount currency status order_id invoice_id international method "
    "amount_refunded refund_status captured description card_id bank wallet vpa email "
    "contact customer_id notes fee tax error_code error_description error_source "
    "error_step error_reason acquirer_data created_at"
)
TRANSFER_KEYS = (
    "id entity payment_id mode bank_reference amount payer_bank_account "
    "virtual_account_id virtual_account"
)
UNKNOWN_ID = "The id provided does not exist"


def run(client, log):
    token = secrets.token_hex(6)
    customer = customers(client, log, token)
    receiver = Receiver()
    try:
        secret = f"whsec_{token}"
        webhook = create_webhook(client, log, receiver.url, secret)
        account = open_account(client, log, customer)
        utr, payment_id = pay(client, log, account)
        check_events(
            client,
            log,
            receiver.wait_for(4, WEBHOOK_SECONDS),
            secret,
            account,
            payment_id,
            utr,
        )
        read_payment(client, log, customer, account, payment_id, utr)
        close_account(client, log, account, receiver, secret)
        refunds.check(client, log, payment_id)
        errors(client, log)
        methods(client, log)
        delete_webhook(client, log, webhook)
        collecting.check(client, log, customer)
    finally:
        receiver.close()


def customers(client, log, token):
    data = {
        "name": "Meera Iyer",
        "email": f"meera.{token}@example.test",
        "contact": "9000012345",
        "notes": {"block": "C"},
    }
    customer = client.customer.create(data)
    keys("customer", customer, CUSTOMER_KEYS)
    identifier("customer.id", customer["id"], "cust_")
    has("customer", customer, entity="customer", gstin=None, **data)
    true("customer.created_at", type(customer["created_at"]) is int, customer["created_at"])
    log.step("customer.create", id=customer["id"])

    refused(
        "a customer twice",
        BadRequestError,
        "Customer already exists for the merchant",
        client.customer.create,
        data,
    )
    again = client.customer.create({**data, "name": "Somebody Else", "fail_existing": "0"})
    equal("customer with fail_existing=0", again, customer)
    log.step("customer.create with fail_existing=0")

    equal("fetched customer", client.customer.fetch(customer["id"]), customer)
    edited = client.customer.edit(customer["id"], {"name": "Meera S Iyer"})
    equal("edited customer", edited, {**customer, "name": "Meera S Iyer"})
    listed = collection("customers", client.customer.all({"count": 100}), customer["id"])
    equal("listed customer", listed, edited)
    log.step("customer.fetch, edit, all")
    return edited


def create_webhook(client, log, url, secret):
    webhook = client.webhook.create({"url": url, "secret": secret, "events": EVENTS})
    has(
        "webhook",
        webhook,
        entity="webhook",
        url=url,
        active=True,
        secret_exists=True,
        disabled_at=0,
        service="beta-api-test",
        owner_type="merchant",
    )
    identifier("webhook.id", webhook["id"], "")
    equal("webhook.events", sorted(webhook["events"]), sorted(EVENTS))
    true("the secret is not shown", secret not in json.dumps(webhook), webhook)
    equal("fetched webhook", client.webhook.fetch(webhook["id"], None), webhook)
    equal(
        "listed webhook",
        collection("webhooks", client.webhook.all({"count": 100}), webhook["id"]),
        webhook,
    )
    log.step("webhook.create, fetch, all", id=webhook["id"])
    return webhook


def open_account(client, log, customer):
    data = {
        "receivers": {"types": ["bank_account"]},
        "description": "Rent collection, unit 14B",
        "customer_id": customer["id"],
        # Not ASCII: webhook bodies must escape it.
        "notes": {"unit": "14B", "rent": "₹ 2,390"},
    }
    account = client.virtual_account.create(copy.deepcopy(data))
    keys("virtual account", account, ACCOUNT_KEYS)
    identifier("virtual_account.id", account["id"], "va_")
    has(
        "virtual account",
        account,
        entity="virtual_account",
        status="active",
        description=data["description"],
        amount_expected=None,
        notes=data["notes"],
        amount_paid=0,
        customer_id=customer["id"],
        close_by=None,
        closed_at=None,
    )
    equal("number of receivers", len(account["receivers"]), 1)
    receiver = account["receivers"][0]
    keys("receiver", receiver, RECEIVER_KEYS)
    identifier("receiver.id", receiver["id"], "ba_")
    has("receiver", receiver, entity="bank_account", notes=[], name=account["name"])
    number = receiver["account_number"]
    true("account number has 16 characters", len(number) == 16 and number.isalnum(), number)
    true("ifsc has 11 characters", len(receiver["ifsc"]) == 11, receiver["ifsc"])

    equal("fetched account", client.virtual_account.fetch(account["id"]), account)
    equal(
        "listed account",
        collection("accounts", client.virtual_account.all({"count": 100}), account["id"]),
        account,
    )
    log.step("virtual_account.create, fetch, all", id=account["id"], account_number=number)
    return account


def pay(client, log, account):
    utr = "52" + "".join(secrets.choice("0123456789") for _ in range(10))
    transfer = {
        "account_number": account["receivers"][0]["account_number"],
        "amount": AMOUNT,
        "utr": utr,
    }
    answer = client.post("/v1/sandbox/bank_transfers", transfer)
    has("answer", answer, entity="sandbox.inbound", result="credited", reference=utr)
    payment_id = answer["payment_id"]
    identifier("payment_id", payment_id, "pay_")

    # Banks repeat themselves. The first time counts.
    repeat = client.post("/v1/sandbox/bank_transfers", transfer)
    has("repeat", repeat, result="duplicate", reference=utr, payment_id=payment_id)
    log.step("sandbox bank transfer, twice", payment_id=payment_id, utr=utr)
    return utr, payment_id


def verified(client, delivery, secret):
    """Checks one delivery as a merchant must; returns the event."""
    headers = delivery.headers
    equal("path of the webhook", delivery.path, "/hook")
    true(
        "content type of a webhook",
        headers.get("content-type", "").split(";")[0] == "application/json",
        headers,
    )
    equal("user agent of a webhook", headers.get("user-agent"), "Razorpay-Webhook/v1")
    true("content length of a webhook", "content-length" in headers, headers)
    identifier("event id", delivery.event_id, "")
    true("a webhook body is ASCII", delivery.body.isascii(), delivery.body)
    body = delivery.body.decode("ascii")
    signature = headers.get("x-razorpay-signature")
    client.utility.verify_webhook_signature(body, signature, secret)
    try:
        client.utility.verify_webhook_signature(body + " ", signature, secret)
    except SignatureVerificationError:
        pass
    else:
        raise Surprise("the SDK verified a changed body")
    event = json.loads(body)
    keys("event", event, "entity account_id event contains payload created_at")
    equal("event.entity", event["entity"], "event")
    identifier("event.account_id", event["account_id"], "acc_")
    equal("payload", sorted(event["payload"]), sorted(event["contains"]))
    true("event.created_at", type(event["created_at"]) is int, event["created_at"])
    return event


def check_events(client, log, deliveries, secret, account, payment_id, utr):
    events = [verified(client, delivery, secret) for delivery in deliveries]
    names = [event["event"] for event in events]
    ours = ["payment.authorized", "payment.captured", "virtual_account.credited"]
    equal("events", sorted(names), sorted(["virtual_account.created", *ours]))
    # One change in the printed order; one entity in the order of its changes.
    equal("order", [name for name in names if name in ours], ours)
    true(
        "created before credited",
        names.index("virtual_account.created") < names.index("virtual_account.credited"),
        names,
    )
    by_name = dict(zip(names, events))
    created = by_name["virtual_account.created"]
    authorized, captured, credited = (by_name[name] for name in ours)

    def entity(event, name):
        return event["payload"][name]["entity"]

    equal("contains of created", created["contains"], ["virtual_account"])
    equal("account in created", entity(created, "virtual_account"), account)

    equal("contains of authorized", authorized["contains"], ["payment"])
    has(
        "payment in authorized",
        entity(authorized, "payment"),
        id=payment_id,
        status="authorized",
        captured=False,
        amount=AMOUNT,
        fee=None,
        tax=None,
    )
    equal("contains of captured", captured["contains"], ["payment"])
    paid = {
        "id": payment_id,
        "status": "captured",
        "captured": True,
        "amount": AMOUNT,
        "fee": FEE,
        "tax": TAX,
    }
    has("payment in captured", entity(captured, "payment"), **paid)

    equal(
        "contains of credited",
        credited["contains"],
        ["payment", "virtual_account", "bank_transfer"],
    )
    has("payment in credited", entity(credited, "payment"), **paid)
    paid_account = entity(credited, "virtual_account")
    keys("account in credited", paid_account, ACCOUNT_KEYS)
    has(
        "account in credited",
        paid_account,
        id=account["id"],
        amount_paid=AMOUNT,
        notes=account["notes"],
        receivers=[without_notes(receiver) for receiver in account["receivers"]],
    )
    transfer = entity(credited, "bank_transfer")
    # In an event the account stands beside the transfer, not inside it.
    keys("transfer in credited", transfer, TRANSFER_KEYS.removesuffix(" virtual_account"))
    has(
        "transfer in credited",
        transfer,
        payment_id=payment_id,
        bank_reference=utr,
        amount=AMOUNT,
        mode="NEFT",
        virtual_account_id=account["id"],
    )
    true("no notes of the payer in an event", "notes" not in transfer["payer_bank_account"])
    log.step("webhooks", events=names)


def without_notes(receiver):
    return {key: value for key, value in receiver.items() if key != "notes"}


def read_payment(client, log, customer, account, payment_id, utr):
    payment = client.payment.fetch(payment_id)
    keys("payment", payment, PAYMENT_KEYS)
    has(
        "payment",
        payment,
        id=payment_id,
        entity="payment",
        amount=AMOUNT,
        currency="INR",
        status="captured",
        captured=True,
        method="bank_transfer",
        international=False,
        amount_refunded=0,
        refund_status=None,
        order_id=None,
        email=customer["email"],
        contact="+919000012345",
        customer_id=customer["id"],
        notes=[],
        fee=FEE,
        tax=TAX,
        error_code=None,
        acquirer_data={"rrn": utr},
    )
    log.step("payment.fetch", id=payment_id)

    listed = collection("payments", client.payment.all({"count": 100}), payment_id)
    equal("listed payment", listed, payment)
    search = {"va_transaction_id": utr, "virtual_account": 1, "count": 25, "skip": 0}
    found = client.payment.all(search)
    equal("payment found by UTR", collection("search", found, payment_id), payment)
    equal("payments with this UTR", found["count"], 1)
    search["va_transaction_id"] = utr[::-1] + "0"
    equal(
        "payments with another UTR",
        client.payment.all(search),
        {"entity": "collection", "count": 0, "items": []},
    )
    log.step("payment.all, search by UTR")

    transfer = client.payment.bank_transfer(payment_id)
    keys("bank transfer", transfer, TRANSFER_KEYS)
    identifier("bank_transfer.id", transfer["id"], "bt_")
    has(
        "bank transfer",
        transfer,
        entity="bank_transfer",
        payment_id=payment_id,
        mode="NEFT",
        bank_reference=utr,
        amount=AMOUNT,
        virtual_account_id=account["id"],
        virtual_account={**account, "amount_paid": AMOUNT},
    )
    has(
        "payer",
        transfer["payer_bank_account"],
        entity="bank_account",
        ifsc="UTIB0003198",
        bank_name="Axis Bank",
        name="Test Payer",
        notes=[],
        account_number="765432198765432",
    )
    log.step("payment.bank_transfer", id=transfer["id"])

    payments = client.virtual_account.payments(account["id"])
    equal("payment of the account", collection("payments", payments, payment_id), payment)
    equal("payments of the account", payments["count"], 1)
    log.step("virtual_account.payments")


def close_account(client, log, account, receiver, secret):
    closed = client.virtual_account.close(account["id"])
    true("closed_at", type(closed["closed_at"]) is int, closed["closed_at"])
    equal(
        "closed account",
        closed,
        {
            **account,
            "status": "closed",
            "amount_paid": AMOUNT,
            "closed_at": closed["closed_at"],
        },
    )
    equal("account closed again", client.virtual_account.close(account["id"]), closed)

    deliveries = receiver.wait_for(5, WEBHOOK_SECONDS)
    equal("events in all", len(deliveries), 5)
    event = verified(client, deliveries[-1], secret)
    equal("last event", event["event"], "virtual_account.closed")
    receivers = [without_notes(each) for each in account["receivers"]]
    equal(
        "account in closed",
        event["payload"]["virtual_account"]["entity"],
        {**closed, "receivers": receivers},
    )
    log.step("virtual_account.close", closed_at=closed["closed_at"])


def errors(client, log):
    fetch = client.virtual_account.fetch
    refused("an unknown id", BadRequestError, UNKNOWN_ID, fetch, "va_00000000000000")
    refused("a malformed id", BadRequestError, "fake is not a valid id", fetch, "va_fake")
    refused(
        "no receivers",
        BadRequestError,
        "Receivers field is required",
        client.virtual_account.create,
        {"description": "nothing to pay into"},
    )
    stranger = razorpay.Client(auth=(client.auth[0], "wrong"), base_url=client.base_url)
    refused(
        "a wrong secret",
        BadRequestError,
        "The api key provided is invalid",
        stranger.customer.all,
        {},
    )
    log.step("errors")


def methods(client, log):
    answer = client.payment.fetchPaymentMethods()
    has("methods", answer, entity="methods", upi=True, bank_transfer=True, nach=True)
    log.step("payment.fetchPaymentMethods")


def delete_webhook(client, log, webhook):
    equal("deleted webhook", client.webhook.delete(webhook["id"], None), [])
    refused(
        "a deleted webhook",
        BadRequestError,
        UNKNOWN_ID,
        client.webhook.fetch,
        webhook["id"],
        None,
    )
    log.step("webhook.delete", id=webhook["id"])
