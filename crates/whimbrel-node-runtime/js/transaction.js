'use strict';
// The transaction of a migration, in a session of the client that the migration is given. Whimbrel begins it, has its
// own last writes run in it, and commits.

const { describe } = require('./describe.js');
const { state } = require('./wire.js');

function addressesOf(client) {
  return () => [...(client.topology?.description?.servers?.keys() ?? [])];
}

let session;

/** Begins one; gives the id of its session. */
async function begin(client, { writeConcern }) {
  session ??= client.startSession();
  if (session.hasEnded) session = client.startSession();
  const options = { readConcern: { level: 'local' }, readPreference: 'primary' };
  if (writeConcern) options.writeConcern = writeConcern;
  session.startTransaction(options);
  state.transaction = { session, client, doomed: undefined, queue: Promise.resolve(), addresses: addressesOf(client) };
  return session.id;
}

/** One of Whimbrel's own commands in it. */
async function run(client, database, command) {
  const { transaction } = state;
  if (!transaction) throw new Error('there is no transaction');
  if (transaction.doomed) throw transaction.doomed;
  // Not the migration's: it is neither counted nor held back.
  const { run: under } = state;
  state.run = undefined;
  try {
    return await client.db(database).command(command, { session });
  } finally {
    state.run = under;
  }
}

async function commit() {
  try {
    await session.commitTransaction();
    state.transaction = undefined;
  } catch (error) {
    const { labels } = describe(error);
    if (!labels.includes('UnknownTransactionCommitResult')) state.transaction = undefined;
    throw error;
  }
}

async function abort() {
  state.transaction = undefined;
  if (session?.inTransaction()) await session.abortTransaction().catch(() => {});
}

async function end() {
  await session?.endSession().catch(() => {});
  session = undefined;
}

module.exports = { abort, begin, commit, end, run };
