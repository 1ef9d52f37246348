"""Orders, receivers, payers, QR codes and bank accounts, through every method of the SDK."""

from razorpay.errors import BadRequestError

from drive import collection, equal, has, identifier, keys, refused, true

ORDER_KEYS = (
    "id entity amount amount_paid amount_due currency receipt offer_id status attempts notes "
    "created_at"
)
QR_KEYS = (
    "id entity created_at name usage type image_url payment_amount status description "
    "fixed_amount payments_amount_received payments_count_received notes customer_id close_by "
    "closed_at close_reason"
)
BANK_KEYS = "id entity ifsc bank_name name notes account_number"
UNKNOWN_ID = "The id provided does not exist"


def check(client, log, customer):
    order = orders(client, log)
    accounts(client, log, order)
    codes(client, log, customer)
    bank_accounts(client, log, customer)
    addresses(client, log)


def orders(client, log):
    data = {"amount": 25000, "currency": "INR", "receipt": "rent-14B", "notes": {"unit": "14B"}}
    order = client.order.create(data)
    keys("order", order, ORDER_KEYS)
    identifier("order.id", order["id"], "order_")
    has("order", order, entity="order", status="created", attempts=0, amount_due=25000, **data)
    equal("order fetched", client.order.fetch(order["id"]), order)
    edited = client.order.edit(order["id"], {"notes": {"unit": "14C"}})
    equal("order edited", edited, {**order, "notes": {"unit": "14C"}})
    listed = client.order.all({"receipt": "rent-14B", "expand[]": "payments"})
    has("order listed", collection("orders", listed, order["id"]), notes={"unit": "14C"})
    equal("payments of a new order", client.order.payments(order["id"])["count"], 0)
    refused(
        "an order of nothing",
        BadRequestError,
        "The amount must be at least INR 1.00",
        client.order.create,
        {"amount": 99, "currency": "INR"},
    )
    log.step("order.create, fetch, edit, all, payments", id=order["id"])
    return edited


def accounts(client, log, order):
    account = client.virtual_account.create(
        {"receivers": {"types": ["bank_account"]}, "order_id": order["id"]}
    )
    account = client.virtual_account.add_receiver(account["id"], {"types": ["vpa"]})
    receivers = [receiver["entity"] for receiver in account["receivers"]]
    equal("receivers", receivers, ["bank_account", "vpa"])
    address = account["receivers"][1]["address"]
    log.step("virtual_account.add_receiver", address=address)

    paid = client.post("/v1/sandbox/upi_payments", {"vpa": address, "amount": 25000})
    has("payment by UPI", paid, result="credited")
    transfer = client.payment.upi_transfer(paid["payment_id"])
    has(
        "UPI transfer",
        transfer,
        entity="upi_transfer",
        amount=25000,
        npci_reference_id=paid["reference"],
        virtual_account_id=account["id"],
    )
    payments = client.order.payments(order["id"])
    has(
        "payment of the order",
        collection("payments", payments, paid["payment_id"]),
        order_id=order["id"],
        status="captured",
    )
    has("paid order", client.order.fetch(order["id"]), status="paid", amount_paid=25000)
    client.virtual_account.close(account["id"])
    log.step("payment.upi_transfer, order.payments", id=transfer["id"])

    account = client.virtual_account.create({"receivers": {"types": ["bank_account"]}})
    payer = {"ifsc": "UTIB0003198", "account_number": "765432198765432"}
    data = {"type": "bank_account", "bank_account": payer}
    listed = client.virtual_account.add_allowed_player(account["id"], data)
    equal("allowed payers", len(listed["allowed_payers"]), 1)
    allowed = listed["allowed_payers"][0]
    has("account of the allowed payer", allowed["bank_account"], **payer)
    client.virtual_account.delete_allowed_player(account["id"], allowed["id"])
    equal("account without payers", client.virtual_account.fetch(account["id"]), account)
    log.step("virtual_account.add_allowed_player, delete_allowed_player")


