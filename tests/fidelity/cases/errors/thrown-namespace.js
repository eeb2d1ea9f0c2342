// A collection that is not there: code 26, with its name.
module.exports.up = async db => {
  await db.collection('nowhere').rename('somewhere');
};
