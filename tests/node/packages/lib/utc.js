export const UTCDate = (...parts) => new Date(Date.UTC(...parts));