def codes(client, log, customer):
    data = {
        "type": "upi_qr",
        "usage": "single_use",
        "fixed_amount": True,
        "payment_amount": 30000,
        "name": "Counter 2",
        "description": "For Store 1",
        "customer_id": customer["id"],
        "notes": {"till": "4"},
    }
    code = client.qrcode.create(data)
    keys("QR code", code, QR_KEYS)
    identifier("qr_code.id", code["id"], "qr_")
    has("QR code", code, entity="qr_code", status="active", closed_at=None, **data)
    equal("QR code fetched", client.qrcode.fetch(code["id"]), code)
    listed = client.qrcode.all({"customer_id": customer["id"], "count": 5})
    equal("QR code listed", collection("QR codes", listed, code["id"]), code)
    log.step("qrcode.create, fetch, all", id=code["id"])

    body = {"reference": code["id"], "amount": 30000, "method": "upi"}
    payment = client.post("/v1/bharatqr/pay/test", body)
    has("payment", payment, status="captured", description="QRv2 Payment", fee=0, tax=0)
    payments = client.qrcode.fetch_all_payments(code["id"], {"count": 5})
    equal("payment of the code", collection("payments", payments, payment["id"]), payment)
    has(
        "paid code",
        client.qrcode.fetch(code["id"]),
        status="closed",
        close_reason="paid",
        payments_amount_received=30000,
        payments_count_received=1,
    )
    log.step("qrcode.fetch_all_payments", payment_id=payment["id"])

    open_code = client.qrcode.create({"type": "upi_qr", "usage": "multiple_use"})
    closed = client.qrcode.close(open_code["id"])
    has("closed code", closed, id=open_code["id"], status="closed", close_reason="on_demand")
    true("closed_at", type(closed["closed_at"]) is int, closed["closed_at"])
    refused(
        "a code for single use without an amount",
        BadRequestError,
        "The fixed amount field must be true for single use",
        client.qrcode.create,
        {"type": "upi_qr", "usage": "single_use"},
    )
    log.step("qrcode.close")


def bank_accounts(client, log, customer):
    data = {
        "ifsc_code": "UTIB0000194",
        "account_number": "916010082980417",
        "beneficiary_name": "Meera Iyer",
        "beneficiary_city": "Chennai",
    }
    account = client.customer.addBankAccount(customer["id"], data)
    keys("bank account", account, BANK_KEYS)
    has("bank account", account, bank_name="Axis Bank", account_number="XXXXXXXXXXX0417")
    deleted = client.customer.deleteBankAccount(customer["id"], account["id"])
    has("deleted bank account", deleted, id=account["id"], status="deleted")
    refused(
        "a deleted bank account",
        BadRequestError,
        UNKNOWN_ID,
        client.customer.deleteBankAccount,
        customer["id"],
        account["id"],
    )
    log.step("customer.addBankAccount, deleteBankAccount", id=account["id"])

    bank = {"name": "Meera Iyer", "account_number": "916010082980417", "ifsc": "UTIB0000194"}
    fund = client.fund_account.create(
        {"customer_id": customer["id"], "account_type": "bank_account", "bank_account": bank}
    )
    has("fund account", fund, entity="fund_account", active=True, batch_id=None)
    listed = client.fund_account.all({"customer_id": customer["id"]})
    equal("fund account listed", collection("fund accounts", listed, fund["id"]), fund)
    log.step("fund_account.create, all", id=fund["id"])


def addresses(client, log):
    known = client.payment.validateVpa({"vpa": "meera@examplebank"})
    wanted = {"vpa": "meera@examplebank", "success": True, "customer_name": "MEERA IYER"}
    equal("a known address", known, wanted)
    unknown = client.payment.validateVpa({"vpa": "failure@razorpay"})
    equal("an unknown address", unknown, {"vpa": "failure@razorpay", "success": False})
    log.step("payment.validateVpa")
