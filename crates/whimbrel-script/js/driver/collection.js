// `Collection`: each method builds the command that the official driver would send.

import { ObjectId } from '../bson/index.js';
import { BulkOperation, bulkWrite, insertMany } from './bulk.js';
import { AggregationCursor, CommandCursor, FindCursor } from './cursor.js';
import { MongoServerError, MongoWriteConcernError, invalid, notOffered } from './errors.js';
import { deprecate, pick } from './operation.js';
import { formatSort, indexKeys, indexName, requireReplacement, requireUpdate, updateStatement } from './shapes.js';

const INDEX_OPTIONS = new Set(['background', 'unique', 'name', 'partialFilterExpression', 'sparse', 'hidden', 'expireAfterSeconds',
  'storageEngine', 'collation', 'version', 'weights', 'default_language', 'language_override', 'textIndexVersion',
  '2dsphereIndexVersion', 'bits', 'min', 'max', 'bucketSize', 'wildcardProjection']);
const WRITE_OPTIONS = ['bypassDocumentValidation', 'let', 'comment', 'writeConcern', 'maxTimeMS'];

export class Collection {
  constructor(db, name, options = {}) {
    checkName(name);
    Object.defineProperty(this, 'db', { value: db });
    Object.defineProperty(this, 'options_', { value: options });
    this.collectionName = name;
  }

  get dbName() { return this.db.databaseName; }
  get namespace() { return `${this.db.databaseName}.${this.collectionName}`; }
  get fullNamespace() { return this.namespace; }
  get readConcern() { return this.options_.readConcern; }
  get readPreference() { return this.options_.readPreference; }
  get writeConcern() { return this.options_.writeConcern; }
  get hint() { return this.options_.hint; }
  get timeoutMS() { return undefined; }
  [Symbol.for('nodejs.util.inspect.custom')]() { return `Collection { ${this.namespace} }`; }

  // --- reading

  find(filter = {}, options = {}) { return new FindCursor(this, filter, options); }

  async findOne(filter = {}, options = {}) {
    const cursor = this.find(filter, { ...options, limit: -1, batchSize: 1 });
    cursor.label = `findOne on ${this.collectionName}`;
    const document = await cursor.next();
    await cursor.close();
    return document;
  }

  aggregate(pipeline = [], options = {}) {
    if (!Array.isArray(pipeline)) throw invalid('Argument "pipeline" must be an array of aggregation stages');
    return new AggregationCursor(this.db, this.collectionName, pipeline, options);
  }

  async countDocuments(filter = {}, given = {}) {
    const options = given ?? {};
    const pipeline = [{ $match: filter }];
    if (typeof options.skip === 'number') pipeline.push({ $skip: options.skip });
    if (typeof options.limit === 'number') pipeline.push({ $limit: options.limit });
    pipeline.push({ $group: { _id: 1, n: { $sum: 1 } } });
    const { skip, limit, ...rest } = options;
    const cursor = this.aggregate(pipeline, rest);
    cursor.label = `countDocuments on ${this.collectionName}`;
    const counted = await cursor.next();
    await cursor.close();
    return counted?.n ?? 0;
  }

