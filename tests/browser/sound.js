'use strict';
// What holds for every page.

const { AxeBuilder } = require('@axe-core/playwright');
const { equal, truth } = require('../clients/node/expect');

const BAD = ['serious', 'critical'];

// A name, nothing beside the screen, and nothing that shuts people out.
async function sound(page) {
  truth('the page has a title', (await page.title()) !== '');
  const [wide, screen] = await page.evaluate(() => {
    const { scrollWidth, clientWidth } = document.documentElement;
    return [scrollWidth, clientWidth];
  });
  truth('the page is no wider than the screen', wide <= screen, [wide, screen]);
  // The quick mode leaves out frames, which no page may have.
  equal('frames', page.frames().length, 1);
  await check(new AxeBuilder({ page }));
}

// Colours alone.
async function contrasts(page) {
  await check(new AxeBuilder({ page }).withRules(['color-contrast']));
}

async function check(axe) {
  const { passes, violations, incomplete } = await axe.setLegacyMode(true).analyze();
  const bad = violations.filter((finding) => BAD.includes(finding.impact));
  equal('findings of axe', bad.map(words), []);
  // A contrast that could not be measured is not known to be enough.
  // Words of a drawing it never measures; ours have the colours of other soft words on a card.
  const isWord = (node) => !node.html.startsWith('<text ');
  const unsure = incomplete.filter((finding) => finding.id === 'color-contrast')
    .map((finding) => ({ ...finding, nodes: finding.nodes.filter(isWord) }))
    .filter((finding) => finding.nodes.length > 0);
  equal('contrasts that could not be measured', unsure.map(words), []);
  truth('contrasts were measured', passes.some((rule) => rule.id === 'color-contrast'));
}

function words(finding) {
  const where = finding.nodes.map((node) => `${node.target}: ${node.failureSummary}`);
  return `${finding.id} at ${where.join('; ')}`;
}

module.exports = { contrasts, sound };
