// The typings that `whimbrel types` writes: the real `tsc` checks migrations with them, and every name they promise has to
// be there in the façade.
//
// A project is put together in a temporary folder for each case: some migrations, those of our files that the command would
// write into such a project, and its `jsconfig.json` or `tsconfig.json`. Where there is no `@types/node` to test with, its
// cases are skipped.

import assert from 'node:assert/strict';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import test, { after } from 'node:test';
import * as official from 'mongodb';
import ts from 'typescript';
import { useFacade } from '../../crates/whimbrel-script/js/driver/index.js';
import { OrderedBulkOperation } from '../../crates/whimbrel-script/js/driver/bulk/operation.js';
import { BulkWriteResult, WriteConcernError, WriteError, emptyTotals } from '../../crates/whimbrel-script/js/driver/bulk/result.js';
import { defineLazyGlobals, hasBuiltin } from '../../crates/whimbrel-script/js/runtime/builtins.js';
import { installGlobals } from '../../crates/whimbrel-script/js/runtime/globals.js';
import { makeWhimbrelModule } from '../../crates/whimbrel-script/js/runtime/whimbrel_module.js';

const here = path => join(import.meta.dirname, path);
const TYPES = here('../../crates/whimbrel-cli/src/types');
const EXAMPLES = here('../../examples/social/migrations/scripts');
const PACKAGES = here('node_modules');
const hasNodeTypes = existsSync(join(PACKAGES, '@types/node'));

// ---- projects

/** The configuration as the command writes it, beside the migrations. */
const COMMON = {
  target: 'ES2023', lib: ['ES2023'], module: 'Preserve', moduleResolution: 'Bundler', moduleDetection: 'force', resolveJsonModule: true,
  allowJs: true, noEmit: true, skipLibCheck: true, types: [],
};
const CONFIG = {
  javascript: { file: 'jsconfig.json', options: { ...COMMON, checkJs: true, strict: false } },
  typescript: { file: 'tsconfig.json', options: { ...COMMON, allowImportingTsExtensions: true, strict: true } },
};

/** What a project can have installed: the packages, and which of our files it gets. */
const SETUPS = {
  'nothing installed': { packages: [], files: ['whimbrel', 'mongodb', 'bson', 'node'] },
  'the packages mongodb and bson': { packages: ['mongodb', 'bson'], files: ['whimbrel', 'node'] },
  '@types/node': { packages: ['@types/node', 'undici-types'], files: ['whimbrel', 'mongodb', 'bson'], types: ['node'] },
  'all of them': { packages: ['mongodb', 'bson', '@types/node', 'undici-types'], files: ['whimbrel'], types: ['node'] },
};
const isTestable = ({ types }) => !types || hasNodeTypes;

const root = mkdtempSync(join(tmpdir(), 'whimbrel-types-'));
after(() => { rmSync(root, { recursive: true, force: true }); });
let projects = 0;

/** A project with the migrations of a folder; gives the folder of its migrations. */
function project(migrations, language, { packages, files, types = [] }, options = {}) {
  const folder = join(root, `project-${projects += 1}`);
  const scripts = join(folder, 'migrations/scripts');
  cpSync(migrations, scripts, { recursive: true });
  mkdirSync(join(folder, '.whimbrel/types'), { recursive: true });
  for (const file of files) cpSync(join(TYPES, `${file}.d.ts`), join(folder, '.whimbrel/types', `${file}.d.ts`));
  for (const name of packages) {
    const target = join(folder, 'node_modules', name);
    mkdirSync(join(target, '..'), { recursive: true });
    symlinkSync(join(PACKAGES, name), target);
  }
  const config = { compilerOptions: { ...CONFIG[language].options, types, ...options }, include: ['.', '../../.whimbrel/types'] };
  writeFileSync(join(scripts, CONFIG[language].file), JSON.stringify(config, null, 2));
  return scripts;
}

