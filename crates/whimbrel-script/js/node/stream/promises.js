// `stream/promises`: `pipeline` and `finished` as promises.

import { invalidArgType } from '../errors.js';
import { finished as watch } from './finished.js';
import { isIterable, isNodeStream } from './kinds.js';
import { run } from './pipeline.js';

function pipeline(...args) {
  return new Promise((resolve, reject) => {
    const last = args.at(-1);
    const hasOptions = last !== null && typeof last === 'object' && !isNodeStream(last) && !isIterable(last);
    const { signal, end } = hasOptions ? args.pop() : {};
    run(args, (error, value) => (error ? reject(error) : resolve(value)), { signal, end });
  });
}

function finished(stream, options) {
  const cleans = options?.cleanup;
  if (cleans !== undefined && typeof cleans !== 'boolean') throw invalidArgType('cleanup', 'boolean', cleans);
  return new Promise((resolve, reject) => {
    const release = watch(stream, options ?? {}, error => {
      if (cleans) release();
      if (error) reject(error);
      else resolve();
    });
  });
}

export default { finished, pipeline };
