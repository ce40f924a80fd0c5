import type { DynamicModule } from '@nestjs/common';
import { Module } from '@nestjs/common';
import { FileStore } from './file-store.js';
import { FilesController } from './files.controller.js';
import { FilesRepository } from './files.repository.js';

@Module({})
export class FilesModule {
  static register(directory: string): DynamicModule {
    return {
      module: FilesModule,
      controllers: [FilesController],
      providers: [FilesRepository, { provide: FileStore, useValue: new FileStore(directory) }],
      exports: [FilesRepository, FileStore],
    };
  }
}
