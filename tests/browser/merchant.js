'use strict';
// Calls of the API that bring about what pages show.

const { Surprise } = require('../clients/node/expect');

class Merchant {
  constructor(base, keyId, keySecret) {
    this.base = base;
    this.key = `Basic ${Buffer.from(`${keyId}:${keySecret}`).toString('base64')}`;
  }

  async call(method, path, body) {
    const answer = await fetch(this.base + path, {
      method,
      headers: { authorization: this.key, 'content-type': 'application/json' },
      body: body && JSON.stringify(body),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Surprise(`${method} ${path}: ${answer.status} ${text}`);
    return JSON.parse(text);
  }

  // Sends a form with a file.
  async upload(path, form) {
    const headers = { authorization: this.key };
    const answer = await fetch(this.base + path, { method: 'POST', headers, body: form });
    const text = await answer.text();
    if (!answer.ok) throw new Surprise(`POST ${path}: ${answer.status} ${text}`);
    return JSON.parse(text);
  }

  get(path) {
    return this.call('GET', path);
  }

  post(path, body) {
    return this.call('POST', path, body);
  }

  set(settings) {
    return this.call('PATCH', '/v1/sandbox/settings', settings);
  }

  // Asks a payer to block an amount: ids of payment and token.
  async askForMandate(amount) {
    const customer = await this.post('/v1/customers', {
      name: 'Meera Iyer', contact: '9000012345', email: 'meera@example.test', fail_existing: '0',
    });
    const order = await this.post('/v1/orders', {
      amount, currency: 'INR', customer_id: customer.id, method: 'upi',
      token: {
        max_amount: amount, frequency: 'as_presented', type: 'single_block_multiple_debit',
      },
    });
    const asked = await this.post('/v1/payments/create/json', {
      amount, currency: 'INR', order_id: order.id, customer_id: customer.id, method: 'upi',
      recurring: true, upi: { flow: 'intent' }, contact: '9000012345',
      email: 'meera@example.test',
    });
    const payment = await this.get(`/v1/payments/${asked.razorpay_payment_id}`);
    return { payment: payment.id, token: payment.token_id };
  }

  // Asks a customer to sign a mandate: the order, with the path of its page.
  async askForPaper() {
    const customer = await this.post('/v1/customers', {
      name: 'Asha Verma', contact: '9820012345', email: 'asha@example.test', fail_existing: '0',
    });
    const order = await this.post('/v1/orders', {
      amount: 0, currency: 'INR', method: 'nach', customer_id: customer.id, receipt: 'REG-104',
      token: {
        auth_type: 'physical', max_amount: 2_500_000,
        bank_account: {
          account_number: '50100012345678', ifsc_code: 'HDFC0000060',
          beneficiary_name: 'Asha Verma', account_type: 'savings',
        },
        nach: { description: 'Monthly SIP' },
      },
    });
    const { upload_form_url: page, prefilled_form: form } = order.token.nach;
    return { order: order.id, path: new URL(page).pathname, form };
  }

  // The mandate whose signed form came last for an order.
  async signed({ order }) {
    const { items } = await this.get(`/v1/orders/${order}/payments`);
    const payment = items.at(-1);
    return { payment: payment.id, token: payment.token_id };
  }

  // Makes payer or network act on a mandate.
  act(mandate, action) {
    return this.post(`/v1/sandbox/mandates/${mandate.token}`, { action });
  }
}

module.exports = { Merchant };
