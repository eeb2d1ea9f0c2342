// A class of its own, with code and cause.
class MigrationError extends Error {
  constructor(message, options) {
    super(message, options);
    this.name = 'MigrationError';
    this.code = 'E_CUSTOM';
  }
}

export default async function up(db) {
  try {
    await db.collection('orders').insertOne({ _id: 1 });
  } catch (cause) {
    throw new MigrationError('could not insert', { cause });
  }
}
