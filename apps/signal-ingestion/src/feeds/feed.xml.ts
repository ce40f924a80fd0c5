const closers = { item: /<\/(?:[a-z]{1,20}:)?item\s*>/gi, entry: /<\/(?:[a-z]{1,20}:)?entry\s*>/gi };

/** The document up to its last complete item, closed again; undefined when there is no complete item. */
export function salvageXml(text: string): string | undefined {
  const root = /<((?:[a-z]{1,20}:)?(?:rss|rdf|feed))[\s>]/i.exec(text.slice(0, 10_000))?.[1];
  if (root === undefined) return undefined;
  const isAtom = /feed$/i.test(root);
  let end = -1;
  for (const match of text.matchAll(isAtom ? closers.entry : closers.item)) end = match.index + match[0].length;
  if (end < 0) return undefined;
  return `${text.slice(0, end)}${/rss$/i.test(root) ? '</channel>' : ''}</${root}>`;
}

/** How many items the document opens, those inside of CDATA and comments not counted. */
export function countXmlItems(text: string): number {
  const bare = text.replace(/<!\[CDATA\[[\s\S]*?\]\]>/g, '').replace(/<!--[\s\S]*?-->/g, '');
  return bare.match(/<(?:item|entry)[\s/>]/gi)?.length ?? 0;
}

/** What a text that is no feed looks like. */
export function lookOf(text: string): 'empty' | 'html' | 'xml' | 'other' {
  if (text.trim() === '') return 'empty';
  const start = text.slice(0, 2_000);
  if (/<!doctype html|<html[\s>]|<head[\s>]|<body[\s>]/i.test(start)) return 'html';
  return start.startsWith('<') ? 'xml' : 'other';
}
