package import GrapnelCore
import GrapnelCrypto

/// The bundles of every version that was ever deployed, by their hash, in `<state>/bundles/`: so that a run that keeps
/// its version can be finished after a restart, and an unchanged recipe needs no bundling at start.
///
///     bundles/<hash>/bundle.js  bundle.js.map  manifest.json
///     bundles/<hash>/files/…              the recipe's files, when its handler is a program; bundle.js lists them
///     bundles/inputs/<recipe>.json        which files the recipe's last bundle was made of
package struct BundleStore: Sendable {
    /// What is kept of one version.
    package struct Entry: Sendable, Hashable {
        package var script: [UInt8]
        package var sourceMap: [UInt8]
        /// The manifest, as canonical JSON.
        package var manifest: [UInt8]

        package init(script: [UInt8], sourceMap: [UInt8], manifest: [UInt8]) {
            self.script = script
            self.sourceMap = sourceMap
            self.manifest = manifest
        }

        /// The hash of what decides how a run behaves: the manifest and the script.
        package var version: RecipeVersion {
            RecipeVersion(Hex.encode(Digest.hash(manifest + [0] + script, .sha256)))
        }
    }

    /// The largest file that is read back. Default 64 MiB; what is written is smaller (`Bundler.Limits`).
    private static let largestFile = ByteCount.mebibytes(64)

    let folder: String

    /// - Parameter folder: `<state>/bundles`; it is made when something is kept.
    package init(folder: String) { self.folder = folder }

    /// Keeps a version; does nothing when it is there.
    ///
    /// - Throws: A description of what the file system refused.
    package func save(_ entry: Entry) throws(BundleError) {
        let path = "\(folder)/\(entry.version.hash)"
        do {
            // The manifest is written last: a version without it is incomplete and written again.
            if LocalFile.exists("\(path)/manifest.json") { return }
            try LocalFile.makeFolder(path)
            try LocalFile.write(entry.script, to: "\(path)/bundle.js")
            try LocalFile.write(entry.sourceMap, to: "\(path)/bundle.js.map")
            try LocalFile.write(entry.manifest, to: "\(path)/manifest.json")
        } catch {
            throw BundleError("the bundle cannot be kept: \(error). The state folder must be writable")
        }
    }

    /// A version as it was deployed; `nil` when it is not there or is not what its name says.
    package func entry(_ version: RecipeVersion) -> Entry? {
        // The name of a version comes from the database: only a hash becomes part of a path.
        guard version.hash.utf8.count == 64, version.hash.utf8.allSatisfy(BundleStore.isHexDigit) else { return nil }
        let path = "\(folder)/\(version.hash)"
        let limit = BundleStore.largestFile.bytes
        guard let script = try? LocalFile.read("\(path)/bundle.js", limit: limit),
            let manifest = try? LocalFile.read("\(path)/manifest.json", limit: limit)
        else { return nil }
        let map = (try? LocalFile.read("\(path)/bundle.js.map", limit: limit)) ?? []
        let entry = Entry(script: script, sourceMap: map, manifest: manifest)
        return entry.version == version ? entry : nil
    }

    private static func isHexDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte)
    }
}

extension BundleStore {
    /// The bundle of a recipe's last deployment, when every file that went into it is unchanged.
    func unchangedBundle(recipe: String, source: BundleSource) -> RecipeBundle? {
        guard let bytes = try? LocalFile.read(inputsPath(recipe), limit: BundleStore.largestFile.bytes),
            let record = try? JSONParser.parse(bytes), record["source"]?.string == source.fingerprint,
            let version = record["version"]?.string, let inputs = record["inputs"]?.object,
            let entry = entry(RecipeVersion(version))
        else { return nil }
        for member in inputs.members {
            guard fingerprint(of: member.key, in: source.folder) == member.value.string else { return nil }
        }
        return RecipeBundle(script: entry.script, sourceMap: entry.sourceMap, inputs: inputs.keys)
    }

    /// Remembers which files a kept version was made of. Failing to is no error: the next start bundles again.
    func remember(_ bundle: RecipeBundle, version: RecipeVersion, recipe: String, source: BundleSource) {
        var inputs = JSONObject()
        // A package list that appears or changes can make an import mean another file.
        for input in bundle.inputs + ["package.json", "tsconfig.json", "jsconfig.json"] where inputs[input] == nil {
            inputs[input] = .string(fingerprint(of: input, in: source.folder))
        }
        let record: JSON = [
            "source": .string(source.fingerprint), "version": .string(version.hash), "inputs": .object(inputs),
        ]
        try? LocalFile.makeFolder("\(folder)/inputs")
        try? LocalFile.write(JSONWriter.bytes(record, style: .indented), to: inputsPath(recipe))
    }

    private func inputsPath(_ recipe: String) -> String { "\(folder)/inputs/\(recipe).json" }

    /// The digest of a file's bytes; `absent` when there is none.
    private func fingerprint(of input: String, in folder: String) -> String {
        let path = input.hasPrefix("/") ? input : "\(folder)/\(input)"
        guard let bytes = try? LocalFile.read(path, limit: BundleStore.largestFile.bytes) else { return "absent" }
        return Hex.encode(Digest.hash(bytes, .sha256))
    }
}
