import GrapnelFormat
import GrapnelQueue

extension Retention {
    /// What the configuration says of it.
    init(_ configuration: HubConfiguration) {
        var sources: [String: SourceRetention] = [:]
        for source in configuration.sources where source.retainEvents != nil || source.retainBytes != nil {
            sources[source.name] = SourceRetention(age: source.retainEvents, keep: source.retainBytes)
        }
        self.init(
            events: configuration.retainEvents, bytes: configuration.retainBytes,
            deadLetters: configuration.retainDeadLetters, sources: sources)
    }
}
