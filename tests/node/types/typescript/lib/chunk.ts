export function chunk<T>(items: T[], size: number): T[][] {
  return items.length <= size ? [items] : [items.slice(0, size), ...chunk(items.slice(size), size)];
}
