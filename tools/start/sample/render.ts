import { readFileSync } from 'node:fs';

/** The documents in the order in which they are taken in, with the way their format writes a date. */
const documents = [
  { source: 'feed:sample-workshop', file: 'workshop.rss.xml', date: (date: Date) => date.toUTCString() },
  { source: 'feed:sample-garden', file: 'garden.atom.xml', date: (date: Date) => date.toISOString() },
  { source: 'feed:sample-weekend', file: 'weekend.feed.json', date: (date: Date) => date.toISOString() },
] as const;

const unitMs: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000 };

/** The sample feed as if it was written just before `now`: every `{{now-3h}}` becomes a date of the document's format. */
export function renderSample(now: Date): Array<{ source: string; document: string }> {
  return documents.map(({ source, file, date }) => {
    const template = readFileSync(new URL(file, import.meta.url), 'utf8');
    const document = template.replace(/\{\{now-(\d{1,4})([mhd])\}\}/g, (_, amount: string, unit: string) =>
      date(new Date(now.getTime() - Number(amount) * (unitMs[unit] ?? 0))),
    );
    return { source, document };
  });
}
