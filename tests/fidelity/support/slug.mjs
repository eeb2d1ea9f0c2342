// A helper in an ES module.
export const slugOf = text => text.toLowerCase().normalize('NFKD').replace(/[^\w\s-]/g, '').trim().replace(/\s+/g, '-');
export default slugOf;
