'use strict';
// What a scenario may be surprised by.

const { isDeepStrictEqual } = require('node:util');

class Surprise extends Error {
  name = 'Surprise';
}

const show = (value) => JSON.stringify(value);

function equal(what, got, want) {
  if (!isDeepStrictEqual(got, want)) {
    throw new Surprise(`${what}: got ${show(got)}, want ${show(want)}`);
  }
}

function truth(what, holds, got) {
  if (!holds) throw new Surprise(`${what}: got ${show(got)}`);
}

// Checks some fields of an entity.
function has(what, entity, wanted) {
  truth(`${what} is an object`, entity !== null && typeof entity === 'object', entity);
  for (const [key, want] of Object.entries(wanted)) {
    truth(`${what} has ${key}`, Object.hasOwn(entity, key), Object.keys(entity));
    equal(`${what}.${key}`, entity[key], want);
  }
}

// Checks that an entity has exactly these fields.
function keys(what, entity, names) {
  truth(`${what} is an object`, entity !== null && typeof entity === 'object', entity);
  equal(`fields of ${what}`, Object.keys(entity).sort(), names.split(' ').sort());
}

function identifier(what, value, prefix) {
  truth(
    `${what} is ${prefix} and 14 letters or digits`,
    typeof value === 'string' && value.startsWith(prefix) &&
      /^[A-Za-z0-9]{14}$/.test(value.slice(prefix.length)),
    value,
  );
}

// Checks the shape of a list; returns the item with the id.
function collection(what, answer, id) {
  keys(what, answer, 'entity count items');
  equal(`${what}.entity`, answer.entity, 'collection');
  equal(`${what}.count`, answer.count, answer.items.length);
  const found = answer.items.filter((item) => item.id === id);
  equal(`${what}: items with id ${id}`, found.length, 1);
  return found[0];
}

// Checks that a call is refused in the shape the SDK promises:
// { statusCode, error: { code, description, ... } }.
async function refused(what, statusCode, wanted, call) {
  let answer;
  try {
    answer = await call();
  } catch (refusal) {
    if (refusal instanceof Error) throw refusal;
    keys(`refusal of ${what}`, refusal, 'statusCode error');
    equal(`status of ${what}`, refusal.statusCode, statusCode);
    const error = { ...refusal.error };
    error.description = String(error.description).replace(/\.$/, '');
    has(`error of ${what}`, error, { code: 'BAD_REQUEST_ERROR', ...wanted });
    truth(`no internal_error_code in ${what}`, !('internal_error_code' in error), error);
    return error;
  }
  throw new Surprise(`${what}: want a refusal, got ${show(answer)}`);
}

module.exports = { Surprise, equal, truth, has, keys, identifier, collection, refused };