/** What `tsc -p` has to say: `file:line code` and the text. */
function check(scripts, language) {
  const parsed = ts.getParsedCommandLineOfConfigFile(join(scripts, CONFIG[language].file), {}, {
    ...ts.sys, onUnRecoverableConfigFileDiagnostic: diagnostic => assert.fail(ts.flattenDiagnosticMessageText(diagnostic.messageText, '\n')),
  });
  assert.deepEqual(parsed.errors.map(error => error.messageText), []);
  const program = ts.createProgram({ rootNames: parsed.fileNames, options: parsed.options });
  const checked = parsed.fileNames.filter(name => !name.endsWith('.d.ts')).map(name => relative(scripts, name));
  const found = ts.getPreEmitDiagnostics(program).map(({ file, start, code, messageText }) => {
    const line = file ? file.getLineAndCharacterOfPosition(start).line + 1 : 0;
    const text = ts.flattenDiagnosticMessageText(messageText, '\n');
    return { where: `${file ? relative(scripts, file.fileName) : 'configuration'}:${line} ${code}`, text };
  });
  return { found, checked, program };
}

function assertClean(scripts, language, expectedFiles) {
  const { found, checked } = check(scripts, language);
  assert.deepEqual(found, []);
  assert.ok(checked.length >= expectedFiles, `only ${checked} were checked`);
}

/** The example migrations, as they are or with a comment that says what `db` is. */
function examples(isAnnotated) {
  const folder = join(root, `examples-${isAnnotated}`);
  cpSync(EXAMPLES, folder, { recursive: true });
  if (!isAnnotated) return folder;
  for (const name of readdirSync(folder)) {
    const text = readFileSync(join(folder, name), 'utf8');
    const annotated = text.replace(/^(export )?(default )?async function \w+\(db[,)]/gm, `/** @param {import('mongodb').Db} db */\n$&`);
    assert.notEqual(annotated, text);
    writeFileSync(join(folder, name), annotated);
  }
  return folder;
}

for (const [name, setup] of Object.entries(SETUPS)) {
  const skip = isTestable(setup) ? false : 'there is no @types/node here';
  test(`${name}: migrations in JavaScript`, { skip }, () => assertClean(project(here('types/javascript'), 'javascript', setup), 'javascript', 11));
  test(`${name}: migrations in TypeScript`, { skip }, () => assertClean(project(here('types/typescript'), 'typescript', setup), 'typescript', 5));
  test(`${name}: the examples`, { skip }, () => assertClean(project(examples(false), 'javascript', setup), 'javascript', 5));
}

const ALONE = SETUPS['nothing installed'];

test('the examples, told what `db` is', () => assertClean(project(examples(true), 'javascript', ALONE), 'javascript', 5));

test('what runs and the types of the package refuse', () => assertClean(project(here('types/tolerant'), 'javascript', ALONE), 'javascript', 2));

test('our files are right themselves, alone and beside those of a browser', () => {
  for (const lib of [['ES2023'], ['ES2023', 'DOM', 'DOM.Iterable'], ['ESNext', 'WebWorker']]) {
    for (const language of ['javascript', 'typescript']) {
      assertClean(project(here(`types/${language}`), language, ALONE, { lib, skipLibCheck: false }), language, 5);
    }
  }
});

test('mistakes are reported where they are, and nothing else', () => {
  const scripts = project(here('types/mistakes'), 'javascript', ALONE, { strictNullChecks: true });
  const { found, checked } = check(scripts, 'javascript');
  const expected = checked.flatMap(name => readFileSync(join(scripts, name), 'utf8').split('\n').flatMap((line, index) => {
    const codes = line.match(/ \/\/ ([\d ]+)$/)?.[1].split(' ') ?? [];
    return codes.map(code => `${name}:${index + 1} ${code}`);
  }));
  assert.ok(expected.length > 40);
  assert.deepEqual(found.map(({ where }) => where).sort(), expected.sort());
});

