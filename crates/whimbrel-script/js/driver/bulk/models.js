// The operations of a bulk write, as callers describe them, and as statements of a command.

import { invalid } from '../errors.js';
import { deleteStatement, hasOperators, updateStatement } from '../shapes.js';
import { BatchType } from '../values/enums.js';

/** The command of each kind of statement, in the order in which unordered ones are sent. */
export const COMMANDS = { [BatchType.INSERT]: 'insert', [BatchType.UPDATE]: 'update', [BatchType.DELETE]: 'delete' };

function requireModel(model) {
  if ('q' in model) throw invalid('Raw operations are not allowed');
  return model;
}

export function requireReplacement(replacement) {
  if (hasOperators(replacement)) throw invalid('Replacement document must not use atomic operators');
}

function update(model, change, isMany) {
  const { filter } = requireModel(model);
  const statement = updateStatement(filter, change, model, isMany);
  if (!hasOperators(change)) throw invalid('Update document requires atomic operators');
  return { type: BatchType.UPDATE, statement };
}

function remove(model, limit) {
  const { filter } = requireModel(model);
  return { type: BatchType.DELETE, statement: deleteStatement(filter, model, limit) };
}

/** One operation of `bulkWrite` as `{ type, statement }`. `addId` gives a document its `_id`. */
export function parse(operation, addId) {
  if (operation === null || typeof operation !== 'object') throw invalid('Operation must be an object with an operation key');
  if ('insertOne' in operation) {
    const model = operation.insertOne;
    // `{ insertOne: document }` is taken as well.
    return { type: BatchType.INSERT, statement: addId(model.document == null ? model : model.document) };
  }
  if ('replaceOne' in operation) {
    const { filter, replacement } = requireModel(operation.replaceOne);
    const statement = updateStatement(filter, replacement, operation.replaceOne, false);
    requireReplacement(replacement);
    return { type: BatchType.UPDATE, statement };
  }
  if ('updateOne' in operation) return update(operation.updateOne, operation.updateOne.update, false);
  if ('updateMany' in operation) return update(operation.updateMany, operation.updateMany.update, true);
  if ('deleteOne' in operation) return remove(operation.deleteOne, 1);
  if ('deleteMany' in operation) return remove(operation.deleteMany, 0);
  throw invalid('bulkWrite only supports insertOne, updateOne, updateMany, deleteOne, deleteMany');
}

/** Operations of one kind that are sent together. */
export class Batch {
  constructor(batchType, originalZeroIndex) {
    this.originalZeroIndex = originalZeroIndex;
    this.currentIndex = 0;
    this.originalIndexes = [];
    this.batchType = batchType;
    this.operations = [];
    this.serializedOperations = [];
    this.size = 0;
    this.sizeBytes = 0;
  }

  add(statement, index) {
    this.originalIndexes.push(index);
    this.operations.push(statement);
    this.currentIndex += 1;
    this.size += 1;
  }
}

/** Ordered operations in runs of one kind, unordered ones grouped by kind. */
export function batchesOf(operations, isOrdered) {
  const batches = [];
  for (const [index, { type, statement }] of operations.entries()) {
    let batch = isOrdered ? batches.at(-1) : batches.find(({ batchType }) => batchType === type);
    if (batch?.batchType !== type) {
      batch = new Batch(type, index);
      batches.push(batch);
    }
    batch.add(statement, index);
  }
  return isOrdered ? batches : batches.sort((a, b) => a.batchType - b.batchType);
}