  async estimatedDocumentCount(options = {}) {
    const reply = await this.#run({ count: this.collectionName, ...pick(options, ['maxTimeMS', 'comment', 'hint']) },
      options, 'read', 'estimatedDocumentCount');
    return reply.n || 0;
  }

  async distinct(key, filter = {}, options = {}) {
    const command = { distinct: this.collectionName, key, query: filter,
      ...pick(options, ['collation', 'maxTimeMS', 'comment', 'hint', 'readConcern']) };
    return (await this.#run(command, options, 'read', 'distinct')).values;
  }

  // --- writing

  /** Gives a document an `_id`, on the caller's own object, as the driver does. */
  withId(document, options = {}) {
    if (document === null || typeof document !== 'object') throw invalid('Document must be an object');
    if (options?.forceServerObjectId === true) return document;
    if (document instanceof Map) {
      if (!document.has('_id')) document.set('_id', new ObjectId());
    } else if (document._id === undefined || document._id === null) {
      document._id = new ObjectId();
    }
    return document;
  }

  async insertOne(document, options = {}) {
    const own = this.withId(document, options);
    await this.#write({ insert: this.collectionName, documents: [own], ordered: true }, options, 'insertOne');
    return { acknowledged: true, insertedId: own instanceof Map ? own.get('_id') : own._id };
  }

  async insertMany(documents, options = {}) {
    if (!Array.isArray(documents)) throw invalid('Argument "docs" must be an array of documents');
    const result = await insertMany(this, documents, options);
    return { acknowledged: true, insertedCount: result.insertedCount, insertedIds: result.insertedIds };
  }

  async bulkWrite(operations, options = {}) { return bulkWrite(this, operations, options); }

  initializeOrderedBulkOp(options = {}) { return new BulkOperation(this, options, true); }
  initializeUnorderedBulkOp(options = {}) { return new BulkOperation(this, options, false); }

  async updateOne(filter, update, options = {}) {
    return this.#update(filter, update, options, false, 'updateOne', requireUpdate);
  }

  async updateMany(filter, update, options = {}) {
    return this.#update(filter, update, options, true, 'updateMany', requireUpdate);
  }

  async replaceOne(filter, replacement, options = {}) {
    return this.#update(filter, replacement, options, false, 'replaceOne', requireReplacement);
  }

  async #update(filter, update, options, multi, name, check) {
    const statement = updateStatement(filter, update, options, multi);
    check(update);
    const command = { update: this.collectionName, updates: [statement], ordered: true };
    const reply = await this.#write(command, options, name, multi);
    const upserted = reply.upserted ?? [];
    return {
      acknowledged: true,
      modifiedCount: reply.nModified ?? reply.n,
      upsertedId: upserted.length > 0 ? upserted[0]._id : null,
      upsertedCount: upserted.length,
      matchedCount: upserted.length > 0 ? 0 : reply.n,
    };
  }

  async deleteOne(filter = {}, options = {}) { return this.#delete(filter, options, 1, 'deleteOne'); }
  async deleteMany(filter = {}, options = {}) { return this.#delete(filter, options, 0, 'deleteMany'); }

  async #delete(filter, options, limit, name) {
    const statement = { q: filter, limit, ...pick(options, ['hint', 'collation']) };
    const reply = await this.#write({ delete: this.collectionName, deletes: [statement], ordered: true }, options, name, limit === 0);
    return { acknowledged: true, deletedCount: reply.n };
  }

  async findOneAndUpdate(filter, update, options = {}) {
    requireUpdate(update);
    return this.#modify(filter, { update }, options, 'findOneAndUpdate');
  }

  async findOneAndReplace(filter, replacement, options = {}) {
    requireReplacement(replacement);
    return this.#modify(filter, { update: replacement }, options, 'findOneAndReplace');
  }

  async findOneAndDelete(filter, options = {}) {
    return this.#modify(filter, { remove: true }, options, 'findOneAndDelete');
  }

  async #modify(filter, change, options, name) {
    if (filter === null || typeof filter !== 'object') throw invalid('Argument "filter" must be an object');
    const command = { findAndModify: this.collectionName, query: filter, remove: false, ...change };
    if (!change.remove) {
      command.new = options.returnDocument === 'after';
      command.upsert = options.upsert === true;
      Object.assign(command, pick(options, ['arrayFilters', 'bypassDocumentValidation']));
    }
    const sort = formatSort(options.sort);
    if (sort) command.sort = sort;
    if (options.projection) command.fields = options.projection;
    Object.assign(command, pick(options, ['maxTimeMS', 'let', 'comment', 'hint', 'collation', 'writeConcern']));
    const reply = await this.#run(command, options, 'write', name, throwWriteError);
    return options.includeResultMetadata ? reply : reply.value ?? null;
  }

  /** Statements that touch many documents must not be sent twice. */
  async #write(command, options, name, many = false) {
    const kind = many ? 'write-plain' : 'write';
    return this.#run({ ...command, ...pick(options, WRITE_OPTIONS) }, options, kind, name, throwWriteError);
  }

  #run(command, options, kind, name, check) {
    return this.db.runCommand(command, options, kind, `${name} on ${this.collectionName}`, check);
  }

  // --- indexes

  async createIndex(spec, options = {}) {
    return (await this.#createIndexes([{ ...options, key: spec }], options, 'createIndex'))[0];
  }

  async createIndexes(specs, options = {}) { return this.#createIndexes(specs, options, 'createIndexes'); }

  async #createIndexes(specs, options, name) {
    const indexes = specs.map(({ key: spec, ...rest }) => {
      const key = indexKeys(spec);
      const index = { name: rest.name ?? indexName(key), key };
      for (const option of Object.keys(rest)) {
        if (!INDEX_OPTIONS.has(option) || rest[option] === undefined || option === 'name') continue;
        index[option === 'version' ? 'v' : option] = rest[option];
      }
      return index;
    });
    const command = { createIndexes: this.collectionName, indexes, ...pick(options, ['commitQuorum', 'maxTimeMS', 'comment', 'writeConcern']) };
    await this.#run(command, options, 'write-plain', name);
    return indexes.map(index => index.name);
  }

  async dropIndex(index, options = {}) {
    return this.#run({ dropIndexes: this.collectionName, index, ...pick(options, ['maxTimeMS', 'comment', 'writeConcern']) },
      options, 'write-plain', 'dropIndex');
  }

  async dropIndexes(options = {}) {
    try {
      await this.dropIndex('*', options);
      return true;
    } catch (error) {
      // No such collection.
      if (error instanceof MongoServerError && error.code === 26) return false;
      throw error;
    }
  }

  listIndexes(options = {}) {
    return new CommandCursor(this.db, this.collectionName, `listIndexes on ${this.collectionName}`,
      { listIndexes: this.collectionName, ...pick(options, ['comment', 'maxTimeMS']) }, options);
  }

  async indexes(options = {}) {
    const indexes = await this.listIndexes(options).toArray();
    if (options.full ?? true) return indexes;
    return Object.fromEntries(indexes.map(({ name, key }) => [name, Object.entries(key)]));
  }

  async indexInformation(options = {}) { return this.indexes({ ...options, full: options.full ?? false }); }

  async indexExists(names, options = {}) {
    const existing = new Set((await this.listIndexes(options).toArray()).map(index => index.name));
    return (Array.isArray(names) ? names : [names]).every(name => existing.has(name));
  }

  // --- the collection itself

  async drop(options = {}) { return this.db.dropCollection(this.collectionName, options); }

  async rename(newName, options = {}) {
    return this.db.renameCollection(this.collectionName, newName, options);
  }

  async options(options = {}) {
    return (await this.#info(options)).options ?? {};
  }

  async isCapped(options = {}) { return (await this.#info(options)).options?.capped === true; }

  async #info(options) {
    const [info] = await this.db.listCollections({ name: this.collectionName }, options).toArray();
    if (!info) throw invalid(`collection ${this.namespace} not found`);
    return info;
  }

  watch() { throw notOffered('collection.watch()', 'a change stream has no place in work that ends'); }

  // --- older spellings, each saying once that it is deprecated

  async update(filter, update, options = {}) {
    deprecate('collection.update()', 'updateOne, updateMany or bulkWrite');
    return options?.multi ? this.updateMany(filter, update, options) : this.updateOne(filter, update, options);
  }

  async insert(documents, options = {}) {
    deprecate('collection.insert()', 'insertOne, insertMany or bulkWrite');
    return Array.isArray(documents) ? this.insertMany(documents, options) : this.insertMany([documents], options);
  }

  async remove(filter, options = {}) {
    deprecate('collection.remove()', 'deleteOne, deleteMany or bulkWrite');
    return options?.single || options?.justOne ? this.deleteOne(filter, options) : this.deleteMany(filter, options);
  }

  async count(filter = {}, options = {}) {
    deprecate('collection.count()', 'countDocuments or estimatedDocumentCount');
    const command = { count: this.collectionName, query: filter, ...pick(options, ['limit', 'skip', 'hint', 'maxTimeMS', 'collation']) };
    return (await this.#run(command, options, 'read', 'count')).n;
  }

  async stats(options = {}) {
    deprecate('collection.stats()', 'the $collStats aggregation stage');
    return this.#run({ collStats: this.collectionName, ...pick(options, ['scale']) }, options, 'read', 'stats');
  }
}

/** A reply with `ok: 1` can still say that the write failed. */
function throwWriteError(reply) {
  const failed = reply.writeErrors?.[0];
  if (failed) throw new MongoServerError(failed);
  if (reply.writeConcernError) throw new MongoWriteConcernError(reply);
}

function checkName(name) {
  if (typeof name !== 'string') throw invalid('Collection name must be a String');
  if (name === '' || name.includes('..')) throw invalid('Collection names cannot be empty');
  if (name.includes('$') && !/((^\$cmd)|(oplog\.\$main))/.test(name)) throw invalid("Collection names must not contain '$'");
  if (/^\.|\.$/.test(name)) throw invalid("Collection names must not start or end with '.'");
  if (name.includes('\0')) throw invalid('Collection names cannot contain a null character');
}
