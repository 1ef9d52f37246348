'use strict';
// The page that asks a payer to block an amount, through all that becomes of it.

const { equal, truth } = require('../clients/node/expect');
const { scan } = require('./qr');

// The page asks every three seconds.
const PATIENCE_MS = 20_000;

module.exports = async ({ merchant, visitor }) => {
  await merchant.set({ auto: false, billing_label: 'Ant & Bee <b>Café</b> मीरा' });
  const mandate = await merchant.askForMandate(1_234_500);
  const path = `/upi/${mandate.payment}`;
  const { link } = await merchant.get(`/v1/sandbox/mandates/${mandate.token}`);

  await visitor.sees('asking', path, async (page, view) => {
    const heading = await page.getByRole('heading').textContent();
    equal('heading', heading, 'Ant & Bee <b>Café</b> मीरा asks to block');
    truth('the amount is shown', await page.getByText('₹12,345.00').first().isVisible());
    truth('test mode is told', await page.getByText('Test mode: no money moves.').isVisible());
    const code = page.getByRole('img', { name: 'QR code to approve in a UPI app' });
    const box = await code.boundingBox();
    truth('the code is large enough', box.width >= 240 && box.height >= 240, box);
    truth('the code fits', box.x >= 0 && box.x + box.width <= view.viewport.width, box);
    equal('what the code says', await scan(page, code), link);
    const button = page.getByRole('link', { name: 'Open a UPI app' });
    equal('what the button opens', await button.getAttribute('href'), link);
    const { height } = await button.boundingBox();
    truth('the button is large enough for a thumb', height >= 44, height);
    const phone = page.getByRole('link', { name: 'Open in the sandbox’s phone' });
    for (const next of [phone, button]) {
      await page.keyboard.press('Tab');
      truth('the keyboard reaches the button', await focused(next));
    }
  });

  const refused = await merchant.askForMandate(200_000);
  await follows(visitor, merchant, mandate, 'approve', 'Approved');
  await follows(visitor, merchant, refused, 'reject', 'Not approved');
  await visitor.sees('approved', path, shows('Approved'));
  await visitor.sees('refused', `/upi/${refused.payment}`, shows('Not approved'));
  await merchant.act(mandate, 'revoke');
  await visitor.sees('over', path, shows('This block is over'));
  // The same without scripts.
  const plain = await merchant.askForMandate(200_000);
  await follows(visitor, merchant, plain, 'approve', 'Approved', { javaScriptEnabled: false });
};

// Nothing asks the payer any more.
function shows(status) {
  return async (page) => {
    equal('status', await page.getByRole('status').textContent(), status);
    equal('codes', await page.getByRole('img').count(), 0);
    equal('links', await page.getByRole('link').count(), 0);
  };
}

// The page shows what happened without anybody loading it again.
function follows(visitor, merchant, mandate, action, status, options) {
  const how = options ? ' without scripts' : '';
  return visitor.stays(`follows ${action}${how}`, `/upi/${mandate.payment}`, async (page) => {
    const button = page.getByRole('link', { name: 'Open a UPI app' });
    await button.focus();
    await page.waitForResponse(page.url(), { timeout: PATIENCE_MS });
    await button.waitFor();
    // Whoever is in the middle of the page stays there.
    if (!options) truth('the button has the focus', await focused(button));
    await merchant.act(mandate, action);
    const told = page.getByRole('status');
    await told.waitFor({ timeout: PATIENCE_MS });
    equal('status', await told.textContent(), status);
  }, options);
}

function focused(locator) {
  return locator.evaluate((element) => element === document.activeElement);
}
