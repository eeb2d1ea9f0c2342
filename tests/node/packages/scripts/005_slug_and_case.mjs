import slug from 'slug';
import { camelCase, constantCase, kebabCase, snakeCase } from 'change-case';
import * as changeCase from 'change-case';

export async function up(db) {
  await db.collection('results').insertOne({
    _id: 'slug and change-case',
    slugs: ['i ♥ unicode', 'Ünïcödé & más', 'Я люблю', ''].map(text => slug(text)),
    fallback: slug('你好'),
    cases: [camelCase('user_id'), constantCase('userId'), kebabCase('userID2'), snakeCase('XMLHttpRequest')],
    all: Object.keys(changeCase).sort(),
  });
}
