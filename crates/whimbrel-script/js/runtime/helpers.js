// What the code made of TypeScript calls: decorators as `experimentalDecorators` defines them.

/** Applies decorators to a class, or to a member of one, from the last to the first. */
function decorate(decorators, target, key, descriptor) {
  const member = arguments.length > 2;
  let result = descriptor === null ? Object.getOwnPropertyDescriptor(target, key) : descriptor;
  if (!member) result = target;
  for (const decorator of [...decorators].reverse()) {
    if (!decorator) continue;
    const given = member ? decorator(target, key, result) : decorator(result);
    if (given) result = given;
  }
  // A field has no descriptor: a decorator of one only looks.
  if (member && result) Object.defineProperty(target, key, result);
  return result;
}

/** A decorator of a parameter as one of its function. */
function decorateParam(index, decorator) {
  return (target, key) => { decorator(target, key, index); };
}

/** `Reflect.metadata`, where a library has added it. */
function decorateMetadata(key, value) {
  return typeof Reflect.metadata === 'function' ? Reflect.metadata(key, value) : undefined;
}

function taggedTemplateLiteral(strings, raw) {
  return Object.freeze(Object.defineProperties(strings, { raw: { value: Object.freeze(raw ?? strings.slice()) } }));
}

export const babelHelpers = Object.freeze({ decorate, decorateParam, decorateMetadata, taggedTemplateLiteral });
