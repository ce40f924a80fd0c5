import { ideaTimeline, ingestion, outcomes, problemDetails, progress } from '@signalpress/contracts';
import type { IdeaTimeline, Ingestion, Outcomes, Progress, ServiceName } from '@signalpress/contracts';
import { serviceUrl } from '../launcher/environment.ts';
import { LaunchError } from '../launcher/failure.ts';
import type { FeedRequest } from './feeds.ts';

/** Talks to the services of one run on this machine, past the gateway: the admin key is known to the person alone. */
export class Pipeline {
  private readonly portOffset: number;

  constructor(portOffset: number) {
    this.portOffset = portOffset;
  }

  async ingest(request: FeedRequest): Promise<Ingestion> {
    const body = await this.json('signal-ingestion', '/ingestions', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(request),
    });
    return ingestion.parse(body);
  }

  async outcomes(ingestionId: string): Promise<Outcomes> {
    return outcomes.parse(await this.json('monitoring', `/outcomes?ingestionId=${ingestionId}`));
  }

  async progress(): Promise<Progress> {
    return progress.parse(await this.json('monitoring', '/progress'));
  }

  async timeline(ideaId: string): Promise<IdeaTimeline> {
    return ideaTimeline.parse(await this.json('monitoring', `/ideas/${ideaId}/timeline`));
  }

  private async json(service: ServiceName, path: string, init: RequestInit = {}): Promise<unknown> {
    const url = `${serviceUrl(service, this.portOffset)}${path}`;
    let response: Response;
    try {
      response = await fetch(url, { ...init, signal: AbortSignal.timeout(60_000) });
    } catch (error) {
      throw new LaunchError(`${service} does not answer at ${url}`, { cause: error });
    }
    const body: unknown = await response.json();
    if (response.ok) return body;
    const problem = problemDetails.safeParse(body).data;
    throw new LaunchError(
      `${service} refused ${path}: ${problem?.detail ?? problem?.title ?? `HTTP ${response.status}`}`,
    );
  }
}
