import GrapnelCore

/// What other threads ask of the isolates' thread.
enum IsolateCommand: Sendable {
    case execute(IsolateTask)
    case cancel(task: UInt64)
    case settle(task: UInt64, operation: UInt32, IsolateAnswer)
    case retire(RecipeVersion)
    case stop
}
