// Reading: `find`, `findOne`, counts, `distinct`, `aggregate`, with every option, right and wrong.

import test from 'node:test';
import { stage, table } from './facade.mjs';

const seed = {
  c: [1, 2, 3, 4, 5].map(n => ({ _id: n, n, even: n % 2 === 0, tags: ['a', `t${n}`], at: new Date(n), text: n < 3 ? 'x' : 'y' })),
  capped: [],
};
const scene = await stage();
const check = (...calls) => table(scene, calls, { seed, dump: false });
const all = options => ({ c }) => c.find({}, options).toArray();
const explained = result => ({ ...result, resolves: typeof result.resolves });

test('find: options', () => check(
  ...[
    {}, undefined, null, { limit: 2 }, { limit: -3 }, { limit: 0 }, { skip: 1, limit: 2 }, { batchSize: 2 }, { batchSize: -2 }, { batchSize: 2, limit: 2 }, { batchSize: 1, limit: 3 },
    { batchSize: 5, limit: -2 }, { sort: 'n' }, { sort: { n: -1 } }, { sort: { n: 'asc' } }, { sort: { n: 'DESCENDING' } }, { sort: [['n', 'desc']] }, { sort: ['n', 'even'] }, { sort: ['n', -1] }, { sort: ['n', '-1'] },
    { sort: ['n', 'asc'] }, { sort: ['n'] }, { sort: [['n', 1], ['even', -1]] }, { sort: [{ n: 1 }, { even: -1 }] }, { sort: [] }, { sort: {} }, { sort: null }, { sort: '' }, { sort: new Map([['n', -1]]) }, { sort: { n: { $meta: 'textScore' } } },
    { sort: 1 }, { sort: false }, { sort: { n: 'foo' } }, { sort: { n: 0 } }, { sort: { n: null } }, { sort: [['n', 'foo']] }, { sort: [['n']] }, { sort: [1, 2] },
    { projection: { n: 1 } }, { projection: { n: 1, _id: 0 } }, { projection: ['n', 'a'] }, { projection: [] }, { projection: 'n' }, { projection: null }, { projection: {} }, { fields: { n: 1 } },
    { hint: '_id_' }, { hint: { _id: 1 } }, { hint: ['_id'] }, { hint: 'none' }, { hint: new Map([['_id', 1]]) }, { hint: 5 }, { hint: null },
    { maxTimeMS: 5000 }, { maxTimeMS: 'a' }, { maxTimeMS: 0 }, { comment: 'x' }, { comment: { a: 1 } }, { comment: 0 }, { comment: null }, { comment: '' },
    { collation: { locale: 'en' } }, { readConcern: 'local' }, { readConcern: { level: 'majority' } }, { readConcern: {} }, { readConcern: 'foo' }, { level: 'local' },
    { let: { a: 1 } }, { allowDiskUse: true }, { allowDiskUse: false }, { returnKey: true }, { returnKey: 1 }, { showRecordId: true }, { min: { _id: 2 }, hint: '_id_' }, { max: { _id: 3 }, hint: '_id_' },
    { singleBatch: true }, { singleBatch: true, limit: 2 }, { noCursorTimeout: true }, { timeout: true }, { timeout: false, noCursorTimeout: true }, { allowPartialResults: true }, { oplogReplay: true }, { awaitData: false }, { tailable: false },
    { tailable: true }, { partial: true }, { maxAwaitTimeMS: 100 }, { readPreference: 'primary' }, { readPreference: 'odd' }, { readPreference: { mode: 'nearest' } }, { writeConcern: { w: 1 } }, { w: 1 }, { raw: false }, { strange: 1 }, { limit: 'a', skip: 'b' },
    { projection: { n: 1 }, sort: { n: -1 }, skip: 1, limit: 2, hint: '_id_', comment: 'c', maxTimeMS: 1000, collation: { locale: 'en' }, readConcern: 'local', let: { q: 1 }, allowDiskUse: true, min: { _id: 0 }, max: { _id: 9 }, batchSize: 7, returnKey: false, showRecordId: true },
  ].map(options => [`find with ${JSON.stringify(options)} ${options?.sort instanceof Map}`, all(options)]),
));

test('find: filters', () => check(
  ...[{ n: 1 }, { n: { $gt: 2 } }, null, undefined, [], 'x', 5, true, { $foo: 1 }, { n: undefined }, { text: /^X/i }, { tags: { $elemMatch: { $eq: 't2' } } }, new Map([['n', 2]])].map(filter => [`find(${String(filter)})`, ({ c }) => c.find(filter).toArray()]),
  ({ c, lib }) => c.find(new lib.ObjectId('000000000000000000000001')).toArray(),
  ({ c, lib }) => c.find({ _id: new lib.Long(2) }).toArray(),
  ({ c, lib }) => c.find({ n: { $in: [new lib.Double(1), new lib.Int32(2), 3n, new lib.Decimal128('4')] } }).toArray(),
  ({ c }) => c.find(),
));

