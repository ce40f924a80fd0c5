import type { Ingestion } from '@signalpress/contracts';
import { renderSample } from '../start/sample/render.ts';
import type { Door } from './door.ts';
import { check } from './report.ts';

/** Hands the project's own sample to the gateway. */
export async function takeIn(door: Door): Promise<Ingestion[]> {
  const taken: Ingestion[] = [];
  for (const document of renderSample(new Date())) taken.push(await door.ingest(document));
  return taken;
}

/** @throws LaunchError when the sample does not become listings */
export async function theSampleGoesThrough(door: Door): Promise<void> {
  const outcomes = await door.settled(await takeIn(door));
  const listings = await door.listings();
  check(listings.length >= 12, `the sample became ${listings.length} listings (${JSON.stringify(outcomes)})`);
}

/** @throws LaunchError when a stranger is kept out of the shop, or let into more than that */
export async function strangersSeeTheShopAlone(door: Door): Promise<void> {
  check((await door.status('/storefront')) === 200, 'the shop is open to everybody');
  check((await door.status('/metrics')) === 401, '/metrics of the gateway is not');
  check((await door.status('/listings')) === 401, 'neither are the listings of the API');
}
