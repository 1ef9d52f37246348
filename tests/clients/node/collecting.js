'use strict';
// Orders, receivers, payers, QR codes and bank accounts, through every method of the SDK.

const { equal, truth, has, keys, identifier, collection, refused } = require('./expect');

const ORDER_KEYS =
  'id entity amount amount_paid amount_due currency receipt offer_id status attempts notes ' +
  'created_at';
const QR_KEYS =
  'id entity created_at name usage type image_url payment_amount status description ' +
  'fixed_amount payments_amount_received payments_count_received notes customer_id close_by ' +
  'closed_at close_reason';
const BANK_KEYS = 'id entity ifsc bank_name name notes account_number';

module.exports = async function collecting(razorpay, log, customer) {
  const order = await orders(razorpay, log);
  await accounts(razorpay, log, order);
  await codes(razorpay, log, customer);
  await bankAccounts(razorpay, log, customer);
  await addresses(razorpay, log);
};

async function orders(razorpay, log) {
  const data = { amount: 25000, currency: 'INR', receipt: 'rent-14B', notes: { unit: '14B' } };
  const order = await razorpay.orders.create(data);
  keys('order', order, ORDER_KEYS);
  identifier('order.id', order.id, 'order_');
  has('order', order, { entity: 'order', status: 'created', attempts: 0, ...data });
  equal('order fetched', await razorpay.orders.fetch(order.id), order);
  const edited = await razorpay.orders.edit(order.id, { notes: { unit: '14C' } });
  equal('order edited', edited, { ...order, notes: { unit: '14C' } });
  const list = await razorpay.orders.all({ receipt: 'rent-14B', count: 5 });
  has('order listed', collection('orders', list, order.id), { notes: { unit: '14C' } });
  equal('payments of a new order', (await razorpay.orders.fetchPayments(order.id)).count, 0);
  await refused(
    'an order of nothing',
    400,
    { description: 'The amount must be at least INR 1.00', field: 'amount' },
    () => razorpay.orders.create({ amount: 99, currency: 'INR' }),
  );
  log.step('orders.create, fetch, edit, all, fetchPayments', { id: order.id });
  return edited;
}

async function accounts(razorpay, log, order) {
  const plain = await razorpay.virtualAccounts.create({
    receivers: { types: ['bank_account'] },
    order_id: order.id,
  });
  const account = await razorpay.virtualAccounts.addReceiver(plain.id, { types: ['vpa'] });
  equal('receivers', account.receivers.map((each) => each.entity), ['bank_account', 'vpa']);
  const { address } = account.receivers[1];
  log.step('virtualAccounts.addReceiver', { address });

  const paid = await razorpay.api.post({
    url: '/sandbox/upi_payments',
    data: { vpa: address, amount: 25000 },
  });
  has('payment by UPI', paid, { result: 'credited' });
  const transfer = await razorpay.api.get({ url: `/payments/${paid.payment_id}/upi_transfer` });
  has('UPI transfer', transfer, {
    entity: 'upi_transfer',
    amount: 25000,
    npci_reference_id: paid.reference,
    virtual_account_id: account.id,
  });
  const payments = await razorpay.orders.fetchPayments(order.id);
  has('payment of the order', collection('payments', payments, paid.payment_id), {
    order_id: order.id,
    status: 'captured',
  });
  has('paid order', await razorpay.orders.fetch(order.id), { status: 'paid', amount_paid: 25000 });
  await razorpay.virtualAccounts.close(account.id);
  log.step('upi_transfer, orders.fetchPayments', { id: transfer.id });

  const closed = await razorpay.virtualAccounts.create({ receivers: { types: ['bank_account'] } });
  const payer = { ifsc: 'UTIB0003198', account_number: '765432198765432' };
  const listed = await razorpay.virtualAccounts.allowedPayer(closed.id, {
    types: ['bank_account'],
    bank_account: payer,
  });
  equal('allowed payers', listed.allowed_payers.length, 1);
  const [allowed] = listed.allowed_payers;
  has('account of the allowed payer', allowed.bank_account, payer);
  await razorpay.virtualAccounts.deleteAllowedPayer(closed.id, allowed.id);
  equal('account without payers', await razorpay.virtualAccounts.fetch(closed.id), closed);
  log.step('virtualAccounts.allowedPayer, deleteAllowedPayer');
}

