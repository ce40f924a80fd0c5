/** A step of a compiled path: what may follow, and whether a path ends here. */
export interface PathNode {
  readonly next: Map<string, PathNode>;
  ends: boolean;
}

const ANY = '*';

/**
 * Compiles paths such as `user.address`, `items[*].card` or `headers["x-id"]` into one tree.
 *
 * @returns undefined when there are none
 * @throws Error when a path is empty
 */
export function compilePaths(paths: readonly string[]): PathMatcher | undefined {
  if (paths.length === 0) return undefined;
  const root: PathNode = { next: new Map(), ends: false };
  for (const path of paths) {
    let node = root;
    for (const name of namesOf(path)) {
      const known = node.next.get(name) ?? { next: new Map<string, PathNode>(), ends: false };
      node.next.set(name, known);
      node = known;
    }
    if (node === root) throw new Error(`redactPaths: '${path}' names nothing`);
    node.ends = true;
  }
  return new PathMatcher(root);
}

/** The names of a path, in lower case. */
function namesOf(path: string): string[] {
  return [...path.matchAll(/\["([^"]*)"\]|\['([^']*)'\]|([^.[\]]+)/g)].map((match) =>
    (match[1] ?? match[2] ?? match[3] ?? '').toLowerCase(),
  );
}

/** Follows compiled paths while something is walked. A path may begin at any depth. */
export class PathMatcher {
  /** Where a walk begins: no step taken of any path. */
  readonly start: readonly PathNode[] = [];

  constructor(private readonly root: PathNode) {}

  /** Where the paths stand one name further, or undefined when the name ends one: its value is not to be written. */
  step(at: readonly PathNode[], name: string): readonly PathNode[] | undefined {
    const key = name.toLowerCase();
    const reached: PathNode[] = [];
    for (const node of [this.root, ...at]) {
      for (const next of [node.next.get(key), node.next.get(ANY)]) {
        if (next?.ends === true) return undefined;
        if (next !== undefined) reached.push(next);
      }
    }
    return reached;
  }
}
