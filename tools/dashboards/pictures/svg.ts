/** A rectangle of the picture, in pixels. */
export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export const ink = {
  text: '#24292e',
  faint: '#6e7781',
  line: '#e1e4e8',
  panel: '#ffffff',
  page: '#f4f5f5',
  link: '#1f62e0',
};

/** Colours that thresholds name. */
export const named: Readonly<Record<string, string>> = { green: '#299c46', orange: '#e5850b', red: '#d44a3a' };

/** Of the first series, the second, … */
const palette =
  '#5794f2 #ff9830 #73bf69 #b877d9 #f2495c #1a9e96 #e0b400 #8f3bb8 #3274d9 #c15c17 #56a64b #7c7c7c #ffa6b0 #96d98d'.split(
    ' ',
  );

export function colour(index: number): string {
  return palette[index % palette.length] ?? ink.text;
}

export interface TextStyle {
  readonly size?: number;
  readonly fill?: string;
  readonly anchor?: 'start' | 'middle' | 'end';
  readonly weight?: number;
  /** Pixels; what is longer ends in an ellipsis. */
  readonly room?: number;
}

export function text(x: number, y: number, content: string, style: TextStyle = {}): string {
  const { size = 11, fill = ink.text, anchor = 'start', weight = 400, room } = style;
  const attributes = [
    `x="${at(x)}" y="${at(y)}" font-size="${size}" fill="${fill}"`,
    anchor === 'start' ? '' : ` text-anchor="${anchor}"`,
    weight === 400 ? '' : ` font-weight="${weight}"`,
  ];
  return `<text ${attributes.join('')}>${escaped(room === undefined ? content : shortened(content, size, room))}</text>`;
}

export function rect({ x, y, width, height }: Box, attributes: string): string {
  return `<rect x="${at(x)}" y="${at(y)}" width="${at(Math.max(0, width))}" height="${at(Math.max(0, height))}" ${attributes}/>`;
}

export function path(d: string, attributes: string): string {
  return `<path d="${d}" ${attributes}/>`;
}

/** A coordinate, to a tenth of a pixel. */
export function at(value: number): string {
  return String(Math.round(value * 10) / 10);
}

/** How wide a text is in a sans-serif font, roughly: fonts differ from machine to machine. */
export function widthOf(content: string, size: number): number {
  return content.length * size * 0.56;
}

function shortened(content: string, size: number, room: number): string {
  const fits = Math.max(1, Math.floor(room / widthOf('x', size)));
  return content.length <= fits ? content : `${content.slice(0, fits - 1)}…`;
}

function escaped(content: string): string {
  return content.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
