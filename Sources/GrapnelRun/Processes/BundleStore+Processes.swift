package import GrapnelCore

extension BundleStore {
    /// The kept files of a version whose handler is a program.
    package func filesFolder(_ version: RecipeVersion) -> String { "\(folder)/\(version.hash)/files" }

    /// Keeps the files of a version; does nothing when they are there. To be called before `save`, whose last file says
    /// that the version is whole.
    func save(_ files: ProcessFiles, of version: RecipeVersion) throws(BundleError) {
        guard entry(version) == nil else { return }
        let kept = filesFolder(version)
        do throws(LocalFileError) {
            try LocalFile.makeFolder(kept)
            for file in files.files {
                let path = "\(kept)/\(file.path)"
                try LocalFile.makeFolder(LocalFile.parent(of: path))
                try LocalFile.write(file.bytes, to: path)
                if file.isExecutable { try LocalFile.makeExecutable(path) }
            }
        } catch {
            throw BundleError("the recipe's files cannot be kept: \(error). The state folder must be writable")
        }
    }
}
