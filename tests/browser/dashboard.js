'use strict';
// The dashboard with something of everything, and as it follows what happens.

const { equal, truth } = require('../clients/node/expect');
const { LISTS, counted, home, photograph, reached, shoot } = require('./desk');
const { tour } = require('./tour');
const world = require('./world');

const PATIENCE_MS = 20_000;
// Lists whose rows have pages.
const ENTITIES = ['payments', 'virtual_accounts', 'qr_codes', 'refunds', 'orders', 'customers',
  'mandates', 'links', 'batches', 'events'];

module.exports = async ({ merchant, visitor }) => {
  visitor.signIn();
  const base = await home(visitor);
  const open = (list) => `${base}/${list}`;
  merchant.picture = await photograph(visitor);
  await world.morning(merchant);
  const stop = await world.listens(merchant);
  const { flats, paid } = await world.collects(merchant);
  await world.mandates(merchant);
  const entities = [];
  for (const list of ENTITIES) {
    entities.push([`one of ${list}`, await visitor.first(open(list), open(list))]);
  }
  await tour(visitor, [
    ['overview', base, counted],
    ...LISTS.map((list) => [list, open(list), filled]),
    ...entities,
    ['mandates on paper', `${open('mandates')}?method=nach`, filled],
    ['a webhook', open('webhooks')],
    ['a filter that finds nothing', `${open('orders')}?receipt=nothing`],
    ['a search that finds nothing', `${base}/search?q=%3Cb%3Enothing`],
  ]);
  await visitor.stays('an audit', base, async (page) => {
    await reached(page, page.getByRole('button', { name: 'Check the books now' }));
    await page.keyboard.press('Enter');
    await page.getByText('Clean', { exact: true }).waitFor({ timeout: PATIENCE_MS });
  });
  await shoot(visitor, 'overview', base, counted);
  await shoot(visitor, 'payment', `${open('payments')}/${paid[0]}`);

  await visitor.stays('a search', base, async (page) => {
    await page.getByRole('searchbox').fill(paid[1]);
    await page.keyboard.press('Enter');
    await page.waitForURL(`**/payments/${paid[1]}`);
  });
  await visitor.stays('a refund', `${open('payments')}/${paid[2]}`, async (page) => {
    await reached(page, page.getByRole('button', { name: 'Refund', exact: true }));
    await page.getByLabel('Amount').fill('1,00,000.00');
    await page.keyboard.press('Enter');
    await page.getByRole('status').waitFor();
    truth('its curl', (await page.locator('#curl').textContent()).includes('"amount":10000000'));
  });
  await follows(merchant, visitor, base, flats[0].number);

  await merchant.post('/v1/sandbox/merchants', { name: 'Green Gram <b>Stores</b>' });
  await tour(visitor, [['merchants', '/dashboard', async (page) => {
    equal('markup of names', await page.locator('main b').count(), 0);
  }]]);
  stop();
};

async function filled(page) {
  truth('there are rows', await page.locator('tbody tr').count() > 0);
}

// A payment appears where people look, and nobody loses their place.
async function follows(merchant, visitor, base, number) {
  const pays = (amount) => merchant.post('/v1/sandbox/bank_transfers', { account_number: number, amount });
  await visitor.stays('a list follows', `${base}/payments`, async (page) => {
    const place = page.getByRole('searchbox');
    await place.fill('half a wor');
    await pays(777_700);
    await page.getByText('₹7,777.00').first().waitFor({ timeout: PATIENCE_MS });
    truth('the place stays', await place.evaluate((field) => field === document.activeElement));
    equal('what was typed', await place.inputValue(), 'half a wor');
  });
  await visitor.stays('the overview follows', base, async (page) => {
    const payments = page.locator('a.tile').first();
    await payments.getByText(/^[1-9]\d* payments$/).waitFor({ timeout: PATIENCE_MS });
    const before = await payments.textContent();
    await pays(100_000);
    await page.waitForFunction((before) => document.querySelector('a.tile').textContent !== before,
      before, { timeout: PATIENCE_MS });
  });
}
