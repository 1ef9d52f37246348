'use strict';
// A block from its order to its end, through every method of the SDK that touches one.

const crypto = require('node:crypto');
const { validatePaymentVerification, validateWebhookSignature } =
  require('razorpay/dist/utils/razorpay-utils');

const { equal, truth, has, keys, identifier, collection, refused } = require('./expect');
const { Receiver } = require('./receiver');

const EVENTS = [
  'token.confirmed', 'token.cancelled', 'payment.authorized', 'payment.captured',
  'payment.failed', 'order.paid',
];
const BLOCK = 200000;
const WEBHOOK_SECONDS = 20;

module.exports = async function reservePay({ razorpay, log }) {
  // The payer, the bank and the network move when we say so.
  await razorpay.api.patch({ url: '/sandbox/settings', data: { auto: false } });
  const receiver = await Receiver.start();
  try {
    const secret = crypto.randomBytes(8).toString('hex');
    await razorpay.webhooks.create({ url: receiver.url, secret, events: EVENTS });
    const customer = await razorpay.customers.create({
      name: 'Asha Rao', email: 'asha.rao@example.com', contact: 9876500001, fail_existing: 0,
    });
    const order = await authorisationOrder(razorpay, log, customer);
    const token = await approve(razorpay, log, customer, order);
    await debit(razorpay, log, customer, token);
    await refusals(razorpay, log, customer, token);
    await end(razorpay, log, customer, token);
    await told(log, receiver, secret);
  } finally {
    receiver.close();
  }
};

async function authorisationOrder(razorpay, log, customer) {
  const order = await razorpay.orders.create({
    amount: BLOCK,
    currency: 'INR',
    customer_id: customer.id,
    method: 'upi',
    token: { max_amount: BLOCK, frequency: 'as_presented', type: 'single_block_multiple_debit' },
  });
  has('order', order, { status: 'created', attempts: 0, amount_due: BLOCK });
  truth('no token is echoed', !('token' in order), order);
  log.step('orders.create', { id: order.id });
  return order;
}

const authorisation = (customer, order) => ({
  amount: BLOCK,
  currency: 'INR',
  order_id: order.id,
  customer_id: customer.id,
  method: 'upi',
  recurring: 1,
  upi: { flow: 'intent' },
  contact: '9876500001',
  email: 'asha.rao@example.com',
});

async function approve(razorpay, log, customer, order) {
  const known = await razorpay.payments.validateVpa({ vpa: 'asha@upi' });
  equal('vpa', known, { vpa: 'asha@upi', success: true, customer_name: 'ASHA' });
  log.step('payments.validateVpa');

  const first = await razorpay.payments.createUpi(authorisation(customer, order));
  keys('createUpi', first, 'razorpay_payment_id link');
  truth('a mandate link', first.link.startsWith('upi://mandate?pa='), first.link);
  log.step('payments.createUpi');

  const answer = await razorpay.payments.createPaymentJson(authorisation(customer, order));
  keys('createPaymentJson', answer, 'razorpay_payment_id next');
  equal('next', answer.next.map((step) => step.action), ['intent', 'poll']);
  const paymentId = answer.razorpay_payment_id;
  const pending = await razorpay.payments.fetch(paymentId);
  has('payment', pending, { status: 'created', method: 'upi', vpa: null });
  const url = `/sandbox/mandates/${pending.token_id}`;
  await razorpay.api.post({ url, data: { action: 'approve', vpa: 'asha@upi' } });
  log.step('payments.createPaymentJson for an approval', { id: paymentId });

  const approved = await razorpay.payments.fetch(paymentId, { 'expand[]': 'token' });
  has('approval', approved, { status: 'failed', error_reason: 'upi_dummy_payment', vpa: 'asha@upi' });
  const token = await razorpay.customers.fetchToken(customer.id, pending.token_id);
  equal('details', token.recurring_details, {
    status: 'confirmed', failure_reason: null, amount_blocked: BLOCK, amount_debited: 0,
  });
  const tokens = await razorpay.customers.fetchTokens(customer.id);
  equal('listed', collection('tokens', tokens, token.id), token);
  log.step('customers.fetchToken and fetchTokens', { id: token.id });
  const lost = await razorpay.payments.fetch(first.razorpay_payment_id);
  has('the other attempt', lost, { status: 'failed', error_reason: 'duplicate_mandate_request' });
  return token;
}

