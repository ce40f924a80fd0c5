import { Controller, Get, Headers, NotFoundException, Param, Res, StreamableFile } from '@nestjs/common';
import { storedFile } from '@signalpress/contracts';
import { Logger } from '@signalpress/observability';
import { FileStore } from './file-store.js';
import { FilesRepository } from './files.repository.js';

/** The part of the HTTP adapter's reply that headers need. */
interface Reply {
  header(name: string, value: string): unknown;
  status(code: number): unknown;
}

@Controller('files')
export class FilesController {
  constructor(
    private readonly files: FilesRepository,
    private readonly store: FileStore,
    private readonly logger: Logger,
  ) {}

  /** The bytes of a file. They never change, so whoever has them need not ask again. */
  @Get(':hash')
  async read(
    @Param('hash', { schema: storedFile.shape.hash }) hash: string,
    @Headers('if-none-match') known: string | undefined,
    @Res({ passthrough: true }) reply: Reply,
  ): Promise<StreamableFile | undefined> {
    const file = await this.files.find(hash);
    if (file === undefined) throw new NotFoundException('There is no file with this hash.');
    const etag = `"${hash}"`;
    reply.header('etag', etag);
    reply.header('cache-control', 'public, max-age=31536000, immutable');
    reply.header('x-content-type-options', 'nosniff');
    if (known !== undefined && (known.includes(etag) || known.trim() === '*')) {
      reply.status(304);
      return undefined;
    }
    const handle = await this.store.open(hash);
    if (handle === undefined) {
      this.logger.error('a file is missing from the store', new Error(`no file ${hash}`), {
        directory: this.store.directory,
      });
      reply.header('cache-control', 'no-store');
      throw new NotFoundException('The file is missing from the store.');
    }
    return new StreamableFile(handle.createReadStream(), { type: file.mediaType, length: file.bytes });
  }
}
