// The BSON types as scripts import them, from `mongodb` or from `bson`.
//
// A table of contents and nothing else: each type is in its own file, Extended JSON in `../ejson.js`, and
// the module objects that scripts see are put together by their neighbours in Rust.

export { BSONError, BSONOffsetError, BSONRuntimeError, BSONVersionError } from './errors.js';
export { BSONType, BSONValue, bsonType } from './value.js';
export { ObjectId } from './object_id.js';
export { Double, Int32 } from './numbers.js';
export { Long } from './long.js';
export { Timestamp } from './timestamp.js';
export { Decimal128 } from './decimal128.js';
export { Binary, UUID } from './binary.js';
export { BSONRegExp, BSONSymbol, Code, MaxKey, MinKey } from './script_types.js';
export { DBRef } from './reference.js';
