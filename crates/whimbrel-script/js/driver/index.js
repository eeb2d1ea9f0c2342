// The modules `mongodb` and `bson`, and the client of a run.

import * as bson from '../bson/index.js';
import { ByteUtils, NumberUtils } from '../bson/byte_utils.js';
import * as bytes from '../bson/serialize.js';
import { EJSON } from '../ejson.js';
import { Admin } from './admin.js';
import { OrderedBulkOperation, UnorderedBulkOperation } from './bulk/operation.js';
import { MongoClient, makeClient } from './client.js';
import { Collection } from './collection.js';
import { AbstractCursor, ExplainableCursor } from './cursor/abstract.js';
import { AggregationCursor } from './cursor/aggregation.js';
import { FindCursor } from './cursor/find.js';
import { ListCollectionsCursor, ListIndexesCursor } from './cursor/lists.js';
import { Db } from './db.js';
import { errorClasses } from './errors.js';
import { useLegacy } from './legacy.js';
import { useOps } from './operation.js';
import { CancellationToken, eventClasses, refusedClasses } from './refused.js';
import { ClientSession } from './session.js';
import { ReadConcern, WriteConcern } from './values/concerns.js';
import { enums } from './values/enums.js';
import { ReadPreference } from './values/read_preference.js';

const { BSONError, BSONOffsetError, BSONRuntimeError, BSONVersionError, BSONType, BSONValue, bsonType, ...types } = bson;

/** The classes that Rust makes values of and recognises them by. */
export const bsonTypes = { ...types, BSONError, BSONOffsetError, BSONRuntimeError, BSONVersionError };

export const bsonModule = {
  ...types, BSONError, BSONOffsetError, BSONRuntimeError, BSONVersionError, BSONType, BSONValue, bsonType, ByteUtils, EJSON,
  NumberUtils, ...bytes,
};
// The package gives itself under this name as well.
bsonModule.BSON = Object.freeze({ ...bsonModule });

export const mongodbModule = {
  BSON: bsonModule.BSON, ...types, BSONType, ...errorClasses, ...enums, ...refusedClasses, CancellationToken, ...eventClasses,
  AbstractCursor, Admin, AggregationCursor, ClientSession, Collection, Db, ExplainableCursor, FindCursor, ListCollectionsCursor,
  ListIndexesCursor, MongoClient, OrderedBulkOperation, ReadConcern, ReadPreference, UnorderedBulkOperation, WriteConcern,
};

/**
 * Begins a run. `settings.database` is the migrated database's name, `settings.legacy` how calls of older drivers are taken
 * (`auto` by default), `settings.connection` what the connection string says of concerns and read preference.
 */
export function useFacade(ops, settings) {
  useOps(ops);
  const legacy = settings.legacy ?? 'auto';
  useLegacy(legacy);
  // The name of old for `ObjectId`.
  const mongodb = legacy === 'off' ? mongodbModule : { ...mongodbModule, ObjectID: bson.ObjectId };
  return { client: makeClient(settings), mongodb, bson: bsonModule };
}
