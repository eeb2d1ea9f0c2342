// Shapes that people write in several ways: sorts, hints, index keys, updates.

import { invalid } from './errors.js';

function direction(value = 1) {
  if (typeof value === 'object' && value !== null && '$meta' in value) return value;
  const text = String(value).toLowerCase();
  if (['ascending', 'asc', '1'].includes(text)) return 1;
  if (['descending', 'desc', '-1'].includes(text)) return -1;
  throw invalid(`Invalid sort direction: ${JSON.stringify(value)}`);
}

/** Whether `['n', -1]` is a field with its direction, and not two fields. */
function isPair([field, order, ...rest]) {
  if (Array.isArray(field) || order === undefined || order === null || rest.length > 0) return false;
  try {
    direction(order);
    return true;
  } catch {
    return false;
  }
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
    if (isPair(sort)) return map.set(String(sort[0]), direction(sort[1]));
    for (const item of sort) {
      if (Array.isArray(item)) map.set(String(item[0]), direction(item[1]));
      else map.set(String(item), 1);
    }
    return map;
  }
  const entries = sort instanceof Map ? [...sort] : Object.entries(sort);
  if (entries.length === 0) return undefined;
  for (const [key, value] of entries) map.set(String(key), direction(value));
  return map;
}

/** A hint: the name of an index, or its keys. */
export function formatHint(hint) {
  if (typeof hint === 'string') return hint;
  if (Array.isArray(hint)) return Object.fromEntries(hint.map(field => [field, 1]));
  if (hint === null || typeof hint !== 'object') return undefined;
  // What is no own key is no key: a Map has none.
  return { ...hint };
}

const isDirection = value => typeof value === 'number' || ['2d', '2dsphere', 'text', 'geoHaystack'].includes(value);
const isField = value => Array.isArray(value) && value.length === 2 && typeof value[0] === 'string' && isDirection(value[1]);

/** Index keys as an ordered Map. */
export function indexKeys(spec) {
  const map = new Map();
  const items = isField(spec) || !Array.isArray(spec) ? [spec] : spec;
  for (const item of items) {
    if (typeof item === 'string') map.set(item, 1);
    else if (Array.isArray(item)) map.set(item[0], item[1] ?? 1);
    else if (item instanceof Map) for (const [key, value] of item) map.set(key, value);
    else if (item !== null && typeof item === 'object') for (const [key, value] of Object.entries(item)) map.set(key, value);
  }
  return map;
}

/** The name the driver gives an index without one. */
export function indexName(keys) {
  return [...keys].flat().join('_');
}

/** Whether an update is made of operators; of a pipeline the first stage counts. */
export function hasOperators(update) {
  const first = Array.isArray(update) ? update[0] : update;
  if (first === null || first === undefined || typeof first !== 'object') return false;
  return Object.keys(first)[0]?.[0] === '$';
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

/** One statement of a `delete` command; `limit` 0 means all. */
export function deleteStatement(filter, options, limit) {
  const statement = { q: filter, limit };
  for (const key of ['collation', 'hint']) if (options?.[key]) statement[key] = options[key];
  return statement;
}

export function requireOperators(update) {
  if (!hasOperators(update)) throw invalid('Update document requires atomic operators');
}
