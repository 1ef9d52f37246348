'use strict';
// A merchant's program as the vendor's documentation has it: nothing here knows of Vasool but the last
// step, which plays the payer.

const Razorpay = require('razorpay');

async function main() {
  const razorpay = new Razorpay({
    key_id: process.env.VASOOL_KEY_ID,
    key_secret: process.env.VASOOL_KEY_SECRET,
  });
  const account = await razorpay.virtualAccounts.create({
    receivers: { types: ['bank_account'] },
    description: 'Through the vendor\'s host',
  });
  const number = account.receivers[0].account_number;
  await razorpay.api.post({
    url: '/sandbox/bank_transfers',
    data: { account_number: number, amount: 50000 },
  });
  const payments = await razorpay.virtualAccounts.fetchPayments(account.id);
  if (payments.items[0].amount !== 50000) throw new Error(JSON.stringify(payments));
  console.log(`paid through ${new URL(razorpay.api.rq.defaults.baseURL).host}`);
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
