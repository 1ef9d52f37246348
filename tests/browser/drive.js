'use strict';
// Opens Vasool's pages in Chromium, as a person would.
//
//   VASOOL_URL=... VASOOL_KEY_ID=... VASOOL_KEY_SECRET=... CHROMIUM=... node drive.js SCENARIO
//
// VASOOL_SESSION is the cookie of an admin, for pages that want one; VASOOL_FIRST_LINK the link
// that a first start prints. SCREENSHOTS is a folder for the pictures of the README,
// PICTURES one for pictures of every page, to look at.
//
// Prints one line of JSON per step that went as it should. The first surprise
// is printed with "ok": false and ends the program with status 1.

const { chromium } = require('playwright-core');
const { Merchant } = require('./merchant');
const { Visitor } = require('./visitor');

const SCENARIOS = ['mandate', 'paper', 'gone', 'sign_in', 'docs', 'empty', 'dashboard', 'console'];
const NEEDED = ['VASOOL_URL', 'VASOOL_KEY_ID', 'VASOOL_KEY_SECRET', 'CHROMIUM'];

class Log {
  steps = 0;

  step(name) {
    this.steps += 1;
    this.line({ step: name, ok: true });
  }

  line(fields) {
    process.stdout.write(`${JSON.stringify(fields)}\n`);
  }
}

async function main() {
  const [scenario, ...rest] = process.argv.slice(2);
  if (!SCENARIOS.includes(scenario) || rest.length > 0) {
    console.error(`usage: drive.js ${SCENARIOS.join('|')}`);
    return 2;
  }
  const missing = NEEDED.filter((name) => !process.env[name]);
  if (missing.length > 0) {
    console.error(`drive.js: ${missing.join(', ')} not set`);
    return 2;
  }

  const base = process.env.VASOOL_URL.replace(/\/$/, '');
  const log = new Log();
  // A proxy of the environment has no business between us and this machine.
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM,
    args: ['--no-proxy-server'],
  });
  try {
    const merchant = new Merchant(base, process.env.VASOOL_KEY_ID, process.env.VASOOL_KEY_SECRET);
    const visitor = new Visitor(browser, base, log, process.env.VASOOL_SESSION);
    await require(`./${scenario}`)({ merchant, visitor, log });
  } catch (error) {
    console.error(error.stack);
    const words = `${error.name}: ${error.message}`;
    log.line({ scenario, ok: false, after_steps: log.steps, error: words });
    return 1;
  } finally {
    await browser.close();
  }
  log.line({ scenario, ok: true, steps: log.steps });
  return 0;
}

// Not process.exit: what was printed must leave first.
main().then((status) => { process.exitCode = status; });
