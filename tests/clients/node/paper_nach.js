'use strict';
// A paper mandate from its form to a debit, through every method of the SDK that touches one.

const { validatePaymentVerification } = require('razorpay/dist/utils/razorpay-utils');

const { equal, truth, has, keys, identifier, collection, refused } = require('./expect');

// One grey pixel.
const PICTURE = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNoAAAAggCBd81ytgAAAABJRU5ErkJggg==',
  'base64',
);

module.exports = async function paperNach({ razorpay, log }) {
  // The bank moves when we say so.
  await razorpay.api.patch({ url: '/sandbox/settings', data: { auto: false } });
  const order = await authorisationOrder(razorpay, log);
  const link = await registrationLink(razorpay, log);
  const token = await register(razorpay, log, order);
  await charge(razorpay, log, order, token);
  await refusals(razorpay, log, order, link, token);
  const customer = order.customer;
  equal('delete', await razorpay.customers.deleteToken(customer, token.id), { deleted: true });
  log.step('customers.deleteToken', { id: token.id });
};

async function authorisationOrder(razorpay, log) {
  const customer = await razorpay.customers.create({
    name: 'Asha Verma', email: 'asha.verma@example.com', contact: 9820012345, fail_existing: '0',
  });
  const order = await razorpay.orders.create({
    amount: 0,
    currency: 'INR',
    method: 'nach',
    customer_id: customer.id,
    receipt: 'NACH-REG-104',
    token: {
      auth_type: 'physical',
      max_amount: '50000',
      bank_account: {
        account_number: 50100012345678,
        ifsc_code: 'hdfc0000060',
        beneficiary_name: 'Asha Verma',
        account_type: 'savings',
      },
      nach: { form_reference1: 'SIP folio 7781', description: 'Monthly SIP' },
    },
  });
  has('order', order, { entity: 'order', amount: 0, status: 'created' });
  has('token', order.token, { method: 'nach', max_amount: 50000, expire_at: null });
  log.step('orders.create', { id: order.id });
  return { ...order, customer: customer.id };
}

async function registrationLink(razorpay, log) {
  const link = await razorpay.subscriptions.createRegistrationLink({
    customer: { name: 'Asha Verma', email: 'asha.verma@example.com', contact: 9820012345 },
    amount: 0,
    currency: 'INR',
    type: 'link',
    description: 'Lunch plan',
    subscription_registration: {
      method: 'nach',
      auth_type: 'physical',
      bank_account: {
        beneficiary_name: 'Asha Verma',
        account_number: 50100012345678,
        account_type: 'savings',
        ifsc_code: 'HDFC0000060',
      },
      max_amount: 50000,
    },
    sms_notify: 1,
    email_notify: 0,
  });
  identifier('link', link.id, 'inv_');
  has('link', link, { status: 'issued', sms_status: 'sent', email_status: null });
  equal('fetched link', await razorpay.invoices.fetch(link.id), link);
  equal('listed link', collection('links', await razorpay.invoices.all({ count: 5 }), link.id), link);
  equal('notified', await razorpay.invoices.notifyBy(link.id, 'email'), { success: true });
  const cancelled = await razorpay.invoices.cancel(link.id);
  has('cancelled link', cancelled, { status: 'cancelled', auth_link_status: 'cancelled' });
  log.step('subscriptions.createRegistrationLink, invoices', { id: link.id });
  return link;
}

async function upload(order) {
  const form = new FormData();
  form.append('order_id', order.id);
  form.append('recurring', '1');
  form.append('file', new Blob([PICTURE], { type: 'image/png' }), 'form.png');
  const pair = `${process.env.VASOOL_KEY_ID}:${process.env.VASOOL_KEY_SECRET}`;
  const answer = await fetch(`${process.env.VASOOL_URL}/v1/payments/create/nach/file`, {
    method: 'POST',
    headers: { Authorization: `Basic ${Buffer.from(pair).toString('base64')}` },
    body: form,
  });
  return answer.json();
}

async function register(razorpay, log, order) {
  const taken = await upload(order);
  keys('upload', taken, 'razorpay_payment_id razorpay_order_id razorpay_signature');
  verify(razorpay, taken);
  const payment = await razorpay.payments.fetch(taken.razorpay_payment_id);
  has('registration', payment, { status: 'created', amount: 0, method: 'nach', bank: 'HDFC' });
  const url = `/sandbox/mandates/${payment.token_id}`;
  await razorpay.api.post({ url, data: { action: 'approve' } });
  const token = await razorpay.customers.fetchToken(order.customer, payment.token_id);
  has('token', token, { method: 'nach', recurring: true, auth_type: 'physical', mrn: null });
  const tokens = await razorpay.customers.fetchTokens(order.customer);
  equal('listed token', collection('tokens', tokens, token.id), token);
  has('order', await razorpay.orders.fetch(order.id), { status: 'paid', attempts: 1 });
  log.step('customers.fetchToken and fetchTokens', { id: token.id });
  return token;
}

function verify(razorpay, answer) {
  const ids = { order_id: answer.razorpay_order_id, payment_id: answer.razorpay_payment_id };
  truth('signature',
    validatePaymentVerification(ids, answer.razorpay_signature, razorpay.key_secret), answer);
}

const chargeOf = (order, token, debit) => ({
  email: 'asha.verma@example.com',
  contact: '9820012345',
  amount: debit.amount,
  currency: 'INR',
  order_id: debit.id,
  customer_id: order.customer,
  token: token.id,
  recurring: '1',
});

async function charge(razorpay, log, order, token) {
  for (const [action, status] of [
    [{ action: 'succeed' }, 'captured'],
    [{ action: 'fail', reason: '04' }, 'failed'],
  ]) {
    const debit = await razorpay.orders.create({ amount: 49900, currency: 'INR' });
    const answer = await razorpay.payments.createRecurringPayment(chargeOf(order, token, debit));
    verify(razorpay, answer);
    const id = answer.razorpay_payment_id;
    has('debit', await razorpay.payments.fetch(id), { status: 'created', token_id: token.id });
    await razorpay.api.post({ url: `/sandbox/payments/${id}`, data: action });
    has('decided debit', await razorpay.payments.fetch(id), { status, acquirer_data: {} });
    log.step(`payments.createRecurringPayment, ${status}`, { id });
  }
}

async function refusals(razorpay, log, order, link, token) {
  const large = await razorpay.orders.create({ amount: 50001, currency: 'INR' });
  await refused('more than the mandate allows', 400, {
    description: 'Amount exceeds maximum amount allowed', field: 'amount',
  }, () => razorpay.payments.createRecurringPayment(chargeOf(order, token, large)));
  await refused('a cancelled link', 400, {
    description: 'Operation not allowed for Invoice in cancelled status',
  }, () => razorpay.invoices.cancel(link.id));
  const { error } = await upload(order);
  has('a second form', error, { reason: 'order_already_paid' });
  log.step('refusals');
}
