'use strict';
// From nothing to a credited payment and its webhooks.

const crypto = require('node:crypto');
const Razorpay = require('razorpay');

const { equal, truth, has, keys, identifier, collection, refused } = require('./expect');
const collecting = require('./collecting');
const { Receiver } = require('./receiver');
const refunds = require('./refunds');

const AMOUNT = 239000;
const FEE = 2820;
const TAX = 430;
const EVENTS = [
  'payment.authorized',
  'payment.captured',
  'virtual_account.created',
  'virtual_account.credited',
  'virtual_account.closed',
];
const WEBHOOK_SECONDS = 10;

const CUSTOMER_KEYS = 'id entity name email contact gstin notes created_at';
const ACCOUNT_KEYS =
  'id name entity status description amount_expected notes amount_paid customer_id ' +
  'receivers close_by closed_at created_at';
const RECEIVER_KEYS = 'id entity ifsc bank_name name notes account_number';
const PAYMENT_KEYS =
  'id entity amount currency status order_id invoice_id international method ' +
  'amount_refunded refund_status captured description card_id bank wallet vpa email ' +
  'contact customer_id notes fee tax error_code error_description error_source ' +
  'error_step error_reason acquirer_data created_at';
// In an event the account stands beside the transfer, not inside it.
const EVENT_TRANSFER_KEYS =
  'id entity payment_id mode bank_reference amount payer_bank_account virtual_account_id';
const TRANSFER_KEYS = `${EVENT_TRANSFER_KEYS} virtual_account`;

// Answers about ids come from the business's own request.
const BAD_ID = {
  source: 'business',
  step: 'payment_initiation',
  reason: 'input_validation_failed',
  metadata: {},
};
const UNKNOWN_ID = { description: 'The id provided does not exist', ...BAD_ID };

module.exports = async function firstRupee({ razorpay, stranger, log }) {
  const token = crypto.randomBytes(6).toString('hex');
  const customer = await customers(razorpay, log, token);
  const receiver = await Receiver.start();
  try {
    const secret = `whsec_${token}`;
    const webhook = await createWebhook(razorpay, log, receiver.url, secret);
    const account = await openAccount(razorpay, log, customer);
    const { utr, paymentId } = await pay(razorpay, log, account);
    const deliveries = await receiver.waitFor(4, WEBHOOK_SECONDS);
    checkEvents(log, deliveries, secret, account, paymentId, utr);
    await readPayment(razorpay, log, customer, account, paymentId, utr);
    await closeAccount(razorpay, log, account, receiver, secret);
    await refunds(razorpay, log, paymentId);
    await errors(razorpay, stranger, log);
    await methods(razorpay, log);
    await deleteWebhook(razorpay, log, webhook);
    await collecting(razorpay, log, customer);
  } finally {
    receiver.close();
  }
};

async function customers(razorpay, log, token) {
  const data = {
    name: 'Meera Iyer',
    email: `meera.${token}@example.test`,
    contact: '9000012345',
    notes: { block: 'C' },
  };
  const customer = await razorpay.customers.create(data);
  keys('customer', customer, CUSTOMER_KEYS);
  identifier('customer.id', customer.id, 'cust_');
  has('customer', customer, { entity: 'customer', gstin: null, ...data });
  truth('customer.created_at', Number.isInteger(customer.created_at), customer.created_at);
  log.step('customers.create', { id: customer.id });

  await refused(
    'a customer twice',
    400,
    {
      description: 'Customer already exists for the merchant',
      reason: 'NA',
      metadata: {},
    },
    () => razorpay.customers.create(data),
  );
  const again = await razorpay.customers.create({
    ...data,
    name: 'Somebody Else',
    fail_existing: '0',
  });
  equal('customer with fail_existing=0', again, customer);
  log.step('customers.create with fail_existing=0');

  equal('fetched customer', await razorpay.customers.fetch(customer.id), customer);
  const edited = await razorpay.customers.edit(customer.id, { name: 'Meera S Iyer' });
  equal('edited customer', edited, { ...customer, name: 'Meera S Iyer' });
  const list = await razorpay.customers.all({ count: 100 });
  equal('listed customer', collection('customers', list, customer.id), edited);
  log.step('customers.fetch, edit, all');
  return edited;
}

