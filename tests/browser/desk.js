'use strict';
// What scenarios of the dashboard share.

const fs = require('node:fs');
const path = require('node:path');
const { Surprise, truth } = require('../clients/node/expect');

const TABS_MAX = 120;
// Lists that a merchant with something of everything fills.
const LISTS = ['payments', 'virtual_accounts', 'qr_codes', 'refunds', 'orders', 'customers',
  'mandates', 'links', 'batches', 'events', 'deliveries', 'messages'];

// The first page of the only merchant.
async function home(visitor) {
  const place = await visitor.where('/dashboard');
  truth('one merchant', /^\/dashboard\/acc_\w+\/test$/.test(place), place);
  return place;
}

// Any picture does as a signed form in test mode; there is one at hand.
async function photograph(visitor) {
  const page = await visitor.browser.newPage();
  await page.setContent('<h1>NACH MANDATE</h1><p>Asha Verma</p>');
  const picture = await page.screenshot({ type: 'jpeg' });
  await page.close();
  return picture;
}

// The overview is there. Its figures are counted beside it; the page asks for them again.
async function counted(page) {
  truth('the books', await page.getByRole('heading', { name: 'Books' }).isVisible());
}

// The keyboard alone gets there.
async function reached(page, target) {
  for (let tabs = 0; tabs < TABS_MAX; tabs += 1) {
    if (await target.evaluate((element) => element === document.activeElement)) return;
    await page.keyboard.press('Tab');
  }
  throw new Surprise(`the keyboard does not reach ${target}`);
}

// A picture for the README, if somebody wants them.
async function shoot(visitor, name, place, look = async () => {}) {
  const folder = process.env.SCREENSHOTS;
  if (!folder) return;
  fs.mkdirSync(folder, { recursive: true });
  const options = { viewport: { width: 1280, height: 800 }, colorScheme: 'light' };
  await visitor.stays(`a picture: ${name}`, place, async (page) => {
    await look(page);
    // Without the room for a bar to scroll by, which is not drawn here.
    const width = await page.evaluate(() => document.body.getBoundingClientRect().width);
    const clip = { x: 0, y: 0, width, height: options.viewport.height };
    await page.screenshot({ path: path.join(folder, `${name}.png`), clip });
  }, { ...options, isMobile: false, hasTouch: false });
}

module.exports = { LISTS, counted, home, photograph, reached, shoot };
