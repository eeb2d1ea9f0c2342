// up is no async function and throws at once.
module.exports = { up() { throw new RangeError('at once'); } };
