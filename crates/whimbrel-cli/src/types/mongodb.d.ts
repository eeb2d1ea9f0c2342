// What a migration of Whimbrel can import from 'mongodb', for editors and `tsc`.
//
// Written by `whimbrel types` where the project has no such package; names of types are the package's, so that a script
// checks with either. What is not offered in a migration (change streams, GridFS, connections of its own) is not here.
// A collection without a type of its own holds any documents: nothing is assumed of their fields, nor of `_id`.
//
// It is one long file because a module can be declared for a project in no other way: documents and filters come first, then
// options and results, then the classes in the order in which a script meets them, last constants and errors.

declare module 'mongodb' {
  import {
    BSON, BSONRegExp, BSONSymbol, BSONType, Binary, Code, DBRef, Decimal128, Document, Double, Int32, Long, MaxKey, MinKey,
    ObjectId, ObjectIdLike, Timestamp, UUID,
  } from 'bson';
  export {
    BSON, BSONRegExp, BSONSymbol, BSONType, Binary, Code, DBRef, Decimal128, Document, Double, Int32, Long, MaxKey, MinKey,
    ObjectId, Timestamp, UUID,
  };

  // ---- documents

  /** Whether nothing is known of a document's fields. */
  type IsOpen<T> = string extends keyof T ? true : false;

  /** The type of a document's `_id`. */
  export type InferIdType<T> =
    IsOpen<T> extends true ? any : T extends { _id: infer Id } ? Id : T extends { _id?: infer Id } ? (unknown extends Id ? ObjectId : Id) : ObjectId;
  export type EnhancedOmit<T, K> = IsOpen<T> extends true ? T : T extends any ? Pick<T, Exclude<keyof T, K>> : never;
  /** A document as it is read: with its `_id`. */
  export type WithId<T> = IsOpen<T> extends true ? T : EnhancedOmit<T, '_id'> & { _id: InferIdType<T> };
  export type WithoutId<T> = EnhancedOmit<T, '_id'>;
  /** A document as it may be written: one without an `_id` is given one. */
  export type OptionalId<T> = IsOpen<T> extends true ? T : EnhancedOmit<T, '_id'> & { _id?: InferIdType<T> };
  export type OptionalUnlessRequiredId<T> = T extends { _id: any } ? T : OptionalId<T>;
  export type Flatten<T> = T extends ReadonlyArray<infer Item> ? Item : T;

  // ---- filters

  type Numeric = number | bigint | Long | Int32 | Double | Decimal128;
  type TypeName = keyof typeof BSONType | 'number';
  /** What a field can be compared with: its value, an item of its list, or a pattern of its text. */
  export type AlternativeType<T> = T extends ReadonlyArray<infer Item>
    ? T | Comparable<Item> | null : Comparable<T> | null;
  type Comparable<T> = T extends string ? T | RegExp | BSONRegExp : T extends number | bigint | Long ? T | Numeric : T;
  /** A value, or operators. */
  export type Condition<T> = AlternativeType<T> | FilterOperators<T>;

  export interface FilterOperators<T> {
    $eq?: AlternativeType<T>;
    $ne?: AlternativeType<T>;
    $gt?: AlternativeType<T>;
    $gte?: AlternativeType<T>;
    $lt?: AlternativeType<T>;
    $lte?: AlternativeType<T>;
    /** Any of these. */
    $in?: ReadonlyArray<AlternativeType<T>>;
    /** None of these; also where the field is missing. */
    $nin?: ReadonlyArray<AlternativeType<T>>;
    $not?: Condition<T>;
    /** Whether the field is there; `null` counts as there. */
    $exists?: boolean;
    $type?: TypeName | BSONType | ReadonlyArray<TypeName | BSONType>;
    $regex?: RegExp | BSONRegExp | string;
    $options?: string;
    /** Divisor and remainder. */
    $mod?: [Numeric, Numeric];
    /** A list that has all of these. */
    $all?: ReadonlyArray<any>;
    /** A list with an item that meets all of these conditions. */
    $elemMatch?: Document;
    $size?: number;
    $bitsAllClear?: Bits;
    $bitsAllSet?: Bits;
    $bitsAnyClear?: Bits;
    $bitsAnySet?: Bits;
    $geoIntersects?: { $geometry: Document };
    $geoWithin?: Document;
    $near?: Document | number[];
    $nearSphere?: Document | number[];
    $minDistance?: number;
    $maxDistance?: number;
    $jsonSchema?: Document;
  }
  type Bits = number | Binary | ReadonlyArray<number>;
  export type FilterOperations<T> = { [K in keyof T]?: Condition<T[K]> };

  /** What a filter can say besides fields. Fields within fields (`'address.city'`) can be anything. */
  export interface RootFilterOperators<T> extends Document {
    $and?: Filter<T>[];
    $or?: Filter<T>[];
    $nor?: Filter<T>[];
    /** An expression of the aggregation language. */
    $expr?: any;
    $jsonSchema?: Document;
    $text?: { $search: string; $language?: string; $caseSensitive?: boolean; $diacriticSensitive?: boolean };
    $where?: string | Function;
    $comment?: any;
  }
  /** Which documents. */
  export type Filter<T = Document> =
    IsOpen<T> extends true ? RootFilterOperators<T> : FilterOperations<WithId<T>> & RootFilterOperators<WithId<T>>;
  export type StrictFilter<T> = Filter<T>;

  // ---- updates

  /** Fields with new values; fields within fields (`'address.city'`, `'tags.$[tag]'`) can be anything. */
  export type MatchKeysAndValues<T> = IsOpen<T> extends true ? Document : Readonly<Partial<T>> & Document;
  type Fields<T, Value> = IsOpen<T> extends true ? Record<string, Value> : { [K in keyof T]?: Value } & Record<string, Value>;

  /** What to change, in operators. A pipeline of stages can be given instead of them. */
  export interface UpdateFilter<T = Document> {
    $set?: MatchKeysAndValues<T>;
    /** Takes fields away, whatever value stands beside them. */
    $unset?: Fields<T, any>;
    /** Adds to numbers. */
    $inc?: Fields<T, Numeric | undefined>;
    /** Multiplies numbers. */
    $mul?: Fields<T, Numeric | undefined>;
    /** Lowers a value to this one. */
    $min?: MatchKeysAndValues<T>;
    /** Raises a value to this one. */
    $max?: MatchKeysAndValues<T>;
    /** Old name to new name. */
    $rename?: Record<string, string>;
    /** Only for a document that the upsert inserts. */
    $setOnInsert?: MatchKeysAndValues<T>;
    /** The server's time. */
    $currentDate?: Fields<T, true | { $type: 'date' | 'timestamp' }>;
    /** Appends; with `$each`, `$position`, `$slice`, `$sort` several at once. */
    $push?: Fields<T, any>;
    /** Appends what is not there yet; with `$each` several at once. */
    $addToSet?: Fields<T, any>;
    /** Takes the first (-1) or the last (1) item. */
    $pop?: Fields<T, 1 | -1 | number | undefined>;
    /** Takes the items that match. */
    $pull?: Fields<T, any>;
    /** Takes these items. */
    $pullAll?: Fields<T, ReadonlyArray<any> | undefined>;
    $bit?: Fields<T, any>;
  }
  export type StrictUpdateFilter<T> = UpdateFilter<T>;