async function createWebhook(razorpay, log, url, secret) {
  const webhook = await razorpay.webhooks.create({ url, secret, events: EVENTS });
  has('webhook', webhook, {
    entity: 'webhook',
    url,
    active: true,
    secret_exists: true,
    disabled_at: 0,
    service: 'beta-api-test',
    owner_type: 'merchant',
  });
  identifier('webhook.id', webhook.id, '');
  equal('webhook.events', [...webhook.events].sort(), [...EVENTS].sort());
  truth('the secret is not shown', !JSON.stringify(webhook).includes(secret), webhook);
  // Without an account id this SDK asks for /v2/accounts/undefined/webhooks/:id.
  equal('fetched webhook', await razorpay.webhooks.fetch(webhook.id), webhook);
  const list = await razorpay.webhooks.all({ count: 100 });
  equal('listed webhook', collection('webhooks', list, webhook.id), webhook);
  log.step('webhooks.create, fetch, all', { id: webhook.id });
  return webhook;
}

async function openAccount(razorpay, log, customer) {
  const data = {
    receivers: { types: ['bank_account'] },
    description: 'Rent collection, unit 14B',
    customer_id: customer.id,
    // Not ASCII: webhook bodies must escape it.
    notes: { unit: '14B', rent: '₹ 2,390' },
  };
  const account = await razorpay.virtualAccounts.create(data);
  keys('virtual account', account, ACCOUNT_KEYS);
  identifier('virtual_account.id', account.id, 'va_');
  has('virtual account', account, {
    entity: 'virtual_account',
    status: 'active',
    description: data.description,
    amount_expected: null,
    notes: data.notes,
    amount_paid: 0,
    customer_id: customer.id,
    close_by: null,
    closed_at: null,
  });
  equal('number of receivers', account.receivers.length, 1);
  const [receiver] = account.receivers;
  keys('receiver', receiver, RECEIVER_KEYS);
  identifier('receiver.id', receiver.id, 'ba_');
  has('receiver', receiver, { entity: 'bank_account', notes: [], name: account.name });
  const number = receiver.account_number;
  truth('account number has 16 characters', /^[A-Z0-9]{16}$/.test(number), number);
  truth('ifsc has 11 characters', receiver.ifsc.length === 11, receiver.ifsc);

  equal('fetched account', await razorpay.virtualAccounts.fetch(account.id), account);
  const list = await razorpay.virtualAccounts.all({ count: 100 });
  equal('listed account', collection('accounts', list, account.id), account);
  log.step('virtualAccounts.create, fetch, all', { id: account.id, account_number: number });
  return account;
}

async function pay(razorpay, log, account) {
  const utr = `52${crypto.randomInt(1e10).toString().padStart(10, '0')}`;
  const transfer = {
    url: '/sandbox/bank_transfers',
    data: {
      account_number: account.receivers[0].account_number,
      amount: AMOUNT,
      utr,
    },
  };
  const answer = await razorpay.api.post(transfer);
  has('answer', answer, { entity: 'sandbox.inbound', result: 'credited', reference: utr });
  const paymentId = answer.payment_id;
  identifier('payment_id', paymentId, 'pay_');

  // Banks repeat themselves. The first time counts.
  const repeat = await razorpay.api.post(transfer);
  has('repeat', repeat, { result: 'duplicate', reference: utr, payment_id: paymentId });
  log.step('sandbox bank transfer, twice', { payment_id: paymentId, utr });
  return { utr, paymentId };
}