// ---- promises

/** Replies that are enough for a result of every kind. */
const ops = {
  print() {},
  command: async () => ({ ok: 1, n: 1, nModified: 1 }),
  write: async () => [{ offset: 0, reply: { ok: 1, n: 1 } }],
  sessionStart: () => 1,
  sessionInfo: () => ({}),
};
const { client, mongodb, bson } = useFacade(ops, { database: 'test' });
const db = client.db();
const collection = db.collection('c');
const ids = { id: new bson.ObjectId(), long: bson.Long.fromInt(1), timestamp: new bson.Timestamp({ t: 1, i: 1 }) };
const concern = { ok: 1, writeConcernError: { code: 64, codeName: 'x', errmsg: 'x', errInfo: {} } };

/** One object of each type that has members of its own. Of classes that are not here a bare one is made. */
const SAMPLES = {
  MongoClient: client, Db: db, Collection: collection, Admin: db.admin(), AbstractCursor: collection.find(), FindCursor: collection.find(),
  ExplainableCursor: collection.find(), AggregationCursor: collection.aggregate(), ListCollectionsCursor: db.listCollections(),
  ListIndexesCursor: collection.listIndexes({}), ListSearchIndexesCursor: collection.listSearchIndexes(),
  RunCommandCursor: db.runCursorCommand({ ping: 1 }), ClientSession: client.startSession(), OrderedBulkOperation: collection.initializeOrderedBulkOp(),
  UnorderedBulkOperation: collection.initializeUnorderedBulkOp(), BulkOperationBase: new OrderedBulkOperation(collection),
  FindOperators: collection.initializeOrderedBulkOp().find({}), BulkWriteResult: new BulkWriteResult(emptyTotals(), true),
  WriteError: new WriteError({}), WriteConcernError: new WriteConcernError({}),
  WriteConcern: new mongodb.WriteConcern('majority', 5, true), ReadConcern: new mongodb.ReadConcern('local'),
  ReadPreference: mongodb.ReadPreference.primary, InsertOneResult: await collection.insertOne({}), InsertManyResult: await collection.insertMany([{}]),
  UpdateResult: await collection.updateOne({}, { $set: { a: 1 } }), DeleteResult: await collection.deleteOne({}),
  MongoServerError: new mongodb.MongoServerError({ message: 'x', code: 1, codeName: 'x', ok: 0, errInfo: {}, writeConcernError: {} }),
  MongoWriteConcernError: new mongodb.MongoWriteConcernError(concern),
  MongoBulkWriteError: new mongodb.MongoBulkWriteError({ message: 'x', err: {} }, new BulkWriteResult(emptyTotals(), true)),
  MongoClientBulkWriteError: new mongodb.MongoClientBulkWriteError({ message: 'x' }), MongoSystemError: new mongodb.MongoSystemError('x', {}),
  MongoServerSelectionError: new mongodb.MongoServerSelectionError('x', {}),
  ObjectId: ids.id, Long: ids.long, Timestamp: ids.timestamp, Double: new bson.Double(1), Int32: new bson.Int32(1),
  Decimal128: new bson.Decimal128('1'), Binary: new bson.Binary(), UUID: new bson.UUID(), BSONRegExp: new bson.BSONRegExp('a'),
  BSONSymbol: new bson.BSONSymbol('a'), Code: new bson.Code('a'), DBRef: new bson.DBRef('a', ids.id), BSONOffsetError: new bson.BSONOffsetError('x', 1),
};
/** Members that are there only at times, or are a type's business alone. */
const NOT_ALWAYS = new Set(['cause', 'code', 'codeName', 'errInfo', 'ok', 'writeConcernError', 'partialResult', '__index']);
/** `inspect` and `toExtendedJSON` are those of every BSON type; the base class has none of its own. */
const ABSTRACT = new Set(['BSONValue']);