  // ---- what several options are made of

  /** How values are converted. */
  export interface BSONSerializeOptions {
    /** Leaves out fields that are undefined; without it they become null. */
    ignoreUndefined?: boolean;
    serializeFunctions?: boolean;
    checkKeys?: boolean;
    /** Gives 64-bit numbers as `bigint`. */
    useBigInt64?: boolean;
    /** False gives 64-bit numbers as `Long` also where a number would do. */
    promoteLongs?: boolean;
    promoteValues?: boolean;
    promoteBuffers?: boolean;
    bsonRegExp?: boolean;
    fieldsAsRaw?: Document;
    enableUtf8Validation?: boolean;
    raw?: boolean;
  }
  export interface OperationOptions extends BSONSerializeOptions {
    /** The session whose transaction the operation belongs to. */
    session?: ClientSession;
    readPreference?: ReadPreferenceLike;
    willRetryWrite?: boolean;
    /** How long the whole operation may take. */
    timeoutMS?: number;
  }
  export interface WriteConcernOptions { writeConcern?: WriteConcern | WriteConcernSettings }
  export interface ExplainOptions { explain?: ExplainVerbosityLike | ExplainCommandOptions }
  export interface ExplainCommandOptions { verbosity: ExplainVerbosity | string; maxTimeMS?: number }
  export type ExplainVerbosityLike = ExplainVerbosity | boolean;
  export interface CommandOperationOptions extends OperationOptions, WriteConcernOptions {
    readConcern?: ReadConcernLike;
    collation?: CollationOptions;
    /** How long the server may take. */
    maxTimeMS?: number;
    /** Shows in the server's log and profiler. */
    comment?: unknown;
  }
  /** Ends the operation when the signal is aborted. */
  export interface Abortable { signal?: AbortSignal }
  export interface CollationOptions {
    locale: string;
    caseLevel?: boolean;
    caseFirst?: string;
    strength?: number;
    numericOrdering?: boolean;
    alternate?: string;
    maxVariable?: string;
    backwards?: boolean;
    normalization?: boolean;
  }
  export type SortDirection = 1 | -1 | number | 'asc' | 'desc' | 'ascending' | 'descending' | { readonly $meta: string };
  export type Sort =
    | string | string[] | { readonly [field: string]: SortDirection } | ReadonlyMap<string, SortDirection>
    | [string, SortDirection][] | [string, SortDirection];
  /** The name of an index, or its keys. */
  export type Hint = string | Document;
  export interface PkFactory { createPk(): any }

  // ---- options

  export interface AggregateOptions extends CommandOperationOptions, ExplainOptions, Abortable {
    /** Lets the server use files where memory does not suffice. */
    allowDiskUse?: boolean;
    batchSize?: number;
    bypassDocumentValidation?: boolean;
    cursor?: Document;
    hint?: Hint;
    let?: Document;
    out?: string;
    maxAwaitTimeMS?: number;
    timeoutMode?: CursorTimeoutMode;
  }
  export interface FindOptions<T = Document> extends Omit<CommandOperationOptions, 'writeConcern'>, ExplainOptions, Abortable {
    sort?: Sort;
    /** Which fields come: 1 these, 0 all but these. */
    projection?: Document;
    limit?: number;
    skip?: number;
    hint?: Hint;
    batchSize?: number;
    let?: Document;
    min?: Document;
    max?: Document;
    allowDiskUse?: boolean;
    allowPartialResults?: boolean;
    awaitData?: boolean;
    maxAwaitTimeMS?: number;
    noCursorTimeout?: boolean;
    oplogReplay?: boolean;
    returnKey?: boolean;
    showRecordId?: boolean;
    singleBatch?: boolean;
    tailable?: boolean;
    timeout?: boolean;
    timeoutMode?: CursorTimeoutMode;
  }
  export type FindOneOptions = Omit<FindOptions, 'batchSize' | 'limit' | 'noCursorTimeout'>;
  export interface CountOptions extends CommandOperationOptions {
    skip?: number;
    limit?: number;
    hint?: Hint;
  }
  export interface CountDocumentsOptions extends AggregateOptions {
    skip?: number;
    limit?: number;
  }
  export interface EstimatedDocumentCountOptions extends CommandOperationOptions {}
  export interface DistinctOptions extends CommandOperationOptions, ExplainOptions { hint?: Hint }

  export interface InsertOneOptions extends CommandOperationOptions {
    bypassDocumentValidation?: boolean;
    forceServerObjectId?: boolean;
  }
  export interface BulkWriteOptions extends CommandOperationOptions {
    /** False tries all operations; without it the first that fails is the last. */
    ordered?: boolean;
    bypassDocumentValidation?: boolean;
    forceServerObjectId?: boolean;
    let?: Document;
  }
  export interface UpdateOptions extends CommandOperationOptions, ExplainOptions {
    /** Inserts a document where none matches. */
    upsert?: boolean;
    /** Which items `$[name]` in the update means. */
    arrayFilters?: Document[];
    bypassDocumentValidation?: boolean;
    hint?: Hint;
    let?: Document;
  }
  export interface ReplaceOptions extends CommandOperationOptions {
    /** Inserts the document where none matches. */
    upsert?: boolean;
    bypassDocumentValidation?: boolean;
    hint?: Hint;
    let?: Document;
    sort?: Sort;
  }
  export interface DeleteOptions extends CommandOperationOptions, ExplainOptions {
    ordered?: boolean;
    hint?: Hint;
    let?: Document;
  }
  export interface FindOneAndDeleteOptions extends CommandOperationOptions, ExplainOptions {
    sort?: Sort;
    projection?: Document;
    hint?: Hint;
    let?: Document;
    /** Gives the server's whole answer instead of the document. */
    includeResultMetadata?: boolean;
  }
  export interface FindOneAndReplaceOptions extends FindOneAndDeleteOptions {
    /** Which document comes: as it was (the default), or as it is now. */
    returnDocument?: ReturnDocument;
    upsert?: boolean;
    bypassDocumentValidation?: boolean;
  }
  export interface FindOneAndUpdateOptions extends FindOneAndReplaceOptions { arrayFilters?: Document[] }

  export type IndexDirection = -1 | 1 | '2d' | '2dsphere' | 'text' | 'geoHaystack' | 'hashed' | number | string;
  type IndexKeys = string | [string, IndexDirection] | { readonly [field: string]: IndexDirection } | ReadonlyMap<string, IndexDirection>;
  /** Keys of an index in any of their spellings. */
  export type IndexSpecification = IndexKeys | readonly IndexKeys[];
  export interface IndexOptions {
    /** By default made of the keys: `email_1_age_-1`. */
    name?: string;
    unique?: boolean;
    /** Without documents that do not have the field. */
    sparse?: boolean;
    /** Only documents that match. */
    partialFilterExpression?: Document;
    /** Documents go away so long after the date in the field. */
    expireAfterSeconds?: number;
    hidden?: boolean;
    collation?: CollationOptions;
    background?: boolean;
    storageEngine?: Document;
    version?: number;
    weights?: Document;
    default_language?: string;
    language_override?: string;
    textIndexVersion?: number;
    '2dsphereIndexVersion'?: number;
    bits?: number;
    min?: number;
    max?: number;
    bucketSize?: number;
    wildcardProjection?: Document;
  }
  export interface IndexDescription extends IndexOptions {
    key: { readonly [field: string]: IndexDirection } | Map<string, IndexDirection>;
  }
  export interface CreateIndexOptions extends Omit<CommandOperationOptions, 'collation'> { commitQuorum?: number | string }
  export interface CreateIndexesOptions extends CreateIndexOptions, IndexOptions {}
  export interface DropIndexesOptions extends CommandOperationOptions {}
  export interface ListIndexesOptions extends AbstractCursorOptions {}
  export interface IndexInformationOptions extends ListIndexesOptions { full?: boolean }
  export interface IndexDescriptionInfo extends Document { name: string; key: Record<string, any>; v?: number }
  export interface IndexDescriptionCompact { [name: string]: [field: string, direction: IndexDirection][] }
  export interface SearchIndexDescription { name?: string; type?: string; definition: Document }
  export interface ListSearchIndexesOptions extends Omit<AggregateOptions, 'readConcern' | 'writeConcern'> {}

