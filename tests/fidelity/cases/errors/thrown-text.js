// A thrown value that is no error.
export default async function up() {
  throw 'just a text';
}
