/** Preloaded with `--profile`: a CPU profile of the load alone, without the start. `OVERHEAD_PROFILE` is the file it goes to. */
import { writeFileSync } from 'node:fs';
import { Session } from 'node:inspector/promises';

const session = new Session();
session.connect();
await session.post('Profiler.enable');
await session.post('Profiler.setSamplingInterval', { interval: 200 });

process.on('message', (message) => {
  if (message === 'profile') void session.post('Profiler.start');
  if (message === 'profiled') void stop();
});

async function stop() {
  const { profile } = await session.post('Profiler.stop');
  writeFileSync(process.env.OVERHEAD_PROFILE, JSON.stringify(profile));
  process.send({ kind: 'profiled' });
}
