'use strict';
// A merchant with something of everything: what the dashboard shows when it is filled. The clock
// stands, names are fixed, so that the same pages look the same again.

const http = require('node:http');

const DAY = 86_400;
// Of India's time.
const OFFSET = 19_800;
const HOUR = 3_600;

// Stops the clock at nine o'clock of tomorrow, in India.
async function morning(merchant) {
  const { now } = await merchant.post('/v1/sandbox/clock', { freeze: true });
  const midnight = (Math.floor((now + OFFSET) / DAY) + 1) * DAY - OFFSET;
  await advance(merchant, midnight + 9 * HOUR - now);
}

function advance(merchant, seconds) {
  return merchant.post('/v1/sandbox/clock', { advance: seconds });
}

// A program of the merchant that takes events: the first badly, all others well. Returns its end.
async function listens(merchant) {
  let taken = 0;
  const server = http.createServer((request, response) => {
    taken += 1;
    response.statusCode = taken === 1 ? 500 : 200;
    request.resume().on('end', () => response.end());
  });
  await new Promise((ready) => { server.listen(0, '127.0.0.1', ready); });
  await merchant.post('/v1/webhooks', {
    url: `http://127.0.0.1:${server.address().port}/hooks`, secret: 'whsec_test',
    events: ['payment.captured', 'refund.created'],
  });
  return () => server.close();
}

// Payments by every rail over a morning, one of them refunded.
async function collects(merchant) {
  const flats = [];
  for (const [description, types] of [
    ['Flat 14B, Rita Sharma', ['bank_account', 'vpa']],
    ['Flat 3A, Imran Qureshi', ['bank_account']],
    ['Flat 9C, Lakshmi Narayan & Sons', ['bank_account', 'vpa']],
  ]) {
    const account = await merchant.post('/v1/virtual_accounts', { receivers: { types }, description });
    const number = account.receivers.find((row) => row.account_number).account_number;
    flats.push({ id: account.id, number });
  }
  const paid = [];
  for (const [hours, flat, mode, amount, name] of [
    [0, 0, 'NEFT', 2_390_000, 'RITA SHARMA'],
    [1, 1, 'IMPS', 1_850_000, 'IMRAN QURESHI'],
    [1, 2, 'RTGS', 21_500_000, 'LAKSHMI NARAYAN AND SONS'],
    [1, 0, 'UPI', 45_000, 'RITA SHARMA'],
    [1, 1, 'NEFT', 675_000, 'IMRAN QURESHI'],
    [0, 2, 'UPI', 1_234_567, 'LAKSHMI NARAYAN AND SONS'],
  ]) {
    if (hours) await advance(merchant, hours * HOUR);
    const answer = await merchant.post('/v1/sandbox/bank_transfers', {
      account_number: flats[flat].number, mode, amount, narration: 'RENT NOV',
      payer: { name, account_number: '50100012345678', ifsc: 'HDFC0000060' },
    });
    paid.push(answer.payment_id);
  }
  await merchant.post(`/v1/payments/${paid[0]}/refund`, { amount: 50_000, receipt: 'Rent paid twice' });
  const code = await merchant.post('/v1/payments/qr_codes', {
    type: 'upi_qr', usage: 'multiple_use', name: 'Counter 2',
  });
  await merchant.post('/v1/sandbox/upi_payments', { qr_code: code.id, amount: 12_000 });
  await merchant.post('/v1/orders', { amount: 250_000, currency: 'INR', receipt: 'INV-2041' });
  return { flats, paid };
}

// Mandates of both kinds, links and a batch.
async function mandates(merchant) {
  await merchant.set({ auto: false });
  const waiting = await merchant.askForMandate(1_234_500);
  const approved = await merchant.askForMandate(200_000);
  await merchant.act(approved, 'approve');
  const paper = await signed(merchant);
  await merchant.post('/v1/subscription_registration/auth_links', {
    customer: { name: 'Asha Verma', email: 'asha@example.test', contact: '9820012345' },
    amount: 0, currency: 'INR', type: 'link', description: 'Lunch plan, 12 o’clock',
    subscription_registration: {
      method: 'nach', auth_type: 'physical', max_amount: 500_000,
      bank_account: {
        beneficiary_name: 'Asha Verma', account_number: '50100012345678',
        account_type: 'savings', ifsc_code: 'HDFC0000060',
      },
    },
    receipt: 'LP-12-0007', sms_notify: 1, email_notify: 1,
  });
  const rows = new FormData();
  rows.set('type', 'virtual_account');
  rows.set('file', new Blob([',Meera Iyer,9000012345,meera@example.test,,Flat 14B,\n']), 'rows.csv');
  await merchant.upload('/v1/batches', rows);
  return { waiting, approved, paper };
}

// A signed form that is with the bank.
async function signed(merchant) {
  const paper = await merchant.askForPaper();
  const form = new FormData();
  form.set('order_id', paper.order);
  form.set('recurring', '1');
  form.set('file', new Blob([merchant.picture], { type: 'image/jpeg' }), 'form.jpg');
  await merchant.upload('/v1/payments/create/nach/file', form);
  return merchant.signed(paper);
}

module.exports = { collects, listens, mandates, morning, signed };