// Checks one delivery as a merchant must; returns the event.
function verified({ path, headers, eventId, body }, secret) {
  equal('path of the webhook', path, '/hook');
  equal('content type of a webhook', headers['content-type']?.split(';')[0], 'application/json');
  equal('user agent of a webhook', headers['user-agent'], 'Razorpay-Webhook/v1');
  truth('content length of a webhook', 'content-length' in headers, headers);
  identifier('event id', eventId, '');
  truth('a webhook body is ASCII', body.every((byte) => byte < 0x80), body.toString());
  const text = body.toString('latin1');
  const signature = headers['x-razorpay-signature'];
  const validate = Razorpay.validateWebhookSignature;
  truth('the SDK verifies the body', validate(text, signature, secret), signature);
  truth('the SDK refuses another body', !validate(`${text} `, signature, secret));
  const event = JSON.parse(text);
  keys('event', event, 'entity account_id event contains payload created_at');
  equal('event.entity', event.entity, 'event');
  identifier('event.account_id', event.account_id, 'acc_');
  equal('payload', Object.keys(event.payload).sort(), [...event.contains].sort());
  truth('event.created_at', Number.isInteger(event.created_at), event.created_at);
  return event;
}

function withoutNotes({ notes, ...receiver }) {
  return receiver;
}

function checkEvents(log, deliveries, secret, account, paymentId, utr) {
  const events = deliveries.map((delivery) => verified(delivery, secret));
  const names = events.map((event) => event.event);
  const ours = ['payment.authorized', 'payment.captured', 'virtual_account.credited'];
  equal('events', [...names].sort(), ['virtual_account.created', ...ours].sort());
  // One change in the printed order; one entity in the order of its changes.
  equal('order', names.filter((name) => ours.includes(name)), ours);
  truth(
    'created before credited',
    names.indexOf('virtual_account.created') < names.indexOf('virtual_account.credited'),
    names,
  );
  const named = (name) => events[names.indexOf(name)];
  const entity = (event, name) => event.payload[name].entity;

  const created = named('virtual_account.created');
  equal('contains of created', created.contains, ['virtual_account']);
  equal('account in created', entity(created, 'virtual_account'), account);

  const authorized = named('payment.authorized');
  equal('contains of authorized', authorized.contains, ['payment']);
  has('payment in authorized', entity(authorized, 'payment'), {
    id: paymentId,
    status: 'authorized',
    captured: false,
    amount: AMOUNT,
    fee: null,
    tax: null,
  });

  const paid = {
    id: paymentId,
    status: 'captured',
    captured: true,
    amount: AMOUNT,
    fee: FEE,
    tax: TAX,
  };
  const captured = named('payment.captured');
  equal('contains of captured', captured.contains, ['payment']);
  has('payment in captured', entity(captured, 'payment'), paid);

  const credited = named('virtual_account.credited');
  equal('contains of credited', credited.contains, [
    'payment', 'virtual_account', 'bank_transfer',
  ]);
  has('payment in credited', entity(credited, 'payment'), paid);
  keys('account in credited', entity(credited, 'virtual_account'), ACCOUNT_KEYS);
  has('account in credited', entity(credited, 'virtual_account'), {
    id: account.id,
    amount_paid: AMOUNT,
    notes: account.notes,
    receivers: account.receivers.map(withoutNotes),
  });
  const transfer = entity(credited, 'bank_transfer');
  keys('transfer in credited', transfer, EVENT_TRANSFER_KEYS);
  has('transfer in credited', transfer, {
    payment_id: paymentId,
    bank_reference: utr,
    amount: AMOUNT,
    mode: 'NEFT',
    virtual_account_id: account.id,
  });
  truth('no notes of the payer in an event', !('notes' in transfer.payer_bank_account));
  log.step('webhooks', { events: names });
}

