// Normalise texts, where a unique index may object.
module.exports = {
  async up(db) {
    const users = db.collection('users');
    for (const user of await users.find({ email: /[A-Z]/ }).toArray()) {
      await users.updateOne({ _id: user._id }, { $set: { email: user.email.toLowerCase(), emailAsEntered: user.email } });
    }
  },
  async down(db) {
    for (const user of await db.collection('users').find({ emailAsEntered: { $exists: true } }).toArray()) {
      await db.collection('users').updateOne({ _id: user._id }, {
        $set: { email: user.emailAsEntered }, $unset: { emailAsEntered: '' },
      });
    }
  },
};
