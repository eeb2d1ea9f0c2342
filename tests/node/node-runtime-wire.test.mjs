// The guard under every command of a driver in a Node.js process, on its own: with a driver, a watchdog and a pipe that
// the tests hold in their hands.

import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import path from 'node:path';
import test from 'node:test';
import * as bson from 'bson';

const folder = path.resolve(import.meta.dirname, '../../crates/whimbrel-node-runtime/js');

/** The guard with new stand-ins for what it uses. */
function fresh() {
  const require = createRequire(path.join(folder, 'main.js'));
  for (const file of Object.keys(require.cache)) if (file.startsWith(folder)) delete require.cache[file];
  const sent = [];
  const gate = { verdict: 'open', asked: 0 };
  const standIn = (name, exports) => { require.cache[path.join(folder, name)] = { id: name, filename: name, loaded: true, exports }; };
  standIn('channel.js', { send: head => sent.push(head) });
  standIn('watchdog.js', {
    check: () => gate.verdict,
    fresh: async () => {
      gate.asked += 1;
      gate.verdict = gate.then ?? 'open';
    },
  });
  const wire = require('./wire.js');
  wire.useBson({ serialize: document => Buffer.from(bson.serialize(document)) });
  return { wire, sent, gate };
}

/** A driver whose server answers as it is told; `promises` says how old it is. */
function driver({ wire }, { promises = true, answer = () => ({ ok: 1, n: 1 }) } = {}) {
  const seen = [];
  class Connection {
    address = 'here:1';
  }
  if (promises) {
    Connection.prototype.command = async function (namespace, command, options) {
      seen.push(command);
      return answer(command, options);
    };
  } else {
    Connection.prototype.command = function (namespace, command, options, callback) {
      seen.push(command);
      setImmediate(() => {
        try {
          callback(undefined, answer(command, options));
        } catch (error) {
          callback(error);
        }
      });
    };
  }
  wire.patch(Connection);
  const connection = new Connection();
  const send = (command, options = {}) => (promises
    ? connection.command({ db: 'shop' }, command, options)
    : new Promise((resolve, reject) => { connection.command({ db: 'shop' }, command, options, (error, reply) => (error ? reject(error) : resolve(reply))); }));
  return { seen, send, connection };
}

const ticks = () => new Promise(resolve => { setTimeout(resolve, 5); });

