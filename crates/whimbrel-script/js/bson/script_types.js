// The small types: regular expressions, code, symbols and the two ends of the sort order.
//
// `BSONRegExp` is for patterns JavaScript cannot express (options `x`, `l`); `Code` and `BSONSymbol` are
// deprecated by the server but still found in old databases.

import { BSONError } from './errors.js';
import { BSONValue, plainInspect } from './value.js';

const REGEXP_OPTIONS = 'imxlsu';

const sortLetters = text => text.split('').sort().join('');

function refuseNull(text, what) {
  if (!text.includes('\0')) return;
  throw new BSONError(`BSON Regex ${what} cannot contain null bytes, found: ${JSON.stringify(text)}`);
}

export class BSONRegExp extends BSONValue {
  get _bsontype() {
    return 'BSONRegExp';
  }

  constructor(pattern, options) {
    super();
    this.pattern = pattern;
    this.options = sortLetters(options ?? '');
    refuseNull(this.pattern, 'patterns');
    refuseNull(this.options, 'options');
    const unknown = this.options.split('').find(option => !REGEXP_OPTIONS.includes(option));
    if (unknown !== undefined) {
      throw new BSONError(`The regular expression option [${unknown}] is not supported`);
    }
  }

  static parseOptions(options) {
    return options ? sortLetters(options) : '';
  }

  toExtendedJSON(options) {
    if (options?.legacy) return { $regex: this.pattern, $options: this.options };
    return { $regularExpression: { pattern: this.pattern, options: this.options } };
  }

  static fromExtendedJSON(doc) {
    if (typeof doc.$regex === 'string') {
      return new BSONRegExp(doc.$regex, BSONRegExp.parseOptions(doc.$options));
    }
    // A `$regex` query operator whose operand was a regular expression already: leave the operator.
    if ('$regex' in doc && doc.$regex._bsontype === 'BSONRegExp') return doc;
    if ('$regularExpression' in doc) {
      const { pattern, options } = doc.$regularExpression;
      return new BSONRegExp(pattern, BSONRegExp.parseOptions(options));
    }
    throw new BSONError(`Unexpected BSONRegExp EJSON object form: ${JSON.stringify(doc)}`);
  }

  inspect(_depth, options, inspect = plainInspect) {
    const stylize = typeof options?.stylize === 'function' ? options.stylize : text => text;
    const [pattern, flags] = [this.pattern, this.options].map(part => stylize(inspect(part), 'regexp'));
    return `new BSONRegExp(${pattern}, ${flags})`;
  }
}

export class BSONSymbol extends BSONValue {
  get _bsontype() {
    return 'BSONSymbol';
  }

  constructor(value) {
    super();
    this.value = value;
  }

  valueOf() {
    return this.value;
  }

  toString() {
    return this.value;
  }

  toJSON() {
    return this.value;
  }

  toExtendedJSON() {
    return { $symbol: this.value };
  }

  static fromExtendedJSON(doc) {
    return new BSONSymbol(doc.$symbol);
  }

  inspect(_depth, options, inspect = plainInspect) {
    return `new BSONSymbol(${inspect(this.value, options)})`;
  }
}

export class Code extends BSONValue {
  get _bsontype() {
    return 'Code';
  }

  /** A function is kept as its source text; `scope` null means code without scope. */
  constructor(code, scope) {
    super();
    this.code = code.toString();
    this.scope = scope ?? null;
  }

  toJSON() {
    return this.scope == null ? { code: this.code } : { code: this.code, scope: this.scope };
  }

  toExtendedJSON() {
    return this.scope ? { $code: this.code, $scope: this.scope } : { $code: this.code };
  }

  static fromExtendedJSON(doc) {
    return new Code(doc.$code, doc.$scope);
  }

  inspect(_depth, options, inspect = plainInspect) {
    const code = inspect(this.code, options);
    const hasScope = this.scope != null;
    const edge = code.includes('\n') ? '\n' : '';
    const scope = hasScope ? `,${edge || ' '}${inspect(this.scope, options)}` : '';
    return `new Code(${edge}${code}${scope}${hasScope ? '' : edge})`;
  }
}

class KeyBound extends BSONValue {
  inspect() {
    return `new ${this._bsontype}()`;
  }
}

export class MinKey extends KeyBound {
  get _bsontype() {
    return 'MinKey';
  }

  toExtendedJSON() {
    return { $minKey: 1 };
  }

  static fromExtendedJSON() {
    return new MinKey();
  }
}

export class MaxKey extends KeyBound {
  get _bsontype() {
    return 'MaxKey';
  }

  toExtendedJSON() {
    return { $maxKey: 1 };
  }

  static fromExtendedJSON() {
    return new MaxKey();
  }
}