test('findOne', () => check(
  ({ c }) => c.findOne(),
  ({ c }) => c.findOne({ n: 3 }),
  ({ c }) => c.findOne({ n: 30 }),
  ({ c }) => c.findOne(null),
  ({ c }) => c.findOne([]),
  ({ c }) => c.findOne({}, { sort: { n: -1 }, projection: { n: 1 }, skip: 1, batchSize: 7, limit: 9, noCursorTimeout: true, comment: 'x', maxTimeMS: 100 }),
  ({ c }) => c.findOne({}, { limit: 0 }),
  ({ c }) => c.findOne({}, { timeout: true }),
  ({ c }) => c.findOne({ $bad: 1 }),
  ({ c }) => c.findOne({}, { sort: 5 }),
  ({ c }) => c.findOne({}, { tailable: true }),
  ({ c, lib }) => c.findOne(new lib.ObjectId('000000000000000000000001')),
));

test('find: the cursor\'s settings', () => check(
  ({ c }) => c.find({}).filter({ n: 2 }).toArray(),
  ({ c }) => c.find({}).hint('_id_').min({ _id: 1 }).max({ _id: 3 }).returnKey(false).showRecordId(true).comment('a').maxTimeMS(900).maxAwaitTimeMS(3).project({ n: 1 }).collation({ locale: 'fr' }).limit(1).skip(1).toArray(),
  ({ c }) => c.find({}).sort({ n: -1 }).allowDiskUse().toArray(),
  ({ c }) => c.find({}).sort({ n: -1 }).allowDiskUse(false).toArray(),
  ({ c }) => c.find({}).allowDiskUse(),
  ({ c }) => c.find({}, { sort: 'n' }).allowDiskUse(true).toArray(),
  ({ c }) => c.find().sort('n', 'desc').toArray(),
  ({ c }) => c.find().sort('n', -1).sort({ even: 1 }).toArray(),
  ({ c }) => c.find().sort(['n', -1]).toArray(),
  ({ c }) => c.find().sort({ n: 'odd' }),
  ({ c }) => c.find().sort(null).toArray(),
  ({ c }) => c.find().sort().toArray(),
  ({ c }) => c.find().project(['n']).toArray(),
  ({ c }) => c.find().hint(['_id']).toArray(),
  ...['limit', 'skip', 'batchSize', 'maxTimeMS', 'maxAwaitTimeMS'].flatMap(name => [
    [`${name}('a')`, ({ c }) => c.find()[name]('a')], [`${name}()`, ({ c }) => c.find()[name]()], [`${name}(2)`, ({ c }) => c.find()[name](2).toArray()], [`${name}(-2)`, ({ c }) => c.find()[name](-2).toArray()],
  ]),
  ...['$comment', '$hint', '$max', '$maxTimeMS', '$min', '$orderby', '$query', '$returnKey', '$showDiskLoc', 'comment', '$foo'].map(name => [
    `addQueryModifier(${name})`, ({ c }) => c.find({}, name === '$min' || name === '$max' ? { hint: '_id_' } : {}).addQueryModifier(name, { $comment: 'x', $hint: { _id: 1 }, $max: { _id: 3 }, $maxTimeMS: 400, $min: { _id: 2 }, $orderby: { n: -1 }, $query: { n: 2 }, $returnKey: true, $showDiskLoc: true }[name]).toArray(),
  ]),
  ...['tailable', 'oplogReplay', 'noCursorTimeout', 'awaitData', 'exhaust', 'partial', 'odd'].flatMap(flag => [
    [`${flag} true`, ({ c }) => c.find().addCursorFlag(flag, true).toArray()], [`${flag} false`, ({ c }) => c.find().addCursorFlag(flag, false).toArray()], [`${flag} 1`, ({ c }) => c.find().addCursorFlag(flag, 1)],
  ]),
  ...['local', 'majority', { level: 'local' }, {}, 'foo', null, undefined].map(level => [`withReadConcern(${JSON.stringify(level)})`, ({ c }) => c.find().withReadConcern(level).toArray()]),
  ...['secondary', 'primary', 'foo', 5, null, undefined, {}].map(mode => [`withReadPreference(${JSON.stringify(mode)})`, ({ c }) => c.find().withReadPreference(mode).toArray()]),
  ({ c, lib }) => c.find().withReadPreference(lib.ReadPreference.nearest).toArray(),
  ({ c, lib }) => c.find().withReadPreference(lib.ReadPreference.nearest).readPreference,
  ({ c }) => c.find().withReadConcern('majority').readConcern,
  ({ c }) => c.find({}, { tailable: true }).sort({ n: 1 }),
  ({ c }) => c.find({}, { tailable: true }).limit(1),
  ({ c }) => c.find({}, { tailable: true }).skip(1),
  ({ c }) => c.find({}, { tailable: true }).batchSize(1),
));

