'use strict';
// The dashboard of a merchant to whom nothing has happened yet: each page says what to do.

const { truth } = require('../clients/node/expect');
const { LISTS, counted, home } = require('./desk');
const { tour } = require('./tour');

const OTHERS = ['alerts', 'webhooks', 'keys', 'settings'];

module.exports = async ({ visitor }) => {
  visitor.signIn();
  const base = await home(visitor);
  await tour(visitor, [
    ['nothing yet', base, counted],
    ...LISTS.map((list) => [`no ${list}`, `${base}/${list}`, async (page) => {
      truth('what to do', await page.locator('.empty').isVisible());
    }]),
    ...OTHERS.map((name) => [name, `${base}/${name}`]),
    ['live mode', base.replace(/test$/, 'live'), async (page) => {
      truth('live is told', await page.getByText('LIVE MODE').isVisible());
    }],
  ]);
};
