// process.env, process.cwd, argv, global, console.
const { observe } = require('../../support/observe.cjs');

module.exports.up = async db => {
  const { note } = observe(db);
  await note('process', [
    typeof process.env.PATH, process.env.NOT_SET_ANYWHERE, typeof process.cwd(), process.cwd() === require('path').resolve('.'),
    typeof process.platform, typeof process.version, Array.isArray(process.argv),
  ]);
  process.env.FIDELITY_TEMPORARY = 5;
  await note('env values are texts', process.env.FIDELITY_TEMPORARY);
  delete process.env.FIDELITY_TEMPORARY;
  global.fidelityShared = { n: 1 };
  await note('globals', [
    globalThis.fidelityShared === global.fidelityShared, typeof fidelityShared, typeof window, global === globalThis,
  ]);
  delete global.fidelityShared;
  const printed = [
    console.log('x %s', 1), console.error('y'), console.warn({ a: 1 }), console.info(), console.table([{ a: 1 }]),
    console.dir({}), console.time('t'), console.timeEnd('t'), console.group('g'), console.groupEnd(), console.count(),
    console.assert(true), console.debug('d'), console.trace('t'),
  ];
  await note('console gives nothing', printed.every(value => value === undefined));
  await note('nextTick', await new Promise(resolve => { process.nextTick(resolve, 'ticked'); }));
  await note('uptime and hrtime', [
    typeof process.uptime(), typeof process.hrtime.bigint(), typeof performance.now(), process.memoryUsage().heapUsed > 0,
  ]);
  process.stdout.write('written\n');
};
