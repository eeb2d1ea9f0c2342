// The public surface of the official driver, and what becomes of each part of it here.
//
// The one list from which `docs/driver.md` is made. `tests/node/surface.test.mjs` compares it with the typings of the npm
// package and with what the façade really has, so a member that is new there, or gone here, fails a test.
//
// | support | meaning |
// | --- | --- |
// | `supported` | does what the driver does |
// | `accepted` | may be written, and has no effect, or less than in the driver: the note says which |
// | `refused` | throws an error with the code `ERR_NOT_OFFERED` that says what to do instead |
//
// The engine does not load this file.

const entries = [];

/** Adds members of a class. `text` names them; `note` may say something of each, by name. */
function add(support, kind, className, text, notes = {}) {
  for (const member of text.split(/\s+/).filter(Boolean)) {
    const entry = { class: className, member, kind, support };
    if (Object.hasOwn(notes, member)) entry.note = notes[member];
    entries.push(entry);
  }
}

/** A whole class of which no member is worth a line of its own. */
function whole(support, className, note) {
  entries.push({ class: className, member: '*', kind: 'class', support, note });
}

const STREAMS = 'a change stream has no place in work that ends';
const INHERITED = 'checked and handed down';

// ---- client, database, collection

add('supported', 'method', 'MongoClient', 'bulkWrite connect close db startSession withSession [Symbol.asyncDispose]', {
  bulkWrite: 'in parts of at most 16 MiB', connect: 'the run is connected already',
  close: 'does nothing: the run closes its connection', '[Symbol.asyncDispose]': 'does nothing',
});
add('supported', 'property', 'MongoClient', 'options serverApi readConcern writeConcern readPreference bsonOptions timeoutMS', {
  options: 'without hosts, credentials and anything else of the connection',
});
add('accepted', 'method', 'MongoClient', 'appendMetadata');
add('refused', 'method', 'MongoClient', 'watch', { watch: STREAMS });
add('refused', 'method', 'MongoClient', 'constructor', { constructor: 'use the `client` that the migration is given' });
add('refused', 'static', 'MongoClient', 'connect', { connect: 'use the `client` that the migration is given' });

add('supported', 'method', 'Db', `constructor createCollection command aggregate admin collection stats listCollections
  renameCollection dropCollection
  dropDatabase collections createIndex removeUser setProfilingLevel profilingLevel indexInformation runCursorCommand`);
add('supported', 'property', 'Db',
  'client databaseName options secondaryOk readConcern readPreference bsonOptions writeConcern namespace timeoutMS');
add('supported', 'static', 'Db', `SYSTEM_NAMESPACE_COLLECTION SYSTEM_INDEX_COLLECTION SYSTEM_PROFILE_COLLECTION
  SYSTEM_USER_COLLECTION
  SYSTEM_COMMAND_COLLECTION SYSTEM_JS_COLLECTION`);
add('refused', 'method', 'Db', 'watch', { watch: STREAMS });

add('supported', 'method', 'Collection', `insertOne insertMany bulkWrite updateOne replaceOne updateMany deleteOne deleteMany
  rename drop findOne find options
  isCapped createIndex createIndexes dropIndex dropIndexes listIndexes indexExists indexInformation estimatedDocumentCount
  countDocuments distinct indexes
  findOneAndDelete findOneAndReplace findOneAndUpdate aggregate initializeUnorderedBulkOp initializeOrderedBulkOp count
  listSearchIndexes createSearchIndex
  createSearchIndexes dropSearchIndex updateSearchIndex`);
add('supported', 'property', 'Collection',
  'db dbName collectionName namespace readConcern readPreference bsonOptions writeConcern hint timeoutMS');
add('refused', 'method', 'Collection', 'watch', { watch: STREAMS });

add('supported', 'method', 'Admin',
  'command buildInfo serverInfo serverStatus ping removeUser validateCollection listDatabases replSetGetStatus');

// ---- cursors