test('find: explain', () => check(
  ...[undefined, true, false, 'executionStats', 'queryPlanner', { verbosity: 'queryPlanner' }, { verbosity: 'queryPlanner', maxTimeMS: 100 }, { timeoutMS: 0 }, 'odd'].map(how => [`explain(${JSON.stringify(how)})`, ({ c }) => c.find({ n: 1 }, { maxTimeMS: 700, comment: 'x', readConcern: 'local', sort: { n: 1 } }).explain(how), { adjust: explained }]),
  [`explain option`, ({ c }) => c.find({ n: 1 }, { explain: true }).toArray(), { adjust: explained }],
  [`explain option, text`, ({ c }) => c.find({ n: 1 }, { explain: 'queryPlanner', maxTimeMS: 30 }).next(), { adjust: explained }],
  [`explain option, object`, ({ c }) => c.find({ n: 1 }, { explain: { verbosity: 'queryPlanner', maxTimeMS: 50 } }).next(), { adjust: explained }],
  [`explain modifier`, ({ c }) => c.find({ n: 1 }).addQueryModifier('$explain', true).toArray(), { adjust: explained }],
  [`findOne explain`, ({ c }) => c.findOne({ n: 1 }, { explain: true }), { adjust: explained }],
));

test('counts', () => check(
  ({ c }) => c.countDocuments(),
  ({ c }) => c.countDocuments({ n: { $gt: 1 } }, { limit: 2, skip: 1, hint: '_id_', maxTimeMS: 1000, collation: { locale: 'en' }, comment: 'z', readConcern: { level: 'local' } }),
  ({ c }) => c.countDocuments(null),
  ({ c }) => c.countDocuments({ none: 1 }),
  ({ c }) => c.countDocuments({}, { limit: 0, skip: 0 }),
  ({ c }) => c.countDocuments({}, { limit: 'a' }),
  ({ c }) => c.countDocuments({}, { allowDiskUse: true, let: { a: 1 }, batchSize: 3 }),
  [`countDocuments explain`, ({ c }) => c.countDocuments({}, { explain: true }), {}],
  ({ c }) => c.estimatedDocumentCount(),
  ({ c }) => c.estimatedDocumentCount({ maxTimeMS: 1000, comment: 'x', hint: '_id_', skip: 1, limit: 2, readConcern: 'local' }),
  ({ c }) => c.estimatedDocumentCount({ collation: { locale: 'en' } }),
  ({ c }) => c.estimatedDocumentCount({ explain: true }),
  ({ c }) => c.estimatedDocumentCount(null),
  ({ db }) => db.collection('none').estimatedDocumentCount(),
  ({ c }) => c.count(),
  ({ c }) => c.count(null),
  ({ c }) => c.count({ n: { $gt: 1 } }, { limit: 2, skip: 0, hint: '_id_', maxTimeMS: 900, collation: { locale: 'en' }, comment: 'x', readConcern: 'local' }),
  ({ c }) => c.count({}, { explain: true }),
  ({ c }) => c.find({ n: { $gt: 1 } }).limit(2).skip(1).hint('_id_').collation({ locale: 'en' }).maxTimeMS(400).comment('x').count(),
  ({ c }) => c.find({ n: { $gt: 1 } }).limit(2).count({ skip: 3, limit: 1, maxTimeMS: 800 }),
  ({ c }) => c.find({}, { readConcern: 'local', sort: { n: 1 }, projection: { n: 1 } }).count(),
  ({ c }) => c.distinct('n'),
  ({ c }) => c.distinct('tags', { n: { $gt: 2 } }, { maxTimeMS: 400, comment: 'x', hint: '_id_', collation: { locale: 'en' }, readConcern: 'local' }),
  ({ c }) => c.distinct('n', null),
  ({ c }) => c.distinct('n', {}, null),
  ({ c }) => c.distinct(),
  ({ c }) => c.distinct(5),
  [`distinct explain`, ({ c }) => c.distinct('n', {}, { explain: 'queryPlanner', maxTimeMS: 40 }), { adjust: explained }],
));

