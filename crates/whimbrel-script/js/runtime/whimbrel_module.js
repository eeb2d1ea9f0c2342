// The module `whimbrel`: what a migration can tell the run that Node.js has no word for.

const LEVELS = ['debug', 'info', 'warn', 'error'];

function whole(name, value) {
  const number = typeof value === 'bigint' ? Number(value) : value;
  if (typeof number !== 'number' || !(number >= 0)) throw new TypeError(`progress: "${name}" must be a number, 0 or more`);
  return Math.floor(number);
}

export function makeWhimbrelModule(ops) {
  return {
    /** An entry for the observer, the terminal and the audit trail; `fields` is an object. */
    log(level, message, fields = {}) {
      if (!LEVELS.includes(level)) throw new TypeError(`log: "level" must be one of ${LEVELS.join(', ')}`);
      if (fields instanceof Error) {
        const { name, message: text, stack, code } = fields;
        ops.log(level, String(message), { error: `${name}: ${text}`, ...(code === undefined ? {} : { code }), stack: String(stack ?? '') });
        return;
      }
      if (fields === null || typeof fields !== 'object' || Array.isArray(fields)) throw new TypeError('log: "fields" must be an object');
      ops.log(level, String(message), fields);
    },
    /** How far the migration is, in units of its own; `total` may be left out. */
    progress(done, total) {
      ops.progress(whole('done', done), total === undefined || total === null ? null : whole('total', total));
    },
  };
}
