/// How loud a line of the log is.
public enum LogLevel: String, Sendable {
    case debug, info, warn, error
}
