import GrapnelCore
import GrapnelFormat

/// The body of a sample while it is changed. Bytes that nobody changes stay as they are.
struct SampleBody {
    private let type: String
    private let format: Sample.Format
    private(set) var bytes: [UInt8]

    init(_ sample: Sample) {
        type = sample.type
        format = sample.format
        bytes = sample.body
    }

    /// Sets the value at a path.
    ///
    /// - Parameters:
    ///   - isAdding: Whether a value that the sample does not have is added; otherwise it stays away.
    ///   - change: Asked for the new value of each place that a path with `.*` leads to.
    mutating func set(
        _ path: PathExpression, adding isAdding: Bool, _ change: (Int) throws(SampleError) -> SampleChange
    ) throws(SampleError) {
        switch format {
        case .form: try setField(path, adding: isAdding, change)
        case .json:
            guard path.root == "body" else {
                throw .unsuitablePath(path.description, reason: "the sample is JSON: write body.")
            }
            let document: JSON
            do {
                document = try JSONParser.parse(bytes)
            } catch {
                throw .malformedBody(type: type, reason: "\(error)")
            }
            var edit = SampleEdit(path: path, isAdding: isAdding)
            let changed = try edit.apply(to: document, path.steps[...], change)
            if edit.count > 0 { bytes = JSONWriter.bytes(changed) }
        case .xml, .text:
            guard isAdding else { return }
            throw .unsuitablePath(path.description, reason: "only samples in JSON and forms can be changed")
        }
    }

    private mutating func setField(
        _ path: PathExpression, adding isAdding: Bool, _ change: (Int) throws(SampleError) -> SampleChange
    ) throws(SampleError) {
        guard path.steps.count == 1, let name = SampleEdit.name(of: path.steps[0]) else {
            guard isAdding else { return }
            throw .unsuitablePath(path.description, reason: "a form has names and texts, nothing below them")
        }
        var fields = FormFields(parsing: bytes).fields
        let place = fields.firstIndex { $0.name == name }
        guard isAdding || place != nil else { return }
        let new = try change(0).texts.map { FormFields.Field(name: name, value: $0) }
        fields.removeAll { $0.name == name }
        fields.insert(contentsOf: new, at: place ?? fields.count)
        bytes = Array(FormFields(fields).encoded.utf8)
    }
}
