// What a migration of Whimbrel can import from 'bson', for editors and `tsc`.
//
// Written by `whimbrel types` where the project has no such package. All of it exists in Whimbrel; some of what the package
// has besides does not.

declare module 'bson' {
  /** Any document. */
  export interface Document { [key: string]: any }

  /** What all types below share. */
  export abstract class BSONValue {
    /** The name of the type. */
    get _bsontype(): string;
    inspect(depth?: number, options?: any, inspect?: (value: any, options?: any) => string): string;
    /** The value as its Extended JSON describes it. */
    toExtendedJSON(options?: EJSONOptions): any;
  }

  /** Twelve bytes, the usual `_id`: when it was made, by which process, and a counter. */
  export class ObjectId extends BSONValue {
    /** A new id, or the one that 24 hexadecimal digits or 12 bytes say. */
    constructor(id?: string | number | ObjectId | ObjectIdLike | Uint8Array | null);
    get _bsontype(): 'ObjectId';
    get id(): Uint8Array;
    set id(bytes: Uint8Array);
    /** The id as 24 hexadecimal digits. */
    toHexString(): string;
    /** The id as 24 hexadecimal digits, or in base64. */
    toString(encoding?: 'hex' | 'base64'): string;
    toJSON(): string;
    /** Whether both are one id; ids are objects, so `===` does not tell. */
    equals(other: string | ObjectId | ObjectIdLike | null | undefined): boolean;
    /** When the id was made, to the second. */
    getTimestamp(): Date;
    static generate(time?: number): Uint8Array;
    static createPk(): ObjectId;
    /** The smallest id of that second since 1970: for ranges of ids by time. */
    static createFromTime(seconds: number): ObjectId;
    static createFromHexString(hex: string): ObjectId;
    static createFromBase64(base64: string): ObjectId;
    /** Whether an id can be made of this. */
    static isValid(id: any): boolean;
  }

  /** An id of another copy of the package. */
  export interface ObjectIdLike {
    id: string | Uint8Array;
    __id?: string;
    toHexString(): string;
  }

  /** A whole number of 64 bits. A `bigint` is stored the same way. */
  export class Long extends BSONValue {
    /** From a text or a bigint, or from the two halves. */
    constructor(low?: number, high?: number | boolean, unsigned?: boolean);
    constructor(value: string | bigint, unsigned?: boolean);
    get _bsontype(): 'Long' | 'Timestamp';
    get __isLong__(): boolean;
    high: number;
    low: number;
    unsigned: boolean;
    static readonly ZERO: Long;
    static readonly UZERO: Long;
    static readonly ONE: Long;
    static readonly UONE: Long;
    static readonly NEG_ONE: Long;
    static readonly MAX_VALUE: Long;
    static readonly MIN_VALUE: Long;
    static readonly MAX_UNSIGNED_VALUE: Long;
    static fromBits(low: number, high: number, unsigned?: boolean): Long;
    static fromInt(value: number, unsigned?: boolean): Long;
    static fromNumber(value: number, unsigned?: boolean): Long;
    static fromBigInt(value: bigint, unsigned?: boolean): Long;
    static fromString(text: string, unsigned?: boolean, radix?: number): Long;
    static fromString(text: string, radix?: number): Long;
    /** Like `fromString`; throws where the text would not come out again. */
    static fromStringStrict(text: string, unsigned?: boolean, radix?: number): Long;
    static fromStringStrict(text: string, radix?: number): Long;
    static fromBytes(bytes: ArrayLike<number>, unsigned?: boolean, littleEndian?: boolean): Long;
    static fromBytesLE(bytes: ArrayLike<number>, unsigned?: boolean): Long;
    static fromBytesBE(bytes: ArrayLike<number>, unsigned?: boolean): Long;
    static fromValue(value: number | string | { low: number; high: number; unsigned?: boolean }, unsigned?: boolean): Long;
    static isLong(value: any): value is Long;
    add(other: LongLike): Long;
    subtract(other: LongLike): Long;
    multiply(other: LongLike): Long;
    divide(other: LongLike): Long;
    modulo(other: LongLike): Long;
    negate(): Long;
    and(other: LongLike): Long;
    or(other: LongLike): Long;
    xor(other: LongLike): Long;
    not(): Long;
    shiftLeft(bits: number | Long): Long;
    shiftRight(bits: number | Long): Long;
    shiftRightUnsigned(bits: number | Long): Long;
    equals(other: LongLike): boolean;
    notEquals(other: LongLike): boolean;
    /** Less than 0, 0, or more than 0. */
    compare(other: LongLike): 0 | 1 | -1;
    lessThan(other: LongLike): boolean;
    lessThanOrEqual(other: LongLike): boolean;
    greaterThan(other: LongLike): boolean;
    greaterThanOrEqual(other: LongLike): boolean;
    isZero(): boolean;
    isNegative(): boolean;
    isPositive(): boolean;
    isEven(): boolean;
    isOdd(): boolean;
    getHighBits(): number;
    getHighBitsUnsigned(): number;
    getLowBits(): number;
    getLowBitsUnsigned(): number;
    getNumBitsAbs(): number;
    toInt(): number;
    /** The nearest number: beyond 2⁵³ not every one can be told. */
    toNumber(): number;
    toBigInt(): bigint;
    toBytes(littleEndian?: boolean): number[];
    toBytesLE(): number[];
    toBytesBE(): number[];
    toSigned(): Long;
    toUnsigned(): Long;
    toString(radix?: number): string;
  }
  type LongLike = string | number | Long;