const typings = check(project(here('types/javascript'), 'javascript', ALONE), 'javascript').program;
const checker = typings.getTypeChecker();
const ambient = name => checker.getAmbientModules().find(symbol => symbol.name === `"${name}"`);
const resolved = symbol => (symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol);
const exportsOf = name => checker.getExportsOfModule(ambient(name)).map(symbol => [symbol.name, resolved(symbol)]);
const namesOf = type => type.getProperties().map(property => property.name).filter(name => !name.startsWith('__@'));

function sampleOf(name, value) {
  if (name in SAMPLES) return SAMPLES[name];
  if (value?.prototype === undefined) return undefined;
  return value.prototype instanceof Error ? new value('x') : Object.create(value.prototype);
}

for (const [module, values] of [['mongodb', mongodb], ['bson', bson], ['whimbrel', makeWhimbrelModule({})]]) {
  test(`everything in '${module}' exists`, () => {
    let members = 0;
    for (const [name, symbol] of exportsOf(module)) {
      const isValue = (symbol.flags & ts.SymbolFlags.Value) !== 0;
      if (isValue) assert.ok(name in values, `${module} has no ${name}`);
      if (symbol.flags & ts.SymbolFlags.Class) {
        const { prototype, ...statics } = Object.fromEntries(namesOf(checker.getTypeOfSymbol(symbol)).map(key => [key, true]));
        for (const key of Object.keys(statics)) assert.ok(key in values[name], `${name}.${key} does not exist`);
      }
      if (!(symbol.flags & (ts.SymbolFlags.Class | ts.SymbolFlags.Interface)) || ABSTRACT.has(name)) continue;
      const sample = sampleOf(name, values[name]);
      // Options and the like are only read.
      if (sample === undefined) continue;
      for (const key of namesOf(checker.getDeclaredTypeOfSymbol(symbol))) {
        members += 1;
        assert.ok(key in sample || NOT_ALWAYS.has(key), `${name}.prototype.${key} does not exist`);
      }
    }
    assert.ok(module === 'whimbrel' || members > 100);
  });
}

test('values of constants are those of the façade', () => {
  const names = ['BatchType', 'CursorTimeoutMode', 'ExplainVerbosity', 'MongoErrorLabel', 'ProfilingLevel', 'ReadConcernLevel', 'ReadPreferenceMode',
    'ReturnDocument', 'BSONType'];
  for (const name of names) {
    const type = checker.getTypeOfSymbol(Object.fromEntries(exportsOf('mongodb'))[name]);
    const told = Object.fromEntries(type.getProperties().map(property => [property.name, checker.getTypeOfSymbol(property).value]));
    assert.deepEqual(told, { ...mongodb[name] }, name);
  }
});

test('what the official classes and ours both have is told', () => {
  // Refused with a text, or of no use to a script.
  const untold = new Set(['constructor', 'watch', 'addToOperationsList', 'handleWriteError', 'serverSession', 'loadBalanced', 'toString', 'eventNames',
    'listeners', 'rawListeners', 'prependListener', 'prependOnceListener', 'setMaxListeners', 'getMaxListeners']);
  const types = Object.fromEntries(exportsOf('mongodb'));
  const ours = ['MongoClient', 'Db', 'Collection', 'Admin', 'AbstractCursor', 'ExplainableCursor', 'FindCursor', 'AggregationCursor', 'ListCollectionsCursor',
    'ListIndexesCursor', 'ClientSession', 'OrderedBulkOperation', 'UnorderedBulkOperation', 'WriteConcern', 'ReadConcern', 'ReadPreference',
    ...Object.keys(official).filter(name => /^Mongo\w*Error$/.test(name) && name in types)];
  for (const name of ours) {
    const told = new Set(namesOf(checker.getDeclaredTypeOfSymbol(types[name])));
    for (let [one, two] = [official[name].prototype, mongodb[name].prototype]; two && two !== Object.prototype; two = Object.getPrototypeOf(two)) {
      for (const key of Object.getOwnPropertyNames(two)) {
        if (key in one && !untold.has(key)) assert.ok(told.has(key), `${name}.${key} is there and not told`);
      }
    }
  }
});

