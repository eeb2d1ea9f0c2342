// `tty`: a migration has no terminal of its own.

export default { isatty: () => false };
