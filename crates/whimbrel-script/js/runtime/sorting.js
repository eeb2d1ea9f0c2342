// `sort` and `toSorted` with a comparator, asking it as V8 does: whether the later element goes before the earlier one.
// A comparator that answers with true and false, or never with 0, so gives the order it gives in Node.js.

const RUN = 16;

/** Sorts a run in place by insertion. */
function insert(list, from, to, goesBefore) {
  for (let at = from + 1; at < to; at++) {
    const item = list[at];
    let left = from;
    let right = at;
    while (left < right) {
      const middle = (left + right) >>> 1;
      if (goesBefore(item, list[middle])) right = middle;
      else left = middle + 1;
    }
    for (let place = at; place > left; place--) list[place] = list[place - 1];
    list[left] = item;
  }
}

function merge(list, out, from, middle, to, goesBefore) {
  let left = from;
  let right = middle;
  for (let at = from; at < to; at++) {
    if (left < middle && (right >= to || !goesBefore(list[right], list[left]))) out[at] = list[left++];
    else out[at] = list[right++];
  }
}

/** The items in order, in an array of their own. */
function sorted(items, comparator) {
  const goesBefore = (later, earlier) => +comparator(later, earlier) < 0;
  let list = items;
  for (let from = 0; from < list.length; from += RUN) insert(list, from, Math.min(from + RUN, list.length), goesBefore);
  let spare = new Array(list.length);
  for (let width = RUN; width < list.length; width *= 2) {
    for (let from = 0; from < list.length; from += 2 * width) {
      merge(list, spare, from, Math.min(from + width, list.length), Math.min(from + 2 * width, list.length), goesBefore);
    }
    [list, spare] = [spare, list];
  }
  return list;
}

function define(name, method) {
  Object.defineProperty(Array.prototype, name, { value: method, writable: true, enumerable: false, configurable: true });
}

export function installSorting() {
  const { sort: plainSort, toSorted: plainToSorted } = Array.prototype;
  define('sort', function sort(comparator) {
    if (typeof comparator !== 'function') return Reflect.apply(plainSort, this, [comparator]);
    const target = Object(this);
    const length = Math.min(Math.max(Math.trunc(Number(target.length)) || 0, 0), Number.MAX_SAFE_INTEGER);
    const items = [];
    let empty = 0;
    let holes = 0;
    for (let at = 0; at < length; at++) {
      if (!(at in target)) holes += 1;
      else if (target[at] === undefined) empty += 1;
      else items.push(target[at]);
    }
    const list = sorted(items, comparator);
    let at = 0;
    for (; at < list.length; at++) target[at] = list[at];
    for (; empty > 0; empty--) target[at++] = undefined;
    for (; holes > 0; holes--) delete target[at++];
    return target;
  });
  define('toSorted', function toSorted(comparator) {
    if (typeof comparator !== 'function') return Reflect.apply(plainToSorted, this, [comparator]);
    return Array.from(this).sort(comparator);
  });
}
