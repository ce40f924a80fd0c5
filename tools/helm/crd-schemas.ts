interface ResourceDefinition {
  readonly spec: {
    readonly group: string;
    readonly names: { readonly kind: string };
    readonly versions: readonly { readonly name: string; readonly schema: { readonly openAPIV3Schema: unknown } }[];
  };
}

/** The schemas in a CustomResourceDefinition, made strict, under the names by which kubeconform looks for them. */
export function crdSchemas(definition: unknown): { name: string; schema: unknown }[] {
  const { group, names, versions } = (definition as ResourceDefinition).spec;
  return versions.map(({ name, schema }) => ({
    name: `${names.kind.toLowerCase()}-${group.split('.')[0] ?? group}-${name}.json`,
    schema: withPlainMetadata(strict(schema.openAPIV3Schema)),
  }));
}

/** An object that lists its fields takes no others, unless it says that it keeps them. */
function strict(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(strict);
  if (typeof schema !== 'object' || schema === null) return schema;
  const inner = Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, strict(value)]));
  const closes =
    'properties' in schema &&
    !('additionalProperties' in schema) &&
    !('x-kubernetes-preserve-unknown-fields' in schema);
  return closes ? { ...inner, additionalProperties: false } : inner;
}

/** A CRD leaves `metadata` to the API server. */
function withPlainMetadata(schema: unknown): unknown {
  const { properties, ...rest } = schema as { properties: Record<string, unknown> };
  return { ...rest, properties: { ...properties, metadata: { type: 'object' } } };
}
