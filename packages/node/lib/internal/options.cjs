'use strict';
// Checks what an application gives, before anything is done with it.

const binding = require('./binding.cjs');
const { WhimbrelError } = require('./errors.cjs');

const usage = (message, hint) => new WhimbrelError(message, { code: 'OPTION_INVALID', hints: hint === undefined ? [] : [hint] });

/** What an option is called, for errors: `an object`, `a number`. */
function kindOf(value) {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'an array';
  return /^[aeiou]/.test(typeof value) ? `an ${typeof value}` : `a ${typeof value}`;
}

/** An object with no other keys than these; `undefined` is an empty one. */
function object(value, where, keys) {
  if (value === undefined) return {};
  if (value === null || typeof value !== 'object' || Array.isArray(value)) throw usage(`${where} takes an object of options, and was given ${kindOf(value)}`);
  for (const key of Object.keys(value)) {
    if (keys.includes(key)) continue;
    const nearest = binding.nearestWord(key, keys);
    throw usage(`${where} has no option \`${key}\``, nearest ? `did you mean \`${nearest}\`?` : `its options are ${keys.join(', ')}`);
  }
  return value;
}

function wrong(where, key, value, expected) {
  return usage(`${where}: \`${key}\` must be ${expected}, and is ${kindOf(value)}`);
}

function flag(options, key, where, otherwise) {
  const value = options[key];
  if (value === undefined) return otherwise;
  if (typeof value !== 'boolean') throw wrong(where, key, value, 'true or false');
  return value;
}

function text(options, key, where) {
  const value = options[key];
  if (value === undefined) return undefined;
  if (typeof value !== 'string' || value === '') throw wrong(where, key, value, 'text that is not empty');
  return value;
}

function names(options, key, where) {
  const value = options[key];
  if (value === undefined) return undefined;
  if (!Array.isArray(value) || value.some(one => typeof one !== 'string' || one === '')) throw wrong(where, key, value, 'an array of names of migrations');
  return value;
}

function count(value, where, key) {
  if (!Number.isInteger(value) || value < 0 || value > 0xffffffff) throw usage(`${where}: \`${key}\` must be a whole number from 0, and is ${typeof value === 'number' ? value : kindOf(value)}`);
  return value;
}

const UNITS = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** More than any clock has. */
const MOST_MILLIS = Number.MAX_SAFE_INTEGER;

/** Milliseconds of a number of them, or of `30s`, `2m` and the like. */
function duration(options, key, where) {
  const value = options[key];
  if (value === undefined) return undefined;
  if (typeof value === 'number' && value >= 0 && value <= MOST_MILLIS) return Math.round(value);
  const [, number, unit] = (typeof value === 'string' && /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(value)) || [];
  if (unit === undefined) throw usage(`${where}: \`${key}\` must be a number of milliseconds, or text such as "30s" or "2m"`);
  return Math.round(Number(number) * UNITS[unit]);
}

function signal(options, where) {
  const value = options.signal;
  if (value === undefined) return undefined;
  if (typeof value !== 'object' || value === null || typeof value.addEventListener !== 'function' || typeof value.aborted !== 'boolean') {
    throw wrong(where, 'signal', value, 'an AbortSignal');
  }
  return value;
}

/** Text for a setting, as a flag would have it. */
function settingText(where, { option, kind, choices }, value) {
  const expected = { switch: 'true or false', duration: 'a number of milliseconds, or text such as "30s"', limit: 'a number of milliseconds, text such as "30s", or null', paths: 'a path or an array of paths', text: 'text', choice: choices.map(choice => `"${choice}"`).join(', ') }[kind];
  const bad = () => wrong(where, option, value, expected);
  if (kind === 'limit' && value === null) return 'none';
  if ((kind === 'limit' || kind === 'duration') && typeof value === 'number' && value >= 0 && value <= MOST_MILLIS) return `${Math.round(value)}ms`;
  if (kind === 'paths' && Array.isArray(value) && value.every(one => typeof one === 'string')) {
    const torn = value.find(one => one.includes(','));
    if (torn !== undefined) throw usage(`${where}: \`${option}\` cannot hold a path with a comma`, 'write it in whimbrel.toml');
    return value.join(',');
  }
  if ((kind === 'switch' || (kind === 'choice' && choices.includes('true'))) && typeof value === 'boolean') return String(value);
  if (typeof value !== 'string' || kind === 'switch') throw bad();
  if (kind === 'choice' && !choices.includes(value)) throw usage(`${where}: \`${option}\` is "${value}", and must be one of ${expected}`);
  return value;
}

let settings;

/** The settings of `whimbrel.toml` by the options they are. */
function settingOptions() {
  settings ??= binding.settingOptions();
  return settings;
}

/** The option that stands for a setting. */
function optionOf(key) {
  const { option } = settingOptions().find(setting => setting.key === key);
  return option === 'dir' ? 'directory' : option;
}

/** Options that are no settings. */
const OWN = ['directory', 'client', 'connection', 'config', 'logger'];

/** Options of migrations that run elsewhere than in this process. */
const OF_PROCESSES = ['runtime', 'nodeProgram', 'nodeMongoose'];

/** What `new Migrator(options)` was given: settings as text, and the rest. */
function migratorOptions(value, where) {
  const known = settingOptions();
  // `directory` is what it is called; `dir` as in the file is understood as well.
  const keys = [...OWN, ...known.map(({ option }) => option)];
  const options = object(value, where, keys);
  if (options.directory !== undefined && options.dir !== undefined) throw usage(`${where}: \`directory\` and \`dir\` are the same: give one`);
  for (const key of ['client', 'connection']) {
    if (Object.hasOwn(options, key) && (options[key] === undefined || options[key] === null)) throw usage(`${where}: \`${key}\` is ${options[key]}`, 'is it connected later, or is an await missing?');
  }
  const given = [];
  const itsOwn = options.client === undefined ? 'connection' : 'client';
  for (const option of OF_PROCESSES) {
    if (options[itsOwn] !== undefined && options[option] !== undefined) throw usage(`${where}: with \`${itsOwn}\`, migrations run in this process, and \`${option}\` has no meaning`);
  }
  for (const setting of known) {
    const { option, key } = setting;
    const its = option === 'dir' && options.directory !== undefined ? options.directory : options[option];
    if (its !== undefined) given.push([key, settingText(where, option === 'dir' ? { ...setting, option: 'directory' } : setting, its)]);
  }
  if (options.client !== undefined && options.connection !== undefined) throw usage(`${where}: \`client\` and \`connection\` exclude each other`, 'give the MongoClient, or the connection of mongoose');
  return { settings: given, client: options.client, connection: options.connection, config: text(options, 'config', where), logger: logger(options.logger, where) };
}

const LEVELS = ['debug', 'info', 'warn', 'error'];

/** Something with `info`, `warn` and `error`; `false` for none, `undefined` leaves the choice. */
function logger(value, where) {
  if (value === undefined || value === false) return value;
  const isOne = value !== null && (typeof value === 'object' || typeof value === 'function') && LEVELS.slice(1).every(level => typeof value[level] === 'function');
  if (!isOne) throw usage(`${where}: \`logger\` must be false, or have the methods info, warn and error, as console and pino do`);
  return value;
}

module.exports = { count, duration, flag, migratorOptions, names, object, optionOf, signal, text, usage };
