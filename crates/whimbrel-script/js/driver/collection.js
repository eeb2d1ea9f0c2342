// `Collection`: the verbs are in files of their own, by subject; here is who is asked.

import { initializeOrdered, initializeUnordered, bulkWrite, insertMany } from './bulk/operation.js';
import * as counts from './counts.js';
import { AggregationCursor } from './cursor/aggregation.js';
import { FindCursor } from './cursor/find.js';
import { ListIndexesCursor, ListSearchIndexesCursor } from './cursor/lists.js';
import { MongoAPIError, invalid, notOffered } from './errors.js';
import * as modify from './find_and_modify.js';
import * as indexes from './indexes.js';
import { placeAt } from './operation.js';
import { childScope, resolve } from './options.js';
import { formatHint } from './shapes.js';
import { INSPECT, SCOPE, hide } from './symbols.js';
import { MongoDBCollectionNamespace } from './values/namespace.js';
import * as writes from './writes.js';

export class Collection {
  constructor(db, name, options) {
    const own = { namespace: new MongoDBCollectionNamespace(db.databaseName, name) };
    const scope = childScope(db[SCOPE], options, own);
    hide(this, { db, [SCOPE]: scope, options_: { ...options }, hint_: undefined });
  }

  get dbName() { return this[SCOPE].namespace.db; }
  get collectionName() { return this[SCOPE].namespace.collection; }
  get namespace() { return this[SCOPE].namespace.toString(); }
  get fullNamespace() { return this[SCOPE].namespace; }
  get readConcern() { return this[SCOPE].readConcern; }
  get readPreference() { return this[SCOPE].readPreference; }
  get writeConcern() { return this[SCOPE].writeConcern; }
  get bsonOptions() { return this[SCOPE].bson; }
  get timeoutMS() { return this[SCOPE].client.timeoutMS; }
  get hint() { return this.hint_; }
  set hint(value) { this.hint_ = formatHint(value); }
  [INSPECT]() { return `Collection { ${this.namespace} }`; }

  // --- reading

  find(filter = {}, options = {}) { return new FindCursor(this[SCOPE], filter, resolve(this[SCOPE], options)); }

  async findOne(filter = {}, options = {}) {
    const cursor = this.find(filter, { ...options, singleBatch: true }).limit(1);
    cursor.label = `findOne on ${this.collectionName}`;
    const document = await cursor.next();
    await cursor.close();
    return document;
  }

  aggregate(pipeline = [], options = {}) {
    if (!Array.isArray(pipeline)) throw invalid('Argument "pipeline" must be an array of aggregation stages');
    return new AggregationCursor(this[SCOPE], pipeline, resolve(this[SCOPE], options));
  }

  async countDocuments(filter = {}, options = {}) { return counts.countDocuments(this, filter, resolve(this[SCOPE], options)); }
  async estimatedDocumentCount(options) { return counts.estimatedDocumentCount(this, options); }
  async count(filter = {}, options = {}) { return counts.count(this, filter, options); }
  async distinct(key, filter = {}, options = {}) { return counts.distinct(this, key, filter, options); }

  // --- writing

  async insertOne(document, options) { return writes.insertOne(this, document, options); }
  async insertMany(documents, options) { return insertMany(this, documents, options); }
  async bulkWrite(operations, options) { return bulkWrite(this, operations, options); }
  initializeOrderedBulkOp(options) { return initializeOrdered(this, options); }
  initializeUnorderedBulkOp(options) { return initializeUnordered(this, options); }

  async updateOne(filter, update, options) { return writes.updateWith(this, filter, update, options, false); }
  async updateMany(filter, update, options) { return writes.updateWith(this, filter, update, options, true); }
  async replaceOne(filter, replacement, options) { return writes.replaceOne(this, filter, replacement, options); }
  async deleteOne(filter = {}, options = {}) { return writes.deleteWhere(this, filter, options, false); }
  async deleteMany(filter = {}, options = {}) { return writes.deleteWhere(this, filter, options, true); }

  async findOneAndUpdate(filter, update, options) { return modify.findOneAndUpdate(this, filter, update, options); }
  async findOneAndReplace(filter, replacement, options) { return modify.findOneAndReplace(this, filter, replacement, options); }
  async findOneAndDelete(filter, options) { return modify.findOneAndDelete(this, filter, options); }

  // --- indexes

  async createIndex(spec, options, commandOptions) { return indexes.createIndex(this, spec, options, commandOptions); }
  async createIndexes(specs, options, allowUnknown) { return indexes.createIndexes(this, specs, options, allowUnknown); }
  async dropIndex(index, options) { return indexes.dropIndex(this, index, options); }
  async dropIndexes(options) { return indexes.dropIndexes(this, options); }
  listIndexes(options) { return new ListIndexesCursor(this, options); }
  async indexes(options) { return indexes.indexInformation(this, { ...options, full: options?.full ?? true }); }
  async indexInformation(options) { return indexes.indexInformation(this, { ...options, full: options?.full ?? false }); }
  async indexExists(names, options) { return indexes.indexExists(this, names, options); }

  listSearchIndexes(nameOrOptions, options) {
    const isNamed = typeof nameOrOptions === 'string';
    const given = isNamed ? options : nameOrOptions;
    return new ListSearchIndexesCursor(this, isNamed ? nameOrOptions : null, given ?? {});
  }

  async createSearchIndex(description) { return (await indexes.createSearchIndexes(this, [description]))[0]; }
  async createSearchIndexes(descriptions) { return indexes.createSearchIndexes(this, descriptions); }
  async updateSearchIndex(name, definition) { return indexes.updateSearchIndex(this, name, definition); }
  async dropSearchIndex(name) { return indexes.dropSearchIndex(this, name); }

  // --- the collection itself

  async drop(options) { return this.db.dropCollection(this.collectionName, options); }

  async rename(newName, options) {
    return this.db.renameCollection(this.collectionName, newName, { ...options, options_: this.options_ });
  }

  async options(options) { return (await this.#info(options)).options; }
  async isCapped(options) { return (await this.#info(options)).options?.capped ?? false; }

  async #info(options) {
    const site = new Error();
    const cursor = this.db.listCollections({ name: this.collectionName }, { ...options, nameOnly: false });
    const [info] = await cursor.toArray();
    if (!info) throw placeAt(new MongoAPIError(`collection ${this.namespace} not found`), site);
    return info;
  }

  watch() { throw notOffered('collection.watch()', 'a change stream has no place in work that ends; read what is there with find()'); }
}
