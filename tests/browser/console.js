'use strict';
// The sandbox in a browser: its pages, and everything that can be done on them, by clicking.

const { equal, truth } = require('../clients/node/expect');
const { home, photograph, reached, shoot } = require('./desk');
const { tour } = require('./tour');
const world = require('./world');

module.exports = async ({ merchant, visitor }) => {
  visitor.signIn();
  const base = `${await home(visitor)}/console`;
  const places = ['', '/phone', '/bank', '/clock', '/faults'];
  await tour(visitor, places.map((place) => [`console${place}, nothing yet`, base + place]));

  merchant.picture = await photograph(visitor);
  await world.morning(merchant);
  const { flats } = await world.collects(merchant);
  const { waiting, approved, paper } = await world.mandates(merchant);
  const debits = await owed(merchant, approved);
  const phone = `${base}/phone/${waiting.token}`;
  await tour(visitor, [
    ...places.map((place) => [`console${place}`, base + place]),
    ['a phone that is asked', phone],
    ['a phone with a debit', `${base}/phone/${approved.token}`],
    ['the phone of the page', `/upi/${waiting.payment}/phone`],
  ]);
  await shoot(visitor, 'console', base, async (page) => {
    await page.getByLabel('Account number, UPI address').fill(flats[0].number);
    await page.getByLabel('UTR or RRN').fill('UTIBN26327000042');
    await press(page, 'Pay');
  });
  await shoot(visitor, 'phone', phone);

  await pays(visitor, base, flats[0].number);
  await asks(visitor, base);
  await answers(visitor, base, merchant, { waiting, approved, ...debits });
  await banks(visitor, base, merchant, paper);
  await moves(visitor, base);
  await breaks(visitor, base);
  await plays(visitor, merchant);
  await visitor.stays('starting over', `${base}/clock`, async (page) => {
    await page.getByLabel('Yes, forget everything').check();
    await done(page, page.getByRole('button', { name: 'Forget it' }));
  });
};

// A debit that waits for the network.
async function owed(merchant, mandate) {
  const order = await merchant.post('/v1/orders', { amount: 40_000, currency: 'INR' });
  const { customer_id: customer } = await merchant.get(`/v1/payments/${mandate.payment}`);
  await merchant.post('/v1/payments/create/json', {
    amount: 40_000, currency: 'INR', order_id: order.id, customer_id: customer, recurring: '1',
    token: mandate.token, contact: '9000012345', email: 'meera@example.test',
    notes: { sandbox: 'hold' },
  });
  return { order: order.id };
}

// Presses a button; it was done, and a shell could have done the same.
async function done(page, button) {
  await button.click();
  await page.waitForLoadState();
  equal('told', await page.getByRole('status').textContent(), 'Done.');
  truth('its curl', (await page.locator('#curl').textContent()).startsWith('curl -u '));
}

function press(page, name, at = page) {
  return done(page, at.getByRole('button', { name, exact: true }).first());
}

async function pays(visitor, base, number) {
  const outcome = (page) => page.getByLabel('Outcome').locator('.state').textContent();
  await visitor.stays('a payment', base, async (page) => {
    await page.getByLabel('Account number, UPI address').fill(number);
    await page.getByLabel('Amount').fill('lots');
    await page.getByLabel('UTR or RRN').fill('HDFCN26325000001');
    await page.getByRole('button', { name: 'Pay', exact: true }).click();
    const amount = page.getByLabel('Amount');
    const told = await amount.getAttribute('aria-describedby');
    truth('what is wrong', (await page.locator(`#${told}`).textContent()).includes('An amount such as'));
    equal('what was typed', await amount.inputValue(), 'lots');
    equal('all of it', await page.getByLabel('UTR or RRN').inputValue(), 'HDFCN26325000001');
    await amount.fill('2,390.00');
    await reached(page, page.getByRole('button', { name: 'Pay', exact: true }));
    await page.keyboard.press('Enter');
    await page.getByRole('status').waitFor();
    equal('outcome', await outcome(page), 'credited');
    await press(page, 'Send the same message again');
    equal('outcome', await outcome(page), 'duplicate');
    await press(page, 'Open an account');
  }, { refusal: 400 });
  await visitor.stays('a payment without scripts', base, async (page) => {
    await page.getByLabel('Account number, UPI address').fill(number);
    await page.getByRole('button', { name: 'Pay', exact: true }).click();
    await page.getByRole('link', { name: 'See the payment' }).click();
    await page.getByRole('heading', { name: 'What became of it' }).waitFor();
    truth('its amount', await page.getByText('₹2,390.00').first().isVisible());
  }, { javaScriptEnabled: false });
}

async function asks(visitor, base) {
  await visitor.stays('asking for a mandate', `${base}/phone`, async (page) => {
    await press(page, 'Let the sandbox answer');
    await press(page, 'Answer by hand');
    await press(page, 'Ask for a mandate');
    const calls = (await page.locator('#curl').textContent()).match(/^curl /gm);
    equal('calls', calls.length, 3);
  });
}

