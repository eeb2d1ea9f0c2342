// `MongoDBNamespace`: the name of a database, or of a collection in it.

import { MongoRuntimeError } from '../errors.js';

export class MongoDBNamespace {
  constructor(db, collection) {
    this.db = db;
    this.collection = collection === '' ? undefined : collection;
  }

  toString() { return this.collection ? `${this.db}.${this.collection}` : this.db; }
  withCollection(collection) { return new MongoDBCollectionNamespace(this.db, collection); }

  static fromString(namespace) {
    if (typeof namespace !== 'string' || namespace === '') {
      throw new MongoRuntimeError(`Cannot parse namespace from "${namespace}"`);
    }
    const [db, ...rest] = namespace.split('.');
    const collection = rest.join('.');
    return new MongoDBNamespace(db, collection === '' ? undefined : collection);
  }
}

export class MongoDBCollectionNamespace extends MongoDBNamespace {
  constructor(db, collection) {
    super(db, collection);
    this.collection = collection;
  }

  static fromString(namespace) { return super.fromString(namespace); }
}