test('aggregate', () => check(
  ...[
    {}, { allowDiskUse: true }, { allowDiskUse: false }, { batchSize: 2 }, { batchSize: 0 }, { bypassDocumentValidation: true }, { bypassDocumentValidation: false }, { maxTimeMS: 2000 }, { maxAwaitTimeMS: 3 }, { collation: { locale: 'en' } },
    { hint: '_id_' }, { hint: { _id: 1 } }, { let: { a: 1 } }, { comment: 'x' }, { comment: { a: 1 } }, { readConcern: 'local' }, { writeConcern: { w: 1 } }, { cursor: { batchSize: 1 } }, { cursor: { batchSize: 1 }, batchSize: 3 }, { readPreference: 'secondary' }, { strange: 1 }, null, { hint: ['_id'] },
    { allowDiskUse: true, batchSize: 2, bypassDocumentValidation: true, maxTimeMS: 3000, collation: { locale: 'en' }, hint: '_id_', let: { a: 1 }, comment: 'x', readConcern: 'local', writeConcern: { w: 1 } },
  ].map(options => [`aggregate with ${JSON.stringify(options)}`, ({ c }) => c.aggregate([{ $match: { n: { $gt: 1 } } }], options).toArray()]),
  ...[{}, null, 'x', undefined, [], [{}], [{ $bad: 1 }]].map(pipeline => [`aggregate(${JSON.stringify(pipeline)})`, ({ c }) => c.aggregate(pipeline).toArray()]),
  ...[[{ $out: 'o' }], [{ $merge: 'o' }], [{ $match: { n: 1 } }, { $merge: { into: 'o', whenMatched: 'replace' } }]].flatMap(pipeline => [
    [`aggregate(${JSON.stringify(pipeline)})`, ({ c }) => c.aggregate(pipeline).toArray(), { dump: true }],
    [`aggregate(${JSON.stringify(pipeline)}) with options`, ({ c }) => c.aggregate(pipeline, { readConcern: 'local', writeConcern: { w: 1 }, batchSize: 3, bypassDocumentValidation: true, maxTimeMS: 500, let: { a: 1 }, comment: 'x' }).next(), { dump: true }],
  ]),
  [`option out`, ({ c }) => c.aggregate([{ $match: { n: 1 } }], { out: 'o' }).toArray(), { dump: true }],
  [`option out, with a concern`, ({ c }) => c.aggregate([{ $match: { n: 1 } }], { out: 'o', writeConcern: { w: 1, j: true } }).toArray(), { dump: true }],
  ({ db }) => db.aggregate([{ $documents: [{ a: 1 }] }], { comment: 'x', maxTimeMS: 1000 }).toArray(),
  ({ db }) => db.aggregate({}).toArray(),
  ({ db }) => db.aggregate(),
  ({ c }) => c.aggregate().match({ n: { $gt: 1 } }).project({ n: 1 }).group({ _id: '$n', count: { $sum: 1 } }).sort({ _id: -1 }).limit(3).skip(1).toArray(),
  ({ c }) => c.aggregate().unwind('$tags').lookup({ from: 'c', localField: 'n', foreignField: 'n', as: 'x' }).redact('$$KEEP').limit(1).toArray(),
  ({ c }) => c.aggregate().sort('n').toArray(),
  ({ c }) => c.aggregate().limit('a').toArray(),
  [`out()`, ({ c }) => c.aggregate().out('o2').toArray(), { dump: true }],
  ({ c }) => c.aggregate().geoNear({ near: [0, 0] }).pipeline,
  ({ c }) => c.aggregate([{ $match: {} }]).project({}).addStage({ $limit: 1 }).pipeline,
  ({ c }) => { const pipeline = [{ $match: { n: 1 } }]; c.aggregate(pipeline).limit(1); return pipeline; },
  ({ c }) => c.aggregate([{ $match: { n: 1 } }]).clone().toArray(),
  ({ c }) => { const one = c.aggregate([{ $match: { n: { $gt: 1 } } }]); const two = one.clone(); two.limit(1); return one.pipeline; },
  ...[undefined, true, false, 'executionStats', { verbosity: 'queryPlanner', maxTimeMS: 60 }, { timeoutMS: 0 }].map(how => [`explain(${JSON.stringify(how)})`, ({ c }) => c.aggregate([{ $match: { n: 1 } }], { comment: 'x', readConcern: 'local', maxTimeMS: 800, writeConcern: { w: 1 } }).explain(how), { adjust: explained }]),
  [`explain of what writes`, ({ c }) => c.aggregate([{ $out: 'o' }], { explain: true, writeConcern: { w: 1 } }).toArray(), { adjust: explained }],
  [`explain() of what writes`, ({ c }) => c.aggregate([{ $out: 'o' }], { writeConcern: { w: 1 } }).explain(), { adjust: explained }],
  ...[true, 'executionStats'].map(how => [`explain option ${how}`, ({ c }) => c.aggregate([{ $match: { n: 1 } }], { explain: how, writeConcern: { w: 1 } }).toArray(), { adjust: explained }]),
));

