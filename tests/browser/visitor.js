'use strict';
// A person with a browser, who looks at a page on a phone and on a desk, by
// day and by night, and takes offence at what nobody should meet on any page.

const { Surprise, equal, truth } = require('../clients/node/expect');
const { sound } = require('./sound');

const PHONE = { viewport: { width: 360, height: 740 }, isMobile: true, hasTouch: true };
const DESK = { viewport: { width: 1280, height: 800 } };
const VIEWS = [
  { name: 'phone, light', ...PHONE, colorScheme: 'light' },
  { name: 'phone, dark', ...PHONE, colorScheme: 'dark' },
  { name: 'desk, light', ...DESK, colorScheme: 'light' },
  { name: 'desk, dark', ...DESK, colorScheme: 'dark' },
];

class Visitor {
  // `session`: the cookie of an admin, `name=value`.
  constructor(browser, base, log, session = '') {
    Object.assign(this, { browser, base, log, session, cookies: [] });
  }

  // From here on pages are opened by an admin who is signed in.
  signIn() {
    truth('there is a session', this.session !== '');
    const [name, value] = this.session.split('=');
    this.cookies = [{ name, value, url: this.base, httpOnly: true, sameSite: 'Lax' }];
  }

  // From here on pages are opened by who is signed in on this one.
  async keep(page) {
    this.cookies = await page.context().cookies();
  }

  // And from here on by nobody.
  signOut() {
    this.cookies = [];
  }

  // Opens a page in every view, checks what holds for all pages, and lets
  // `look(page, view)` check what is its own. The page stands still meanwhile:
  // if it loads itself again, nothing new comes.
  async sees(what, path, look = async () => {}, status = 200) {
    for (const view of VIEWS) {
      await this.visit(`${what} (${view.name})`, path, status, view, async (page) => {
        await page.route('**', (route) => route.fulfill({ status: 204 }));
        await sound(page);
        await look(page, view);
      });
    }
  }

  // Opens a page on a phone and stays while `stay(page)` goes on. `options`: of the browser's
  // context, and `refusal`, a status that what is sent from the page may be answered with.
  async stays(what, path, stay, options = {}) {
    await this.visit(what, path, 200, { ...VIEWS[0], ...options }, stay);
  }

  // A page as it is sent, without a browser.
  async fetch(path) {
    const cookie = this.cookies.map(({ name, value }) => `${name}=${value}`).join('; ');
    return fetch(this.base + path, { headers: { cookie }, redirect: 'manual' });
  }

  // Where a page leads instead.
  async where(path) {
    return (await this.fetch(path)).headers.get('location') ?? '';
  }

  // The first link on a page to something below a place.
  async first(path, below) {
    const html = await (await this.fetch(path)).text();
    const found = html.match(new RegExp(`href="(${below}/[A-Za-z0-9_]+)"`));
    truth(`${path} links to ${below}`, found !== null, html.length);
    return found[1];
  }

  async visit(what, path, status, view, then) {
    const { name, refusal, ...options } = view;
    const context = await this.browser.newContext(options);
    const offences = this.watch(context, refusal ?? status);
    try {
      await context.addCookies(this.cookies);
      const page = await context.newPage();
      const answer = await page.goto(this.base + path);
      equal('status', answer.status(), status);
      await then(page);
      equal('what the browser complains about', offences, []);
    } catch (error) {
      throw new Surprise(`${what}: ${error.message}`, { cause: error });
    } finally {
      await context.close();
    }
    this.log.step(what);
  }

  // Collects complaints of the browser, and requests that leave this server.
  watch(context, status) {
    const offences = [];
    context.on('console', (message) => {
      // The browser says so itself where something was meant to be refused.
      const expected = status >= 400 && message.text().includes(`status of ${status}`);
      const type = message.type();
      if ((type === 'error' || type === 'warning') && !expected) {
        offences.push(`${type}: ${message.text()}`);
      }
    });
    context.on('weberror', (fault) => offences.push(`exception: ${fault.error().message}`));
    context.on('request', (request) => {
      const { protocol, origin } = new URL(request.url());
      if (protocol !== 'data:' && origin !== this.base) {
        offences.push(`request to ${request.url()}`);
      }
    });
    return offences;
  }
}

module.exports = { Visitor };