  /** Two numbers of 32 bits that the server uses for its own bookkeeping; for moments there is `Date`. */
  export class Timestamp {
    constructor(value?: bigint | Long | { t: number; i: number });
    get _bsontype(): 'Timestamp';
    /** Seconds since 1970. */
    get t(): number;
    /** The number within the second. */
    get i(): number;
    toJSON(): { $timestamp: string };
    toExtendedJSON(): { $timestamp: { t: number; i: number } };
    static readonly MAX_VALUE: Long;
    static fromInt(value: number): Timestamp;
    static fromNumber(value: number): Timestamp;
    static fromBits(low: number, high: number): Timestamp;
    static fromString(text: string, radix?: number): Timestamp;
  }
  export interface Timestamp extends Omit<Long, '_bsontype' | 'toExtendedJSON'> {}

  /** A number that is stored as a double even when it is whole. */
  export class Double extends BSONValue {
    constructor(value: number);
    get _bsontype(): 'Double';
    value: number;
    valueOf(): number;
    toJSON(): number;
    toString(radix?: number): string;
    static fromString(text: string): Double;
  }

  /** A whole number of 32 bits. */
  export class Int32 extends BSONValue {
    constructor(value: number | string);
    get _bsontype(): 'Int32';
    value: number;
    valueOf(): number;
    toJSON(): number;
    toString(radix?: number): string;
    static fromString(text: string): Int32;
  }

  /** A decimal number of 34 digits, such as an amount of money. */
  export class Decimal128 extends BSONValue {
    /** From a text; text with more digits than fit is an error. */
    constructor(value: string | Uint8Array);
    get _bsontype(): 'Decimal128';
    readonly bytes: Uint8Array;
    toString(): string;
    toJSON(): { $numberDecimal: string };
    static fromString(text: string): Decimal128;
    /** Like `fromString`, rounding what does not fit. */
    static fromStringWithRounding(text: string): Decimal128;
  }

