import { createHash } from 'node:crypto';
import type { Html } from './html.js';
import { html } from './html.js';
import type { ListingPage, ShopListing } from './storefront.repository.js';
import { storefrontStyle } from './storefront.style.js';

const styleVersion = createHash('sha256').update(storefrontStyle).digest('hex').slice(0, 12);
const productNames: Readonly<Record<string, string>> = { 't-shirt': 'T-shirt', mug: 'Mug', poster: 'Poster' };
const productName = (product: string): string => productNames[product] ?? product;

const number = new Intl.NumberFormat('en');

/** `€21.99` for 2199 EUR. */
export function priceText({ price_minor: minor, currency }: Pick<ShopListing, 'price_minor' | 'currency'>): string {
  const format = new Intl.NumberFormat('en', { style: 'currency', currency });
  return format.format(minor / 10 ** (format.resolvedOptions().maximumFractionDigits ?? 2));
}

/**
 * One page of the storefront. Links are relative, so that the pages work under any prefix that a gateway keeps; `root` leads
 * from the page's folder to the folder that holds `storefront`.
 */
function page(title: string, root: string, body: Html): string {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${title}</title>
        <link rel="icon" href="data:," />
        <link rel="stylesheet" href="${root}storefront/style.css?v=${styleVersion}" />
      </head>
      <body>
        <header class="bar">
          <div class="wrap">
            <a class="brand" href="${root}storefront"><i></i>Signalpress</a><small>Made on demand</small>
          </div>
        </header>
        <main class="wrap">${body}</main>
        <footer>
          <div class="wrap">
            Every piece is printed when it is ordered. This storefront is the built-in marketplace of Signalpress; no
            money changes hands.
          </div>
        </footer>
      </body>
    </html> `.text;
}

const shirt = html`<svg
  viewBox="0 0 120 110"
  fill="none"
  stroke="currentColor"
  stroke-width="4"
  stroke-linejoin="round"
  aria-hidden="true"
>
  <path d="M44 8 16 20 4 46l18 8 6-12v58h64V42l6 12 18-8-12-26L76 8c-4 14-28 14-32 0Z" />
</svg>`;

const card = (listing: ShopListing): Html =>
  html`<article class="card">
    <a href="storefront/listings/${listing.id}">
      <figure>
        <img
          src="storefront/images/${listing.image_hash}"
          alt="${productName(listing.product)}: ${listing.title}"
          width="1000"
          height="1000"
          loading="lazy"
        />
      </figure>
      <h2>${listing.title}</h2>
      ${listing.flagged ? html`<span class="flag">Under review</span>` : undefined}
      <p><span>${productName(listing.product)}</span><strong>${priceText(listing)}</strong></p></a
    >
  </article>`;

/** The gallery: newest first. */
export function galleryHtml(listings: ListingPage, isFirst: boolean): string {
  if (listings.items.length === 0) {
    const text = isFirst
      ? html`<h2>Nothing on the shelf yet</h2>
          <p>The first design is on its way: as soon as an idea is approved and printed, it shows up here.</p>`
      : html`<h2>That was everything</h2>
          <p>There are no older pieces.</p>
          <a class="button" href="storefront">Back to the newest</a>`;
    return page('Signalpress storefront', '', html`<section class="empty">${shirt}${text}</section>`);
  }
  const hero = isFirst
    ? html`<section class="hero">
        <h1>Things people talked about this morning.</h1>
        <p>Designs for ideas that are in the air right now, printed one at a time on shirts, mugs and posters.</p>
      </section>`
    : html`<section class="hero"><h1>Earlier pieces</h1></section>`;
  return page(
    'Signalpress storefront',
    '',
    html`${hero}
      <section class="grid">${listings.items.map(card)}</section>
      <nav class="pager" aria-label="Pages">
        ${isFirst ? undefined : html`<a class="button" href="storefront">Newest</a>`}${
          listings.next === null
            ? undefined
            : html`<a class="button" href="storefront?before=${listings.next}">Older pieces</a>`
        }
      </nav>`,
  );
}

const thanks: Readonly<Record<'favourite' | 'buy', string>> = {
  favourite: 'Marked as a favourite. Good taste.',
  buy: 'Thank you! Your order is counted; nothing is charged in this shop.',
};

/** The page of one listing. */
export function listingHtml(listing: ShopListing, done: 'favourite' | 'buy' | undefined): string {
  const kind = productName(listing.product);
  const count = (value: number, one: string, many: string): Html =>
    html`<span><b>${number.format(value)}</b> ${value === 1 ? one : many}</span>`;
  return page(
    `${listing.title} · Signalpress`,
    '../../',
    html`<a class="crumb" href="../../storefront">← All pieces</a>
      <article class="detail">
        <figure>
          <img src="../images/${listing.image_hash}" alt="${kind}: ${listing.title}" width="1000" height="1000" />
        </figure>
        <div class="text">
          ${done === undefined ? undefined : html`<p class="note" role="status">${thanks[done]}</p>`}
          <p class="kind">${kind}</p>
          <h1>${listing.title}</h1>
          <p class="price">${priceText(listing)}<small>printed on demand</small></p>
          ${listing.flagged ? html`<p class="note flagged">Under review: this piece was flagged.</p>` : undefined}
          <div class="actions">
            <form method="post" action="${listing.id}/buy"><button class="button primary">Buy now</button></form>
            <form method="post" action="${listing.id}/favourite">
              <button class="button"><span aria-hidden="true">♡</span> Favourite</button>
            </form>
          </div>
          <p class="about">${listing.description}</p>
          <ul class="tags" aria-label="Tags">
            ${listing.tags.map((tag) => html`<li>${tag}</li>`)}
          </ul>
          <p class="counts">
            ${count(listing.views, 'view', 'views')}${count(listing.favourites, 'favourite', 'favourites')}${count(listing.sales, 'sold', 'sold')}
          </p>
        </div>
      </article>`,
  );
}

/** What a visitor sees in place of a listing that is gone. */
export function goneHtml(): string {
  return page(
    'Not here · Signalpress',
    '../../',
    html`<section class="empty">
      ${shirt}
      <h1>This piece is gone</h1>
      <p>It was taken down, or the address has a typing mistake.</p>
      <a class="button" href="../../storefront">See what is new</a>
    </section>`,
  );
}
