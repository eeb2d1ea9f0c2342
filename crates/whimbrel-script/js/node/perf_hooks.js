// `perf_hooks`: `performance`, for measuring how long something takes.
//
// Times are milliseconds of a clock that only runs forward. Nobody observes: marks and measures are kept until they
// are cleared, `PerformanceObserver` is not offered.

import { host } from './host.js';
import { invalidArgType, nodeError } from './errors.js';
import { DOMException } from './events/dom_exception.js';

const start = { at: null, wall: 0 };

// The origin is the first look at the clock: this file is evaluated before there is one.
function now() {
  if (start.at === null) Object.assign(start, { at: host.now(), wall: Date.now() });
  return host.now() - start.at;
}

function timeOrigin() {
  now();
  return start.wall;
}

class PerformanceEntry {
  constructor({ name, entryType, startTime, duration, detail = null }) {
    const fields = { name, entryType, startTime, duration, detail };
    for (const [key, value] of Object.entries(fields)) Object.defineProperty(this, key, { value, enumerable: true });
  }

  toJSON() {
    const { name, entryType, startTime, duration, detail } = this;
    return { name, entryType, startTime, duration, detail };
  }
}
class PerformanceMark extends PerformanceEntry {}
class PerformanceMeasure extends PerformanceEntry {}

let entries = [];
const add = entry => {
  entries.push(entry);
  return entry;
};
const inOrder = list => [...list].sort((a, b) => a.startTime - b.startTime);

function timeOf(mark) {
  if (typeof mark === 'number') return mark;
  const found = entries.findLast(entry => entry.entryType === 'mark' && entry.name === `${mark}`);
  if (found === undefined) throw new DOMException(`The "${mark}" performance mark has not been set`, 'SyntaxError');
  return found.startTime;
}

function mark(name, { startTime = now(), detail } = {}) {
  if (typeof startTime !== 'number') throw invalidArgType('startTime', 'number', startTime);
  return add(new PerformanceMark({ name: `${name}`, entryType: 'mark', startTime, duration: 0, detail }));
}

function measure(name, startOrOptions, endMark) {
  if (typeof name !== 'string') throw invalidArgType('name', 'string', name);
  const isOptions = startOrOptions !== null && typeof startOrOptions === 'object';
  const options = isOptions ? startOrOptions : { start: startOrOptions, end: endMark };
  const { duration, detail } = options;
  let end = options.end === undefined ? undefined : timeOf(options.end);
  let begin = options.start === undefined ? undefined : timeOf(options.start);
  if (duration !== undefined) {
    if (begin === undefined && end !== undefined) begin = end - duration;
    else if (end === undefined && begin !== undefined) end = begin + duration;
  }
  begin ??= 0;
  end ??= now();
  return add(new PerformanceMeasure({ name, entryType: 'measure', startTime: begin, duration: end - begin, detail }));
}

function clear(type) {
  return name => {
    entries = entries.filter(entry => entry.entryType !== type || (name !== undefined && entry.name !== `${name}`));
  };
}

function timerify(original) {
  if (typeof original !== 'function') throw invalidArgType('fn', 'Function', original);
  return original;
}

const performance = {
  now,
  get timeOrigin() { return timeOrigin(); },
  mark,
  measure,
  clearMarks: clear('mark'),
  clearMeasures: clear('measure'),
  getEntries: () => inOrder(entries),
  getEntriesByName: (name, type) =>
    inOrder(entries.filter(entry => entry.name === `${name}` && (type === undefined || entry.entryType === type))),
  getEntriesByType: type => inOrder(entries.filter(entry => entry.entryType === type)),
  timerify,
  eventLoopUtilization: () => ({ idle: 0, active: 0, utilization: 0 }),
  toJSON: () => ({ timeOrigin: timeOrigin() }),
};

class PerformanceObserver {
  constructor() {
    throw nodeError(Error, 'ERR_NOT_OFFERED',
      'PerformanceObserver is not offered in a migration: read what performance.measure returns');
  }
}

export default { PerformanceEntry, PerformanceMark, PerformanceMeasure, PerformanceObserver, performance };
