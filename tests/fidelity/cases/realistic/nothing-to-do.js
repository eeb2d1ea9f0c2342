// An empty migration.
module.exports = { async up() {}, async down() {} };