add('supported', 'method', 'AbstractCursor', `[Symbol.asyncDispose] bufferedCount readBufferedDocuments [Symbol.asyncIterator]
  stream hasNext next tryNext forEach
  close toArray addCursorFlag map withReadPreference withReadConcern maxTimeMS batchSize rewind clone`, {
  addCursorFlag: 'a tailable cursor ends when it has given what there is', clone: 'keeps all settings, also the batch size',
});
add('supported', 'property', 'AbstractCursor', 'id namespace readPreference readConcern closed killed loadBalanced');
add('supported', 'static', 'AbstractCursor', 'CLOSE');
add('supported', 'method', 'ExplainableCursor', 'explain', { explain: 'of find and aggregation cursors' });
add('supported', 'method', 'FindCursor', `clone map count explain filter hint min max returnKey showRecordId addQueryModifier
  comment maxTimeMS project sort
  allowDiskUse collation limit skip`, { count: 'says that it is deprecated' });
add('accepted', 'method', 'FindCursor', 'maxAwaitTimeMS', { maxAwaitTimeMS: 'nothing waits for documents to come' });
add('supported', 'method', 'AggregationCursor',
  'clone map explain addStage group limit match out project lookup redact skip sort unwind geoNear');
add('supported', 'property', 'AggregationCursor', 'pipeline');
add('supported', 'method', 'ListCollectionsCursor', 'constructor clone');
add('supported', 'property', 'ListCollectionsCursor', 'parent filter options');
add('supported', 'method', 'ListIndexesCursor', 'constructor clone');
add('supported', 'property', 'ListIndexesCursor', 'parent options');
whole('supported', 'ListSearchIndexesCursor', 'what `collection.listSearchIndexes()` gives');
add('supported', 'method', 'RunCommandCursor', 'setBatchSize clone withReadConcern addCursorFlag maxTimeMS batchSize', {
  clone: 'throws, as in the driver', withReadConcern: 'throws, as in the driver', addCursorFlag: 'throws, as in the driver',
  maxTimeMS: 'throws, as in the driver', batchSize: 'throws, as in the driver',
});
add('accepted', 'method', 'RunCommandCursor', 'setComment setMaxTimeMS', { setComment: 'not sent with later batches',
  setMaxTimeMS: 'not sent with later batches' });
add('supported', 'property', 'RunCommandCursor', 'command getMoreOptions');

// ---- bulk writes

add('supported', 'method', 'BulkOperationBase', 'insert find raw execute addToOperationsList');
add('supported', 'property', 'BulkOperationBase', 'isOrdered length bsonOptions writeConcern batches');
add('accepted', 'property', 'BulkOperationBase', 'operationId', { operationId: 'undefined, as in the driver' });
add('supported', 'method', 'OrderedBulkOperation', 'addToOperationsList');
add('supported', 'method', 'UnorderedBulkOperation', 'handleWriteError addToOperationsList');
add('supported', 'method', 'FindOperators', 'update updateOne replaceOne deleteOne delete upsert collation arrayFilters hint');
add('supported', 'property', 'FindOperators', 'bulkOperation');
add('supported', 'method', 'BulkWriteResult', `getUpsertedIdAt getRawResponse hasWriteErrors getWriteErrorCount getWriteErrorAt
  getWriteErrors
  getWriteConcernError toString isOk`);
add('supported', 'property', 'BulkWriteResult',
  'insertedCount matchedCount modifiedCount deletedCount upsertedCount upsertedIds insertedIds ok');
add('supported', 'method', 'WriteError', 'constructor getOperation toJSON toString');
add('supported', 'property', 'WriteError', 'err code index errmsg errInfo');
add('supported', 'method', 'WriteConcernError', 'constructor toJSON toString');
add('supported', 'property', 'WriteConcernError', 'code errmsg errInfo');
add('supported', 'method', 'Batch', 'constructor');
add('supported', 'property', 'Batch', 'originalZeroIndex currentIndex originalIndexes batchType operations size');
add('accepted', 'property', 'Batch', 'serializedOperations sizeBytes', { serializedOperations: 'empty', sizeBytes: '0' });

