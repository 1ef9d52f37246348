'use strict';
// Drives Vasool with the unmodified Node SDK, as a merchant's program would.
//
//   VASOOL_URL=... VASOOL_KEY_ID=... VASOOL_KEY_SECRET=... node drive.js SCENARIO
//
// Prints one line of JSON per step that went as the contract says. The first
// surprise is printed with "ok": false and ends the program with status 1.

// A proxy of the environment has no business between us and this machine.
process.env.NO_PROXY = process.env.no_proxy = '127.0.0.1,localhost';

const Razorpay = require('razorpay');

const SCENARIOS = ['first_rupee', 'reserve_pay'];

function client(keyId, keySecret) {
  const razorpay = new Razorpay({ key_id: keyId, key_secret: keySecret });
  razorpay.api.rq.defaults.baseURL = process.env.VASOOL_URL.replace(/\/$/, '');
  return razorpay;
}

class Log {
  steps = 0;

  step(name, facts = {}) {
    this.steps += 1;
    this.line({ step: name, ok: true, ...facts });
  }

  line(fields) {
    process.stdout.write(`${JSON.stringify(fields)}\n`);
  }
}

// The SDK rejects with plain objects, or with words.
function words(error) {
  if (error instanceof Error) return `${error.name}: ${error.message}`;
  return typeof error === 'string' ? error : JSON.stringify(error);
}

async function main() {
  const [scenario, ...rest] = process.argv.slice(2);
  if (!SCENARIOS.includes(scenario) || rest.length > 0) {
    console.error(`usage: drive.js ${SCENARIOS.join('|')}`);
    return 2;
  }
  const missing = ['VASOOL_URL', 'VASOOL_KEY_ID', 'VASOOL_KEY_SECRET']
    .filter((name) => !process.env[name]);
  if (missing.length > 0) {
    console.error(`drive.js: ${missing.join(', ')} not set`);
    return 2;
  }

  const log = new Log();
  try {
    const keyId = process.env.VASOOL_KEY_ID;
    await require(`./${scenario}`)({
      razorpay: client(keyId, process.env.VASOOL_KEY_SECRET),
      stranger: client(keyId, 'wrong'),
      log,
    });
  } catch (error) {
    if (error instanceof Error) console.error(error.stack);
    log.line({ scenario, ok: false, after_steps: log.steps, error: words(error) });
    return 1;
  }
  log.line({ scenario, ok: true, steps: log.steps });
  return 0;
}

// Not process.exit: what was printed must leave first.
main().then((status) => { process.exitCode = status; });
