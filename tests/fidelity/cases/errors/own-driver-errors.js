// Making and throwing the driver's errors in a script.
import { MongoError, MongoServerError, MongoBulkWriteError } from 'mongodb';
import { observe } from '../../support/observe.js';

export default async function up(db) {
  const { note, attempt } = observe(db);
  await attempt('MongoError', () => { throw new MongoError('mine'); });
  await attempt('MongoServerError', () => { throw new MongoServerError({
    message: 'mine', code: 5, codeName: 'Five', errorLabels: ['x'],
  }); });
  await attempt('errmsg', () => { throw new MongoServerError({ errmsg: 'said so', ok: 0 }); });
  const error = new MongoError('labelled');
  error.addErrorLabel('A');
  error.addErrorLabel('A');
  await note('labels', [error.errorLabels, error.hasErrorLabel('A'), error.hasErrorLabel('B'), error.code]);
  await note('types', typeof MongoBulkWriteError);
  await attempt('thrown on', () => { throw Object.assign(error, { code: 'mine' }); });
}
