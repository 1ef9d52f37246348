"""A merchant's program as the vendor's documentation has it: nothing here knows of Vasool but the step
that plays the payer."""

import os

import razorpay

client = razorpay.Client(auth=(os.environ["VASOOL_KEY_ID"], os.environ["VASOOL_KEY_SECRET"]))
account = client.virtual_account.create({"receivers": {"types": ["bank_account"]}})
number = account["receivers"][0]["account_number"]
client.post("/v1/sandbox/bank_transfers", {"account_number": number, "amount": 50000})
payments = client.virtual_account.payments(account["id"])
assert payments["items"][0]["amount"] == 50000, payments
print("paid through", client.base_url.removeprefix("https://").rstrip("/"))
