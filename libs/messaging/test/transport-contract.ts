import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { schemaName } from '@signalpress/contracts';
import { sql } from '@signalpress/persistence';
import { waitFor } from '@signalpress/testing';
import { DeadLettersService } from '../src/dead-letters/dead-letters.service.js';
import { PoisonError, UnavailableError } from '../src/index.js';
import type { OutgoingEvent } from '../src/transport/transport.js';
import {
  Gate,
  Observer,
  Script,
  countRows,
  effects,
  ideas,
  observation,
  publish,
  startService,
  waitForEffects,
} from './test-service.js';
import type { TestService, TestServiceOptions } from './test-service.js';
import { append, bothWork, garbageCollector, outgoing } from './transport-support.js';

/** A transport with nothing in it, and a database for the services that use it. */
export interface TransportFixture {
  readonly databaseUrl: string;
  /** Makes one test service use the transport. */
  options(): Partial<TestServiceOptions>;
  close(): Promise<void>;
}

/** What every transport must do. The consumers, the outbox and the database around it are the real ones. */
export function describeTransportContract(name: string, createFixture: () => Promise<TransportFixture>): void {
  describe(`transport ${name}`, () => {
    let fixture: TransportFixture;
    let running: TestService[];
    let writer: TestService;

    const start = async (options: Partial<TestServiceOptions> = {}): Promise<TestService> => {
      const service = await startService({ databaseUrl: fixture.databaseUrl, ...fixture.options(), ...options });
      running.push(service);
      return service;
    };
    const startReader = (options: Partial<TestServiceOptions> = {}): Promise<TestService> =>
      start({ service: 'reader', providers: [Observer], ...options });

    beforeEach(async () => {
      fixture = await createFixture();
      running = [];
      writer = await start({ service: 'writer' });
    });
    afterEach(async () => {
      await Promise.allSettled(running.map((service) => service.stop()));
      await fixture.close();
    });

    it('keeps the order of each key', async () => {
      const reader = await startReader();
      const keys = ideas(20);
      for (let views = 0; views < 20; views++)
        await publish(
          writer,
          keys.map((ideaId) => ({ ideaId, views })),
        );
      const rows = await waitForEffects(reader.db, 400);
      expect(rows).toHaveLength(400);
      for (const key of keys) {
        const views = rows.filter((row) => row.idea_id === key).map((row) => row.views);
        expect(views).toEqual(Array.from({ length: 20 }, (_, index) => index));
      }
    });

    it('delivers to every group, and to a group that comes later from the beginning', async () => {
      const early = await startReader();
      await publish(
        writer,
        ideas(10).map((ideaId) => ({ ideaId, views: 1 })),
      );
      await waitForEffects(early.db, 10);
      const late = await startReader({ service: 'late_reader' });
      expect(await waitForEffects(late.db, 10)).toHaveLength(10);
      expect(await effects(early.db)).toHaveLength(10);
    });

    it('has no second effect when an event is delivered again', async () => {
      const reader = await startReader();
      const event = outgoing({ ideaId: randomUUID(), views: 1 });
      const last = outgoing({ ideaId: event.key, views: 2 });
      await append(writer, [event, event]);
      await append(writer, [event, last]);
      const rows = await waitForEffects(reader.db, 2);
      expect(rows.map((row) => row.views)).toEqual([1, 2]);
    });

    it('two members share a group; one dies in mid-event, the other takes over, and nothing is lost or doubled', async () => {
      const script = new Script();
      const stuck = new Gate();
      const first = await startReader({ member: 'first', script });
      const second = await startReader({ member: 'second' });
      await bothWork(writer, second);

      // From now on the first writes its effect and never commits it.
      const zombies = new Gate();
      script.after = async () => {
        stuck.open();
        await zombies.opened;
      };
      await publish(
        writer,
        ideas(100).map((ideaId) => ({ ideaId, views: 7 })),
      );
      await stuck.opened;
      await first.kill();

      const sevens = async (): Promise<unknown[]> => (await effects(second.db)).filter((row) => row.views === 7);
      await waitFor(async () => (await sevens()).length >= 100, {
        timeoutMs: 60_000,
        message: 'the other member to take over',
      });
      zombies.open();
      await first.stop();
      expect(await sevens()).toHaveLength(100);
      const rows = await effects(second.db);
      expect(new Set(rows.map((row) => row.event_id)).size).toBe(rows.length);
    }, 240_000);

    it('rolls the effect back when the connection is lost before the commit, and does it again', async () => {
      const script = new Script();
      const attempts: string[] = [];
      script.after = async (event, tx) => {
        attempts.push(event.id);
        if (attempts.length === 1) await sql`select pg_terminate_backend(pg_backend_pid())`.execute(tx);
      };
      const reader = await startReader({ script });
      const [id] = await publish(writer, [{ ideaId: randomUUID(), views: 1 }]);
      await waitForEffects(reader.db, 1);
      await waitFor(() => attempts.length >= 2, { timeoutMs: 30_000 });
      expect((await effects(reader.db)).map((row) => row.event_id)).toEqual([id]);
      expect(await countRows(reader.db, 'dead_letters')).toBe(0);
    });

    it('does not skip what commits late', async () => {
      const reader = await startReader();
      const written = new Gate();
      const mayCommit = new Gate();
      const ideaId = randomUUID();
      const late = writer.db.transaction(async (tx) => {
        await writer.outbox.publish(tx, 'listings.observed', observation({ ideaId, views: 1 }));
        written.open();
        await mayCommit.opened;
      });
      await written.opened;
      await publish(writer, [{ ideaId, views: 2 }, ...ideas(50).map((other) => ({ ideaId: other, views: 3 }))]);
      await waitForEffects(reader.db, 51);
      mayCommit.open();
      await late;
      const rows = await waitForEffects(reader.db, 52);
      expect(rows.filter((row) => row.idea_id === ideaId).map((row) => row.views)).toEqual([2, 1]);
    });

    it('works by polling alone', async () => {
      const silentWriter = await start({ service: 'silent_writer', tuning: { listen: false } });
      const reader = await startReader({ tuning: { listen: false } });
      await publish(
        silentWriter,
        ideas(20).map((ideaId) => ({ ideaId, views: 1 })),
      );
      expect(await waitForEffects(reader.db, 20)).toHaveLength(20);
    });

    it('buries poison while the partition flows on, and replays it exactly once', async () => {
      const script = new Script();
      const failing = (views: number): boolean => views === 2 || views === 3;
      script.after = (event) => {
        if (event.data.views === 2) return Promise.reject(new PoisonError('two is impossible'));
        return failing(event.data.views) ? Promise.reject(new Error('three is strange')) : Promise.resolve();
      };
      const reader = await startReader({ script });
      const ideaId = randomUUID();
      const ids = await publish(
        writer,
        [1, 2, 3, 4].map((views) => ({ ideaId, views })),
      );
      const rows = await waitForEffects(reader.db, 2);
      expect(rows.map((row) => row.views)).toEqual([1, 4]);

      const service = reader.get(DeadLettersService);
      const { items } = await service.page(10);
      expect(items.map(({ sourceId, error, attempts }) => ({ sourceId, error, attempts })).reverse()).toEqual([
        { sourceId: ids[1], error: { code: 'poison', message: 'two is impossible' }, attempts: 1 },
        { sourceId: ids[2], error: { code: 'Error', message: 'three is strange' }, attempts: 3 },
      ]);

      const letter = items.at(-1)?.id ?? '';
      await expect(service.replay(letter)).rejects.toThrow('It fails again: two is impossible');
      script.after = () => Promise.resolve();
      const replays = await Promise.allSettled([
        service.replay(letter),
        service.replay(letter),
        service.replay(letter),
      ]);
      expect(replays.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      expect((await effects(reader.db)).map((row) => row.views)).toEqual([1, 4, 2]);
      expect((await service.show(letter)).replayedAt).not.toBeNull();
      expect((await service.page(10)).items).toHaveLength(1);
    });

    it('buries what it cannot read: a broken envelope, broken data, an unknown major version', async () => {
      const reader = await startReader();
      const good = outgoing({ ideaId: randomUUID(), views: 1 });
      const bad = (change: (envelope: Record<string, unknown>) => object): OutgoingEvent => {
        const event = outgoing({ ideaId: good.key, views: 0 });
        return { ...event, envelope: JSON.stringify(change(JSON.parse(event.envelope) as Record<string, unknown>)) };
      };
      await append(writer, [
        bad(() => ({ nothing: true })),
        bad((envelope) => ({ ...envelope, data: { ideaId: 'x' } })),
        bad((envelope) => ({ ...envelope, dataschema: schemaName('listings.observed', '2.0') })),
        good,
      ]);
      await waitForEffects(reader.db, 1);
      const { items } = await reader.get(DeadLettersService).page(10);
      expect(items.map(({ error }) => error.code).sort()).toEqual([
        'invalid-envelope',
        'invalid-event-data',
        'unknown-schema-version',
      ]);
      expect(items.find(({ error }) => error.code === 'invalid-event-data')?.error.message).toContain('views: ');
    });

    it('waits for what is unavailable however long, holds the order, and buries nothing', async () => {
      const script = new Script();
      let refused = 0;
      let away = true;
      script.before = () => {
        if (!away) return Promise.resolve();
        refused += 1;
        return Promise.reject(new UnavailableError('away'));
      };
      const reader = await startReader({ script });
      const ideaId = randomUUID();
      await publish(
        writer,
        [1, 2, 3].map((views) => ({ ideaId, views })),
      );
      // Many more than an unknown error would get.
      await waitFor(() => refused >= 20, { timeoutMs: 30_000 });
      expect(await effects(reader.db)).toHaveLength(0);
      away = false;
      const rows = await waitForEffects(reader.db, 3);
      expect(rows.map((row) => row.views)).toEqual([1, 2, 3]);
      expect(await countRows(reader.db, 'dead_letters')).toBe(0);
    });

    it('works off a backlog of thousands in bounded memory', async () => {
      const count = 3_000;
      const padding = 'x'.repeat(20_000);
      for (let done = 0; done < count; done += 100) {
        await append(
          writer,
          ideas(100).map((ideaId) => outgoing({ ideaId, views: 1 }, padding)),
        );
      }
      const collect = garbageCollector();
      collect();
      const before = process.memoryUsage().heapUsed;
      let most = 0;
      const reader = await startReader({ tuning: { batchSize: 20 } });
      await waitFor(
        async () => {
          collect();
          most = Math.max(most, process.memoryUsage().heapUsed - before);
          return (await countRows(reader.db, 'effects')) >= count;
        },
        { timeoutMs: 180_000, intervalMs: 200, message: 'the backlog' },
      );
      expect(await countRows(reader.db, 'effects')).toBe(count);
      // All of it is 60 MB of text alone.
      expect(most / 1e6).toBeLessThan(30);
    }, 240_000);

    it('is shut down in mid-batch and goes on elsewhere: nothing lost, nothing doubled', async () => {
      const script = new Script();
      const inside = new Gate();
      const mayGoOn = new Gate();
      script.after = async (event) => {
        if (event.data.views !== 10) return;
        inside.open();
        await mayGoOn.opened;
      };
      const first = await startReader({ member: 'first', script });
      const ideaId = randomUUID();
      await publish(
        writer,
        Array.from({ length: 100 }, (_, views) => ({ ideaId, views })),
      );
      await inside.opened;
      const stopped = first.stop();
      await waitFor(() => first.lifecycle.state === 'stopping', { timeoutMs: 30_000 });
      mayGoOn.open();
      await stopped;

      const second = await startReader({ member: 'second' });
      const rows = await waitForEffects(second.db, 100);
      // What had begun was finished; nothing else was begun.
      const done = rows.filter((row) => row.member === 'first');
      expect(done.map((row) => row.views)).toEqual(Array.from({ length: 11 }, (_, views) => views));
      expect(rows.map((row) => row.views)).toEqual(Array.from({ length: 100 }, (_, views) => views));
    });
  });
}
