'use strict';
// The page that takes a signed form, through all that becomes of it.

const { equal, truth } = require('../clients/node/expect');

module.exports = async ({ merchant, visitor }) => {
  await merchant.set({ auto: false, billing_label: 'Ant & Bee <b>Café</b> मीरा' });
  const paper = await merchant.askForPaper();

  await visitor.sees('asking for a form', paper.path, async (page, view) => {
    const heading = await page.getByRole('heading').textContent();
    equal('heading', heading, 'Ant & Bee <b>Café</b> मीरा asks for a bank mandate');
    truth('test mode is told', await page.getByText('Test mode: no bank is asked.').isVisible());
    truth('the amount is shown', await page.getByText('₹25,000.00').isVisible());
    truth('the account is hidden', !(await page.content()).includes('50100012345678'));
    const download = page.getByRole('link', { name: 'Download NACH Form' });
    equal('where the form is', await download.getAttribute('href'), paper.form);
    const { field, button } = parts(page);
    for (const control of [download, field, button]) {
      const box = await control.boundingBox();
      truth('large enough for a thumb', box.height >= 44, box);
      truth('on the screen', box.x >= 0 && box.x + box.width <= view.viewport.width, box);
    }
    await field.focus();
    await page.keyboard.press('Tab');
    truth('the keyboard reaches the button', await focused(button));
  });

  await signs(visitor, merchant, paper);
  // The same without scripts.
  const plain = await merchant.askForPaper();
  await signs(visitor, merchant, plain, { javaScriptEnabled: false });

  const refused = await merchant.askForPaper();
  await visitor.stays('sends a form', refused.path, async (page) => {
    await send(page, await photograph(page));
    await page.getByRole('status').waitFor();
  });
  await visitor.sees('with the bank', refused.path, async (page) => {
    await shows(page, 'Your form is with the bank');
    truth('the form is there', await page.getByRole('link').isVisible());
  });
  await merchant.act(await merchant.signed(refused), 'reject');
  await visitor.sees('refused by the bank', refused.path, async (page) => {
    const told = await page.getByRole('status').textContent();
    equal('status', told, 'The bank did not accept the form');
    truth('another can be sent', await parts(page).button.isVisible());
  });
  await visitor.sees('registered', paper.path, async (page) => {
    await shows(page, 'Your mandate is registered');
    equal('links', await page.getByRole('link').count(), 0);
  });
};

// Sends what is no picture, is told so at the field, sends a photograph, and looks again after the
// bank has accepted it.
function signs(visitor, merchant, paper, options) {
  const how = options ? ' without scripts' : '';
  const stay = async (page) => {
    await send(page, { name: 'form.pdf', mimeType: 'image/png', buffer: Buffer.from('%PDF-1.7') });
    const problem = page.getByRole('alert');
    await problem.waitFor();
    const told = await problem.textContent();
    truth('what to send is told', told.includes('JPEG or PNG'), told);
    const { field } = parts(page);
    equal('what describes the field', await field.getAttribute('aria-describedby'), 'problem');
    const [above, below] = [await problem.boundingBox(), await field.boundingBox()];
    const gap = below.y - above.y - above.height;
    truth('the error is beside the field', gap >= 0 && gap < 24, gap);
    const { scrollY: from, innerHeight: height } = await page.evaluate(() => {
      const { scrollY, innerHeight } = window;
      return { scrollY, innerHeight };
    });
    truth('it is on the screen', above.y >= 0 && above.y < height, [above.y, from, height]);
    await send(page, await photograph(page));
    const status = page.getByRole('status');
    await status.waitFor();
    equal('status', await status.textContent(), 'Your form is with the bank');
    equal('errors', await page.getByRole('alert').count(), 0);
    await merchant.act(await merchant.signed(paper), 'approve');
    await page.goto(page.url());
    await shows(page, 'Your mandate is registered');
  };
  return visitor.stays(`signs a form${how}`, paper.path, stay, { ...options, refusal: 400 });
}

function parts(page) {
  return {
    field: page.getByLabel('Picture of the signed form'),
    button: page.getByRole('button', { name: 'Upload NACH Form' }),
  };
}

async function send(page, file) {
  const { field, button } = parts(page);
  await field.setInputFiles(file);
  await button.click();
}

// Any picture does in test mode; there is one at hand.
async function photograph(page) {
  const buffer = await page.screenshot({ type: 'jpeg' });
  return { name: 'IMG_0417.JPG', mimeType: 'image/jpeg', buffer };
}

// Nothing can be sent any more.
async function shows(page, status) {
  equal('status', await page.getByRole('status').textContent(), status);
  equal('buttons', await page.getByRole('button').count(), 0);
}

function focused(locator) {
  return locator.evaluate((element) => element === document.activeElement);
}