  export interface CreateCollectionOptions extends CommandOperationOptions {
    /** A collection of fixed size, in which old documents make room for new ones. */
    capped?: boolean;
    size?: number;
    max?: number;
    /** What documents must be like: a filter, often `{ $jsonSchema }`. */
    validator?: Document;
    validationLevel?: 'off' | 'strict' | 'moderate' | (string & {});
    validationAction?: 'error' | 'warn' | (string & {});
    /** With `pipeline`: the collection behind the view. */
    viewOn?: string;
    pipeline?: Document[];
    timeseries?: TimeSeriesCollectionOptions;
    clusteredIndex?: ClusteredCollectionOptions;
    expireAfterSeconds?: number;
    changeStreamPreAndPostImages?: { enabled: boolean };
    indexOptionDefaults?: Document;
    storageEngine?: Document;
    encryptedFields?: Document;
    autoIndexId?: boolean;
    flags?: number;
    pkFactory?: PkFactory;
  }
  export interface TimeSeriesCollectionOptions extends Document {
    timeField: string;
    metaField?: string;
    granularity?: 'seconds' | 'minutes' | 'hours' | string;
  }
  export interface ClusteredCollectionOptions extends Document { key: Document; unique: boolean; name?: string }
  export interface DropCollectionOptions extends CommandOperationOptions { encryptedFields?: Document }
  export interface DropDatabaseOptions extends CommandOperationOptions {}
  export interface RenameOptions extends Omit<CommandOperationOptions, 'collation'> {
    /** Drops the collection that has the new name. */
    dropTarget?: boolean;
    new_collection?: boolean;
  }
  export interface ListCollectionsOptions extends Omit<CommandOperationOptions, 'writeConcern'>, Abortable {
    nameOnly?: boolean;
    authorizedCollections?: boolean;
    batchSize?: number;
    timeoutMode?: CursorTimeoutMode;
  }
  export interface CollectionInfo extends Document {
    name: string;
    type?: string;
    options?: Document;
    info?: { readOnly?: boolean; uuid?: Binary };
    idIndex?: Document;
  }
  export interface CollectionOptions extends BSONSerializeOptions, WriteConcernOptions {
    readConcern?: ReadConcernLike;
    readPreference?: ReadPreferenceLike;
    timeoutMS?: number;
  }
  export interface DbOptions extends CollectionOptions {
    authSource?: string;
    forceServerObjectId?: boolean;
    pkFactory?: PkFactory;
    retryWrites?: boolean;
  }
  export interface RunCommandOptions extends BSONSerializeOptions, Abortable {
    session?: ClientSession;
    readPreference?: ReadPreferenceLike;
    timeoutMS?: number;
  }
  export interface RunCursorCommandOptions extends RunCommandOptions { timeoutMode?: CursorTimeoutMode }
  export interface DbStatsOptions extends CommandOperationOptions { scale?: number }
  export interface ProfilingLevelOptions extends CommandOperationOptions {}
  export interface SetProfilingLevelOptions extends CommandOperationOptions {}
  export interface RemoveUserOptions extends CommandOperationOptions {}
  export interface ValidateCollectionOptions extends CommandOperationOptions {
    background?: boolean;
    full?: boolean;
    repair?: boolean;
    metadata?: boolean;
  }
  export interface ListDatabasesOptions extends CommandOperationOptions {
    filter?: Document;
    nameOnly?: boolean;
    authorizedDatabases?: boolean;
  }
  export interface ListDatabasesResult extends Document {
    databases: ({ name: string; sizeOnDisk?: number; empty?: boolean } & Document)[];
    totalSize?: number;
    totalSizeMb?: number;
    ok: 1 | 0;
  }
  export interface AbstractCursorOptions extends OperationOptions, Abortable {
    batchSize?: number;
    comment?: unknown;
    maxTimeMS?: number;
    maxAwaitTimeMS?: number;
    readConcern?: ReadConcernLike;
    tailable?: boolean;
    awaitData?: boolean;
    noCursorTimeout?: boolean;
    timeoutMode?: CursorTimeoutMode;
  }
  export interface AggregationCursorOptions extends AbstractCursorOptions, AggregateOptions {}
  export interface ClientSessionOptions {
    causalConsistency?: boolean;
    /** Reads see one moment. */
    snapshot?: boolean;
    defaultTransactionOptions?: TransactionOptions;
    defaultTimeoutMS?: number;
  }
  export interface TransactionOptions extends WriteConcernOptions {
    readConcern?: ReadConcernLike;
    readPreference?: ReadPreferenceLike;
    maxCommitTimeMS?: number;
    timeoutMS?: number;
  }
  export interface EndSessionOptions { force?: boolean; forceClear?: boolean }

  // ---- results

  export interface InsertOneResult<T = Document> { acknowledged: boolean; insertedId: InferIdType<T> }
  export interface InsertManyResult<T = Document> {
    acknowledged: boolean;
    insertedCount: number;
    /** By place in the list that was given. */
    insertedIds: { [index: number]: InferIdType<T> };
  }
  export interface UpdateResult<T = Document> {
    acknowledged: boolean;
    /** How many documents the filter found. */
    matchedCount: number;
    /** How many of them are different now. */
    modifiedCount: number;
    upsertedCount: number;
    upsertedId: InferIdType<T> | null;
  }
  export interface DeleteResult { acknowledged: boolean; deletedCount: number }
  export interface ModifyResult<T = Document> { value: WithId<T> | null; lastErrorObject?: Document; ok: 0 | 1 }
  /** What a bulk write did. */
  export interface BulkWriteResult {
    readonly insertedCount: number;
    readonly matchedCount: number;
    readonly modifiedCount: number;
    readonly deletedCount: number;
    readonly upsertedCount: number;
    /** By place of the operation. */
    readonly insertedIds: { [index: number]: any };
    readonly upsertedIds: { [index: number]: any };
    readonly ok: number;
    getUpsertedIdAt(index: number): Document | undefined;
    getRawResponse(): Document;
    hasWriteErrors(): boolean;
    getWriteErrorCount(): number;
    getWriteErrorAt(index: number): WriteError | undefined;
    getWriteErrors(): WriteError[];
    getWriteConcernError(): WriteConcernError | undefined;
    isOk(): boolean;
  }
  /** One failed operation of a bulk write. */
  export interface WriteError {
    readonly code: number;
    /** The place of the operation. */
    readonly index: number;
    readonly errmsg?: string;
    readonly errInfo?: Document;
    getOperation(): Document;
    toJSON(): { code: number; index: number; errmsg?: string; op: Document };
  }
  export interface WriteConcernError {
    readonly code?: number;
    readonly errmsg?: string;
    readonly errInfo?: Document;
    toJSON(): Document;
  }

