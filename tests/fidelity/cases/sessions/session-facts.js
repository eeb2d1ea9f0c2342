// What a session shows of itself.
import { ClientSession } from 'mongodb';
import { observe } from '../../support/observe.js';

export default async function up(db, client) {
  const { note, attempt } = observe(db);
  const session = client.startSession({ defaultTransactionOptions: {
    readConcern: { level: 'snapshot' }, writeConcern: { w: 'majority' }, maxCommitTimeMS: 1000,
  } });
  const other = client.startSession();
  await note('class', [session instanceof ClientSession, session.constructor.name]);
  await note('fields', [
    session.hasEnded, session.explicit, session.snapshotEnabled, session.loadBalanced, session.isPinned, session.supports,
  ]);
  await note('default options', Object.keys(session.defaultTransactionOptions));
  await note('equals', [session.equals(session), session.equals(other), session.equals({})]);
  await note('id', [Object.keys(session.id ?? {}), session.id?.id?.constructor.name, session.id?.id?.sub_type]);
  await attempt('toBSON', () => db.collection('x').insertOne({ _id: 1, session }));
  await attempt('a plain object as session', () => db.collection('x').insertOne({ _id: 2 }, { session: {} }));
  await attempt('null as session', () => db.collection('x').insertOne({ _id: 3 }, { session: null }));
  await attempt(
    'snapshot',
    async () => { const snap = client.startSession({ snapshot: true }); const shown = snap.snapshotEnabled; await snap.endSession(); return shown; }
  );
  await attempt('snapshot and causal', () => client.startSession({ snapshot: true, causalConsistency: true }));
  await attempt(
    'snapshot and transaction',
    async () => { const snap = client.startSession({ snapshot: true }); try { snap.startTransaction(); } finally { await snap.endSession(); } }
  );
  await session.endSession();
  await other.endSession();
}
