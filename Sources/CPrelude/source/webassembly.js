// WebAssembly, in the zygotes that have it. The engine compiles asynchronously by a run loop that an isolate does not
// have, so the promises are made of the constructors.
const native = globalThis.WebAssembly

if (native !== undefined) {
  const compile = async (bytes) => new native.Module(bytes)
  const instantiate = async (source, imports) => {
    if (source instanceof native.Module) return new native.Instance(source, imports)
    const module = new native.Module(source)
    return { module, instance: new native.Instance(module, imports) }
  }
  const bytesOf = async (source) => (await source).arrayBuffer()
  native.compile = compile
  native.instantiate = instantiate
  native.compileStreaming = async (source) => compile(await bytesOf(source))
  native.instantiateStreaming = async (source, imports) => instantiate(await bytesOf(source), imports)
}