  // ---- bulk writes

  export interface InsertOneModel<T = Document> { document: OptionalId<T> }
  export interface ReplaceOneModel<T = Document> {
    filter: Filter<T>;
    replacement: WithoutId<T>;
    upsert?: boolean;
    collation?: CollationOptions;
    hint?: Hint;
    sort?: Sort;
  }
  export interface UpdateManyModel<T = Document> {
    filter: Filter<T>;
    update: UpdateFilter<T> | Document[];
    upsert?: boolean;
    arrayFilters?: Document[];
    collation?: CollationOptions;
    hint?: Hint;
  }
  export interface UpdateOneModel<T = Document> extends UpdateManyModel<T> { sort?: Sort }
  export interface DeleteOneModel<T = Document> { filter: Filter<T>; collation?: CollationOptions; hint?: Hint }
  export interface DeleteManyModel<T = Document> extends DeleteOneModel<T> {}
  /** One operation of `bulkWrite`. */
  export type AnyBulkWriteOperation<T = Document> =
    | { insertOne: InsertOneModel<T> } | { replaceOne: ReplaceOneModel<T> } | { updateOne: UpdateOneModel<T> }
    | { updateMany: UpdateManyModel<T> } | { deleteOne: DeleteOneModel<T> } | { deleteMany: DeleteManyModel<T> };

  /** Collects operations and sends them together. */
  interface BulkOperationBase {
    readonly isOrdered: boolean;
    readonly length: number;
    readonly writeConcern: WriteConcern | undefined;
    readonly bsonOptions: BSONSerializeOptions;
    readonly batches: Document[];
    insert(document: Document): this;
    /** Selects documents; what is to be done with them follows. */
    find(selector: Document): FindOperators;
    /** Adds an operation in the form that `bulkWrite` takes. */
    raw(operation: AnyBulkWriteOperation<any>): this;
    /** Sends everything, once. */
    execute(options?: BulkWriteOptions): Promise<BulkWriteResult>;
  }
  export class OrderedBulkOperation { protected constructor() }
  export interface OrderedBulkOperation extends BulkOperationBase {}
  export class UnorderedBulkOperation { protected constructor() }
  export interface UnorderedBulkOperation extends BulkOperationBase {}

  export interface FindOperators {
    /** The update that follows inserts where nothing matches. */
    upsert(): this;
    collation(collation: CollationOptions): this;
    arrayFilters(filters: Document[]): this;
    hint(hint: Hint): this;
    /** Updates all that match. */
    update(update: UpdateFilter | Document[]): BulkOperationBase;
    updateOne(update: UpdateFilter | Document[]): BulkOperationBase;
    replaceOne(replacement: Document): BulkOperationBase;
    /** Deletes all that match. */
    delete(): BulkOperationBase;
    deleteOne(): BulkOperationBase;
    /** @deprecated Use `delete()`. */
    remove(): BulkOperationBase;
    /** @deprecated Use `deleteOne()`. */
    removeOne(): BulkOperationBase;
  }

  // `client.bulkWrite`: each model names its collection.

  interface ClientModel { namespace: string }
  export interface ClientInsertOneModel<T = Document> extends ClientModel { name: 'insertOne'; document: OptionalId<T> }
  export interface ClientDeleteOneModel<T = Document> extends ClientModel, DeleteOneModel<T> { name: 'deleteOne' }
  export interface ClientDeleteManyModel<T = Document> extends ClientModel, DeleteManyModel<T> { name: 'deleteMany' }
  export interface ClientReplaceOneModel<T = Document> extends ClientModel, ReplaceOneModel<T> { name: 'replaceOne' }
  export interface ClientUpdateOneModel<T = Document> extends ClientModel, UpdateOneModel<T> { name: 'updateOne' }
  export interface ClientUpdateManyModel<T = Document> extends ClientModel, UpdateManyModel<T> { name: 'updateMany' }
  export type AnyClientBulkWriteModel<T extends Document = Document> =
    | ClientInsertOneModel<T> | ClientReplaceOneModel<T> | ClientUpdateOneModel<T> | ClientUpdateManyModel<T>
    | ClientDeleteOneModel<T> | ClientDeleteManyModel<T>;
  export type ClientBulkWriteModel<Schemas extends Record<string, Document> = Record<string, Document>> =
    { [Namespace in keyof Schemas]: AnyClientBulkWriteModel<Schemas[Namespace]> & { namespace: Namespace } }[keyof Schemas];
  export interface ClientBulkWriteOptions extends Omit<CommandOperationOptions, 'collation'> {
    ordered?: boolean;
    bypassDocumentValidation?: boolean;
    let?: Document;
    /** Adds what each operation did. */
    verboseResults?: boolean;
  }
  export interface ClientBulkWriteResult {
    readonly acknowledged: boolean;
    readonly insertedCount: number;
    readonly upsertedCount: number;
    readonly matchedCount: number;
    readonly modifiedCount: number;
    readonly deletedCount: number;
    readonly insertResults?: ReadonlyMap<number, { insertedId: any }>;
    readonly updateResults?: ReadonlyMap<number, { matchedCount: number; modifiedCount: number; upsertedId?: any; didUpsert: boolean }>;
    readonly deleteResults?: ReadonlyMap<number, { deletedCount: number }>;
  }

  // ---- the client, the database, the collection

  /** An event emitter, as far as anybody needs it here. */
  interface Emitter {
    on(event: string | symbol, listener: (...args: any[]) => void): this;
    once(event: string | symbol, listener: (...args: any[]) => void): this;
    off(event: string | symbol, listener: (...args: any[]) => void): this;
    addListener(event: string | symbol, listener: (...args: any[]) => void): this;
    removeListener(event: string | symbol, listener: (...args: any[]) => void): this;
    removeAllListeners(event?: string | symbol): this;
    emit(event: string | symbol, ...args: any[]): boolean;
    listenerCount(event: string | symbol): number;
  }

  /** The connection of the run. A migration is given it; `new MongoClient()` is not offered. */
  export class MongoClient {
    private constructor();
    readonly options: Readonly<Document>;
    /** A database of the deployment; without a name the migrated one. */
    db(name?: string, options?: DbOptions): Db;
    /** Begins a session, for a transaction of the migration's own. */
    startSession(options?: ClientSessionOptions): ClientSession;
    /** Calls the function with a session and ends it afterwards. */
    withSession<T = any>(executor: WithSessionCallback<T>): Promise<T>;
    withSession<T = any>(options: ClientSessionOptions, executor: WithSessionCallback<T>): Promise<T>;
    /** Writes to several collections; needs MongoDB 8.0. */
    bulkWrite<Schemas extends Record<string, Document> = Record<string, Document>>(
      models: ReadonlyArray<ClientBulkWriteModel<Schemas>>, options?: ClientBulkWriteOptions,
    ): Promise<ClientBulkWriteResult>;
    /** Does nothing: the run is connected. */
    connect(): Promise<this>;
    /** Does nothing: the run closes its connection. */
    close(force?: boolean): Promise<void>;
    get readConcern(): ReadConcern | undefined;
    get writeConcern(): WriteConcern | undefined;
    get readPreference(): ReadPreference;
    get bsonOptions(): BSONSerializeOptions;
    get timeoutMS(): number | undefined;
    get serverApi(): undefined;
    appendMetadata(driverInfo: Document): void;
  }
  export interface MongoClient extends Emitter {}
  export type WithSessionCallback<T = unknown> = (session: ClientSession) => Promise<T>;
  export type WithTransactionCallback<T = any> = (session: ClientSession) => Promise<T>;

