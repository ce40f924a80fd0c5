import { gaugeDefinition } from '@signalpress/observability';

export const filesFree = gaugeDefinition({
  name: 'files_free_bytes',
  help: 'Room that is left on the disk under the stored files; no series before the first file',
});

export const filesCapacity = gaugeDefinition({
  name: 'files_capacity_bytes',
  help: 'Size of the disk under the stored files; no series before the first file',
});
