// Migration: 004_tidy_names_and_count_likes
// Description: Tidy white space in display names and store each post's number of likes
// Created: 2024-02-20

// Both changes are pipeline updates: the server computes the new values from the old ones, one
// statement per collection, no document travels. `before004` keeps the fields as they were; in a
// document that did not have the field it is empty.

// Leading, trailing or repeated spaces, or white space that is not a plain space.
const UNTIDY = /^ | $| {2}|[\t\n\r\xa0]/;

export default async function up(db) {
  const profiles = await db
    .collection('profiles')
    .updateMany({ displayName: UNTIDY }, [
      { $set: { before004: { displayName: '$displayName' }, displayName: tidy('$displayName') } },
    ]);
  console.log(`${profiles.modifiedCount} display names tidied`);

  const before = { $cond: [isMissing('$likeCount'), { $literal: {} }, { likeCount: '$likeCount' }] };
  const posts = await db
    .collection('posts')
    .updateMany({ before004: { $exists: false } }, [
      {
        $set: {
          before004: before,
          likeCount: { $cond: [{ $isArray: '$likes' }, { $size: '$likes' }, 0] },
        },
      },
    ]);
  console.log(`${posts.modifiedCount} posts counted`);
}

export async function rollback(db) {
  // A name that was changed again after the tidying is newer than both: it stays.
  const name = '$before004.displayName';
  const unchanged = { $eq: ['$displayName', tidy(name)] };
  await db
    .collection('profiles')
    .updateMany({ before004: { $exists: true } }, [
      { $set: { displayName: { $cond: [unchanged, name, '$displayName'] } } },
      { $unset: 'before004' },
    ]);

  const count = '$before004.likeCount';
  await db
    .collection('posts')
    .updateMany({ before004: { $exists: true } }, [
      { $set: { likeCount: { $cond: [isMissing(count), '$$REMOVE', count] } } },
      { $unset: 'before004' },
    ]);
}

// Expressions, that is: code the server runs.

// Unlike a comparison with null, this tells a field that is absent from one that is null.
function isMissing(field) {
  return { $eq: [{ $type: field }, 'missing'] };
}

// Every run of white space becomes one space, none at either end.
function tidy(text) {
  const spaced = ['\t', '\n', '\r', '\xa0'].reduce(
    (input, find) => ({ $replaceAll: { input, find, replacement: ' ' } }),
    text,
  );
  const words = { $filter: { input: { $split: [spaced, ' '] }, cond: { $ne: ['$$this', ''] } } };
  const joined = {
    $reduce: { input: words, initialValue: '', in: { $concat: ['$$value', ' ', '$$this'] } },
  };
  return { $trim: { input: joined } };
}
