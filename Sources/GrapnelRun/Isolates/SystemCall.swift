import CSandbox

/// The system calls of this machine.
enum SystemCall {
    /// The name of a system call, such as `socket`; `nil` when there is none with this number.
    static func name(_ number: Int32) -> String? {
        var text = [CChar](repeating: 0, count: 64)
        guard grapnel_name_of_call(number, &text, text.count) else { return nil }
        return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
