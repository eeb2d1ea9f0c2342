exports.early = 'a is there before b';
const b = require('./cycle_b.cjs');
exports.sawInB = b.saw;
exports.late = () => b.late();