  /** A database: its collections, and commands on it. */
  export class Db {
    private constructor();
    get databaseName(): string;
    get namespace(): string;
    get options(): DbOptions | undefined;
    get secondaryOk(): boolean;
    get readConcern(): ReadConcern | undefined;
    get writeConcern(): WriteConcern | undefined;
    get readPreference(): ReadPreference;
    get bsonOptions(): BSONSerializeOptions;
    get timeoutMS(): number | undefined;
    readonly client: MongoClient;
    /** A collection by name; nothing is sent, and it need not exist yet. */
    collection<T extends Document = Document>(name: string, options?: CollectionOptions): Collection<T>;
    /** Sends a command that has no method here, such as `{ collMod: 'users', … }`. */
    command(command: Document, options?: RunCommandOptions): Promise<Document>;
    /** Sends a command that answers with a cursor. */
    runCursorCommand(command: Document, options?: RunCursorCommandOptions): RunCommandCursor;
    /** A pipeline that begins with documents of the server, such as `$currentOp`. */
    aggregate<T extends Document = Document>(pipeline?: Document[], options?: AggregateOptions): AggregationCursor<T>;
    admin(): Admin;
    /** What collections there are, such as `listCollections({ name: 'users' })`. */
    listCollections<T extends Document = CollectionInfo>(filter?: Document, options?: ListCollectionsOptions): ListCollectionsCursor<T>;
    collections(options?: ListCollectionsOptions): Promise<Collection[]>;
    /** Creates a collection, with its options; fails where it is there with others. */
    createCollection<T extends Document = Document>(name: string, options?: CreateCollectionOptions): Promise<Collection<T>>;
    dropCollection(name: string, options?: DropCollectionOptions): Promise<boolean>;
    renameCollection<T extends Document = Document>(from: string, to: string, options?: RenameOptions): Promise<Collection<T>>;
    dropDatabase(options?: DropDatabaseOptions): Promise<boolean>;
    stats(options?: DbStatsOptions): Promise<Document>;
    createIndex(collection: string, keys: IndexSpecification, options?: CreateIndexesOptions): Promise<string>;
    indexInformation(collection: string, options: IndexInformationOptions & { full: true }): Promise<IndexDescriptionInfo[]>;
    indexInformation(collection: string, options?: IndexInformationOptions & { full?: false }): Promise<IndexDescriptionCompact>;
    removeUser(username: string, options?: RemoveUserOptions): Promise<boolean>;
    profilingLevel(options?: ProfilingLevelOptions): Promise<string>;
    setProfilingLevel(level: ProfilingLevel, options?: SetProfilingLevelOptions): Promise<ProfilingLevel>;
    static readonly SYSTEM_NAMESPACE_COLLECTION: string;
    static readonly SYSTEM_INDEX_COLLECTION: string;
    static readonly SYSTEM_PROFILE_COLLECTION: string;
    static readonly SYSTEM_USER_COLLECTION: string;
    static readonly SYSTEM_COMMAND_COLLECTION: string;
    static readonly SYSTEM_JS_COLLECTION: string;
  }

  /** A collection: its documents and its indexes. */
  export class Collection<T extends Document = Document> {
    private constructor();
    get collectionName(): string;
    get dbName(): string;
    /** `database.collection` */
    get namespace(): string;
    get fullNamespace(): { db: string; collection: string };
    get readConcern(): ReadConcern | undefined;
    get writeConcern(): WriteConcern | undefined;
    get readPreference(): ReadPreference | undefined;
    get bsonOptions(): BSONSerializeOptions;
    get timeoutMS(): number | undefined;
    get hint(): Hint | undefined;
    set hint(hint: Hint | undefined);
    readonly db: Db;

    /** The documents that match. Nothing is sent until the first is asked for. */
    find(filter?: Filter<T>, options?: FindOptions): FindCursor<WithId<T>>;
    find<Result extends Document>(filter: Filter<T>, options?: FindOptions): FindCursor<Result>;
    /** The first document that matches, or null. */
    findOne(filter?: Filter<T>, options?: FindOneOptions): Promise<WithId<T> | null>;
    findOne<Result = T>(filter?: Filter<T>, options?: FindOneOptions): Promise<Result | null>;
    /** Runs a pipeline. One that writes (`$merge`, `$out`) does so when it is iterated: add `.toArray()`. */
    aggregate<Result extends Document = Document>(pipeline?: Document[], options?: AggregateOptions): AggregationCursor<Result>;
    /** How many documents match. */
    countDocuments(filter?: Filter<T>, options?: CountDocumentsOptions): Promise<number>;
    /** About how many documents there are, from what the server knows anyway. */
    estimatedDocumentCount(options?: EstimatedDocumentCountOptions): Promise<number>;
    /** The values that a field has. */
    distinct<Key extends keyof WithId<T> & string>(key: Key, filter?: Filter<T>, options?: DistinctOptions): Promise<Flatten<WithId<T>[Key]>[]>;
    distinct(key: string, filter?: Filter<T>, options?: DistinctOptions): Promise<any[]>;

    /** Inserts a document; one without `_id` is given one, on the object itself. */
    insertOne(document: OptionalUnlessRequiredId<T>, options?: InsertOneOptions): Promise<InsertOneResult<T>>;
    /** Inserts documents, in as many parts as it takes. */
    insertMany(documents: ReadonlyArray<OptionalUnlessRequiredId<T>>, options?: BulkWriteOptions): Promise<InsertManyResult<T>>;
    /** Changes the first document that matches. */
    updateOne(filter: Filter<T>, update: UpdateFilter<T> | Document[], options?: UpdateOptions & { sort?: Sort }): Promise<UpdateResult<T>>;
    /** Changes all documents that match. */
    updateMany(filter: Filter<T>, update: UpdateFilter<T> | Document[], options?: UpdateOptions): Promise<UpdateResult<T>>;
    /** Puts a document in the place of the first that matches. */
    replaceOne(filter: Filter<T>, replacement: WithoutId<T>, options?: ReplaceOptions): Promise<UpdateResult<T>>;
    deleteOne(filter?: Filter<T>, options?: DeleteOptions): Promise<DeleteResult>;
    /** Deletes all documents that match; without a filter, all. */
    deleteMany(filter?: Filter<T>, options?: DeleteOptions): Promise<DeleteResult>;
    /** Changes one document and gives it as it was, or with `returnDocument: 'after'` as it is. */
    findOneAndUpdate(
      filter: Filter<T>, update: UpdateFilter<T> | Document[], options: FindOneAndUpdateOptions & { includeResultMetadata: true },
    ): Promise<ModifyResult<T>>;
    findOneAndUpdate(filter: Filter<T>, update: UpdateFilter<T> | Document[], options?: FindOneAndUpdateOptions): Promise<WithId<T> | null>;
    findOneAndReplace(
      filter: Filter<T>, replacement: WithoutId<T>, options: FindOneAndReplaceOptions & { includeResultMetadata: true },
    ): Promise<ModifyResult<T>>;
    findOneAndReplace(filter: Filter<T>, replacement: WithoutId<T>, options?: FindOneAndReplaceOptions): Promise<WithId<T> | null>;
    findOneAndDelete(filter: Filter<T>, options: FindOneAndDeleteOptions & { includeResultMetadata: true }): Promise<ModifyResult<T>>;
    findOneAndDelete(filter: Filter<T>, options?: FindOneAndDeleteOptions): Promise<WithId<T> | null>;
    /** Sends many operations of any kind together, in as many parts as it takes. */
    bulkWrite(operations: ReadonlyArray<AnyBulkWriteOperation<T>>, options?: BulkWriteOptions): Promise<BulkWriteResult>;
    initializeOrderedBulkOp(options?: BulkWriteOptions): OrderedBulkOperation;
    initializeUnorderedBulkOp(options?: BulkWriteOptions): UnorderedBulkOperation;