// ---- sessions

add('supported', 'method', 'ClientSession', `endSession [Symbol.asyncDispose] equals inTransaction startTransaction
  commitTransaction abortTransaction toBSON
  withTransaction`, { startTransaction: 'throws at once when the session has ended' });
add('supported', 'property', 'ClientSession', `hasEnded clientOptions supports explicit
  defaultTransactionOptions snapshotEnabled timeoutMS id
  serverSession loadBalanced isPinned`);
add('accepted', 'method', 'ClientSession', 'advanceOperationTime advanceClusterTime incrementTransactionNumber', {
  advanceOperationTime: 'checked and kept, not sent: there is one connection',
  advanceClusterTime: 'checked and kept, not sent: there is one connection',
  incrementTransactionNumber: 'numbers are given out by the engine',
});
add('supported', 'property', 'ServerSession', 'id');
add('accepted', 'property', 'ServerSession', 'lastUse txnNumber isDirty',
  { txnNumber: 'counts the transactions that were started' });
add('accepted', 'method', 'ServerSession', 'hasTimedOut', { hasTimedOut: 'always false: sessions are kept alive' });

add('accepted', 'property', 'ClientSession', 'clusterTime operationTime', {
  clusterTime: 'where it is known, or was advanced to', operationTime: 'where it is known, or was advanced to',
});

// ---- values

add('supported', 'method', 'ReadPreference', 'constructor isValid secondaryOk equals toJSON');
add('accepted', 'property', 'ReadPreference', 'mode tags hedge maxStalenessSeconds preference', {
  mode: `${INHERITED}; reads go where the connection string says`,
});
add('supported', 'static', 'ReadPreference', `PRIMARY PRIMARY_PREFERRED SECONDARY SECONDARY_PREFERRED NEAREST primary
  primaryPreferred secondary
  secondaryPreferred nearest fromString fromOptions translate isValid`);
add('supported', 'method', 'ReadConcern', 'constructor toJSON');
add('supported', 'property', 'ReadConcern', 'level');
add('supported', 'static', 'ReadConcern', 'fromOptions MAJORITY AVAILABLE LINEARIZABLE SNAPSHOT');
add('supported', 'method', 'WriteConcern', 'constructor');
add('supported', 'property', 'WriteConcern', 'w journal wtimeoutMS wtimeout j');
add('accepted', 'property', 'WriteConcern', 'fsync', { fsync: 'becomes `j`' });
add('supported', 'static', 'WriteConcern', 'apply fromOptions');
add('supported', 'method', 'MongoDBNamespace', 'constructor toString withCollection');
add('supported', 'property', 'MongoDBNamespace', 'db collection');
add('supported', 'static', 'MongoDBNamespace', 'fromString');
add('supported', 'method', 'MongoDBCollectionNamespace', 'constructor');
add('supported', 'property', 'MongoDBCollectionNamespace', 'collection');
add('supported', 'static', 'MongoDBCollectionNamespace', 'fromString');

// ---- errors

add('supported', 'method', 'MongoError', 'constructor hasErrorLabel addErrorLabel');
add('supported', 'property', 'MongoError', 'errorLabels name errmsg');
add('accepted', 'property', 'MongoError', 'code topologyVersion connectionGeneration cause', {
  code: 'where there is one', cause: 'where there is one', topologyVersion: 'never set', connectionGeneration: 'never set',
});
add('supported', 'method', 'MongoServerError', 'constructor');
add('supported', 'property', 'MongoServerError', 'errorResponse name');
add('accepted', 'property', 'MongoServerError', 'codeName writeConcernError errInfo ok', {
  codeName: 'where the server says it', writeConcernError: 'where the server says it', errInfo: 'where the server says it',
  ok: 'where the server says it',
});
add('supported', 'method', 'MongoBulkWriteError', 'constructor');
add('supported', 'property', 'MongoBulkWriteError', `result writeErrors name insertedCount matchedCount modifiedCount
  deletedCount upsertedCount insertedIds
  upsertedIds`);