async function answers(visitor, base, merchant, { waiting, approved, order }) {
  await visitor.stays('a payer', `${base}/phone/${waiting.token}`, async (page) => {
    await page.getByText('As who').click();
    await page.getByLabel('UPI address').fill('nowhere');
    await page.getByRole('button', { name: 'Approve' }).click();
    await page.getByRole('alert').waitFor();
    equal('what was typed', await page.getByLabel('UPI address').inputValue(), 'nowhere');
    await page.getByLabel('UPI address').fill('meera@examplebank');
    for (const name of ['Approve', 'Pause', 'Resume', 'Revoke']) await press(page, name);
    truth('it is over', await page.getByText('Nothing more can be done').isVisible());
  }, { refusal: 400 });
  await visitor.stays('a debit', `${base}/phone/${approved.token}`, async (page) => {
    await press(page, 'Let it pass');
    equal('paid', (await merchant.get(`/v1/orders/${order}`)).status, 'paid');
    const { customer_id: customer } = await merchant.get(`/v1/payments/${approved.payment}`);
    await owed(merchant, approved);
    await page.getByRole('button', { name: 'Fail it' }).waitFor({ timeout: 20_000 });
    await press(page, 'Fail it');
    for (const name of ['Network says no', 'Network says yes']) {
      await merchant.call('PUT', `/v1/customers/${customer}/tokens/${approved.token}/cancel`);
      await page.getByRole('button', { name }).waitFor({ timeout: 20_000 });
      await press(page, name);
    }
  });
  for (const [name, state] of [['Decline', 'rejected'], ['Let it expire', 'rejected']]) {
    const asked = await merchant.askForMandate(200_000);
    await visitor.stays(`a payer says: ${name}`, `${base}/phone/${asked.token}`, async (page) => {
      await press(page, name);
      equal('state', await page.locator('#screen .state').textContent(), state);
    });
  }
}

async function banks(visitor, base, merchant, paper) {
  await visitor.stays('the bank', `${base}/bank`, async (page) => {
    const drawn = await page.getByRole('img', { name: 'Signed form' }).first().evaluate((picture) => {
      picture.loading = 'eager';
      return picture.decode().then(() => picture.naturalWidth);
    });
    truth('the form is shown', drawn > 0, drawn);
    await press(page, 'Accept');
    await world.signed(merchant);
    await page.goto(visitor.base + `${base}/bank`);
    await page.getByLabel('Why not, if not').first().selectOption('M003');
    await press(page, 'Reject');
    for (const name of ['Honour', 'Return']) {
      await charged(merchant, paper);
      await page.goto(visitor.base + `${base}/bank`);
      await press(page, name);
    }
    const { customer_id: customer } = await merchant.get(`/v1/payments/${paper.payment}`);
    for (const name of ['Refuse', 'Agree']) {
      await merchant.call('PUT', `/v1/customers/${customer}/tokens/${paper.token}/cancel`);
      await page.goto(visitor.base + `${base}/bank`);
      await done(page, page.getByRole('button', { name: `${name}: ${paper.token}` }));
    }
    const another = await world.signed(merchant);
    await merchant.act(another, 'approve');
    for (const name of ['Pay', 'Refuse']) {
      await refunded(merchant);
      await page.goto(visitor.base + `${base}/bank`);
      await done(page, page.getByRole('region', { name: 'Refunds to pay' })
        .getByRole('button', { name: new RegExp(`^${name}: rfnd_`) }).first());
    }
    await done(page, page.getByRole('button', { name: `Revoke: ${another.token}` }));
  });
}

// A debit of a mandate on paper.
async function charged(merchant, paper) {
  const order = await merchant.post('/v1/orders', { amount: 10_000, currency: 'INR' });
  const { customer_id: customer } = await merchant.get(`/v1/payments/${paper.payment}`);
  await merchant.post('/v1/payments/create/recurring', {
    email: 'asha@example.test', contact: '9820012345', amount: 10_000, currency: 'INR',
    order_id: order.id, customer_id: customer, token: paper.token, recurring: '1',
  });
}

// A refund that waits for its bank.
async function refunded(merchant) {
  const { items } = await merchant.get('/v1/payments?count=50');
  const paid = items.find((row) => row.method === 'bank_transfer' && row.status === 'captured');
  await merchant.post(`/v1/payments/${paid.id}/refund`, { amount: 100, notes: { sandbox: 'hold' } });
}

async function moves(visitor, base) {
  await visitor.stays('time', `${base}/clock`, async (page) => {
    await press(page, 'Let it run');
    await press(page, 'Freeze it');
    for (const name of ['1 minute', '15 minutes', '1 hour', '1 day']) await press(page, name);
    await page.getByLabel('Seconds forward').fill('3600');
    await press(page, 'Move forward');
    truth('what fired', await page.getByRole('heading', { name: 'What fired' }).isVisible());
  });
}

async function breaks(visitor, base) {
  await visitor.stays('faults', `${base}/faults`, async (page) => {
    await page.getByLabel('What goes wrong').selectOption('bank.timeout');
    await press(page, 'Arm it');
    truth('armed', await page.getByText('Bank of payouts: no answer').last().isVisible());
    await press(page, 'Disarm all');
  });
}

// The payer's side with no account on the dashboard, as a merchant's own test goes through it.
async function plays(visitor, merchant) {
  const kept = visitor.cookies;
  visitor.signOut();
  for (const [name, told] of [['Approve', 'Approved'], ['Decline', 'Not approved']]) {
    const asked = await merchant.askForMandate(200_000);
    await visitor.stays(`anybody: ${name}`, `/upi/${asked.payment}`, async (page) => {
      await page.getByRole('link', { name: 'Open in the sandbox’s phone' }).click();
      await page.getByRole('button', { name }).click();
      await page.waitForURL(`**/upi/${asked.payment}`);
      equal('told', await page.getByRole('status').textContent(), told);
    }, { javaScriptEnabled: false });
  }
  visitor.cookies = kept;
}