    /** Creates an index and gives its name; does nothing where it is there already. */
    createIndex(keys: IndexSpecification, options?: CreateIndexesOptions): Promise<string>;
    createIndex(keys: IndexSpecification, indexOptions: IndexOptions | undefined, commandOptions: CreateIndexOptions | undefined): Promise<string>;
    createIndexes(indexes: IndexDescription[], options?: CreateIndexesOptions, allowUnknownIndexOptions?: boolean): Promise<string[]>;
    /** Drops an index by name. */
    dropIndex(name: string, options?: DropIndexesOptions): Promise<Document>;
    /** Drops all indexes but the one on `_id`. */
    dropIndexes(options?: DropIndexesOptions): Promise<boolean>;
    listIndexes(options?: ListIndexesOptions): ListIndexesCursor;
    /** All indexes, or with `full: false` their keys by name. */
    indexes(options: IndexInformationOptions & { full: false }): Promise<IndexDescriptionCompact>;
    indexes(options?: IndexInformationOptions & { full?: true }): Promise<IndexDescriptionInfo[]>;
    /** The keys of the indexes by name, or with `full: true` all of each. */
    indexInformation(options: IndexInformationOptions & { full: true }): Promise<IndexDescriptionInfo[]>;
    indexInformation(options?: IndexInformationOptions & { full?: false }): Promise<IndexDescriptionCompact>;
    /** Whether there are indexes of all these names. */
    indexExists(names: string | string[], options?: ListIndexesOptions): Promise<boolean>;
    createSearchIndex(description: SearchIndexDescription): Promise<string>;
    createSearchIndexes(descriptions: SearchIndexDescription[]): Promise<string[]>;
    listSearchIndexes(options?: ListSearchIndexesOptions): ListSearchIndexesCursor;
    listSearchIndexes(name: string, options?: ListSearchIndexesOptions): ListSearchIndexesCursor;
    updateSearchIndex(name: string, definition: Document): Promise<void>;
    dropSearchIndex(name: string): Promise<void>;

    /** Drops the collection; true also where there was none. */
    drop(options?: DropCollectionOptions): Promise<boolean>;
    rename(name: string, options?: RenameOptions): Promise<Collection>;
    /** The options that the collection was created with. */
    options(options?: OperationOptions): Promise<Document>;
    isCapped(options?: OperationOptions): Promise<boolean>;

    /** @deprecated Use `countDocuments` or `estimatedDocumentCount`. */
    count(filter?: Filter<T>, options?: CountOptions): Promise<number>;
    /** @deprecated Use `insertOne` or `insertMany`. */
    insert(documents: any, options?: Document): Promise<InsertManyResult<T>>;
    /** @deprecated Use `updateOne`, `updateMany` or `replaceOne`. */
    update(filter: Filter<T>, update: Document, options?: Document): Promise<UpdateResult<T>>;
    /** @deprecated Use `deleteOne` or `deleteMany`. */
    remove(filter?: Filter<T>, options?: Document): Promise<DeleteResult>;
    /** @deprecated Use `insertOne`, or `replaceOne` with `upsert`. */
    save(document: Document, options?: Document): Promise<any>;
    /** @deprecated Use `createIndex`. */
    ensureIndex(keys: IndexSpecification, options?: CreateIndexesOptions): Promise<string>;
    /** @deprecated Use `dropIndexes`. */
    dropAllIndexes(options?: DropIndexesOptions): Promise<boolean>;
    /** @deprecated Use the stage `$collStats`. */
    stats(options?: { scale?: number; session?: ClientSession }): Promise<Document>;
    /** @deprecated Use `findOneAndUpdate`, `findOneAndReplace` or `findOneAndDelete`. */
    findAndModify(query: Filter<T>, sort: Sort | null, update: Document | null, options?: Document): Promise<ModifyResult<T>>;
    /** @deprecated Use `findOneAndDelete`. */
    findAndRemove(query: Filter<T>, sort?: Sort | null, options?: Document): Promise<ModifyResult<T>>;
  }

  /** Commands on the deployment. */
  export class Admin {
    private constructor();
    command(command: Document, options?: RunCommandOptions): Promise<Document>;
    buildInfo(options?: CommandOperationOptions): Promise<Document>;
    serverInfo(options?: CommandOperationOptions): Promise<Document>;
    serverStatus(options?: CommandOperationOptions): Promise<Document>;
    ping(options?: CommandOperationOptions): Promise<Document>;
    replSetGetStatus(options?: CommandOperationOptions): Promise<Document>;
    listDatabases(options?: ListDatabasesOptions): Promise<ListDatabasesResult>;
    removeUser(username: string, options?: RemoveUserOptions): Promise<boolean>;
    validateCollection(name: string, options?: ValidateCollectionOptions): Promise<Document>;
  }

  // ---- cursors

  /** Documents that come in batches; `for await (const document of cursor)` goes through them. */
  export abstract class AbstractCursor<T = any> implements AsyncIterable<T> {
    protected constructor();
    static readonly CLOSE: 'close';
    get id(): Long | undefined;
    get namespace(): { db: string; collection?: string };
    get closed(): boolean;
    get killed(): boolean;
    get readPreference(): ReadPreference;
    get readConcern(): ReadConcern | undefined;
    get session(): ClientSession | undefined;
    [Symbol.asyncIterator](): AsyncGenerator<T, void, void>;
    /** All documents at once; of many, better one by one. */
    toArray(): Promise<T[]>;
    /** The next document, or null at the end. */
    next(): Promise<T | null>;
    /** The next document of at most one more batch, or null. */
    tryNext(): Promise<T | null>;
    hasNext(): Promise<boolean>;
    /** Calls the function with each document, until it returns false; it is not awaited. */
    forEach(iterator: (document: T) => boolean | void): Promise<void>;
    /** Puts what the function makes of each document in its place. */
    map<Result>(transform: (document: T) => Result): AbstractCursor<Result>;
    batchSize(size: number): this;
    maxTimeMS(milliseconds: number): this;
    addCursorFlag(flag: CursorFlag, value: boolean): this;
    withReadPreference(readPreference: ReadPreferenceLike): this;
    withReadConcern(readConcern: ReadConcernLike): this;
    bufferedCount(): number;
    readBufferedDocuments(number?: number): T[];
    /** The documents as a stream of objects. */
    stream(): import('stream').Readable & AsyncIterable<T>;
    close(options?: { timeoutMS?: number }): Promise<void>;
    /** Begins again from the first document. */
    rewind(): void;
    clone(): AbstractCursor<T>;
    /** @deprecated Use `for await`. */
    each(callback: (error: any, document: T | null) => boolean | void): void;
  }
  export interface AbstractCursor<T = any> extends Emitter {}