  /** Bytes, with a number that says what they are. */
  export class Binary extends BSONValue {
    constructor(bytes?: Uint8Array | ArrayBuffer | readonly number[], subType?: number);
    get _bsontype(): 'Binary';
    buffer: Uint8Array;
    sub_type: number;
    position: number;
    put(byte: number | string | Uint8Array | number[]): void;
    write(bytes: Uint8Array | number[], offset?: number): void;
    read(position: number, length: number): Uint8Array;
    /** The bytes that have been put in. */
    value(): Uint8Array;
    length(): number;
    toJSON(): string;
    toString(encoding?: 'hex' | 'base64' | 'utf8' | 'utf-8'): string;
    toUUID(): UUID;
    toInt8Array(): Int8Array;
    toFloat32Array(): Float32Array;
    toPackedBits(): Uint8Array;
    toBits(): Int8Array;
    static createFromHexString(hex: string, subType?: number): Binary;
    static createFromBase64(base64: string, subType?: number): Binary;
    static fromInt8Array(array: Int8Array): Binary;
    static fromFloat32Array(array: Float32Array): Binary;
    static fromPackedBits(array: Uint8Array, padding?: number): Binary;
    static fromBits(bits: ArrayLike<number>): Binary;
    static readonly BUFFER_SIZE: number;
    static readonly SUBTYPE_DEFAULT: number;
    static readonly SUBTYPE_FUNCTION: number;
    static readonly SUBTYPE_BYTE_ARRAY: number;
    static readonly SUBTYPE_UUID_OLD: number;
    static readonly SUBTYPE_UUID: number;
    static readonly SUBTYPE_MD5: number;
    static readonly SUBTYPE_ENCRYPTED: number;
    static readonly SUBTYPE_COLUMN: number;
    static readonly SUBTYPE_SENSITIVE: number;
    static readonly SUBTYPE_VECTOR: number;
    static readonly SUBTYPE_USER_DEFINED: number;
    static readonly VECTOR_TYPE: { readonly Int8: 3; readonly Float32: 39; readonly PackedBit: 16 };
  }

  /** An identifier of 16 bytes. */
  export class UUID extends Binary {
    /** A new random one, or the one that a text or 16 bytes say. */
    constructor(input?: string | Uint8Array | UUID | null);
    get id(): Uint8Array;
    set id(bytes: Uint8Array);
    toHexString(dashes?: boolean): string;
    equals(other: string | Uint8Array | UUID): boolean;
    toBinary(): Binary;
    static generate(): Uint8Array;
    static isValid(input: string | Uint8Array | UUID | Binary): boolean;
    static createFromHexString(hex: string): UUID;
    static createFromBase64(base64: string): UUID;
  }

  /** A regular expression in the server's spelling, with options that JavaScript does not have. */
  export class BSONRegExp extends BSONValue {
    constructor(pattern: string, options?: string);
    get _bsontype(): 'BSONRegExp';
    pattern: string;
    options: string;
    static parseOptions(options?: string): string;
  }

  /** A text of the old type `symbol`. */
  export class BSONSymbol extends BSONValue {
    constructor(value: string);
    get _bsontype(): 'BSONSymbol';
    value: string;
    valueOf(): string;
    toString(): string;
    toJSON(): string;
  }

  /** JavaScript as a value. */
  export class Code extends BSONValue {
    constructor(code: string | Function, scope?: Document | null);
    get _bsontype(): 'Code';
    code: string;
    scope: Document | null;
    toJSON(): { code: string; scope?: Document };
  }

  /** A reference to a document by collection and `_id`. */
  export class DBRef extends BSONValue {
    constructor(collection: string, oid: ObjectId, db?: string, fields?: Document);
    get _bsontype(): 'DBRef';
    collection: string;
    oid: ObjectId;
    db?: string;
    fields: Document;
    get namespace(): string;
    set namespace(name: string);
    toJSON(): Document;
  }

  /** Comes before every other value. */
  export class MinKey extends BSONValue {
    get _bsontype(): 'MinKey';
  }

  /** Comes after every other value. */
  export class MaxKey extends BSONValue {
    get _bsontype(): 'MaxKey';
  }

  /** A value or bytes that cannot be converted. */
  export class BSONError extends Error {
    constructor(message: string, options?: { cause?: unknown });
    get bsonError(): true;
    static isBSONError(value: unknown): value is BSONError;
  }
  export class BSONVersionError extends BSONError { constructor() }
  export class BSONRuntimeError extends BSONError {}
  export class BSONOffsetError extends BSONError {
    constructor(message: string, offset: number, options?: { cause?: unknown });
    offset: number;
  }

