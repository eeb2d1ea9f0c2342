// Collections with encrypted fields have two more collections at their side, and an index.
//
// Only these are made and dropped here, as the driver does; values are not encrypted (see `refused.js`).

const stateNames = (name, fields) => [
  fields.escCollection ?? `enxcol_.${name}.esc`, fields.ecocCollection ?? `enxcol_.${name}.ecoc`,
];

export async function createEncrypted(db, name, options) {
  for (const state of stateNames(name, options.encryptedFields)) {
    await db.createPlain(state, {
      ...inherited(options), clusteredIndex: { key: { _id: 1 }, unique: true }, session: options.session,
      writeConcern: options.writeConcern,
    });
  }
  const collection = await db.createPlain(name, options);
  await collection.createIndex({ __safeContent__: 1 }, { session: options.session });
  return collection;
}

export async function dropEncrypted(db, name, options) {
  for (const state of stateNames(name, options.encryptedFields)) {
    try {
      await db.dropPlain(state, options);
    } catch (error) {
      // It was not there.
      if (error.code !== 26) throw error;
    }
  }
}

/** How values are converted, which goes for every part. */
function inherited({ serializeFunctions, ignoreUndefined }) {
  return { serializeFunctions, ignoreUndefined };
}
