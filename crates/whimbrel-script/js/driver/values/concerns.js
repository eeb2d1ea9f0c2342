// `ReadConcern` and `WriteConcern`: how settled what is read must be, and how safe what is written.

export class ReadConcern {
  constructor(level) {
    this.level = level;
  }

  static get MAJORITY() { return 'majority'; }
  static get AVAILABLE() { return 'available'; }
  static get LINEARIZABLE() { return 'linearizable'; }
  static get SNAPSHOT() { return 'snapshot'; }

  static fromOptions(options) {
    const given = options?.readConcern;
    if (given == null) return options?.level ? new ReadConcern(options.level) : undefined;
    if (given instanceof ReadConcern) return given;
    if (typeof given === 'string') return new ReadConcern(given);
    return 'level' in given && given.level ? new ReadConcern(given.level) : undefined;
  }

  toJSON() { return { level: this.level }; }
}

export class WriteConcern {
  constructor(w, wtimeoutMS, journal, fsync) {
    if (w != null) this.w = Number.isNaN(Number(w)) ? w : Number(w);
    if (wtimeoutMS != null) this.wtimeoutMS = this.wtimeout = wtimeoutMS;
    if (journal != null) this.journal = this.j = journal;
    if (fsync != null) this.journal = this.j = Boolean(fsync);
  }

  /** Writes the concern into a command, in the server's spelling. */
  static apply(command, { w, wtimeout, j }) {
    const concern = {};
    if (w != null) concern.w = w;
    if (wtimeout != null) concern.wtimeout = wtimeout;
    if (j != null) concern.j = j;
    command.writeConcern = concern;
    return command;
  }

  static fromOptions(options, inherit) {
    if (options == null) return undefined;
    const parent = inherit instanceof WriteConcern ? inherit : inherit?.writeConcern ?? inherit ?? {};
    const own = typeof options === 'string' || typeof options === 'number' ? new WriteConcern(options)
      : options instanceof WriteConcern ? options : options.writeConcern;
    const { w, wtimeout, j, fsync, journal, wtimeoutMS } = { ...parent, ...own };
    if (w == null && wtimeout == null && wtimeoutMS == null && j == null && journal == null && fsync == null) return undefined;
    return new WriteConcern(w, wtimeout ?? wtimeoutMS, j ?? journal, fsync);
  }
}
