/** Sets variables of the process for one spec; the returned function puts back what was there. */
export function setEnvironment(variables: Readonly<Record<string, string | undefined>>): () => void {
  const environment: NodeJS.ProcessEnv = Reflect.get(process, 'env');
  const before = Object.fromEntries(Object.keys(variables).map((name) => [name, environment[name]]));
  assign(environment, variables);
  return () => {
    assign(environment, before);
  };
}

function assign(environment: NodeJS.ProcessEnv, variables: Readonly<Record<string, string | undefined>>): void {
  for (const [name, value] of Object.entries(variables)) {
    if (value === undefined) Reflect.deleteProperty(environment, name);
    else environment[name] = value;
  }
}
