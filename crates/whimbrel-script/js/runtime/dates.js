// `Date` as V8 has it, where the engine's own differs: local times around changes of the clock, and which texts are
// dates. Everything else stays the engine's.

const Native = Date;
const nativeParse = Native.parse;
const { getTimezoneOffset, getTime, setTime } = Native.prototype;
const MINUTE = 60_000;
const DAY = 86_400_000;

const offsetAt = instant => Reflect.apply(getTimezoneOffset, new Native(instant), []) * MINUTE;

/** The instant of a local time, given as if it were UTC. Of a time that the clock shows twice it is the first; one that it
    skips is counted on from before the change. */
function fromLocal(local) {
  if (!Number.isFinite(local) || Math.abs(local) > 8.64e15 + DAY) return NaN;
  const before = offsetAt(local - DAY);
  const after = offsetAt(local + DAY);
  const early = local + before;
  if (before === after || offsetAt(early) === before) return early;
  const late = local + after;
  return offsetAt(late) === after ? late : early;
}

const toLocal = instant => instant - offsetAt(instant);

// What people, databases and programs write most: the form of ECMAScript, and the same with a blank.
const ISO = /^\s*([+-]\d{6}|\d{4})-(\d{2})(?:-(\d{2}))?(?:([T\s])\s*(\d{1,2}):(\d{2})(?::(\d{2})(?:\.(\d+))?)?\s*(Z|UTC|GMT|[+-]\d{2}(?::?\d{2})?)?)?\s*$/i;
const ZONE = /(?:Z|UTC?|GMT|[ECMP][SD]T|[+-]\d{2}:?\d{2})\s*(?:\(.*\))?\s*$/i;
// What most programs write needs no second look.
const EXACT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,3})?Z$/;

function parseIso(parts) {
  const [, year, month, day = '1', separator, hours = '0', minutes = '0', seconds = '0', fraction = '0', zone] = parts;
  if (year === '-000000') return NaN;
  const [h, m, s] = [Number(hours), Number(minutes), Number(seconds)];
  const isMidnight = h === 24 && m === 0 && s === 0 && Number(fraction) === 0;
  const isPossible = month >= 1 && month <= 12 && day >= 1 && day <= 31 && (h < 24 || isMidnight) && m < 60 && s < 60;
  // With a T, hours alone are no zone and one digit is no hour.
  const isStrict = separator !== undefined && separator.toUpperCase() === 'T';
  if (!isPossible || (isStrict && (/\s/.test(parts[0]) || hours.length !== 2 || /^[+-]\d{2}$/.test(zone ?? '')))) return NaN;
  const milliseconds = Math.trunc(Number(`0.${fraction}`) * 1000 + 1e-9);
  // The year is set apart: `UTC` takes those below 100 for the twentieth century.
  const date = new Native(Native.UTC(2000, 0, 1, isMidnight ? 0 : h, m, s, milliseconds));
  date.setUTCFullYear(Number(year), Number(month) - 1, Number(day) + (isMidnight ? 1 : 0));
  const asUtc = date.getTime();
  if (separator === undefined) return /\s/.test(parts[0]) ? fromLocal(asUtc) : asUtc;
  if (zone === undefined) return fromLocal(asUtc);
  if (!/^[+-]/.test(zone)) return asUtc;
  const digits = zone.replace(':', '').slice(1).padEnd(4, '0');
  if (digits.slice(0, 2) > 23 || digits.slice(2) > 59) return NaN;
  const shift = (Number(digits.slice(0, 2)) * 60 + Number(digits.slice(2))) * MINUTE;
  return zone[0] === '-' ? asUtc + shift : asUtc - shift;
}

function parse(text) {
  if (EXACT.test(text)) return nativeParse(text);
  if (/^\d{4}$/.test(text)) return nativeParse(`${text}-01`);
  const parts = ISO.exec(text);
  if (parts) return parseIso(parts);
  const instant = nativeParse(text);
  if (Number.isNaN(instant) || ZONE.test(text)) return instant;
  // If the engine read it as local time, which it counts from the offset at that time in UTC, it is counted anew.
  const asUtc = nativeParse(`${text} UTC`);
  return instant === asUtc + offsetAt(asUtc) ? fromLocal(asUtc) : instant;
}

function instantOf(args) {
  if (args.length === 0) return Native.now();
  if (args.length > 1) return fromLocal(Native.UTC(...args));
  const [given] = args;
  if (given instanceof Native) return Reflect.apply(getTime, given, []);
  const plain = given !== null && (typeof given === 'object' || typeof given === 'function') ? toPrimitive(given) : given;
  return typeof plain === 'string' ? parse(plain) : +plain;
}

function toPrimitive(object) {
  const method = object[Symbol.toPrimitive];
  if (method !== undefined && method !== null) return Reflect.apply(method, object, ['default']);
  const isPlain = value => value === null || (typeof value !== 'object' && typeof value !== 'function');
  const value = typeof object.valueOf === 'function' ? object.valueOf() : object;
  return isPlain(value) ? value : object.toString();
}

/** The setters of local time, each over the UTC one of the same name. */
const SETTERS = ['FullYear', 'Month', 'Date', 'Hours', 'Minutes', 'Seconds', 'Milliseconds'];

function define(target, name, value) {
  Object.defineProperty(target, name, { value, writable: true, enumerable: false, configurable: true });
}

function installSetters() {
  for (const part of SETTERS) {
    const inUtc = Native.prototype[`setUTC${part}`];
    const { length } = Native.prototype[`set${part}`];
    const setter = { [`set${part}`](...args) {
      const instant = Reflect.apply(getTime, this, []);
      // Only a year can be set on a date that is none.
      const start = Number.isNaN(instant) ? (part === 'FullYear' ? 0 : NaN) : toLocal(instant);
      const local = new Native(start);
      return Reflect.apply(setTime, this, [fromLocal(Reflect.apply(inUtc, local, args))]);
    } }[`set${part}`];
    Object.defineProperty(setter, 'length', { value: length, configurable: true });
    define(Native.prototype, `set${part}`, setter);
  }
}

export function installDates() {
  function Patched(...args) {
    if (new.target === undefined) return new Native().toString();
    return Reflect.construct(Native, [instantOf(args)], new.target);
  }
  Object.defineProperties(Patched, {
    name: { value: 'Date', configurable: true },
    length: { value: 7, configurable: true },
    prototype: { value: Native.prototype, writable: false, enumerable: false, configurable: false },
  });
  define(Patched, 'now', Native.now);
  define(Patched, 'UTC', Native.UTC);
  define(Patched, 'parse', function parseText(text) { return parse(`${text}`); });
  Object.defineProperty(Patched.parse, 'name', { value: 'parse', configurable: true });
  define(Native.prototype, 'constructor', Patched);
  installSetters();
  define(globalThis, 'Date', Patched);
}
