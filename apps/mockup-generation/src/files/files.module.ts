import type { DynamicModule } from '@nestjs/common';
import { Module } from '@nestjs/common';
import { FileStore } from './file-store.js';
import { FilesController } from './files.controller.js';
import { FilesGauges } from './files.gauges.js';
import { FilesRepository } from './files.repository.js';

@Module({})
export class FilesModule {
  static register(directory: string): DynamicModule {
    return {
      module: FilesModule,
      controllers: [FilesController],
      providers: [FilesRepository, FilesGauges, { provide: FileStore, useValue: new FileStore(directory) }],
      exports: [FilesRepository, FileStore],
    };
  }
}
