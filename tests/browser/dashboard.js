'use strict';
// The dashboard, empty and filled, and as it follows what happens.

const { equal, truth } = require('../clients/node/expect');
const { shoot, home, photograph, reached } = require('./desk');
const { tour } = require('./tour');
const world = require('./world');

const PATIENCE_MS = 20_000;
const LISTS = ['payments', 'virtual_accounts', 'qr_codes', 'refunds', 'orders', 'customers',
  'mandates', 'links', 'batches', 'events', 'deliveries', 'messages', 'alerts'];
const OTHERS = ['webhooks', 'keys', 'settings'];
// Lists whose rows have pages.
const ENTITIES = ['payments', 'virtual_accounts', 'qr_codes', 'refunds', 'orders', 'customers',
  'mandates', 'links', 'batches', 'events'];

module.exports = async ({ merchant, visitor }) => {
  visitor.signIn();
  const base = await home(visitor);
  const open = (list) => `${base}/${list}`;
  await tour(visitor, [
    ['nothing yet', base, counted],
    ...LISTS.map((list) => [`no ${list}`, open(list)]),
    ...OTHERS.map((page) => [page, open(page)]),
    ['live mode', base.replace(/test$/, 'live'), async (page) => {
      truth('live is told', await page.getByText('LIVE MODE').isVisible());
    }],
  ]);

  merchant.picture = await photograph(visitor);
  await world.morning(merchant);
  await merchant.post('/v1/webhooks', {
    url: `${visitor.base}/healthz`, secret: 'whsec_test', events: ['payment.captured', 'refund.created'],
  });
  const { flats, paid } = await world.collects(merchant);
  await world.mandates(merchant);
  const entities = [];
  for (const list of ENTITIES) {
    entities.push([`one of ${list}`, await visitor.first(open(list), open(list))]);
  }
  await tour(visitor, [
    ['overview', base, counted],
    ...LISTS.filter((list) => list !== 'alerts').map((list) => [list, open(list), filled]),
    ...entities,
    ['mandates on paper', `${open('mandates')}?method=nach`, filled],
    ['a webhook', open('webhooks')],
    ['a filter that finds nothing', `${open('orders')}?receipt=nothing`],
    ['a search that finds nothing', `${base}/search?q=%3Cb%3Enothing`],
  ]);
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
};

// Figures are counted beside the page, which asks for them again. They were counted when it stands.
async function counted(page) {
  truth('the books', await page.getByRole('heading', { name: 'Books' }).isVisible());
}

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
