const a = require('./cycle_a.cjs');
exports.saw = { early: a.early, late: typeof a.late };
exports.late = () => typeof a.late;
