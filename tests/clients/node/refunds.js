'use strict';
// A payment given back in parts, through every refund method of the SDK.

const { equal, has, identifier, collection, refused } = require('./expect');

module.exports = async function refunds(razorpay, log, paymentId) {
  const first = await razorpay.payments.refund(paymentId, { amount: '50000', receipt: 'RF-1' });
  identifier('refund.id', first.id, 'rfnd_');
  has('refund', first, {
    entity: 'refund',
    amount: 50000,
    payment_id: paymentId,
    notes: [],
    receipt: 'RF-1',
    acquirer_data: { rrn: null },
    batch_id: null,
    status: 'processed',
    speed_processed: 'normal',
    speed_requested: 'normal',
  });
  equal('refund fetched', await razorpay.refunds.fetch(first.id), first);
  equal('refund of the payment', await razorpay.payments.fetchRefund(paymentId, first.id), first);
  log.step('payments.refund', { id: first.id });

  const second = await razorpay.payments.refund(paymentId, {
    amount: 9000,
    speed: 'optimum',
    notes: { why: 'late' },
  });
  has('second refund', second, { amount: 9000, notes: { why: 'late' }, speed_requested: 'optimum' });
  const listed = await razorpay.payments.fetchMultipleRefund(paymentId, { count: 5 });
  equal('refunds of the payment', listed.count, 2);
  equal('newest refund', collection('refunds', listed, second.id), second);
  collection('all refunds', await razorpay.refunds.all({ payment_id: paymentId }), first.id);
  log.step('payments.fetchMultipleRefund');

  const edited = await razorpay.refunds.edit(second.id, { notes: { why: 'early' } });
  equal('edited refund', edited, { ...second, notes: { why: 'early' } });
  const payment = await razorpay.payments.edit(paymentId, { notes: { unit: '14B' } });
  has('payment', payment, {
    status: 'captured',
    refund_status: 'partial',
    amount_refunded: 59000,
    notes: { unit: '14B' },
  });
  log.step('refunds.edit');

  await refused(
    'too much',
    400,
    {
      description: 'The refund amount provided is greater than amount captured',
      field: 'amount',
      reason: 'refund_limit_crossed',
    },
    () => razorpay.payments.refund(paymentId, { amount: 999999 }),
  );
  const rest = await razorpay.payments.refund(paymentId, {});
  const refunded = await razorpay.payments.fetch(paymentId);
  has('refunded payment', refunded, { status: 'refunded', refund_status: 'full', captured: true });
  equal('sum of the refunds', 59000 + rest.amount, refunded.amount_refunded);
  log.step('payments.refund of the rest', { id: rest.id });
};
