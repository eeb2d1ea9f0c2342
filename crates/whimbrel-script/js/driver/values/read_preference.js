// `ReadPreference`: which member of a replica set answers a read.
//
// Where reads go is the connection's decision; here the values are checked and shown as the driver does, and the rule
// that a transaction reads from the primary is kept.

import { invalid } from '../errors.js';

const MODES = ['primary', 'primaryPreferred', 'secondary', 'secondaryPreferred', 'nearest'];

function requireNothingForPrimary({ tags, maxStalenessSeconds, hedge }) {
  const refuse = what => { throw invalid(`Primary read preference cannot be combined with ${what}`); };
  if (Array.isArray(tags) && tags.length > 0) refuse('tags');
  if (maxStalenessSeconds) refuse('maxStalenessSeconds');
  if (hedge) refuse('hedge');
}

export class ReadPreference {
  static PRIMARY = 'primary';
  static PRIMARY_PREFERRED = 'primaryPreferred';
  static SECONDARY = 'secondary';
  static SECONDARY_PREFERRED = 'secondaryPreferred';
  static NEAREST = 'nearest';

  constructor(mode, tags, options) {
    if (!ReadPreference.isValid(mode)) throw invalid(`Invalid read preference mode ${JSON.stringify(mode)}`);
    // The tags may be left out.
    const [list, rest] = options == null && typeof tags === 'object' && !Array.isArray(tags) ? [undefined, tags] : [tags, options];
    if (list && !Array.isArray(list)) throw invalid('ReadPreference tags must be an array');
    this.mode = mode;
    this.tags = list;
    this.hedge = rest?.hedge;
    this.maxStalenessSeconds = undefined;
    if (rest?.maxStalenessSeconds != null) {
      if (rest.maxStalenessSeconds <= 0) throw invalid('maxStalenessSeconds must be a positive integer');
      this.maxStalenessSeconds = rest.maxStalenessSeconds;
    }
    if (this.mode === 'primary') requireNothingForPrimary(this);
  }

  get preference() { return this.mode; }

  static fromString(mode) { return new ReadPreference(mode); }

  static fromOptions(options) {
    if (!options) return undefined;
    const given = options.readPreference ?? options.session?.transaction.options.readPreference;
    const tags = options.readPreferenceTags;
    if (given == null) return undefined;
    if (typeof given === 'string') {
      return new ReadPreference(given, tags, { maxStalenessSeconds: options.maxStalenessSeconds, hedge: options.hedge });
    }
    if (!(given instanceof ReadPreference) && typeof given === 'object') {
      const mode = given.mode || given.preference;
      if (mode && typeof mode === 'string') {
        return new ReadPreference(mode, given.tags ?? tags, { maxStalenessSeconds: given.maxStalenessSeconds, hedge: options.hedge });
      }
    }
    if (tags) given.tags = tags;
    return given;
  }

  /** Makes the `readPreference` among the options a `ReadPreference`, in place. */
  static translate(options) {
    const given = options.readPreference;
    if (given == null) return options;
    if (typeof given === 'string') options.readPreference = new ReadPreference(given);
    else if (typeof given === 'object' && !(given instanceof ReadPreference)) {
      const mode = given.mode || given.preference;
      if (mode && typeof mode === 'string') {
        options.readPreference = new ReadPreference(mode, given.tags, { maxStalenessSeconds: given.maxStalenessSeconds });
      }
    } else if (!(given instanceof ReadPreference)) throw invalid(`Invalid read preference: ${given}`);
    return options;
  }

  static isValid(mode) { return MODES.includes(mode) || mode === null; }
  isValid(mode) { return ReadPreference.isValid(typeof mode === 'string' ? mode : this.mode); }
  secondaryOk() { return MODES.includes(this.mode) && this.mode !== 'primary'; }
  equals(other) { return other.mode === this.mode; }

  toJSON() {
    const plain = { mode: this.mode };
    if (Array.isArray(this.tags)) plain.tags = this.tags;
    if (this.maxStalenessSeconds) plain.maxStalenessSeconds = this.maxStalenessSeconds;
    if (this.hedge) plain.hedge = this.hedge;
    return plain;
  }
}

ReadPreference.primary = new ReadPreference('primary');
ReadPreference.primaryPreferred = new ReadPreference('primaryPreferred');
ReadPreference.secondary = new ReadPreference('secondary');
ReadPreference.secondaryPreferred = new ReadPreference('secondaryPreferred');
ReadPreference.nearest = new ReadPreference('nearest');