add('accepted', 'property', 'MongoBulkWriteError', 'err', { err: 'of a failed write concern' });
add('supported', 'method', 'MongoClientBulkWriteError', 'constructor');
add('supported', 'property', 'MongoClientBulkWriteError', 'writeConcernErrors writeErrors name');
add('accepted', 'property', 'MongoClientBulkWriteError', 'partialResult',
  { partialResult: 'of errors that `client.bulkWrite` throws' });
add('supported', 'method', 'MongoWriteConcernError', 'constructor');
add('supported', 'property', 'MongoWriteConcernError', 'result name');
add('supported', 'method', 'MongoMissingDependencyError', 'constructor');
add('supported', 'property', 'MongoMissingDependencyError', 'dependencyName name');
add('accepted', 'property', 'MongoMissingDependencyError', 'cause', { cause: 'where one was given' });
add('supported', 'method', 'MongoSystemError', 'constructor');
add('supported', 'property', 'MongoSystemError', 'name');
add('accepted', 'property', 'MongoSystemError', 'reason', { reason: 'never set' });
for (const [name, own] of [['MongoCryptAzureKMSRequestError', 'body'], ['MongoCryptCreateDataKeyError', 'encryptedFields'],
  ['MongoCryptCreateEncryptedCollectionError', 'encryptedFields']]) {
  add('supported', 'method', name, 'constructor');
  add('supported', 'property', name, `${own} name`);
}
for (const name of [
  'MongoAPIError', 'MongoAWSError', 'MongoAzureError', 'MongoBatchReExecutionError', 'MongoChangeStreamError',
  'MongoClientBulkWriteCursorError', 'MongoClientBulkWriteExecutionError', 'MongoClientClosedError', 'MongoCompatibilityError',
  'MongoCryptError', 'MongoCryptInvalidArgumentError',
  'MongoCryptKMSRequestNetworkTimeoutError', 'MongoCursorExhaustedError', 'MongoCursorInUseError', 'MongoDecompressionError',
  'MongoDriverError', 'MongoExpiredSessionError', 'MongoGCPError', 'MongoGridFSChunkError', 'MongoGridFSStreamError',
  'MongoInvalidArgumentError', 'MongoKerberosError',
  'MongoMissingCredentialsError', 'MongoNetworkError', 'MongoNetworkTimeoutError', 'MongoNotConnectedError', 'MongoOIDCError',
  'MongoOperationTimeoutError', 'MongoParseError', 'MongoRuntimeError', 'MongoServerClosedError', 'MongoServerSelectionError',
  'MongoStalePrimaryError', 'MongoTailableCursorError',
  'MongoTopologyClosedError', 'MongoTransactionError', 'MongoUnexpectedServerResponseError',
]) whole('supported', name, undefined);

// ---- what a migration has no use for

const FILES = 'read and write the collections `fs.files` and `fs.chunks` themselves, or use a tool for files';
whole('refused', 'ChangeStream', STREAMS);
whole('refused', 'ClientEncryption', 'encrypt and decrypt in the application');
whole('refused', 'GridFSBucket', FILES);
whole('refused', 'GridFSBucketReadStream', FILES);
whole('refused', 'GridFSBucketWriteStream', FILES);
for (const name of [
  'CommandFailedEvent', 'CommandStartedEvent', 'CommandSucceededEvent', 'ConnectionCheckedInEvent', 'ConnectionCheckedOutEvent',
  'ConnectionCheckOutFailedEvent', 'ConnectionCheckOutStartedEvent', 'ConnectionClosedEvent', 'ConnectionCreatedEvent',
  'ConnectionPoolClearedEvent',
  'ConnectionPoolClosedEvent', 'ConnectionPoolCreatedEvent', 'ConnectionPoolMonitoringEvent', 'ConnectionPoolReadyEvent',
  'ConnectionReadyEvent', 'ServerClosedEvent', 'ServerDescriptionChangedEvent', 'ServerHeartbeatFailedEvent',
  'ServerHeartbeatStartedEvent', 'ServerHeartbeatSucceededEvent',
  'ServerOpeningEvent', 'TopologyClosedEvent', 'TopologyDescriptionChangedEvent', 'TopologyOpeningEvent',
]) whole('accepted', name, 'nobody is told of connections and servers');
for (const name of ['HostAddress', 'MongoCredentials', 'ServerDescription', 'StreamDescription', 'TopologyDescription']) {
  whole('accepted', name, 'of the connection; nothing gives one');
}
whole('supported', 'TypedEventEmitter',
  '`close` of cursors and `ended` of sessions come; other events can be listened to and never come');

