'use strict';
// The transaction of a migration, in a session of the client that the migration is given. Whimbrel begins it, has its
// own last writes run in it, and commits. Each has a session of its own, so that nothing of an earlier one is in it.

const { describe } = require('./describe.js');
const { KIND, owners, state } = require('./wire.js');

let session;

/** Begins one; gives the id of its session. */
async function begin(client, { writeConcern }) {
  await end();
  session = client.startSession();
  const options = { readConcern: { level: 'local' }, readPreference: 'primary' };
  if (writeConcern) options.writeConcern = writeConcern;
  session.startTransaction(options);
  state.transaction = { session, client, doomed: undefined, queue: Promise.resolve(), addresses: state.home.addresses };
  return session.id;
}

/** One of Whimbrel's own commands in it. */
async function run(client, database, command) {
  const { transaction } = state;
  if (!transaction) throw new Error('there is no transaction');
  if (transaction.doomed) throw transaction.doomed;
  const kind = { internal: true };
  return owners.run(kind, () => client.db(database).command(command, { session, [KIND]: kind }));
}

async function commit() {
  try {
    await session.commitTransaction();
  } catch (error) {
    const { labels } = describe(error);
    if (labels.includes('UnknownTransactionCommitResult')) throw error;
    await end();
    throw error;
  }
  await end();
}

async function abort() {
  if (session?.inTransaction()) await session.abortTransaction().catch(() => {});
  await end();
}

async function end() {
  state.transaction = undefined;
  const ended = session;
  session = undefined;
  await ended?.endSession().catch(() => {});
}

module.exports = { abort, begin, commit, end, run };
