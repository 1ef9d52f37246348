'use strict';
// How the first person gets in, how everyone does later, and what admins see of operators.

const { equal, truth } = require('../clients/node/expect');

const EMAIL = 'meera@example.test';
const PASSWORD = 'jasmine tram umbrella';

module.exports = async ({ visitor }) => {
  const link = process.env.VASOOL_FIRST_LINK;
  truth('there is a first link', Boolean(link));
  await visitor.sees('the first link', link, async (page) => {
    equal('heading', await heading(page), 'Choose a password');
    truth('it is said that it works once', await page.getByText('works once').isVisible());
    await reaches(page, ['Your e-mail', 'Your name', 'Password']);
  });
  await visitor.stays('a password too short', link, async (page) => {
    await page.getByLabel('Your e-mail').fill(EMAIL);
    await page.getByLabel('Your name').fill('<b>Meera</b>');
    await page.getByLabel('Password').fill('short');
    await page.getByRole('button').click();
    const password = page.getByLabel('Password');
    const words = await described(page, password);
    truth('what is wrong is said beside the field', words.includes('at least 12'), words);
    equal('the password is gone', await password.inputValue(), '');
    equal('the e-mail stays', await page.getByLabel('Your e-mail').inputValue(), EMAIL);
    equal('the name stays', await page.getByLabel('Your name').inputValue(), '<b>Meera</b>');
  }, { refusal: 422 });
  // Also without scripts, as everything here.
  await visitor.stays('the first one gets in', link, async (page) => {
    await page.getByLabel('Your e-mail').fill(EMAIL);
    await page.getByLabel('Your name').fill('<b>Meera</b>');
    await page.getByLabel('Password').fill(PASSWORD);
    await page.getByRole('button').click();
    await page.waitForURL(/\/dashboard/);
    await visitor.keep(page);
  }, { javaScriptEnabled: false });
  visitor.signOut();
  await visitor.sees('the link is used', link, async (page) => {
    equal('heading', await heading(page), 'This link was used already');
    truth('what to do', await page.getByRole('link', { name: 'Sign in' }).isVisible());
  }, 410);
  await visitor.sees('no such link', '/sign-in/link/abc', async (page) => {
    equal('heading', await heading(page), 'This link leads nowhere');
  }, 404);

  await visitor.sees('sign in', '/sign-in', async (page) => {
    equal('heading', await heading(page), 'Sign in to Vasool');
    await reaches(page, ['E-mail', 'Password']);
  });
  await visitor.stays('a wrong password', '/sign-in', async (page) => {
    await page.getByLabel('E-mail').fill(EMAIL);
    await page.getByLabel('Password').fill('not the password');
    await page.keyboard.press('Enter');
    const password = page.getByLabel('Password');
    equal('what is wrong', await described(page, password), 'E-mail or password is wrong.');
    equal('the e-mail stays', await page.getByLabel('E-mail').inputValue(), EMAIL);
  }, { refusal: 401 });
  await visitor.stays('back to where one wanted to go', '/dashboard/account', async (page) => {
    await page.getByLabel('E-mail').fill(EMAIL);
    await page.getByLabel('Password').fill(PASSWORD);
    await page.keyboard.press('Enter');
    await page.waitForURL('**/dashboard/account');
    equal('the name is a text', await page.getByLabel('Name').inputValue(), '<b>Meera</b>');
    await visitor.keep(page);
  });

  await visitor.sees('one\'s account', '/dashboard/account', async (page) => {
    equal('heading', await heading(page), 'Your account');
    await reaches(page, ['Name', 'Your password of now', 'New password']);
    equal('sessions', await page.getByText('Last used').count(), 2);
  });
  await visitor.sees('operators', '/dashboard/operators', async (page) => {
    equal('heading', await heading(page), 'Operators');
    equal('markup of names', await page.locator('main b').count(), 0);
    await reaches(page, ['E-mail', 'Name', 'Role']);
  });
  await visitor.stays('an invitation', '/dashboard/operators', async (page) => {
    const form = page.getByRole('region', { name: 'Invite someone' });
    await form.getByLabel('E-mail').fill('ravi@example.test');
    await form.getByLabel('Name').fill('Ravi');
    await form.getByLabel('Role').selectOption('operate');
    await form.getByRole('button').click();
    const made = page.getByRole('status');
    const text = await made.textContent();
    truth('there is a link', /\/sign-in\/link\/[0-9a-f]{64}/.test(text), text);
    const wide = await page.evaluate(() => document.documentElement.scrollWidth);
    truth('the link is no wider than the screen', wide <= 360, wide);
  });
  await visitor.stays('the last admin stays', '/dashboard/operators', async (page) => {
    const own = page.getByRole('listitem').filter({ hasText: '(you)' });
    await own.getByText('Change', { exact: true }).click();
    await own.getByRole('button', { name: 'Disable' }).click();
    const told = await page.getByRole('alert').textContent();
    truth('why not', told.includes('last admin'), told);
  }, { refusal: 409 });
  await visitor.sees('who did what', '/dashboard/trail', async (page) => {
    equal('heading', await heading(page), 'Who did what');
    equal('rows', await page.getByRole('row').count(), 6);
  });
  await visitor.stays('signing out', '/dashboard/account', async (page) => {
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.waitForURL('**/sign-in');
  });
  await visitor.sees('the session is over', '/dashboard/account', async (page) => {
    equal('told', await page.getByRole('status').textContent(), 'Your session is over. Sign in to go on.');
  });
};

function heading(page) {
  return page.getByRole('heading', { level: 1 }).textContent();
}

// The words that a screen reader says about what is wrong with a field.
async function described(page, field) {
  await page.locator('.error').first().waitFor();
  const ids = (await field.getAttribute('aria-describedby')).split(' ');
  return page.locator(`#${ids.at(-1)}`).textContent();
}

// Each field has its label, and is large enough for a thumb.
async function reaches(page, labels) {
  for (const label of labels) {
    const field = page.getByLabel(label, { exact: true });
    equal(`fields called ${label}`, await field.count(), 1);
    const { height } = await field.boundingBox();
    truth(`${label} is large enough`, height >= 44, height);
  }
}