/** Exports of the module `mongodb` that are no classes of the above, by what becomes of them. */
const exported = {
  supported: `BSON Binary BSONRegExp BSONSymbol BSONType Code DBRef Decimal128 Double Int32 Long MaxKey MinKey ObjectId
  Timestamp UUID BatchType
    AutoEncryptionLoggerLevel GSSAPICanonicalizationValue AuthMechanism Compressor CURSOR_FLAGS CursorTimeoutMode
    MongoErrorLabel ExplainVerbosity ServerApiVersion
    MongoLoggableComponent SeverityLevel ReturnDocument ProfilingLevel ReadConcernLevel ReadPreferenceMode ServerType
    TopologyType`,
  accepted: `CancellationToken ServerSelectionEvent ServerSelectionFailedEvent ServerSelectionStartedEvent
  ServerSelectionSucceededEvent
    WaitingForSuitableServerEvent SrvPollingEvent`,
  refused: 'ChangeStreamCursor MongoClientAuthProviders',
};
for (const [support, text] of Object.entries(exported)) add(support, 'export', 'mongodb', text);

/** Every public member of the driver: `{ class, member, kind, support, note? }`. */
export const surface = Object.freeze(entries);

// ---- options

/** The options of the driver's methods, by interface of the typings: those that each adds to what it extends. */
const OPTIONS = {
  AbstractCursorOptions: `
    session readPreference readConcern batchSize maxTimeMS maxAwaitTimeMS comment tailable awaitData noCursorTimeout timeoutMS
    timeoutMode`,
  AggregateOptions: 'allowDiskUse batchSize bypassDocumentValidation cursor maxTimeMS maxAwaitTimeMS collation hint let out explain',
  BSONSerializeOptions: 'raw enableUtf8Validation',
  BulkWriteOptions: 'bypassDocumentValidation ordered forceServerObjectId let',
  ClientBulkWriteOptions: 'ordered bypassDocumentValidation let verboseResults',
  ClientDeleteManyModel: 'name filter collation hint',
  ClientDeleteOneModel: 'name filter collation hint',
  ClientInsertOneModel: 'name document',
  ClientReplaceOneModel: 'name filter replacement collation hint upsert sort',
  ClientSessionOptions: 'causalConsistency snapshot defaultTransactionOptions defaultTimeoutMS',
  ClientUpdateManyModel: 'name filter update arrayFilters collation hint upsert',
  ClientUpdateOneModel: 'name filter update arrayFilters collation hint upsert sort',
  ClientWriteModel: 'namespace',
  CollectionOptions: 'readConcern readPreference timeoutMS',
  CommandOperationOptions: 'readConcern collation maxTimeMS comment dbName authdb',
  CountDocumentsOptions: 'skip limit',
  CountOptions: 'skip limit maxTimeMS hint',
  CreateCollectionOptions: `
    capped size max flags storageEngine validator validationLevel validationAction indexOptionDefaults viewOn pipeline
    pkFactory timeseries
    clusteredIndex expireAfterSeconds encryptedFields changeStreamPreAndPostImages`,
  CreateIndexesOptions: `
    background unique name partialFilterExpression sparse expireAfterSeconds storageEngine commitQuorum version weights
    default_language
    language_override textIndexVersion 2dsphereIndexVersion bits min max bucketSize wildcardProjection hidden collation`,
  CreateIndexOptions: 'commitQuorum',
  DbOptions: 'authSource forceServerObjectId readPreference pkFactory readConcern retryWrites timeoutMS',
  DbStatsOptions: 'scale',
  DeleteManyModel: 'filter collation hint',
  DeleteOneModel: 'filter collation hint',
  DeleteOptions: 'ordered collation hint let',
  DropCollectionOptions: 'encryptedFields',
  EndSessionOptions: 'force forceClear timeoutMS',
  EstimatedDocumentCountOptions: 'maxTimeMS',
  ExplainCommandOptions: 'verbosity maxTimeMS',
  ExplainOptions: 'explain',
  FindOneAndDeleteOptions: 'hint projection sort let includeResultMetadata',
  FindOneAndReplaceOptions: 'bypassDocumentValidation hint projection returnDocument sort upsert let includeResultMetadata',
  FindOneAndUpdateOptions: 'arrayFilters bypassDocumentValidation hint projection returnDocument sort upsert let includeResultMetadata',
  FindOptions: `
    limit sort projection skip hint timeout tailable awaitData batchSize returnKey min max maxTimeMS maxAwaitTimeMS
    noCursorTimeout collation
    allowDiskUse singleBatch allowPartialResults showRecordId let oplogReplay explain`,
  IndexInformationOptions: 'full',
  InsertOneModel: 'document',
  InsertOneOptions: 'bypassDocumentValidation forceServerObjectId',
  ListCollectionsOptions: 'nameOnly authorizedCollections batchSize',
  ListDatabasesOptions: 'filter nameOnly authorizedDatabases',
  OperationOptions: 'session willRetryWrite readPreference timeoutMS',
  RenameOptions: 'dropTarget new_collection',
  ReplaceOneModel: 'filter replacement collation hint upsert sort',
  ReplaceOptions: 'bypassDocumentValidation collation hint upsert let sort',
  TransactionOptions: 'readConcern writeConcern readPreference maxCommitTimeMS',
  UpdateManyModel: 'filter update arrayFilters collation hint upsert',
  UpdateOneModel: 'filter update arrayFilters collation hint upsert sort',
  UpdateOptions: 'arrayFilters bypassDocumentValidation collation hint upsert let',
  ValidateCollectionOptions: 'background',
  WriteConcernOptions: 'writeConcern',
};