async function codes(razorpay, log, customer) {
  const data = {
    type: 'upi_qr',
    usage: 'single_use',
    fixed_amount: true,
    payment_amount: 30000,
    name: 'Counter 2',
    description: 'For Store 1',
    customer_id: customer.id,
    notes: { till: '4' },
  };
  const code = await razorpay.qrCode.create(data);
  keys('QR code', code, QR_KEYS);
  identifier('qr_code.id', code.id, 'qr_');
  has('QR code', code, { entity: 'qr_code', status: 'active', closed_at: null, ...data });
  equal('QR code fetched', await razorpay.qrCode.fetch(code.id), code);
  const list = await razorpay.qrCode.all({ customer_id: customer.id, count: 5 });
  equal('QR code listed', collection('QR codes', list, code.id), code);
  log.step('qrCode.create, fetch, all', { id: code.id });

  const payment = await razorpay.api.post({
    url: '/bharatqr/pay/test',
    data: { reference: code.id, amount: 30000, method: 'upi' },
  });
  has('payment', payment, { status: 'captured', description: 'QRv2 Payment', fee: 0, tax: 0 });
  const payments = await razorpay.qrCode.fetchAllPayments(code.id, { count: 5 });
  equal('payment of the code', collection('payments', payments, payment.id), payment);
  has('paid code', await razorpay.qrCode.fetch(code.id), {
    status: 'closed',
    close_reason: 'paid',
    payments_amount_received: 30000,
    payments_count_received: 1,
  });
  log.step('qrCode.fetchAllPayments', { payment_id: payment.id });

  const open = await razorpay.qrCode.create({ type: 'upi_qr', usage: 'multiple_use' });
  const closed = await razorpay.qrCode.close(open.id);
  has('closed code', closed, { id: open.id, status: 'closed', close_reason: 'on_demand' });
  truth('closed_at', Number.isInteger(closed.closed_at), closed.closed_at);
  await refused(
    'a code for single use without an amount',
    400,
    {
      description: 'The fixed amount field must be true for single use',
      field: 'fixed_amount',
    },
    () => razorpay.qrCode.create({ type: 'upi_qr', usage: 'single_use' }),
  );
  log.step('qrCode.close');
}

async function bankAccounts(razorpay, log, customer) {
  const account = await razorpay.customers.addBankAccount(customer.id, {
    ifsc_code: 'UTIB0000194',
    account_number: '916010082980417',
    beneficiary_name: 'Meera Iyer',
    beneficiary_city: 'Chennai',
  });
  keys('bank account', account, BANK_KEYS);
  has('bank account', account, { bank_name: 'Axis Bank', account_number: 'XXXXXXXXXXX0417' });
  const deleted = await razorpay.customers.deleteBankAccount(customer.id, account.id);
  has('deleted bank account', deleted, { id: account.id, status: 'deleted' });
  await refused(
    'a deleted bank account',
    400,
    { description: 'The id provided does not exist' },
    () => razorpay.customers.deleteBankAccount(customer.id, account.id),
  );
  log.step('customers.addBankAccount, deleteBankAccount', { id: account.id });

  const fund = await razorpay.fundAccount.create({
    customer_id: customer.id,
    account_type: 'bank_account',
    bank_account: {
      name: 'Meera Iyer',
      account_number: '916010082980417',
      ifsc: 'UTIB0000194',
    },
  });
  has('fund account', fund, { entity: 'fund_account', active: true, batch_id: null });
  const funds = await razorpay.api.get({
    url: '/fund_accounts',
    data: { customer_id: customer.id },
  });
  equal('fund account listed', collection('fund accounts', funds, fund.id), fund);
  log.step('fundAccount.create', { id: fund.id });
}

async function addresses(razorpay, log) {
  const known = await razorpay.payments.validateVpa({ vpa: 'meera@examplebank' });
  equal('a known address', known, {
    vpa: 'meera@examplebank',
    success: true,
    customer_name: 'MEERA IYER',
  });
  const unknown = await razorpay.payments.validateVpa({ vpa: 'failure@razorpay' });
  equal('an unknown address', unknown, { vpa: 'failure@razorpay', success: false });
  log.step('payments.validateVpa');
}