  export abstract class ExplainableCursor<T = any> extends AbstractCursor<T> {}
  export interface ExplainableCursor<T = any> {
    /** How the server would go about it. */
    explain(verbosity?: ExplainVerbosityLike | ExplainCommandOptions | { timeoutMS?: number }, options?: { timeoutMS?: number }): Promise<Document>;
  }

  export class FindCursor<T = any> extends ExplainableCursor<T> {
    filter(filter: Document): this;
    /** In which order, such as `{ createdAt: -1 }`. */
    sort(sort: Sort, direction?: SortDirection): this;
    limit(count: number): this;
    skip(count: number): this;
    /** Which fields come: 1 these, 0 all but these. */
    project<Result extends Document = Document>(projection: Document): FindCursor<Result>;
    map<Result>(transform: (document: T) => Result): FindCursor<Result>;
    hint(hint: Hint): this;
    min(min: Document): this;
    max(max: Document): this;
    collation(collation: CollationOptions): this;
    comment(comment: any): this;
    allowDiskUse(allow?: boolean): this;
    returnKey(value: boolean): this;
    showRecordId(value: boolean): this;
    maxAwaitTimeMS(milliseconds: number): this;
    addQueryModifier(name: string, value: any): this;
    clone(): FindCursor<T>;
    /** @deprecated Use `collection.countDocuments`. */
    count(options?: CountOptions): Promise<number>;
  }

  export class AggregationCursor<T = any> extends ExplainableCursor<T> {
    readonly pipeline: Document[];
    addStage<Result = Document>(stage: Document): AggregationCursor<Result>;
    match(stage: Document): this;
    project<Result extends Document = Document>(stage: Document): AggregationCursor<Result>;
    group<Result = Document>(stage: Document): AggregationCursor<Result>;
    sort(stage: Sort): this;
    limit(count: number): this;
    skip(count: number): this;
    unwind(stage: Document | string): this;
    lookup(stage: Document): this;
    redact(stage: Document): this;
    geoNear(stage: Document): this;
    /** Writes the result into a collection, when the cursor is iterated. */
    out(stage: { db: string; coll: string } | string): this;
    map<Result>(transform: (document: T) => Result): AggregationCursor<Result>;
    clone(): AggregationCursor<T>;
  }

  export class ListCollectionsCursor<T extends Document = CollectionInfo> extends AbstractCursor<T> {
    readonly options?: ListCollectionsOptions;
    readonly filter: Document;
    clone(): ListCollectionsCursor<T>;
  }
  export class ListIndexesCursor extends AbstractCursor<IndexDescriptionInfo> {
    readonly options?: ListIndexesOptions;
    clone(): ListIndexesCursor;
  }
  export interface ListSearchIndexesCursor extends AggregationCursor<Document & { name: string }> {}
  /** A cursor over a command of the script's own; most settings stand in the command itself. */
  export interface RunCommandCursor extends Omit<AbstractCursor<any>, 'clone' | 'withReadConcern' | 'addCursorFlag' | 'maxTimeMS' | 'batchSize'> {
    readonly command: Readonly<Document>;
    setComment(comment: any): this;
    setMaxTimeMS(milliseconds: number): this;
    setBatchSize(size: number): this;
    [Symbol.asyncIterator](): AsyncGenerator<any, void, void>;
  }
  export const CURSOR_FLAGS: readonly ['tailable', 'oplogReplay', 'noCursorTimeout', 'awaitData', 'exhaust', 'partial'];
  export type CursorFlag = (typeof CURSOR_FLAGS)[number];

  // ---- sessions

  /** A session, for a transaction of the migration's own: give it to each operation as `{ session }`. */
  export class ClientSession {
    private constructor();
    hasEnded: boolean;
    explicit: boolean;
    snapshotEnabled: boolean;
    supports: { causalConsistency: boolean };
    defaultTransactionOptions: TransactionOptions;
    timeoutMS?: number;
    readonly client: MongoClient;
    get id(): { id: Binary } | undefined;
    get clusterTime(): ClusterTime | undefined;
    get operationTime(): Timestamp | undefined;
    get isPinned(): boolean;
    get loadBalanced(): boolean;
    /** Runs the function in a transaction: commits, and tries again what the server calls transient. */
    withTransaction<T = any>(callback: WithTransactionCallback<T>, options?: TransactionOptions): Promise<T>;
    /** The next operation with this session begins a transaction. */
    startTransaction(options?: TransactionOptions): void;
    commitTransaction(options?: { timeoutMS?: number }): Promise<void>;
    abortTransaction(options?: { timeoutMS?: number }): Promise<void>;
    inTransaction(): boolean;
    endSession(options?: EndSessionOptions): Promise<void>;
    equals(other: ClientSession): boolean;
    advanceOperationTime(time: Timestamp): void;
    advanceClusterTime(time: ClusterTime): void;
    incrementTransactionNumber(): void;
    toBSON(): never;
  }
  export interface ClientSession extends Emitter {}
  export interface ClusterTime { clusterTime: Timestamp; signature?: { hash: Binary; keyId: Long } }

  // ---- concerns, read preference

