import { describe, expect, it } from '@jest/globals';
import { serviceNames } from '@signalpress/contracts';
import { withDatabase } from '../images/services.ts';
import { backupAndRestore, commandsOf } from './guide.ts';

describe('the commands of the deployment guide', () => {
  it('are those of the section', () => {
    expect(commandsOf('Compose')).toContain('docker compose up -d\n');
    expect(commandsOf('Compose').join()).not.toContain('pg_dump');
    expect(() => commandsOf('Nowhere')).toThrow('no section "Nowhere"');
  });

  it('migrate every service that has a database, then replace all', () => {
    const [commands, ...more] = commandsOf('Upgrade');
    const migrated = /for service in (?<names>.*); do\n.* \$service migrate\n/.exec(commands ?? '')?.groups?.['names'];
    expect(migrated?.split(' ').sort()).toEqual([...withDatabase].sort());
    expect(commands).toMatch(/done\n *docker compose up -d\n$/);
    expect(more).toEqual([]);
  });

  it('save the database before the files', () => {
    const { backup } = backupAndRestore();
    expect(backup).toMatch(
      /^docker compose exec .*pg_dump .*> signalpress\.dump\ndocker compose exec .*> files\.tar\n$/,
    );
  });

  it('stop every service before they bring back, and start all', () => {
    const lines = backupAndRestore().restore.trimEnd().split('\n');
    expect(lines[0]).toMatch(/^docker compose stop /);
    expect(lines[0]?.split(' ')).toEqual(expect.arrayContaining([...serviceNames, 'grafana']));
    expect(lines.at(-1)).toBe('docker compose up -d');
  });
});