for (const promises of [true, false]) {
  const kind = promises ? 'a driver with promises' : 'a driver with callbacks';

  test(`${kind}: when no migration runs, what is sent may read and not write`, async () => {
    const world = fresh();
    world.wire.state.notes = [];
    const { seen, send } = driver(world, { promises });
    const command = { find: 'a' };
    await send(command);
    assert.equal(seen[0], command);
    const code = 'OUTSIDE_MIGRATION';
    await assert.rejects(send({ insert: 'a', documents: [{}] }), { code });
    await assert.rejects(send({ aggregate: 'a', pipeline: [{ $out: 'b' }] }), { code });
    const noted = world.wire.state.notes.map(({ what, refused }) => `${what} ${refused}`);
    assert.deepEqual(noted, ['find on a false', 'insert on a true', 'aggregate on a true']);
    // Otherwise each is told at once, and once.
    world.wire.state.notes = undefined;
    for (let times = 0; times < 2; times += 1) await assert.rejects(send({ drop: 'a' }), { code });
    assert.deepEqual(world.sent, [{ type: 'note', what: 'drop on a', refused: true, inTransaction: false }]);
    await world.wire.owners.run({ internal: true }, () => send({ insert: 'a', documents: [{}] }));
    assert.equal(seen.length, 2);
  });

  test(`${kind}: what an earlier migration left behind is under the gate, and in no transaction`, async () => {
    const world = fresh();
    const { seen, send } = driver(world, { promises });
    const code = 'OUTSIDE_MIGRATION';
    const insert = { insert: 'a', documents: [{}] };
    world.wire.state.run = { comment: {}, owner: 2 };
    const as = (owner, options) => world.wire.owners.run(owner, () => send(insert, options));
    await as({ owner: 1 });
    world.gate.verdict = 'closed';
    await assert.rejects(as({ owner: 1 }), { name: 'WhimbrelStoppedError' });
    world.gate.verdict = 'open';
    const session = {};
    world.wire.state.transaction = { session, queue: Promise.resolve(), addresses: () => [] };
    await assert.rejects(as({ owner: 1 }), { code });
    await assert.rejects(as({ owner: 1 }, { session }), { code });
    await assert.rejects(world.wire.owners.run({ owner: 1 }, () => send({ find: 'a' }, { session })), { code });
    assert.equal(world.wire.state.transaction.doomed, undefined);
    // A package may have made its queue while a file was looked at.
    await as({ owner: 1, isLooking: true }, { session });
    await as({ owner: 2 }, { session });
    // Where a driver loses the context, the options have it.
    await as({ owner: 1 }, { session, [world.wire.KIND]: { owner: 2 } });
    assert.equal(seen.length, 4);
  });

  test(`${kind}: a command is told before and after, and carries the comment`, async () => {
    const world = fresh();
    const { seen, send } = driver(world, { promises, answer: () => ({ ok: 1, n: 2, nModified: 1 }) });
    world.wire.state.run = { comment: { whimbrel: 'run', fence: 3 } };
    await send({ update: 'a', updates: [{ q: { a: 1 }, u: {} }, { q: {}, u: {} }] });
    assert.deepEqual(seen[0].comment, { whimbrel: 'run', fence: 3 });
    assert.deepEqual(world.sent.map(({ type }) => type), ['sending', 'sent']);
    assert.equal(world.sent[0].statements, 2);
    assert.equal(world.sent[1].counts.nModified, 1);
    await send({ find: 'a', comment: 'mine' });
    assert.equal(seen[1].comment, 'mine');
    await send({ find: 'a' }, { [world.wire.KIND]: { raw: true } });
    assert.equal(seen[2].comment, undefined);
    await world.wire.owners.run({ raw: true }, () => send({ find: 'a' }));
    assert.equal(seen[3].comment, undefined);
  });

  test(`${kind}: a closed gate lets nothing pass`, async () => {
    const world = fresh();
    const { seen, send } = driver(world, { promises });
    world.wire.state.run = { comment: {} };
    world.gate.verdict = 'closed';
    await assert.rejects(send({ insert: 'a', documents: [{}] }), { name: 'WhimbrelStoppedError' });
    await assert.rejects(send({ commitTransaction: 1 }), { name: 'WhimbrelStoppedError' });
    assert.deepEqual(seen, []);
    assert.equal(world.sent.at(-1).type, 'withdrawn');
    // What ends work still passes.
    await send({ abortTransaction: 1 });
    await send({ endSessions: [] });
    assert.equal(seen.length, 2);
  });

  test(`${kind}: where the clocks disagree, it asks first`, async () => {
    const world = fresh();
    const { seen, send } = driver(world, { promises });
    world.wire.state.run = { comment: {} };
    world.gate.verdict = 'ask';
    await send({ find: 'a' });
    assert.deepEqual([world.gate.asked, seen.length], [1, 1]);
    Object.assign(world.gate, { verdict: 'ask', then: 'closed' });
    await assert.rejects(send({ find: 'a' }), { name: 'WhimbrelStoppedError' });
    assert.equal(seen.length, 1);
  });

  test(`${kind}: a change of indexes waits until it is written down`, async () => {
    const world = fresh();
    const { seen, send } = driver(world, { promises });
    world.wire.state.run = { comment: {} };
    const sending = send({ createIndexes: 'a', indexes: [{ key: { a: 1 }, name: 'a_1' }] });
    await ticks();
    assert.deepEqual([seen.length, world.sent[0].announce], [0, true]);
    world.wire.wasAnnounced(world.sent[0].number);
    await sending;
    assert.equal(seen.length, 1);
    const merging = send({ aggregate: 'a', pipeline: [{ $match: {} }, { $merge: 'b' }] });
    await ticks();
    assert.equal(seen.length, 1);
    world.wire.wasAnnounced(world.sent.at(-1).number);
    await merging;
  });

  test(`${kind}: a transaction takes one command at a time, and ends with its first error`, async () => {
    const world = fresh();
    let busy = 0;
    const { seen, send, connection } = driver(world, {
      promises,
      answer: command => {
        if (command.insert === 'bad') throw Object.assign(new Error('no'), { name: 'MongoServerError', code: 11000 });
        busy -= 1;
        return { ok: 1, n: 1 };
      },
    });
    const session = {};
    world.wire.state.run = { comment: {} };
    world.wire.state.transaction = { session, queue: Promise.resolve(), addresses: () => [connection.address] };
    const first = send({ insert: 'a', documents: [{}] }, { session });
    const second = send({ insert: 'a', documents: [{}] }, { session });
    await ticks();
    await Promise.all([first, second]);
    assert.deepEqual([seen.length, busy], [2, -2]);
    const told = world.sent.map(({ type }) => type);
    assert.deepEqual(told, ['sending', 'sent', 'sending', 'sent']);
    await assert.rejects(send({ insert: 'bad', documents: [{}] }, { session }), { code: 11000 });
    await assert.rejects(send({ find: 'a' }, { session }), { code: 11000 });
    assert.equal(seen.length, 3);
    assert.equal(world.sent.find(({ type }) => type === 'doomed').error.code, 11000);
  });

  test(`${kind}: a write error inside a good reply dooms a transaction too`, async () => {
    const world = fresh();
    const { send, connection } = driver(world, { promises, answer: () => ({ ok: 1, n: 0, writeErrors: [{ code: 121, errmsg: 'invalid' }] }) });
    const session = {};
    world.wire.state.run = { comment: {} };
    world.wire.state.transaction = { session, queue: Promise.resolve(), addresses: () => [connection.address] };
    await send({ insert: 'a', documents: [{}] }, { session });
    await assert.rejects(send({ find: 'a' }, { session }), { code: 121 });
  });

  test(`${kind}: what is sent past a transaction is refused, to other deployments not`, async () => {
    const world = fresh();
    const { seen, send, connection } = driver(world, { promises });
    world.wire.state.run = { comment: {} };
    world.wire.state.transaction = { session: {}, queue: Promise.resolve(), addresses: () => ['here:1'] };
    connection.address = 'elsewhere:1';
    await send({ find: 'a' });
    connection.address = 'here:1';
    await assert.rejects(send({ find: 'a' }), { code: 'OUTSIDE_TRANSACTION' });
    assert.equal(seen.length, 1);
    assert.equal(world.sent.at(-1).type, 'doomed');
  });
}

test('without an answer to its question, the watchdog lets nothing pass', () => {
  const require = createRequire(path.join(folder, 'main.js'));
  delete require.cache[path.join(folder, 'watchdog.js')];
  assert.equal(require('./watchdog.js').check(), 'closed');
});
