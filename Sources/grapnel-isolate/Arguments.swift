import CJavaScriptCore

/// Arguments of a call into JavaScript. The engine looks for values on the stack only, and these are on Swift's heap:
/// each is protected from collection until the call is over.
final class Arguments {
    private let context: JSContextRef
    private(set) var values: [JSValueRef?] = []

    init(_ context: JSContextRef) {
        self.context = context
    }

    func add(_ value: JSValueRef?) {
        if let value { JSValueProtect(context, value) }
        values.append(value)
    }

    deinit {
        for case let value? in values { JSValueUnprotect(context, value) }
    }
}
