/** A JSON feed of simulated stories. */
export function feedOf(titles: readonly string[]): string {
  return JSON.stringify({
    version: 'https://jsonfeed.org/version/1.1',
    title: 'Drill',
    items: titles.map((title) => ({
      id: title,
      url: `https://feeds.example/${encodeURIComponent(title)}`,
      title,
      content_text: 'A simulated story.',
      date_published: new Date(Date.now() - 600_000).toISOString(),
      tags: ['animals', 'food'],
    })),
  });
}
