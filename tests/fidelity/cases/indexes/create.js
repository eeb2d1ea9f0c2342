// createIndex in all its forms; names.
import { observe } from '../../support/observe.js';

export default async function up(db) {
  const { attempt, note } = observe(db);
  const things = db.collection('things');
  await attempt('object', () => things.createIndex({ a: 1 }));
  await attempt('text', () => things.createIndex('b'));
  await attempt('pair', () => things.createIndex(['c', -1]));
  await attempt('pairs', () => things.createIndex([['d', 1], ['e', -1]]));
  await attempt('texts', () => things.createIndex(['f', 'g']));
  await attempt('objects', () => things.createIndex([{ h: 1 }, { i: -1 }]));
  await attempt('map', () => things.createIndex(new Map([['2', 1], ['1', -1]])));
  await attempt('dotted', () => things.createIndex({ 'j.k': 1, 'j.l': -1 }));
  await attempt('unique', () => things.createIndex({ u: 1 }, { unique: true }));
  await attempt('sparse', () => things.createIndex({ s: 1 }, { sparse: true, unique: true }));
  await attempt('named', () => things.createIndex({ n: 1 }, { name: 'my name' }));
  await attempt('ttl', () => things.createIndex({ t: 1 }, { expireAfterSeconds: 3600 }));
  await attempt('partial', () => things.createIndex({ p: 1 }, { partialFilterExpression: { p: { $gt: 5 } } }));
  await attempt('collation', () => things.createIndex({ q: 1 }, { collation: { locale: 'en', strength: 2 }, name: 'q_ci' }));
  await attempt('wildcard', () => things.createIndex({ '$**': 1 }));
  await attempt('wildcard below', () => things.createIndex({ 'w.$**': 1 }));
  await attempt('wildcard projection', () => things.createIndex({ '$**': 1 }, { name: 'wp', wildcardProjection: { x: 1 } }));
  await attempt('2dsphere', () => things.createIndex({ loc: '2dsphere' }));
  await attempt('2d', () => things.createIndex({ flat: '2d' }, { min: 0, max: 100 }));
  await attempt('hidden', () => things.createIndex({ hid: 1 }, { hidden: true }));
  await attempt('background is ignored', () => things.createIndex({ bg: 1 }, { background: true }));
  await attempt('again', () => things.createIndex({ a: 1 }));
  await attempt('unknown option', () => things.createIndex({ z: 1 }, { nonsense: true, dropDups: true }));
  await attempt('comment and maxTimeMS', () => things.createIndex({ y: 1 }, { comment: 'c', maxTimeMS: 1000 }));
  await attempt('through the database', () => db.createIndex('things', { viaDb: 1 }, { unique: true, sparse: true }));
  await note('indexes', await things.indexes());
}

export async function rollback(db) {
  await db.collection('things').dropIndexes();
}
