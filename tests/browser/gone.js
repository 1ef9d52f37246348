'use strict';
// What people see where there is nothing.

const { equal } = require('../clients/node/expect');

module.exports = async ({ visitor }) => {
  const look = async (page) => {
    equal('heading', await page.getByRole('heading').textContent(), 'There is nothing here');
  };
  await visitor.sees('no such mandate', '/upi/pay_AAAAAAAAAAAAAA', look, 404);
  await visitor.sees('no id', '/upi/%3Cscript%3E', look, 404);
  await visitor.sees('no such short link', '/i/Nobody01', look, 404);
};