const debitOf = (customer, token, order) => ({
  amount: order.amount,
  currency: 'INR',
  order_id: order.id,
  customer_id: customer.id,
  token: token.id,
  recurring: '1',
  contact: 9876500001,
  email: 'asha.rao@example.com',
});

async function debit(razorpay, log, customer, token) {
  for (const method of ['createPaymentJson', 'createRecurringPayment']) {
    const order = await razorpay.orders.create({ amount: 40000, currency: 'INR' });
    const answer = await razorpay.payments[method](debitOf(customer, token, order));
    keys('debit', answer, 'razorpay_payment_id razorpay_order_id razorpay_signature');
    const ids = { order_id: order.id, payment_id: answer.razorpay_payment_id };
    const secret = razorpay.key_secret;
    truth('signature', validatePaymentVerification(ids, answer.razorpay_signature, secret), answer);
    const forged = { ...ids, order_id: `${order.id}x` };
    truth('forged', !validatePaymentVerification(forged, answer.razorpay_signature, secret), answer);
    const payment = await razorpay.payments.fetch(answer.razorpay_payment_id);
    has('debit', payment, { status: 'captured', token_id: token.id, fee: 944, tax: 144 });
    has('order', await razorpay.orders.fetch(order.id), { status: 'paid', amount_paid: 40000 });
    const payments = await razorpay.orders.fetchPayments(order.id);
    equal('payment of the order', collection('payments', payments, payment.id), payment);
    log.step(`payments.${method} for a debit`, { id: payment.id });
  }
  const manual = { amount: 1000, currency: 'INR', payment_capture: false };
  const order = await razorpay.orders.create(manual);
  const answer = await razorpay.payments.createPaymentJson(debitOf(customer, token, order));
  const payment = await razorpay.payments.capture(answer.razorpay_payment_id, 1000, 'INR');
  has('captured debit', payment, { status: 'captured', captured: true });
  const refund = await razorpay.payments.refund(payment.id, {});
  identifier('refund', refund.id, 'rfnd_');
  log.step('payments.capture and refund', { id: payment.id });
}

async function refusals(razorpay, log, customer, token) {
  const large = await razorpay.orders.create({ amount: 119001, currency: 'INR' });
  const error = await refused('more than the rest', 400, {
    description: 'Payment failed because Transaction amount limit has exceeded',
    reason: 'transaction_limit_exceeded',
    source: 'customer',
    step: 'payment_debit_response',
  }, () => razorpay.payments.createPaymentJson(debitOf(customer, token, large)));
  equal('order in metadata', error.metadata.order_id, large.id);
  const small = await razorpay.orders.create({ amount: 500, currency: 'INR' });
  await refused('a debit the bank refuses', 502, {
    code: 'GATEWAY_ERROR',
    description: 'Transaction failed due to insufficient funds',
    reason: 'insufficient_funds',
  }, () => razorpay.payments.createRecurringPayment({
    ...debitOf(customer, token, small), notes: { sandbox: 'fail.insufficient_funds' },
  }));
  await refused('an active mandate', 400, { reason: 'invalid_mandate_state' }, () =>
    razorpay.customers.deleteToken(customer.id, token.id));
  log.step('refusals');
}

async function end(razorpay, log, customer, token) {
  const url = `/customers/${customer.id}/tokens/${token.id}/cancel`;
  const answer = await razorpay.api.put({ url, data: {} });
  equal('cancel', answer, { status: 'cancellation_initiated' });
  await razorpay.api.post({ url: `/sandbox/mandates/${token.id}`, data: { action: 'cancel_ok' } });
  const { recurring_details: details } = await razorpay.customers.fetchToken(customer.id, token.id);
  equal('status', details.status, 'cancelled');
  equal('delete', await razorpay.customers.deleteToken(customer.id, token.id), { deleted: true });
  log.step('customers.deleteToken', { id: token.id });
}

async function told(log, receiver, secret) {
  // Two approvals (one lost), three debits captured, two refused, one cancellation.
  const count = 1 + 2 + 3 * 3 + 2 + 1;
  const deliveries = await receiver.waitFor(count, WEBHOOK_SECONDS);
  equal('events in all', deliveries.length, count);
  const names = deliveries.map(({ body, headers }) => {
    const signature = headers['x-razorpay-signature'];
    truth('signed', validateWebhookSignature(body.toString(), signature, secret), signature);
    return JSON.parse(body).event;
  });
  const told = (name) => names.filter((one) => one === name).length;
  equal('told', [told('order.paid'), told('token.confirmed'), told('token.cancelled')], [3, 1, 1]);
  log.step('webhooks', { events: names.length });
}
