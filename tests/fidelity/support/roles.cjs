// A helper of the kind projects share between migrations, in CommonJS.
exports.roles = ['admin', 'editor', 'viewer'];
exports.roleOf = user => (user.active === true ? 'editor' : 'viewer');
