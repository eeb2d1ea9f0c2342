const Promise = require('bluebird');

exports.up = async db => {
  const doubled = await Promise.map([1, 2, 3], async n => n * 2, { concurrency: 1 });
  const settled = await Promise.props({ a: Promise.resolve(1), b: Promise.delay(1).return(2) });
  const promisified = await Promise.promisify(callback => setTimeout(() => callback(null, 'called back'), 1))();
  let caught;
  await Promise.reject(new TypeError('typed')).catch(TypeError, error => { caught = error.message; });
  const timedOut = await Promise.delay(10_000).timeout(5).catch(Promise.TimeoutError, error => error.name);
  await db.collection('results').insertOne({
    _id: 'bluebird', doubled, settled, promisified, caught, timedOut,
    reduced: await Promise.reduce([1, 2, 3], (sum, n) => sum + n, 0),
    each: await Promise.each(['a', 'b'], () => Promise.delay(1)),
  });
};
