// What every case starts from: applied by the official driver to both databases.
//
// `seed(db, bson)` fills only the collections that `wanted` asks for: a case that never says `'orders'` does not
// need them. All `_id`s and dates are fixed.

export const SEEDS = {
  async users(db, { ObjectId, Long, Double }) {
    const users = db.collection('users');
    await users.insertMany([
      {
        _id: new ObjectId('65f000000000000000000001'), name: 'Ada Lovelace', email: 'ada@example.com', age: 36,
        tags: ['math', 'poetry'], address: { city: 'London', zip: 'W1' }, active: true, created: new Date('2020-01-01T00:00:00Z'),
      },
      {
        _id: new ObjectId('65f000000000000000000002'), name: 'Grace Hopper', email: 'grace@example.com', age: new Double(85),
        tags: [], address: { city: 'New York' }, active: true, created: new Date('2020-02-01T00:00:00Z'),
        logins: Long.fromNumber(12),
      },
      {
        _id: new ObjectId('65f000000000000000000003'), name: 'Alan Turing', email: 'ALAN@example.com', age: 41, tags: ['logic'],
        active: false, created: new Date('2020-03-01T00:00:00Z'), nickname: null,
      },
      {
        _id: new ObjectId('65f000000000000000000004'), name: 'Edsger', email: 'edsger@example.com', age: '72',
        tags: ['graphs', 'math'], address: { city: 'Austin', zip: 78701 }, active: 'yes',
      },
      {
        _id: new ObjectId('65f000000000000000000005'), name: '', email: 'nobody@example.com', tags: ['math', 'math'],
        created: '2020-05-01',
      },
    ]);
    await users.createIndex({ email: 1 }, { unique: true, name: 'email_unique' });
    await users.createIndex({ age: 1, name: -1 });
  },

  async orders(db, { Int32, Decimal128 }) {
    const orders = [];
    for (let i = 1; i <= 12; i += 1) {
      orders.push({
        _id: i, customer: `c${i % 4}`, status: ['new', 'paid', 'sent'][i % 3], total: new Int32(i * 10),
        price: Decimal128.fromString(`${i}.50`), lines: [{ sku: `s${i}`, qty: i % 5 }, { sku: 's0', qty: 1 }],
        at: new Date(Date.UTC(2021, i - 1, 1)),
      });
    }
    await db.collection('orders').insertMany(orders);
    await db.collection('orders').createIndex({ customer: 1, at: -1 });
  },

  async many(db) {
    const many = Array.from({ length: 250 }, (_, i) => ({ _id: i, group: i % 7, text: `item ${i}` }));
    await db.collection('many').insertMany(many);
  },

  async types(db, bson) {
    const {
      ObjectId, Long, Double, Int32, Decimal128, Binary, UUID, Timestamp, BSONRegExp, BSONSymbol, Code, DBRef, MinKey, MaxKey,
    } = bson;
    const values = {
      double: new Double(1.5), wholeDouble: new Double(5), negativeZero: new Double(-0), nan: new Double(NaN),
      infinity: new Double(Infinity),
      minusInfinity: new Double(-Infinity), string: 'text', empty: '', unicode: 'naïve 日本 𝄞', document: { a: { b: 1 } },
      emptyDocument: {}, array: [1, [2, [3]]], emptyArray: [],
      binary: new Binary(Uint8Array.of(1, 2, 3)), binaryOld: new Binary(Uint8Array.of(4, 5), 2),
      binaryUser: new Binary(Uint8Array.of(9), 128), md5: new Binary(new Uint8Array(16), 5),
      uuid: new UUID('aaaaaaaa-aaaa-4aaa-aaaa-aaaaaaaaaaaa'), uuidLegacy: new Binary(new Uint8Array(16).fill(7), 3),
      objectId: new ObjectId('65f0a1b2c3d4e5f601234567'),
      true: true, false: false, date: new Date('2022-02-02T02:02:02.222Z'), oldDate: new Date(-1),
      lastDate: new Date(8640000000000000), null: null,
      regExp: /^a.*b$/im, regExpX: new BSONRegExp('a b', 'imx'), regExpEmpty: new BSONRegExp('', ''),
      dbRef: new DBRef('users', 5, 'other'), code: new Code('return 1'), codeScope: new Code('return x', { x: 1 }),
      symbol: new BSONSymbol('sym'),
      int: new Int32(7), intMin: new Int32(-2147483648), timestamp: new Timestamp({ t: 5, i: 6 }),
      timestampBig: new Timestamp({ t: 4294967295, i: 4294967295 }), long: Long.fromNumber(8),
      longBig: Long.fromString('9007199254740993'),
      longMax: Long.MAX_VALUE, longMin: Long.MIN_VALUE, longSafe: Long.fromString('9007199254740991'),
      decimal: Decimal128.fromString('1.50'), decimalNaN: Decimal128.fromString('NaN'),
      decimalBig: Decimal128.fromString('9.999E+6144'), minKey: new MinKey(), maxKey: new MaxKey(),
    };
    await db.collection('types').insertMany(
      Object.entries(values).map(([_id, value]) => ({ _id, value })), { ignoreUndefined: false }
    );
  },

  async strict(db) {
    await db.createCollection('strict', {
      validator: { $jsonSchema: {
        bsonType: 'object', required: ['name'],
        properties: { name: { bsonType: 'string' }, age: { bsonType: 'int', minimum: 0 } },
      } },
    });
    await db.collection('strict').insertOne({ _id: 1, name: 'first', age: 3 });
  },

  async legacy(db) {
    await db.collection('legacy').insertMany([
      { _id: 1, fullName: 'Ada Lovelace', price: '12.50', when: '2020-01-02', flags: 'a,b', old: 1 },
      { _id: 2, fullName: 'Prince', price: '7', when: '2020-02-03T04:05:06Z', flags: '', old: null },
      { _id: 3, fullName: ' Grace  Brewster Hopper ', price: 9, when: new Date('2020-03-04T00:00:00Z'), flags: 'c' },
      { _id: 4, price: 'n/a', when: null, old: { deep: true } },
    ]);
  },
};

/** Fills the collections of `wanted` in the order of the list above. */
export async function seed(db, bson, wanted = Object.keys(SEEDS)) {
  for (const name of Object.keys(SEEDS)) if (wanted.includes(name)) await SEEDS[name](db, bson);
}

/** The seeds a case's text names in quotes. */
export function seedsOf(text) {
  return Object.keys(SEEDS).filter(name => text.includes(`'${name}'`) || text.includes(`"${name}"`) || text.includes(`\`${name}\``));
}
