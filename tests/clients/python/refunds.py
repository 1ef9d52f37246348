"""A payment given back in parts, through every refund method of the SDK."""

from razorpay.errors import BadRequestError

from drive import collection, equal, has, identifier, keys, refused

REFUND_KEYS = (
    "id entity amount currency payment_id notes receipt acquirer_data created_at batch_id "
    "status speed_processed speed_requested"
)
UNKNOWN_ID = "The id provided does not exist"


def check(client, log, payment_id):
    first = client.payment.refund(payment_id, {"amount": "50000", "receipt": "RF-1"})
    keys("refund", first, REFUND_KEYS)
    identifier("refund.id", first["id"], "rfnd_")
    has(
        "refund",
        first,
        entity="refund",
        amount=50000,
        payment_id=payment_id,
        notes=[],
        receipt="RF-1",
        acquirer_data={"rrn": None},
        status="processed",
        speed_processed="normal",
        speed_requested="normal",
    )
    equal("refund fetched", client.refund.fetch(first["id"]), first)
    equal("refund of the payment", client.payment.fetch_refund_id(payment_id, first["id"]), first)
    log.step("payment.refund", id=first["id"])

    second = client.refund.create(
        {"payment_id": payment_id, "amount": 9000, "speed": "optimum", "notes": {"why": "late"}}
    )
    has("second refund", second, amount=9000, notes={"why": "late"}, speed_requested="optimum")
    listed = client.payment.fetch_multiple_refund(payment_id, {"count": 5})
    equal("refunds of the payment", listed["count"], 2)
    equal("newest refund", collection("refunds", listed, second["id"]), second)
    collection("all refunds", client.refund.all({"count": 5}), first["id"])
    log.step("refund.create", id=second["id"])

    edited = client.refund.edit(second["id"], {"notes": {"why": "early"}})
    equal("edited refund", edited, {**second, "notes": {"why": "early"}})
    payment = client.payment.edit(payment_id, {"notes": {"unit": "14B"}})
    has(
        "payment",
        payment,
        status="captured",
        refund_status="partial",
        amount_refunded=59000,
        notes={"unit": "14B"},
    )
    client.payment.edit(payment_id, {"notes": {}})
    log.step("refund.edit")

    above = "The refund amount provided is greater than amount captured"
    refused("too much", BadRequestError, above, client.payment.refund, payment_id, {"amount": 999999})
    refused("an unknown refund", BadRequestError, UNKNOWN_ID, client.refund.fetch, "rfnd_" + "0" * 14)
    rest = client.payment.refund(payment_id, {})
    payment = client.payment.fetch(payment_id)
    has("refunded payment", payment, status="refunded", refund_status="full", captured=True)
    equal("sum of the refunds", 59000 + rest["amount"], payment["amount_refunded"])
    log.step("payment.refund of the rest", id=rest["id"])
