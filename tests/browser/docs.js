'use strict';
// The documentation, as a developer reads it.

const { equal, truth } = require('../clients/node/expect');

// Of each kind some: all are made by the same templates, and it/docs_pages.rs opens every page.
const GUIDES = ['smart-collect', 'sandbox', 'operations'];
const GROUPS = ['customers', 'smart-collect', 'operating'];

module.exports = async ({ visitor }) => {
  await visitor.sees('the start', '/docs', async (page) => {
    equal('title', await page.getByRole('heading', { level: 1 }).textContent(), 'Vasool');
    truth('guides', await page.locator('a.tile').count() > 10, 'too few');
  });
  for (const guide of GUIDES) {
    await visitor.sees(`the guide ${guide}`, `/docs/guides/${guide}`, async (page, view) => {
      const here = page.locator('nav [aria-current=page]');
      equal('place', await here.getAttribute('href'), `/docs/guides/${guide}`);
      if (guide === 'smart-collect') await sideBySide(page, view);
    });
  }
  for (const group of GROUPS) {
    await visitor.sees(`the calls ${group}`, `/docs/${group}`, async (page) => {
      const calls = await page.locator('section.card').count();
      equal('calls', await page.locator('ul.calls a').count(), calls);
      const first = page.locator('details').first();
      if (await first.count()) {
        await first.locator('summary').click();
        truth('an answer', await first.locator('pre').isVisible(), 'is not shown');
      }
    });
  }
  await visitor.sees('the errors', '/docs/errors', async (page) => {
    truth('tables', await page.locator('table').count() === 5, 'are missing');
  });
  await visitor.sees('no such page', '/docs/nothing', async () => {}, 404);
};

// Languages stand beside each other where there is room, else below each other.
async function sideBySide(page, view) {
  const samples = page.locator('.samples').nth(1).locator('.sample');
  equal('languages', await samples.locator('figcaption').allTextContents(),
    ['curl', 'Python', 'Node']);
  const [first, second] = await Promise.all([0, 1].map((at) => samples.nth(at).boundingBox()));
  const isPhone = view.name.startsWith('phone');
  equal('below each other', second.y > first.y + 10, isPhone);
}
