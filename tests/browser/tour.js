'use strict';
// Many pages in a row, on a phone and on a desk, by day and by night.

const fs = require('node:fs');
const path = require('node:path');
const { Surprise, equal, truth } = require('../clients/node/expect');
const { contrasts, sound } = require('./sound');

// Nothing moves, so that nothing is measured on its way.
const DEVICES = [
  { name: 'phone', viewport: { width: 360, height: 740 }, isMobile: true, hasTouch: true },
  { name: 'desk', viewport: { width: 1280, height: 800 } },
].map((device) => ({ ...device, reducedMotion: 'reduce', colorScheme: 'light' }));
// What a page may weigh: itself, its styles and its scripts, as sent without compression.
const BYTES_MAX = 100_000;

// Opens pages, each `[what, path, look]`, and checks what holds for all of them. By night only
// colours differ, so only they are looked at again. `PICTURES=dir` keeps a picture of each page.
async function tour(visitor, pages) {
  for (const { name, ...device } of DEVICES) {
    const context = await visitor.browser.newContext(device);
    const offences = visitor.watch(context, 200);
    await context.addCookies(visitor.cookies);
    const page = await context.newPage();
    for (const [what, place, look] of pages) {
      const where = `${what} (${name})`;
      try {
        const answer = await page.goto(visitor.base + place);
        equal('status', answer.status(), 200);
        await light(page);
        // It stands still meanwhile: if it asks for itself again, nothing new comes.
        await page.route('**', (route) => route.fulfill({ status: 204 }));
        await sound(page);
        await picture(page, where);
        if (look) await look(page);
        await page.emulateMedia({ colorScheme: 'dark' });
        await contrasts(page);
        await picture(page, `${where}, dark`);
        await page.emulateMedia({ colorScheme: 'light' });
        await page.unroute('**');
        equal('what the browser complains about', offences, []);
      } catch (error) {
        throw new Surprise(`${where}: ${error.message}`, { cause: error });
      }
      visitor.log.step(where);
    }
    await context.close();
  }
}

async function light(page) {
  const sizes = await page.evaluate(() => [
    ...performance.getEntriesByType('navigation'),
    ...performance.getEntriesByType('resource').filter(({ name }) => /\.(css|js)$/.test(name)),
  ].map(({ name, decodedBodySize }) => [name, decodedBodySize]));
  const bytes = sizes.reduce((sum, [, size]) => sum + size, 0);
  truth('styles and scripts were weighed', sizes.length > 1, sizes);
  truth('the page is light', bytes > 0 && bytes < BYTES_MAX, sizes);
}

async function picture(page, name) {
  const folder = process.env.PICTURES;
  if (!folder) return;
  fs.mkdirSync(folder, { recursive: true });
  const file = `${name.replace(/[^a-z0-9]+/gi, '-')}.png`;
  await page.screenshot({ path: path.join(folder, file), fullPage: true });
}

module.exports = { tour };
