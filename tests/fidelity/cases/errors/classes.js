// Error classes of the driver: instanceof, names, and which are exported.
import * as mongodb from 'mongodb';
import { observe } from '../../support/observe.js';

export default async function up(db) {
  const { note } = observe(db);
  const caught = async fn => { try { await fn(); } catch (error) { return error; } return undefined; };
  const server = await caught(() => db.collection('orders').insertOne({ _id: 1 }));
  const bulk = await caught(() => db.collection('orders').insertMany([{ _id: 1 }]));
  const argument = await caught(() => db.collection('orders').updateOne({}, { a: 1 }));
  const classes = [
    'MongoError', 'MongoServerError', 'MongoBulkWriteError', 'MongoDriverError', 'MongoAPIError', 'MongoInvalidArgumentError',
    'MongoRuntimeError', 'MongoNetworkError', 'MongoWriteConcernError', 'MongoTransactionError', 'MongoExpiredSessionError',
    'MongoCursorExhaustedError', 'MongoCursorInUseError', 'MongoCompatibilityError', 'MongoBatchReExecutionError',
    'MongoParseError', 'MongoServerSelectionError', 'MongoNetworkTimeoutError', 'MongoNotConnectedError',
    'MongoUnexpectedServerResponseError', 'MongoOperationTimeoutError', 'MongoClientClosedError', 'MongoTailableCursorError',
    'MongoSystemError', 'MongoMissingDependencyError', 'MongoClientBulkWriteError',
  ];
  for (const [label, error] of Object.entries({ server, bulk, argument })) {
    await note(label, classes.filter(name => mongodb[name] && error instanceof mongodb[name]));
    await note(`${label} texts`, [
      error.name, error.constructor.name, String(error), Object.prototype.toString.call(error), error instanceof Error,
      typeof error.stack,
    ]);
    await note(`${label} properties`, [
      'code', 'codeName', 'errmsg', 'index', 'keyPattern', 'keyValue', 'ok', 'errorLabels', 'errInfo', 'writeErrors', 'driver',
      'connectionGeneration',
    ].map(key => [key, key in error]));
  }
  await note('exported', classes.filter(name => typeof mongodb[name] === 'function'));
  await note(
    'parents', classes.filter(name => mongodb[name]).map(name => `${name} < ${Object.getPrototypeOf(mongodb[name]).name}`)
  );
  await note('json', [JSON.parse(JSON.stringify(server)).code, Object.keys({ ...bulk }).length > 0]);
}