  export type W = number | 'majority';
  export interface WriteConcernSettings {
    /** How many members must have the write. */
    w?: W | string;
    wtimeoutMS?: number;
    journal?: boolean;
    wtimeout?: number;
    j?: boolean;
    fsync?: boolean | 1;
  }
  /** How safe a write must be. */
  export class WriteConcern {
    constructor(w?: W | string, wtimeoutMS?: number, journal?: boolean, fsync?: boolean | 1);
    readonly w?: W | string;
    readonly wtimeoutMS?: number;
    readonly journal?: boolean;
    readonly wtimeout?: number;
    readonly j?: boolean;
    static apply(command: Document, writeConcern: WriteConcern): Document;
    static fromOptions(options?: Document | WriteConcern | W, inherit?: Document | WriteConcern): WriteConcern | undefined;
  }
  export type ReadConcernLike = ReadConcern | { level: ReadConcernLevel } | ReadConcernLevel;
  /** How settled what is read must be. */
  export class ReadConcern {
    constructor(level: ReadConcernLevel);
    level: ReadConcernLevel | string;
    static get MAJORITY(): 'majority';
    static get AVAILABLE(): 'available';
    static get LINEARIZABLE(): 'linearizable';
    static get SNAPSHOT(): 'snapshot';
    static fromOptions(options?: { readConcern?: ReadConcernLike; level?: ReadConcernLevel }): ReadConcern | undefined;
    toJSON(): Document;
  }
  export type ReadPreferenceLike = ReadPreference | ReadPreferenceMode;
  export interface TagSet { [key: string]: string }
  export interface ReadPreferenceOptions { maxStalenessSeconds?: number; hedge?: { enabled?: boolean } }
  /** Which member answers a read. */
  export class ReadPreference {
    constructor(mode: ReadPreferenceMode, tags?: TagSet[], options?: ReadPreferenceOptions);
    mode: ReadPreferenceMode;
    tags?: TagSet[];
    hedge?: { enabled?: boolean };
    maxStalenessSeconds?: number;
    get preference(): ReadPreferenceMode;
    isValid(mode?: string): boolean;
    secondaryOk(): boolean;
    equals(other: ReadPreference): boolean;
    toJSON(): Document;
    static readonly PRIMARY: 'primary';
    static readonly PRIMARY_PREFERRED: 'primaryPreferred';
    static readonly SECONDARY: 'secondary';
    static readonly SECONDARY_PREFERRED: 'secondaryPreferred';
    static readonly NEAREST: 'nearest';
    static readonly primary: ReadPreference;
    static readonly primaryPreferred: ReadPreference;
    static readonly secondary: ReadPreference;
    static readonly secondaryPreferred: ReadPreference;
    static readonly nearest: ReadPreference;
    static fromString(mode: string): ReadPreference;
    static fromOptions(options?: Document): ReadPreference | undefined;
    static translate<Options extends Document>(options: Options): Options;
    static isValid(mode: string): boolean;
  }

  // ---- constants

  export const BatchType: { readonly INSERT: 1; readonly UPDATE: 2; readonly DELETE: 3 };
  export type BatchType = 1 | 2 | 3;
  export const CursorTimeoutMode: { readonly ITERATION: 'iteration'; readonly LIFETIME: 'cursorLifetime' };
  export type CursorTimeoutMode = 'iteration' | 'cursorLifetime';
  export const ExplainVerbosity: Named<ExplainVerbosity>;
  export type ExplainVerbosity = 'queryPlanner' | 'queryPlannerExtended' | 'executionStats' | 'allPlansExecution';
  export const MongoErrorLabel: Named<MongoErrorLabel>;
  export type MongoErrorLabel =
    | 'RetryableWriteError' | 'TransientTransactionError' | 'UnknownTransactionCommitResult' | 'ResumableChangeStreamError' | 'HandshakeError'
    | 'ResetPool' | 'PoolRequestedRetry' | 'InterruptInUseConnections' | 'NoWritesPerformed' | 'RetryableError' | 'SystemOverloadedError';
  export const ProfilingLevel: { readonly off: 'off'; readonly slowOnly: 'slow_only'; readonly all: 'all' };
  export type ProfilingLevel = 'off' | 'slow_only' | 'all';
  export const ReadConcernLevel: Named<ReadConcernLevel>;
  export type ReadConcernLevel = 'local' | 'majority' | 'linearizable' | 'available' | 'snapshot';
  export const ReadPreferenceMode: Named<ReadPreferenceMode>;
  export type ReadPreferenceMode = 'primary' | 'primaryPreferred' | 'secondary' | 'secondaryPreferred' | 'nearest';
  export const ReturnDocument: { readonly BEFORE: 'before'; readonly AFTER: 'after' };
  export type ReturnDocument = 'before' | 'after';
  type Named<Names extends string> = { readonly [Name in Names]: Name };

  // ---- errors

  export type AnyError = MongoError | Error;

  /** Whatever the driver throws. */
  export class MongoError extends Error {
    constructor(message: string, options?: { cause?: Error });
    get errmsg(): string;
    get errorLabels(): string[];
    /** Whether the error is of this kind, such as `'TransientTransactionError'`. */
    hasErrorLabel(label: MongoErrorLabel | (string & {})): boolean;
    addErrorLabel(label: string): void;
    /** The server's number, such as 11000 for a value that a unique index has already. */
    code?: number | string;
    cause?: Error;
  }
  /** What the server refused; every field of its answer is here. */
  export class MongoServerError extends MongoError {
    constructor(reply: Document);
    errorResponse: Document;
    codeName?: string;
    writeConcernError?: Document;
    errInfo?: Document;
    ok?: number;
    [field: string]: any;
  }
  /** The write happened, but not as safely as was asked for. */
  export class MongoWriteConcernError extends MongoServerError {
    result: Document;
  }
  /** A bulk write of which operations failed; `result` says what the others did. */
  export class MongoBulkWriteError extends MongoServerError {
    constructor(error: Document, result: BulkWriteResult);
    result: BulkWriteResult;
    writeErrors: WriteError | WriteError[];
    err?: WriteConcernError;
    get insertedCount(): number;
    get matchedCount(): number;
    get modifiedCount(): number;
    get deletedCount(): number;
    get upsertedCount(): number;
    get insertedIds(): { [index: number]: any };
    get upsertedIds(): { [index: number]: any };
  }
  /** A `client.bulkWrite()` of which operations failed. */
  export class MongoClientBulkWriteError extends MongoServerError {
    writeErrors: Map<number, { code: number; message: string }>;
    writeConcernErrors: Document[];
    partialResult?: ClientBulkWriteResult;
  }
  /** The connection broke. */
  export class MongoNetworkError extends MongoError { readonly beforeHandshake: boolean }
  export class MongoNetworkTimeoutError extends MongoNetworkError {}
  export class MongoSystemError extends MongoError { reason?: any }
  /** No server could be found. */
  export class MongoServerSelectionError extends MongoSystemError {}
  /** What went wrong on this side of the connection. */
  export class MongoDriverError extends MongoError {}
  /** The operation took longer than its `timeoutMS`. */
  export class MongoOperationTimeoutError extends MongoDriverError {}
  export class MongoParseError extends MongoDriverError {}
  /** A call that is not right. */
  export class MongoAPIError extends MongoDriverError {}
  export class MongoBatchReExecutionError extends MongoAPIError {}
  export class MongoClientClosedError extends MongoAPIError {}
  export class MongoCompatibilityError extends MongoAPIError {}
  export class MongoCursorExhaustedError extends MongoAPIError {}
  export class MongoCursorInUseError extends MongoAPIError {}
  export class MongoExpiredSessionError extends MongoAPIError {}
  export class MongoInvalidArgumentError extends MongoAPIError {}
  export class MongoMissingCredentialsError extends MongoAPIError {}
  export class MongoMissingDependencyError extends MongoAPIError { dependencyName: string }
  export class MongoNotConnectedError extends MongoAPIError {}
  export class MongoServerClosedError extends MongoAPIError {}
  export class MongoTailableCursorError extends MongoAPIError {}
  export class MongoTopologyClosedError extends MongoAPIError {}
  export class MongoTransactionError extends MongoAPIError {}
  export class MongoRuntimeError extends MongoDriverError {}
  export class MongoClientBulkWriteCursorError extends MongoRuntimeError {}
  export class MongoClientBulkWriteExecutionError extends MongoRuntimeError {}
  export class MongoStalePrimaryError extends MongoRuntimeError {}
  export class MongoUnexpectedServerResponseError extends MongoRuntimeError {}

  // Only what says `export` is offered.
  export {};
}
