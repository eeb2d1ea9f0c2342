// Shapes that people write in several ways: sorts, index keys, updates.

import { invalid } from './errors.js';

function direction(value = 1) {
  const text = String(value).toLowerCase();
  if (typeof value === 'object' && value !== null && '$meta' in value) return value;
  if (['ascending', 'asc', '1'].includes(text)) return 1;
  if (['descending', 'desc', '-1'].includes(text)) return -1;
  throw invalid(`Invalid sort direction: ${JSON.stringify(value)}`);
}

/** A sort as an ordered Map; `undefined` for none. */
export function formatSort(sort, order) {
  if (sort === undefined || sort === null) return undefined;
  const map = new Map();
  if (typeof sort === 'string') return map.set(sort, direction(order));
  if (typeof sort !== 'object') {
    throw invalid(`Invalid sort format: ${JSON.stringify(sort)} Sort must be a valid object`);
  }
  if (Array.isArray(sort)) {
    if (sort.length === 0) return undefined;
    const pair = sort.length === 2 && typeof sort[0] === 'string' && !Array.isArray(sort[1])
      && ['1', '-1', 'asc', 'desc', 'ascending', 'descending'].includes(String(sort[1]).toLowerCase());
    if (pair) return map.set(sort[0], direction(sort[1]));
    for (const item of sort) {
      if (Array.isArray(item)) map.set(String(item[0]), direction(item[1]));
      else if (typeof item === 'object' && item !== null) for (const key of Object.keys(item)) map.set(key, direction(item[key]));
      else map.set(String(item), 1);
    }
    return map;
  }
  const entries = sort instanceof Map ? [...sort] : Object.entries(sort);
  if (entries.length === 0) return undefined;
  for (const [key, value] of entries) map.set(String(key), direction(value));
  return map;
}

/** Index keys as an ordered Map. */
export function indexKeys(spec) {
  const map = new Map();
  const add = item => {
    if (typeof item === 'string') map.set(item, 1);
    else if (Array.isArray(item)) {
      if (item.length === 2 && typeof item[0] === 'string' && isDirection(item[1])) map.set(item[0], item[1]);
      else item.forEach(add);
    } else if (item instanceof Map) for (const [key, value] of item) map.set(key, value);
    else if (item !== null && typeof item === 'object') for (const [key, value] of Object.entries(item)) map.set(key, value);
  };
  add(spec);
  return map;
}

function isDirection(value) {
  return typeof value === 'number' || ['2d', '2dsphere', 'text', 'geoHaystack', 'hashed'].includes(value);
}

/** The name the driver gives an index without one. */
export function indexName(keys) {
  return [...keys].flat().join('_');
}

/** Whether an update is made of operators; pipelines are. */
export function isUpdate(update) {
  if (Array.isArray(update)) return update.every(stage => isUpdate(stage)) && update.length > 0;
  if (update === null || typeof update !== 'object') return false;
  const keys = update instanceof Map ? [...update.keys()] : Object.keys(update);
  return keys.length > 0 && keys[0][0] === '$';
}

/** One statement of an `update` command. */
export function updateStatement(filter, update, options, multi) {
  if (filter === null || typeof filter !== 'object') throw invalid('Selector must be a valid JavaScript object');
  if (update === null || typeof update !== 'object') throw invalid('Document must be a valid JavaScript object');
  const statement = { q: filter, u: update };
  if (typeof options?.upsert === 'boolean') statement.upsert = options.upsert;
  if (multi) statement.multi = true;
  for (const key of ['hint', 'arrayFilters', 'collation']) if (options?.[key]) statement[key] = options[key];
  const sort = multi ? undefined : formatSort(options?.sort);
  if (sort) statement.sort = sort;
  return statement;
}

export function requireUpdate(update) {
  if (!isUpdate(update)) throw invalid('Update document requires atomic operators');
}

export function requireReplacement(replacement) {
  if (isUpdate(replacement)) throw invalid('Replacement document must not contain atomic operators');
}