/** Options that are not simply done as the driver does them, or that need a word. */
const OPTION_NOTES = {
  readPreference: ['accepted', 'checked, also against the rules of transactions; reads go where the connection string says'],
  timeoutMS: ['supported', 'as a limit on the server for each command, and on the attempts of `withTransaction`'],
  timeoutMode: ['accepted', 'the limit holds for each command'],
  maxAwaitTimeMS: ['accepted', 'nothing waits for documents to come'],
  awaitData: ['accepted', 'sent; nothing waits for documents to come'],
  tailable: ['supported', 'the cursor ends when it has given what there is'],
  willRetryWrite: ['accepted', 'retrying is decided in the engine'],
  retryWrites: ['accepted', 'retrying is decided in the engine'],
  authdb: ['accepted', 'has no effect in the driver either'],
  authSource: ['accepted', 'the run is connected already'],
  new_collection: ['accepted', 'has no effect in the driver either'],
  force: ['accepted', 'has no effect in the driver either'],
  forceClear: ['accepted', 'has no effect in the driver either'],
  defaultTimeoutMS: ['accepted', 'shown as `timeoutMS` of the session'],
  encryptedFields: ['supported', 'makes and drops the collections beside it; values are not encrypted'],
  snapshot: ['supported', 'every command carries the snapshot read concern'],
  raw: ['supported', 'documents as bytes'],
};

/** `{ interface, option, support, note? }`. */
export const options = Object.freeze(Object.entries(OPTIONS).flatMap(([name,
  text]) => text.split(/\s+/).filter(Boolean).map(option => {
  const [support, note] = Object.hasOwn(OPTION_NOTES, option) ? OPTION_NOTES[option] : ['supported'];
  return note ? { interface: name, option, support, note } : { interface: name, option, support };
})));
