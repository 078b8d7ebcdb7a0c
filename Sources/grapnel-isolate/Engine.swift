import CJavaScriptCore
import CPrelude
import Glibc

/// A JavaScriptCore context with the prelude loaded, and the calls into it.
final class Engine {
    private let context: JSGlobalContextRef
    private var functions: [String: JSObjectRef] = [:]

    /// Whether what the prelude posts is thrown away: while it warms up nobody listens.
    var isSilent: Bool {
        get { HostFunctions.isSilent }
        set { HostFunctions.isSilent = newValue }
    }

    init() {
        guard let context = JSGlobalContextCreate(nil) else { exit(70) }
        self.context = context
        HostFunctions.install(in: context)
        evaluatePrelude()
        takeFunctions()
        let message = JSStringCreateWithUTF8CString("code cannot be made from text here")
        JSGlobalContextSetEvalEnabled(context, false, message)
        JSStringRelease(message)
    }

    private func evaluatePrelude() {
        let script = grapnel_prelude_text().flatMap { JSStringCreateWithUTF8CString($0) }
        let name = JSStringCreateWithUTF8CString("prelude.js")
        var exception: JSValueRef?
        JSEvaluateScript(context, script, nil, name, 1, &exception)
        JSStringRelease(script)
        JSStringRelease(name)
        if let exception { Engine.fail(Engine.text(exception, context)) }
    }

    /// Takes the prelude's functions out of reach of handlers.
    private func takeFunctions() {
        let global = JSContextGetGlobalObject(context)
        let name = JSStringCreateWithUTF8CString("__grapnel")
        defer { JSStringRelease(name) }
        guard let holder = JSObjectGetProperty(context, global, name, nil),
            let object = JSValueToObject(context, holder, nil)
        else { Engine.fail("the prelude left nothing") }
        for key in ["load", "run", "settle", "tick", "warmUp", "finishWarmUp"] {
            let keyName = JSStringCreateWithUTF8CString(key)
            defer { JSStringRelease(keyName) }
            guard let value = JSObjectGetProperty(context, object, keyName, nil),
                let function = JSValueToObject(context, value, nil), JSObjectIsFunction(context, function)
            else { Engine.fail("the prelude has no \(key)") }
            JSValueProtect(context, function)
            functions[key] = function
        }
        JSObjectDeleteProperty(context, global, name, nil)
    }

    /// Makes a sample run, unheard.
    ///
    /// - Parameter isZygote: Whether what is rarely needed is touched too.
    func warmUp(isZygote: Bool) {
        let before = isSilent
        isSilent = true
        if isZygote { _ = call("warmUp", Arguments(context)) }
        load(meta: SampleRun.load, source: SampleRun.source)
        run(meta: SampleRun.run, value: [], raw: SampleRun.event)
        _ = call("finishWarmUp", Arguments(context))
        isSilent = before
    }

    func collectGarbage() {
        JSGarbageCollect(context)
    }

    /// Makes a function of a bundle and gives it to the prelude, which calls it with the `require` of its modules.
    func load(meta: [UInt8], source: [UInt8]) {
        let wrapped = Array("(function(require){".utf8) + source + Array("\n;return __mod})".utf8)
        let script = Engine.string(wrapped)
        let name = Engine.string(Engine.fileName(inMeta: meta))
        var exception: JSValueRef?
        let bundle = JSEvaluateScript(context, script, nil, name, 1, &exception)
        JSStringRelease(script)
        JSStringRelease(name)
        if let exception {
            return FrameSocket.send(FrameKind.failed, Array(describe(exception).utf8))
        }
        let arguments = Arguments(context)
        arguments.add(bundle ?? JSValueMakeUndefined(context))
        arguments.add(text(meta))
        _ = call("load", arguments)
    }

    /// Starts a run of the loaded handler.
    func run(meta: [UInt8], value: [UInt8], raw: [UInt8]) {
        let arguments = Arguments(context)
        arguments.add(text(meta))
        arguments.add(value.isEmpty ? JSValueMakeUndefined(context) : text(value))
        arguments.add(TypedBytes.make(raw, in: context))
        _ = call("run", arguments)
    }

