import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { finding, scoreOf, startOrchestrator } from './orchestrator-app.js';
import type { OrchestratorApp } from './orchestrator-app.js';

let app: OrchestratorApp;

beforeAll(async () => {
  app = await startOrchestrator();
  const suspicious = Array.from({ length: 5 }, () => scoreOf({ safety: [finding] }));
  for (const score of suspicious) await app.emit('ideas.scored', score);
  const rejected = scoreOf({ score: 0 });
  await app.emit('ideas.scored', rejected);
  await app.inState(rejected.ideaId, 'rejected');
  for (const { ideaId } of suspicious) await app.inState(ideaId, 'held');
});
afterAll(() => app.close());

const held = async (): Promise<{ ideaId: string }[]> => {
  const rows = await app.db.kysely.selectFrom('ideas').select('idea_id').where('state', '=', 'held').execute();
  return rows.map(({ idea_id: ideaId }) => ({ ideaId }));
};
const ids = (body: Record<string, unknown>): string[] =>
  (body['items'] as { ideaId: string }[]).map(({ ideaId }) => ideaId);

describe('GET /ideas', () => {
  it('pages through all ideas of a state, newest first, each once', async () => {
    const first = await app.get('/ideas?state=held&limit=2');
    const second = await app.get(`/ideas?state=held&limit=2&cursor=${String(first.body['nextCursor'])}`);
    const third = await app.get(`/ideas?state=held&limit=2&cursor=${String(second.body['nextCursor'])}`);
    const all = [first, second, third].flatMap(({ body }) => ids(body));
    expect(all).toHaveLength(5);
    expect(new Set(all).size).toBe(5);
    expect(third.body['nextCursor']).toBeNull();
    const everything = await app.get('/ideas');
    expect(ids(everything.body)).toHaveLength(6);
  });

  it.each(['state=lost', 'limit=0', 'limit=201', 'limit=x', 'cursor=x', 'cursor=WzEsMl0'])(
    'refuses %s',
    async (query) => {
      const { status, body } = await app.get(`/ideas?${query}`);
      expect(status).toBe(400);
      expect(body['errors']).toMatchObject([{ field: query.split('=')[0] }]);
    },
  );
});

describe('one idea', () => {
  it.each([
    ['GET', ''],
    ['POST', '/approve'],
    ['POST', '/reject'],
    ['POST', '/withdraw'],
  ])('%s %s answers 404 for one that nobody knows, and 400 for what is no identifier', async (method, path) => {
    const ask = (id: string) =>
      method === 'GET' ? app.get(`/ideas/${id}`) : app.post(`/ideas/${id}${path}`, { by: 'ada', reason: 'good' });
    const unknown = await ask(randomUUID());
    expect(unknown).toMatchObject({ status: 404, body: { type: 'urn:signalpress:problem:idea-not-found' } });
    expect((await ask('1')).status).toBe(400);
  });

  it('needs a name and a reason for a decision by hand', async () => {
    const [first] = await held();
    const { status, body } = await app.post(`/ideas/${first!.ideaId}/approve`, { by: ' ' });
    expect(status).toBe(400);
    expect(body['errors']).toMatchObject([{ field: 'by' }, { field: 'reason' }]);
  });

  it('is approved once, however many approve it at once', async () => {
    const [first] = await held();
    const approve = () => app.post(`/ideas/${first!.ideaId}/approve`, { by: 'ada', reason: 'good' });
    const answers = await Promise.all([approve(), approve(), approve()]);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409, 409]);
    await app.event('mockups.requested', first!.ideaId);
    expect(await app.events('mockups.requested', first!.ideaId)).toHaveLength(1);
  });
});