async function readPayment(razorpay, log, customer, account, paymentId, utr) {
  const payment = await razorpay.payments.fetch(paymentId);
  keys('payment', payment, PAYMENT_KEYS);
  has('payment', payment, {
    id: paymentId,
    entity: 'payment',
    amount: AMOUNT,
    currency: 'INR',
    status: 'captured',
    captured: true,
    method: 'bank_transfer',
    international: false,
    amount_refunded: 0,
    refund_status: null,
    order_id: null,
    email: customer.email,
    contact: '+919000012345',
    customer_id: customer.id,
    notes: [],
    fee: FEE,
    tax: TAX,
    error_code: null,
    acquirer_data: { rrn: utr },
  });
  log.step('payments.fetch', { id: paymentId });

  const list = await razorpay.payments.all({ count: 100 });
  equal('listed payment', collection('payments', list, paymentId), payment);
  // payments.all drops these parameters.
  const search = (reference) => razorpay.api.get({
    url: '/payments',
    data: { va_transaction_id: reference, virtual_account: 1, count: 25, skip: 0 },
  });
  const found = await search(utr);
  equal('payment found by UTR', collection('search', found, paymentId), payment);
  equal('payments with this UTR', found.count, 1);
  equal('payments with another UTR', await search(`${utr}0`), {
    entity: 'collection',
    count: 0,
    items: [],
  });
  log.step('payments.all, search by UTR');

  const transfer = await razorpay.payments.bankTransfer(paymentId);
  keys('bank transfer', transfer, TRANSFER_KEYS);
  identifier('bank_transfer.id', transfer.id, 'bt_');
  has('bank transfer', transfer, {
    entity: 'bank_transfer',
    payment_id: paymentId,
    mode: 'NEFT',
    bank_reference: utr,
    amount: AMOUNT,
    virtual_account_id: account.id,
    virtual_account: { ...account, amount_paid: AMOUNT },
  });
  has('payer', transfer.payer_bank_account, {
    entity: 'bank_account',
    ifsc: 'UTIB0003198',
    bank_name: 'Axis Bank',
    name: 'Test Payer',
    notes: [],
    account_number: '765432198765432',
  });
  log.step('payments.bankTransfer', { id: transfer.id });

  const payments = await razorpay.virtualAccounts.fetchPayments(account.id);
  equal('payment of the account', collection('payments', payments, paymentId), payment);
  equal('payments of the account', payments.count, 1);
  log.step('virtualAccounts.fetchPayments');
}

async function closeAccount(razorpay, log, account, receiver, secret) {
  const closed = await razorpay.virtualAccounts.close(account.id);
  truth('closed_at', Number.isInteger(closed.closed_at), closed.closed_at);
  equal('closed account', closed, {
    ...account,
    status: 'closed',
    amount_paid: AMOUNT,
    closed_at: closed.closed_at,
  });
  equal('account closed again', await razorpay.virtualAccounts.close(account.id), closed);

  const deliveries = await receiver.waitFor(5, WEBHOOK_SECONDS);
  equal('events in all', deliveries.length, 5);
  const event = verified(deliveries[4], secret);
  equal('last event', event.event, 'virtual_account.closed');
  equal('account in closed', event.payload.virtual_account.entity, {
    ...closed,
    receivers: account.receivers.map(withoutNotes),
  });
  log.step('virtualAccounts.close', { closed_at: closed.closed_at });
}

async function errors(razorpay, stranger, log) {
  const unknown = await refused('an unknown id', 400, UNKNOWN_ID, () =>
    razorpay.virtualAccounts.fetch('va_00000000000000'));
  truth('no field in an error about an id', !('field' in unknown), unknown);
  await refused(
    'a malformed id',
    400,
    { description: 'fake is not a valid id', ...BAD_ID },
    () => razorpay.virtualAccounts.fetch('va_fake'),
  );
  await refused(
    'no receivers',
    400,
    {
      description: 'Receivers field is required',
      field: 'receivers',
      source: 'business',
      reason: 'input_validation_failed',
    },
    () => razorpay.virtualAccounts.create({ description: 'nothing to pay into' }),
  );
  await refused(
    'a wrong secret',
    401,
    { description: 'The api key provided is invalid', source: 'NA', step: 'NA', reason: 'NA' },
    () => stranger.customers.all(),
  );
  log.step('errors');
}

async function methods(razorpay, log) {
  const answer = await razorpay.payments.fetchPaymentMethods();
  has('methods', answer, { entity: 'methods', upi: true, bank_transfer: true, nach: true });
  log.step('payments.fetchPaymentMethods');
}

async function deleteWebhook(razorpay, log, webhook) {
  equal('deleted webhook', await razorpay.webhooks.delete(webhook.id), []);
  await refused('a deleted webhook', 400, UNKNOWN_ID, () =>
    razorpay.webhooks.fetch(webhook.id));
  log.step('webhooks.delete', { id: webhook.id });
}
