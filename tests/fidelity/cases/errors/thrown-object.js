// A thrown plain object.
export default async function up() {
  throw { reason: 'an object', code: 5 };
}