test('options are those that the official types know', () => {
  // Said elsewhere in the official types (beside the options, not among them), or taken without a word.
  const elsewhere = new Set(['signal', 'timeoutMode', 'willRetryWrite']);
  const more = new Set(['IndexOptions.background', 'IndexOptions.default_language', 'IndexOptions.language_override', 'CreateIndexesOptions.writeConcern',
    'CreateCollectionOptions.autoIndexId', 'ValidateCollectionOptions.full', 'ValidateCollectionOptions.repair', 'ValidateCollectionOptions.metadata',
    'TransactionOptions.timeoutMS']);
  const program = check(project(here('types/typescript'), 'typescript', SETUPS['the packages mongodb and bson']), 'typescript').program;
  const theirs = program.getTypeChecker();
  const file = program.getSourceFiles().find(({ fileName }) => fileName.endsWith('/mongodb/mongodb.d.ts'));
  const known = new Map(theirs.getExportsOfModule(theirs.getSymbolAtLocation(file)).map(symbol => [symbol.name, symbol]));
  let options = 0;
  for (const [name, symbol] of exportsOf('mongodb')) {
    assert.ok(known.has(name), `the package has no ${name}`);
    if (!/(Options|Model|Settings|Description)$/.test(name)) continue;
    const names = new Set(namesOf(theirs.getDeclaredTypeOfSymbol(known.get(name))));
    for (const key of namesOf(checker.getDeclaredTypeOfSymbol(symbol))) {
      options += 1;
      assert.ok(names.has(key) || elsewhere.has(key) || more.has(`${name}.${key}`), `${name}.${key} is not known`);
    }
  }
  assert.ok(options > 300);
});

test('modules and globals of Node.js are those that the engine has', () => {
  const set = new Set();
  const { defineProperty } = Object;
  // Both write to the global object; here they are only listened to.
  Object.defineProperty = (target, name, descriptor) => (target === globalThis ? set.add(name) : defineProperty(target, name, descriptor));
  try {
    defineLazyGlobals();
    installGlobals({ osInfo: () => ({}), now: () => 0, environment: () => ({}), setTimer: () => 0 });
  } finally {
    Object.defineProperty = defineProperty;
  }
  const ofEngine = new Set([...set, 'queueMicrotask', 'require', 'module', 'exports', '__dirname', '__filename']);
  const source = typings.getSourceFiles().find(({ fileName }) => fileName.endsWith('/node.d.ts'));
  const modules = new Set();
  for (const statement of source.statements) {
    if (ts.isModuleDeclaration(statement)) modules.add(statement.name.text);
    for (const name of statement.declarationList?.declarations.map(declaration => declaration.name.text) ?? []) {
      assert.ok(ofEngine.has(name), `there is no global ${name}`);
      ofEngine.delete(name);
    }
    if (ts.isFunctionDeclaration(statement)) {
      assert.ok(ofEngine.has(statement.name.text), `there is no global ${statement.name.text}`);
      ofEngine.delete(statement.name.text);
    }
  }
  // Nobody's business, too seldom used, or there only to refuse.
  for (const name of ['__whimbrel_random', 'CustomEvent', 'DOMException', 'Date', 'fetch']) ofEngine.delete(name);
  assert.deepEqual([...ofEngine], []);
  for (const name of modules) {
    const bare = name.replace('node:', '');
    assert.ok(hasBuiltin(bare) || ['console', 'process'].includes(bare), `there is no module ${name}`);
    assert.ok(modules.has(bare) && modules.has(`node:${bare}`), `${bare} is told in one spelling only`);
  }
});
