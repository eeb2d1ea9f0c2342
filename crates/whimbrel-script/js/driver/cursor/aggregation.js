// `AggregationCursor`, and the memory of aggregations that write and were never run.

import { explainOf, send, tail } from '../command.js';
import { withPlace } from '../operation.js';
import { writeConcernField } from '../options.js';
import { ExplainableCursor, explainArguments } from './abstract.js';

const notRun = new Map();

/** Descriptions of aggregations with $merge or $out that nobody iterated. */
export function unconsumedAggregations() {
  return [...notRun].map(([cursor, site]) => withPlace(cursor.label, site));
}

export class AggregationCursor extends ExplainableCursor {
  constructor(scope, pipeline, options = {}) {
    super(scope, options);
    this.pipeline = pipeline;
    this.label = `aggregate on ${scope.namespace.collection ?? 'the database'}`;
    this.#watch();
  }

  get #writes() {
    const last = Array.isArray(this.pipeline) ? this.pipeline.at(-1) : undefined;
    return typeof this.given.out === 'string' || (last !== null && typeof last === 'object' && ('$out' in last || '$merge' in last));
  }

  #watch() {
    if (this.#writes && !this.given.explain) notRun.set(this, new Error());
  }

  willOpen() { notRun.delete(this); }

  #command() {
    const { given, scope } = this;
    const writes = this.#writes;
    const pipeline = typeof given.out === 'string' ? [...this.pipeline, { $out: given.out }] : this.pipeline;
    const command = { aggregate: scope.namespace.collection ?? 1, pipeline };
    if (writes) Object.assign(command, writeConcernField(given));
    if (given.bypassDocumentValidation === true) command.bypassDocumentValidation = true;
    if (typeof given.allowDiskUse === 'boolean') command.allowDiskUse = given.allowDiskUse;
    if (given.hint) command.hint = given.hint;
    if (given.let) command.let = given.let;
    if (given.comment !== undefined) command.comment = given.comment;
    command.cursor = given.cursor || {};
    if (given.batchSize && !writes) command.cursor = { ...command.cursor, batchSize: given.batchSize };
    return { ...command, ...tail(given, { reads: true }) };
  }

  request() {
    const writes = this.#writes;
    return {
      command: this.#command(), batchSize: writes ? 0 : this.given.batchSize, explain: explainOf(this.given.explain),
      kind: writes ? 'write-plain' : 'read',
    };
  }

  clone() {
    const { signal, ...options } = this.given;
    return new AggregationCursor(this.scope, this.pipeline, options);
  }

  addStage(stage) {
    this.requireUnstarted();
    this.pipeline.push(stage);
    this.#watch();
    return this;
  }

  group(stage) { return this.addStage({ $group: stage }); }
  limit(stage) { return this.addStage({ $limit: stage }); }
  match(stage) { return this.addStage({ $match: stage }); }
  out(stage) { return this.addStage({ $out: stage }); }
  project(stage) { return this.addStage({ $project: stage }); }
  lookup(stage) { return this.addStage({ $lookup: stage }); }
  redact(stage) { return this.addStage({ $redact: stage }); }
  skip(stage) { return this.addStage({ $skip: stage }); }
  sort(stage) { return this.addStage({ $sort: stage }); }
  unwind(stage) { return this.addStage({ $unwind: stage }); }
  geoNear(stage) { return this.addStage({ $geoNear: stage }); }

  async explain(verbosity, options) {
    this.willOpen();
    const { explain, timeoutMS } = explainArguments(verbosity, options);
    const given = { ...this.given, explain, timeoutMS: timeoutMS ?? this.given.timeoutMS };
    return send(this.scope, this.#command(), given, { kind: 'read', label: this.label, takesExplain: true });
  }
}
