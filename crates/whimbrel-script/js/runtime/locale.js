// What of locales can be had without `Intl`: order of text by Rust's collation, numbers and dates as `en-US` writes
// them, which is what Node.js does where nothing else is set. Anything else says so instead of being ignored.

const STRENGTH = { base: 1, accent: 2, case: 3, variant: 4 };

function refuse(what) {
  throw Object.assign(
    new Error(`${what} with another locale or with options needs Intl, which is not offered in a migration: format by hand`),
    { code: 'ERR_NOT_OFFERED' },
  );
}

const isDefault = (locales, options) => (locales === undefined || String(locales) === 'en-US')
  && (options === undefined || (options !== null && Object.keys(options).length === 0));

function define(prototype, name, method) {
  Object.defineProperty(prototype, name, { value: method, writable: true, configurable: true, enumerable: false });
}

// A date whose local fields are its fields in UTC.
const asUtc = date => new Date(date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate(), date.getUTCHours(), date.getUTCMinutes(), date.getUTCSeconds());

const two = number => String(number).padStart(2, '0');
const day = date => `${date.getMonth() + 1}/${date.getDate()}/${date.getFullYear()}`;
const time = date => `${date.getHours() % 12 || 12}:${two(date.getMinutes())}:${two(date.getSeconds())} ${date.getHours() < 12 ? 'AM' : 'PM'}`;

/** A positive number in full, without exponent: whole part and fraction. */
function digitsOf(number) {
  const [mantissa, exponent = '0'] = String(number).split('e');
  const [whole, fraction = ''] = mantissa.split('.');
  const shift = Number(exponent);
  if (shift < 0) return ['0', '0'.repeat(-shift - 1) + whole + fraction];
  const all = fraction.padEnd(shift, '0');
  return [whole + all.slice(0, shift), all.slice(shift)];
}

function grouped(number) {
  if (Number.isNaN(number)) return 'NaN';
  const sign = number < 0 || Object.is(number, -0) ? '-' : '';
  if (!Number.isFinite(number)) return `${sign}∞`;
  const [whole, fraction] = digitsOf(Math.abs(number));
  // Three decimals, rounded as they are written, half away from zero.
  let thousandths = BigInt(whole + fraction.slice(0, 3).padEnd(3, '0'));
  if (fraction.charAt(3) >= '5') thousandths += 1n;
  const text = String(thousandths).padStart(4, '0');
  const rest = text.slice(-3).replace(/0+$/, '');
  return `${sign}${text.slice(0, -3).replace(/\B(?=(\d{3})+$)/g, ',')}${rest === '' ? '' : `.${rest}`}`;
}

/** Whether local time is UTC, the only zone whose name is known here. */
function isUtc(environment) {
  const offsets = [new Date(2024, 0, 1), new Date(2024, 6, 1)].map(date => date.getTimezoneOffset());
  return offsets.every(offset => offset === 0) && [undefined, '', 'UTC', 'Etc/UTC'].includes(environment.TZ);
}

export function installLocale(ops, environment) {
  define(String.prototype, 'localeCompare', function localeCompare(that, locales, options) {
    const { sensitivity = 'variant', numeric = false, ...rest } = options ?? {};
    if (!Object.hasOwn(STRENGTH, sensitivity) || Object.keys(rest).some(key => key !== 'usage')) refuse('localeCompare()');
    const locale = locales === undefined ? 'en-US' : String(Array.isArray(locales) ? locales[0] : locales);
    const order = ops.collate(String(this).toWellFormed(), String(that).toWellFormed(), locale, STRENGTH[sensitivity], Boolean(numeric));
    if (order === undefined) throw new RangeError(`Incorrect locale information provided`);
    return order;
  });
  define(Number.prototype, 'toLocaleString', function toLocaleString(locales, options) {
    return isDefault(locales, options) ? grouped(Number(this)) : refuse('toLocaleString()');
  });
  define(BigInt.prototype, 'toLocaleString', function toLocaleString(locales, options) {
    return isDefault(locales, options) ? String(this).replace(/\B(?=(\d{3})+$)/g, ',') : refuse('toLocaleString()');
  });
  const ofDate = (name, format) => define(Date.prototype, name, function toLocale(locales, options) {
    const { timeZone, ...rest } = options ?? {};
    if (!isDefault(locales, rest) || (timeZone !== undefined && timeZone !== 'UTC')) return refuse(`${name}()`);
    if (Number.isNaN(this.getTime())) return 'Invalid Date';
    return format(timeZone === undefined ? this : asUtc(this));
  });
  ofDate('toLocaleDateString', day);
  ofDate('toLocaleTimeString', time);
  ofDate('toLocaleString', date => `${day(date)}, ${time(date)}`);
  if (!isUtc(environment)) return;
  for (const name of ['toString', 'toTimeString']) {
    const plain = Date.prototype[name];
    define(Date.prototype, name, { [name]() {
      const text = plain.call(this);
      return text.endsWith('GMT+0000') ? `${text} (Coordinated Universal Time)` : text;
    } }[name]);
  }
}
