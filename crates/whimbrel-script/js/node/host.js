// The one place through which the built-in modules reach the machine: operations in Rust, set once.
//
// They know what the script may read and write; nothing here decides that.

export let host = {};

export function useHost(native) {
  host = native;
}
