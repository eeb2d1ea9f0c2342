// `DBRef`: the convention of pointing at a document by collection name and id.

import { BSONValue, plainInspect } from './value.js';

/** True for `{ $ref, $id }` with an optional `$db`, in whatever order. */
export function isDBRefLike(value) {
  if (typeof value !== 'object' || value === null) return false;
  if (value.$id == null || typeof value.$ref !== 'string') return false;
  return !('$db' in value) || typeof value.$db === 'string';
}

export class DBRef extends BSONValue {
  get _bsontype() {
    return 'DBRef';
  }

  /** `collection` may be `database.collection`, which then wins over `db`. */
  constructor(collection, oid, db, fields) {
    super();
    const parts = collection.split('.');
    const isQualified = parts.length === 2;
    this.collection = isQualified ? parts[1] : collection;
    this.oid = oid;
    this.db = isQualified ? parts[0] : db;
    this.fields = fields || {};
  }

  get namespace() {
    return this.collection;
  }

  set namespace(value) {
    this.collection = value;
  }

  toJSON() {
    const plain = { $ref: this.collection, $id: this.oid, ...this.fields };
    if (this.db != null) plain.$db = this.db;
    return plain;
  }

  toExtendedJSON(options) {
    const plain = { $ref: this.collection, $id: this.oid };
    if (options?.legacy) return plain;
    if (this.db) plain.$db = this.db;
    return Object.assign(plain, this.fields);
  }

  static fromExtendedJSON(doc) {
    const { $ref, $id, $db, ...fields } = doc;
    return new DBRef($ref, $id, $db, fields);
  }

  inspect(_depth, options, inspect = plainInspect) {
    const oid = inspect(this.oid, options);
    // Plain inspection prints an id as bare text, so its class is put around it here.
    const args = [inspect(this.namespace, options), inspect === plainInspect ? `new ObjectId(${oid})` : oid];
    if (this.db) args.push(inspect(this.db, options));
    if (Object.keys(this.fields).length > 0) args.push(inspect(this.fields, options));
    return `new DBRef(${args.join(', ')})`;
  }
}
