// Rename fields, also nested ones.
export const up = db => db.collection('users').updateMany({}, { $rename: {
  created: 'createdAt', 'address.zip': 'address.postalCode',
} });
export const down = db => db.collection('users').updateMany({}, { $rename: {
  createdAt: 'created', 'address.postalCode': 'address.zip',
} });