    /// Hands over the hub's answer to an operation.
    func settle(id: UInt32, form: UInt8, text document: [UInt8], bytes: [UInt8]) {
        let arguments = Arguments(context)
        arguments.add(JSValueMakeNumber(context, Double(id)))
        arguments.add(JSValueMakeNumber(context, Double(form)))
        arguments.add(text(document))
        arguments.add(TypedBytes.make(bytes, in: context))
        _ = call("settle", arguments)
    }

    /// Runs timers that are due. Milliseconds until the next, -1 for none.
    func tick() -> Int32 {
        guard let value = call("tick", Arguments(context)) else { return -1 }
        let number = JSValueToNumber(context, value, nil)
        return number.isFinite ? Int32(max(-1, min(number, 60_000))) : -1
    }

    private func call(_ name: String, _ arguments: Arguments) -> JSValueRef? {
        var exception: JSValueRef?
        let values = arguments.values
        let result = withExtendedLifetime(arguments) {
            JSObjectCallAsFunction(context, functions[name], nil, values.count, values, &exception)
        }
        if let exception {
            // Only running out of memory throws here: the prelude catches everything else.
            FrameSocket.send(FrameKind.failed, Array(describe(exception).utf8))
        }
        return result
    }

    private func text(_ bytes: [UInt8]) -> JSValueRef? {
        let string = Engine.string(bytes)
        defer { JSStringRelease(string) }
        return JSValueMakeString(context, string)
    }

    static func string(_ bytes: [UInt8]) -> JSStringRef? {
        (bytes + [0]).withUnsafeBufferPointer { buffer in
            buffer.baseAddress.flatMap { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: buffer.count) { JSStringCreateWithUTF8CString($0) }
            }
        }
    }

    /// The value of `"fileName":"…"`, which the hub writes first and without escapes.
    private static func fileName(inMeta meta: [UInt8]) -> [UInt8] {
        let start = Array(#"{"fileName":""#.utf8)
        guard meta.starts(with: start) else { return Array("handler.js".utf8) }
        return Array(meta[start.count...].prefix { $0 != UInt8(ascii: "\"") })
    }

    /// What `failed` says of a thrown value that the prelude did not see.
    private func describe(_ exception: JSValueRef) -> String {
        func property(_ name: String) -> String {
            guard let object = JSValueToObject(context, exception, nil) else { return "" }
            let key = JSStringCreateWithUTF8CString(name)
            defer { JSStringRelease(key) }
            guard let value = JSObjectGetProperty(context, object, key, nil), !JSValueIsUndefined(context, value) else {
                return ""
            }
            return Engine.text(value, context)
        }
        let message = Engine.text(exception, context)
        var stack = property("stack")
        if stack.isEmpty, !property("line").isEmpty {
            stack = "@\(property("sourceURL")):\(property("line")):\(property("column"))"
        }
        return
            #"{"kind":"threw","name":"\#(JSONText.escape(property("name")))","message":"\#(JSONText.escape(message))","stack":"\#(JSONText.escape(stack))"}"#
    }

    static func text(_ value: JSValueRef, _ context: JSContextRef) -> String {
        guard let string = JSValueToStringCopy(context, value, nil) else { return "" }
        defer { JSStringRelease(string) }
        return String(decoding: utf8(string), as: UTF8.self)
    }

    static func utf8(_ string: JSStringRef) -> [UInt8] {
        let capacity = JSStringGetMaximumUTF8CStringSize(string)
        return [UInt8](unsafeUninitializedCapacity: capacity) { buffer, count in
            buffer.baseAddress?.withMemoryRebound(to: CChar.self, capacity: capacity) { pointer in
                count = max(0, JSStringGetUTF8CString(string, pointer, capacity) - 1)
            }
        }
    }

    private static func fail(_ message: String) -> Never {
        let line = Array("grapnel-isolate: \(message)\n".utf8)
        write(2, line, line.count)
        exit(70)
    }
}