  /** The numbers of the types, as `$type` takes them. */
  export const BSONType: {
    readonly double: 1; readonly string: 2; readonly object: 3; readonly array: 4; readonly binData: 5; readonly undefined: 6;
    readonly objectId: 7; readonly bool: 8; readonly date: 9; readonly null: 10; readonly regex: 11; readonly dbPointer: 12;
    readonly javascript: 13; readonly symbol: 14; readonly javascriptWithScope: 15; readonly int: 16; readonly timestamp: 17;
    readonly long: 18; readonly decimal: 19; readonly minKey: -1; readonly maxKey: 127;
  };
  export type BSONType = (typeof BSONType)[keyof typeof BSONType];
  export const bsonType: symbol;

  export interface SerializeOptions {
    checkKeys?: boolean;
    /** Stores functions as code. */
    serializeFunctions?: boolean;
    /** Leaves out fields that are undefined; without it they become null. */
    ignoreUndefined?: boolean;
    index?: number;
  }
  export interface DeserializeOptions {
    /** Gives 64-bit numbers as `bigint`. */
    useBigInt64?: boolean;
    /** Gives 64-bit numbers as `Long` also where a number would do, when false. */
    promoteLongs?: boolean;
    promoteBuffers?: boolean;
    promoteValues?: boolean;
    /** Gives regular expressions as `BSONRegExp`. */
    bsonRegExp?: boolean;
    fieldsAsRaw?: Document;
    raw?: boolean;
    allowObjectSmallerThanBufferSize?: boolean;
    index?: number;
    validation?: { utf8: boolean | Record<string, boolean> };
  }
  export type CalculateObjectSizeOptions = Pick<SerializeOptions, 'serializeFunctions' | 'ignoreUndefined'>;

  /** The bytes of a document. */
  export function serialize(object: Document, options?: SerializeOptions): Uint8Array;
  export function serializeWithBufferAndIndex(object: Document, buffer: Uint8Array, options?: SerializeOptions): number;
  /** The document that bytes describe. */
  export function deserialize(buffer: Uint8Array | ArrayBuffer, options?: DeserializeOptions): Document;
  export function deserializeStream(
    data: Uint8Array | ArrayBuffer, startIndex: number, numberOfDocuments: number, documents: Document[], docStartIndex: number,
    options?: DeserializeOptions,
  ): number;
  /** How many bytes a document takes. */
  export function calculateObjectSize(object: Document, options?: CalculateObjectSizeOptions): number;
  export function setInternalBufferSize(size: number): void;

  export interface EJSONOptionsBase {
    legacy?: boolean;
    /** Plain numbers and dates where JSON can say them (the default); false keeps every type. */
    relaxed?: boolean;
  }
  export interface EJSONParseOptions extends EJSONOptionsBase { useBigInt64?: boolean }
  export interface EJSONSerializeOptions extends EJSONOptionsBase { ignoreUndefined?: boolean }
  export type EJSONOptions = EJSONSerializeOptions & EJSONParseOptions;

  /** Extended JSON: JSON that can say every type of BSON. */
  export const EJSON: {
    parse(text: string, options?: EJSONParseOptions): any;
    stringify(value: any, options?: EJSONSerializeOptions): string;
    stringify(
      value: any, replacer: ((this: any, key: string, value: any) => any) | (string | number)[] | EJSONSerializeOptions | null | undefined,
      space?: string | number | EJSONSerializeOptions, options?: EJSONSerializeOptions,
    ): string;
    /** The plain objects that Extended JSON would be. */
    serialize(value: any, options?: EJSONSerializeOptions): any;
    /** Values out of such plain objects. */
    deserialize(ejson: any, options?: EJSONParseOptions): any;
  };

  // The package gives itself under this name as well.
  export * as BSON from 'bson';
}