test('inherited options', () => check(
  ...['find', 'aggregate'].flatMap(name => [
    [`${name}: collection`, ({ db }) => db.collection('c', { readConcern: 'majority', writeConcern: { w: 1 }, readPreference: 'secondary' })[name]().toArray()],
    [`${name}: database`, ({ client, database }) => client.db(database, { readConcern: { level: 'local' } }).collection('c')[name]().toArray()],
    [`${name}: operation`, ({ db }) => db.collection('c', { readConcern: 'majority' })[name](undefined, { readConcern: 'local' }).toArray()],
  ]),
  ({ db }) => db.collection('c', { readConcern: 'majority' }).distinct('n'),
  ({ db }) => db.collection('c', { readConcern: 'majority' }).count(),
  ({ db }) => db.collection('c', { readConcern: 'majority' }).countDocuments(),
  ({ db }) => db.collection('c', { readConcern: 'majority' }).estimatedDocumentCount(),
  ({ db }) => db.collection('c', { readConcern: 'majority' }).listIndexes().toArray(),
  ({ db }) => { const c = db.collection('c'); c.hint = '_id_'; return c.find().toArray(); },
  ({ client, database }) => client.db(database, { readConcern: { level: 'local' }, writeConcern: { w: 1 } }).aggregate([{ $documents: [{ a: 1 }] }]).toArray(),
));

test('how values are read', () => {
  const values = lib => ({ _id: 1, int: 5, long: new lib.Long(7), huge: lib.Long.MAX_VALUE, double: 2.5, date: new Date(5), bytes: new lib.Binary(new Uint8Array([1, 2])), regex: new lib.BSONRegExp('a', 'i'), symbol: new lib.BSONSymbol('s'), whole: new lib.Double(3), id: new lib.ObjectId('000000000000000000000001') });
  const prepare = async side => side.admin.db(side.database).collection('v').replaceOne({ _id: 1 }, values((await import('mongodb'))), { upsert: true });
  return check(
    ...[{}, { promoteValues: false }, { promoteLongs: false }, { promoteBuffers: true }, { bsonRegExp: true }, { useBigInt64: true }, { raw: true }, { useBigInt64: true, promoteLongs: false }, { promoteValues: false, promoteLongs: true }, { enableUtf8Validation: false }].flatMap(options => [
      [`find ${JSON.stringify(options)}`, async side => { await prepare(side); return side.db.collection('v').find({}, options).toArray(); }, { wire: false }],
      [`findOne of such a collection ${JSON.stringify(options)}`, async side => { await prepare(side); return side.db.collection('v', options).findOne(); }, { wire: false }],
      [`aggregate ${JSON.stringify(options)}`, async side => { await prepare(side); return side.db.collection('v').aggregate([], options).toArray(); }, { wire: false }],
      [`findOneAndUpdate ${JSON.stringify(options)}`, async side => { await prepare(side); return side.client.db(side.database, options).collection('v').findOneAndUpdate({}, { $set: { z: 1 } }); }, { wire: false }],
      [`distinct ${JSON.stringify(options)}`, async side => { await prepare(side); return side.db.collection('v').distinct('long', {}, options); }, { wire: false }],
      [`countDocuments ${JSON.stringify(options)}`, async side => { await prepare(side); return side.db.collection('v').countDocuments({}, options); }, { wire: false }],
      ...options.promoteLongs === false && options.useBigInt64 ? [] : [[`estimatedDocumentCount ${JSON.stringify(options)}`, async side => { await prepare(side); return side.db.collection('v').estimatedDocumentCount(options); }, { wire: false }]],
      ...options.promoteLongs === false && options.useBigInt64 ? [] : [[`count ${JSON.stringify(options)}`, async side => { await prepare(side); return side.db.collection('v').count({}, options); }, { wire: false }]],
      [`command ${JSON.stringify(options)}`, async side => { await prepare(side); return (await side.db.command({ ping: 1 }, options)).ok; }, { wire: false }],
    ]),
  );
});
